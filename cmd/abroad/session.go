package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"abroad/capture/session"
)

// newSession holds the commands about session folders.
func newSession() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "session",
		Short: "List, show, check, recover, export and archive sessions",
		Long: `A session is the folder that abroad record writes: session.json (what was known at
the start), events.jsonl (a chain: every line holds the hash of the one before),
capture/ (the packets), manifest.json (every file with its SHA-256, written at the
end) and, with a key, manifest.json.minisig.

The chain shows order and omission, the manifest the content, the signature who held
the key. None of them shows when: the clock is the recording machine's.`,
		Example: "  abroad session ls .",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("abroad session --help lists them", "session: no command given")
			}
			hint := "abroad session --help lists the commands"
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = "did you mean abroad session " + near[0] + "?"
			}
			return usagef(hint, "unknown command %q", "session "+args[0])
		},
		RunE:                       func(*cobra.Command, []string) error { return nil },
		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(newSessionLs(), newSessionShow(), newSessionVerify(), newSessionRecover(), newSessionExport(), newSessionArchive(), newSessionKey())
	return cmd
}

// sessionError adds what can be done about a folder that is no session.
func sessionError(err error) error {
	switch link := (*session.BrokenLink)(nil); {
	case err == nil:
		return nil
	case errors.Is(err, session.ErrNotSession):
		return &hintedError{err, "name the folder that abroad record wrote; abroad session ls DIR lists those in a folder"}
	case errors.Is(err, session.ErrUnclosed):
		return &hintedError{err, "abroad session recover closes it"}
	case errors.Is(err, session.ErrRecording):
		return &hintedError{err, "stop the recorder first (Ctrl-C)"}
	case errors.Is(err, session.ErrPassword):
		return &hintedError{err, "minisign -G -W makes a key without one, and so does abroad session key"}
	case errors.As(err, &link):
		return err
	}
	return err
}

// sessionsBelow opens the sessions in a folder, in the order of their names; those that cannot be opened are left out.
func sessionsBelow(dir string) []*session.Session {
	entries, _ := os.ReadDir(dir)
	var list []*session.Session
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !e.IsDir() || !session.IsSession(path) {
			continue
		}
		if s, err := session.Open(path); err == nil {
			list = append(list, s)
		}
	}
	return list
}

// maxKeyFile is how many bytes a file with a key may have.
const maxKeyFile = 1 << 20

// readKeyFile reads a file with a key; it may be a pipe.
func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(b) > maxKeyFile {
		err = fmt.Errorf("it has more than %d bytes: it is no key", maxKeyFile)
	}
	return b, err
}

// readSecretKey reads the key that signs; "" is none.
func readSecretKey(path string) (*session.SecretKey, error) {
	if path == "" {
		return nil, nil
	}
	b, err := readKeyFile(path)
	if err != nil {
		return nil, fmt.Errorf("read secret key %s: %w", path, withoutPath(err))
	}
	k, err := session.ParseSecretKey(b)
	if err != nil {
		return nil, sessionError(fmt.Errorf("%s: %w", path, err))
	}
	return k, nil
}

// readPublicKey reads the key of a signature: a file, or the key itself; "" is none.
func readPublicKey(arg string) (*session.PublicKey, error) {
	if arg == "" {
		return nil, nil
	}
	if k, err := session.ParsePublicKey([]byte(arg)); err == nil {
		return k, nil
	}
	b, err := readKeyFile(arg)
	if err != nil {
		return nil, fmt.Errorf("read public key %s: %w", arg, withoutPath(err))
	}
	k, err := session.ParsePublicKey(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	return k, nil
}
