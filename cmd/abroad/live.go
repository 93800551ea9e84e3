package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"

	"github.com/spf13/cobra"

	"abroad/analyze"
	"abroad/analyze/locate"
	"abroad/capture/session"
	"abroad/cmd/abroad/internal/live"
)

// liveCommand makes tables of a session under way; abroad record starts it.
const liveCommand = "live-table"

// Memory, in bytes. The collector works harder when a process comes near; what is alive is bounded by the limits of package live, and of the
// writer of sessions.
const (
	liveMemory   = 96 << 20
	recordMemory = 24 << 20 // its ring and its program come on top
)

func newLive() *cobra.Command {
	return &cobra.Command{
		Use: liveCommand + " DIR", Hidden: true, Args: arguments("DIR"), Short: "Tables of a session under way (abroad record starts it)",
		RunE: func(cmd *cobra.Command, args []string) error {
			boundMemory(liveMemory)
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			go func() {
				io.Copy(io.Discard, cmd.InOrStdin()) // ends with the recorder, however it ended
				cancel()
			}()
			config, err := liveConfig(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			defer config.Library.Close()
			if err := live.Write(ctx, cmd.OutOrStdout(), args[0], config); ctx.Err() == nil {
				return err
			}
			return nil
		},
	}
}

// liveConfig opens the datasets. A directory of them that cannot be used is no reason to show nothing.
func liveConfig(stderr io.Writer) (live.Config, error) {
	config := live.Config{Version: version, Folder: func(s *session.Session) *analyze.Folder { return sessionFolder(s, "") }}
	library, err := locate.Open(locate.Options{Data: dataFolder(""), Practice: true})
	if err != nil {
		fmt.Fprintf(stderr, "abroad: left out: %s\n", oneLine(err.Error()))
		library, err = locate.Open(locate.Options{Data: "none", Practice: true})
	}
	config.Library = library
	return config, err
}

// boundMemory asks the collector to keep the process below so many bytes, unless the user has (GOMEMLIMIT).
func boundMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

// startLive starts the child that makes tables of the session, and tells the session what happens to it.
func startLive(w *session.Writer) *live.Worker {
	return live.StartWorker(func() *exec.Cmd {
		cmd := exec.Command(ownProgram(), liveCommand, w.Dir())
		cmd.Args[0] = os.Args[0]
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
		ownGroup(cmd) // Ctrl-C is for the recorder, which ends the child by closing its stdin
		return cmd
	}, func(what, says string) {
		w.Event(session.EventView, map[string]any{"what": what, "says": says})
	})
}

// ownProgram is this program once more. On Linux it is found also where the user whose rights are left may not look, and after an update.
func ownProgram() string {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
