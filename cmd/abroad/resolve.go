package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/dataset"
	"abroad/analyze/locate"
	"abroad/cmd/abroad/internal/online"
	"abroad/cmd/abroad/internal/workspace"
)

// A resolveCommand is what the flags of "abroad resolve" say.
type resolveCommand struct {
	servers               []string
	dot, doh, list, force bool
	subnet, out           string
	rate                  int
	inputs                []string // files that must not be written over
}

func newResolve() *cobra.Command {
	var c resolveCommand
	cmd := &cobra.Command{
		Use:   "resolve [flags] AUDIT|RECORDING",
		Short: "Ask resolvers about an audit's names and addresses (online)",
		Long: `Resolve asks the resolvers that you name for the reverse names of an audit's public
addresses, whether those names give the addresses back, and for the addresses of the
audit's names (A, AAAA, HTTPS, with the CNAMEs on the way). It writes every answer,
with time, resolver, round trip and response code, into a table that abroad data
import takes.

An audit that has the table cites it as weak evidence, made later and perhaps
elsewhere: it never changes what a recording shows. A reverse name is bound to a
flow only if it gave the address back, and as the weakest name.

The resolvers learn the names and addresses: --list prints them, and asks nothing.
Names of local networks, and names without a public suffix, are never looked up.`,
		Example: `  abroad resolve --list capture/lab/practice/v2/s01.pcapng
  # needs a network
  abroad resolve --server 9.9.9.9,1.1.1.1 -o resolved.csv s01.pcapng.audit
  # needs a network
  abroad resolve --server 9.9.9.9#dns.quad9.net --dot -o resolved.csv session.pcapng
  # needs a network
  abroad resolve --server https://dns.google/dns-query --doh --ecs 203.0.113.0/24 -o resolved.csv s01.pcapng.audit
  # needs the table of the line above
  abroad data import resolved.csv`,
		Args: arguments("AUDIT|RECORDING"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&c.servers, "server", nil, "ask the resolver `ADDR`; several are joined by commas")
	f.BoolVar(&c.dot, "dot", false, "ask over TLS; ADDR#NAME says which name the certificate must have")
	f.BoolVar(&c.doh, "doh", false, "ask over HTTPS; ADDR is a URL")
	f.StringVar(&c.subnet, "ecs", "", "tell resolvers that the client is in `PREFIX` (RFC 7871)")
	f.IntVar(&c.rate, "rate", online.DefaultRate, "ask each resolver `N` questions a second at most")
	f.StringVarP(&c.out, "output", "o", "", "write the table to `FILE|-`; - is stdout")
	f.BoolVar(&c.force, "force", false, "write over a file that is there")
	f.BoolVar(&c.list, "list", false, "ask nothing; print the questions")
	cmd.MarkFlagsMutuallyExclusive("dot", "doh")
	return cmd
}

// longestSubnet bounds what is told of where a client is: RFC 7871, section 11.1.
const (
	longestSubnet4 = 24
	longestSubnet6 = 56
	mostRate       = 1000
)

func (c *resolveCommand) run(cmd *cobra.Command, arg string) error {
	r, err := c.resolver()
	if err != nil {
		return err
	}
	a, err := c.audit(cmd, arg)
	if err != nil {
		return err
	}
	questions := online.Questions(subjects(a))
	if c.list {
		for _, q := range questions {
			fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", oneLine(q.Name), q.Type)
		}
		return nil
	}
	if len(questions) == 0 {
		return errors.New("resolve: the audit has no name or address that a public resolver could know")
	}
	var out io.Writer = cmd.OutOrStdout()
	var file *workspace.File
	if c.out != "-" {
		if file, err = workspace.CreateFile(c.out, c.inputs); err != nil {
			return outputError(c.out, err)
		}
		defer file.Close()
		out = file
	}
	answers, err := c.ask(cmd, r, questions)
	if err != nil {
		return &hintedError{err, "nothing was written"}
	}
	if err := online.Write(out, answers); err != nil {
		return outputError(c.out, err)
	}
	if file != nil {
		if err := file.Commit(); err != nil {
			return outputError(c.out, err)
		}
	}
	return summarise(cmd.ErrOrStderr(), r.Servers, answers)
}

// resolver checks the flags.
func (c *resolveCommand) resolver() (*online.Resolver, error) {
	if c.list {
		return nil, nil
	}
	transport := online.UDP
	switch {
	case c.dot:
		transport = online.DoT
	case c.doh:
		transport = online.DoH
	}
	if len(c.servers) == 0 {
		return nil, usagef("name one with --server", "resolve: no resolver given")
	}
	var servers []online.Server
	for _, text := range c.servers {
		s, err := online.ParseServer(text, transport)
		if err != nil {
			return nil, usagef("", "--server: %w", err)
		}
		if slices.ContainsFunc(servers, func(o online.Server) bool { return o.Name == s.Name }) {
			return nil, usagef("", "--server: %q is named twice", text)
		}
		servers = append(servers, s)
	}
	r := online.NewResolver(servers, nil)
	if c.subnet != "" {
		p, err := netip.ParsePrefix(c.subnet)
		switch {
		case err != nil || p != p.Masked() || p.Addr().Is4In6():
			return nil, usagef("", "--ecs %q: want a prefix like 203.0.113.0/24", c.subnet)
		case p.Addr().Is4() && p.Bits() > longestSubnet4 || p.Addr().Is6() && p.Bits() > longestSubnet6:
			return nil, usagef("", "--ecs %q: want at most /%d, or /%d for IPv6: more would name a household", c.subnet, longestSubnet4, longestSubnet6)
		}
		r.Subnet = p
	}
	if c.rate < 1 || c.rate > mostRate {
		return nil, usagef("", "--rate %d: want 1 to %d", c.rate, mostRate)
	}
	r.Rate = c.rate
	if c.out == "" {
		return nil, usagef("name one with -o; -o - is stdout", "resolve: no file to write given")
	}
	if _, err := os.Lstat(c.out); err == nil && c.out != "-" && !c.force {
		return nil, &hintedError{fmt.Errorf("write %s: it is there", c.out), "--force writes over it; -o names another file"}
	}
	return r, nil
}

// audit reads an audit, or makes one of a recording with built-in data.
func (c *resolveCommand) audit(cmd *cobra.Command, arg string) (*audit.Audit, error) {
	path := auditPath(arg)
	c.inputs = []string{path}
	if path != arg || arg == "-" || sniff(path) != nil {
		if arg == "-" {
			c.inputs = nil
		}
		a, err := openAudit(arg, cmd.InOrStdin())
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, &hintedError{fmt.Errorf("resolve %s: it is neither a recording nor an audit: %w", arg, err), "abroad help captures lists the formats that can be read"}
		}
		return a, err
	}
	in, err := openInputs([]string{path}, nil, nil)
	if err != nil {
		return nil, err
	}
	library, err := locate.Open(locate.Options{Data: dataset.None, Practice: true})
	if err != nil {
		return nil, err
	}
	defer library.Close()
	return interruptible(cmd.Context(), false, cmd.ErrOrStderr(), func(ctx context.Context) (*audit.Audit, error) {
		return analyze.Run(ctx, in.list, analyze.Config{Version: version, Library: library})
	})
}

// subjects lists the public addresses of an audit, and the names that its flows show.
func subjects(a *audit.Audit) (addresses []netip.Addr, names []string) {
	for i := range a.Endpoints {
		switch e := &a.Endpoints[i]; {
		case e.Class == audit.ClassPublic:
			addresses = append(addresses, e.Address)
		case e.Class == audit.ClassNAT64 && e.Translated.IsValid():
			addresses = append(addresses, e.Translated)
		}
	}
	seen := map[string]bool{}
	for _, f := range a.Flows {
		for i := range f.Names {
			n := &f.Names[i]
			if n.How == audit.ByPTR || n.How == audit.ByMDNS {
				continue
			}
			for _, name := range append([]string{n.Name}, n.Via...) {
				if name = strings.ToLower(name); !seen[name] {
					seen[name] = true
					names = append(names, name)
				}
			}
		}
	}
	return addresses, names
}

// ask asks, and says on a terminal how far it is.
func (c *resolveCommand) ask(cmd *cobra.Command, r *online.Resolver, questions []online.Question) ([]online.Answer, error) {
	stderr := cmd.ErrOrStderr()
	_, terminal := isTerminal(stderr)
	return interruptible(cmd.Context(), false, stderr, func(ctx context.Context) ([]online.Answer, error) {
		done, told := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(told)
			tick := time.NewTicker(progressEvery)
			defer tick.Stop()
			for terminal {
				select {
				case <-done:
					fmt.Fprint(stderr, "\r\x1b[K")
					return
				case <-tick.C:
					fmt.Fprintf(stderr, "\r\x1b[Kabroad: %d of at least %d questions", r.Asked(), len(questions)*len(r.Servers))
				}
			}
		}()
		answers, err := r.Run(ctx, questions)
		close(done)
		<-told
		return answers, err
	})
}

// summarise says what each resolver did. None that answered anything is an error.
func summarise(w io.Writer, servers []online.Server, answers []online.Answer) error {
	answered := 0
	for _, s := range servers {
		all, good, dropped := 0, 0, 0
		for i := range answers {
			a := &answers[i]
			if a.Server != s.Name {
				continue
			}
			all++
			if a.RTT > 0 {
				good++
			}
			dropped += a.Dropped
		}
		answered += good
		fmt.Fprintf(w, "abroad: %s answered %d of %d questions\n", oneLine(s.Name), good, all)
		if dropped > 0 {
			fmt.Fprintf(w, "abroad: %s sent %d records that were not asked for: dropped\n", oneLine(s.Name), dropped)
		}
	}
	if answered == 0 {
		return errors.New("resolve: no resolver answered")
	}
	return nil
}
