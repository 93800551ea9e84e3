package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"abroad/cmd/abroad/internal/live"
	"abroad/cmd/abroad/internal/shelf"
	"abroad/cmd/abroad/internal/web"
)

func newServe() *cobra.Command {
	var listen string
	var exposed bool
	cmd := &cobra.Command{
		Use:   "serve [flags] [DIR]",
		Short: "Show the audits of a folder or workspace in a browser on this machine",
		Long: `Serve shows every audit, comparison and session below a folder (default: the
workspace around here, else the current folder) as web pages: the same pages as
the HTML reports, lists of all destinations and flows, the walk to the evidence, the
history of each app, a search over all audits, and a session while it is recorded.

It only reads. It answers on this machine only, and only to an address with a
random part that is made anew at each start: whoever lacks the address gets nothing,
other users of the machine and other web sites in the same browser included. It ends
with Ctrl-C.`,
		Example: `  # needs a browser
  abroad serve work

  # needs a browser: the same port every time
  abroad serve --listen 127.0.0.1:8080 work`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := served(args)
			if err != nil {
				return err
			}
			l, err := listenAt(listen, exposed)
			if err != nil {
				return err
			}
			defer l.Close()
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			token := web.NewToken()
			fmt.Fprintf(cmd.OutOrStdout(), "http://%s/%s/\n", l.Addr(), token)
			fmt.Fprintln(cmd.ErrOrStderr(), "abroad: open this address in a browser; whoever has it can read every audit here; Ctrl-C ends")
			server := web.New(dir, token)
			server.Recordings(live.NewWatch(dir, func() (live.Config, error) { return liveConfig(cmd.ErrOrStderr()) }))
			return server.Serve(ctx, l)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&listen, "listen", "127.0.0.1:0", "answer at `ADDRESS:PORT`; port 0 is any free one")
	f.BoolVar(&exposed, "expose", false, "let other machines ask; nothing is encrypted")
	return cmd
}

// served is the folder to show.
func served(args []string) (string, error) {
	dir := "."
	if len(args) > 0 {
		dir = args[0]
	} else if found, err := shelf.Find("."); err == nil {
		dir = found
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return "", fmt.Errorf("serve %s: %w", dir, withoutPath(err))
	case !info.IsDir():
		return "", &hintedError{fmt.Errorf("serve %s: it is not a folder", dir), "name the folder that holds the audits"}
	}
	return dir, nil
}

// listenAt listens on this machine only, unless exposed.
func listenAt(address string, exposed bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usagef("", "--listen: %q is no ADDRESS:PORT", address)
	}
	ip := net.ParseIP(host)
	if host == "localhost" {
		ip = net.IPv4(127, 0, 0, 1)
	}
	switch {
	case ip == nil || ip.IsUnspecified():
		return nil, usagef("name one address, such as 127.0.0.1", "--listen: %q is not one address", host)
	case !ip.IsLoopback() && !exposed:
		return nil, usagef("--expose allows it; the traffic is not encrypted", "--listen: %s is reached by other machines", host)
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	return l, nil
}
