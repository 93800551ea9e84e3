package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abroad/analyze/compare"
	"abroad/analyze/flow"
	"abroad/capture"
	"abroad/capture/session"
)

// open finds what an argument of compare names: an audit, the folder that holds one, a session, a pattern of one of these, or APP@VERSION in a workspace.
func (c *compareCommand) open(cmd *cobra.Command, arg string) ([]compare.Input, error) {
	_, err := os.Stat(arg)
	switch {
	case err == nil && session.IsSession(arg):
		return c.auditSessions(cmd, arg, []string{arg})
	case err == nil:
		in, err := openCompared(arg)
		return []compare.Input{in}, err
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open audit: %s: %w", arg, withoutPath(err))
	case strings.ContainsAny(arg, "*?["):
		paths, err := filepath.Glob(arg)
		if err != nil {
			return nil, usagef("", "pattern %q: %w", arg, err)
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("open audit: %s: no file matches", arg)
		}
		if !slices.ContainsFunc(paths, func(p string) bool { return !session.IsSession(p) }) {
			return c.auditSessions(cmd, arg, paths)
		}
		return openAll(paths)
	}
	if app, version, ok := strings.Cut(arg, "@"); ok && app != "" && version != "" {
		audits, sessions, err := workspaceHolds(cmd, c.workspace, app, version)
		if err != nil {
			return nil, err
		}
		if len(audits) == 0 {
			return c.auditSessions(cmd, arg, sessions)
		}
		list, err := openAll(audits)
		return onceEach(list, cmd.ErrOrStderr()), err
	}
	return nil, fmt.Errorf("open audit: %s: %w", arg, withoutPath(err))
}

// auditSessions makes an audit of session folders, for this comparison only.
func (c *compareCommand) auditSessions(cmd *cobra.Command, arg string, paths []string) ([]compare.Input, error) {
	work := auditCommand{data: c.data, flowLimit: flow.DefaultFlowLimit, quiet: c.quiet}
	in, err := openInputs(paths, nil, nil)
	if err != nil {
		return nil, err
	}
	config, err := work.config()
	if err != nil {
		return nil, err
	}
	if config.Library, err = work.library(cmd.ErrOrStderr()); err != nil {
		return nil, err
	}
	defer config.Library.Close()
	a, err := work.analyze(cmd, in, config)
	if err != nil {
		return nil, err
	}
	return []compare.Input{{Name: arg, Audit: a}}, nil
}

// onceEach leaves out the audits of a workspace whose recordings stand in another one too: that with more recordings counts and, of equal
// ones, that whose path sorts last.
func onceEach(list []compare.Input, stderr io.Writer) []compare.Input {
	slices.SortFunc(list, func(x, y compare.Input) int {
		return cmp.Or(len(y.Audit.Recordings)-len(x.Audit.Recordings), strings.Compare(y.Name, x.Name))
	})
	in := map[capture.Digest]string{}
	return slices.DeleteFunc(list, func(input compare.Input) bool {
		for i := range input.Audit.Recordings {
			if other, ok := in[input.Audit.Recordings[i].SHA256]; ok {
				fmt.Fprintf(stderr, "abroad: left out: %s: it has a recording in common with %s\n", oneLine(input.Name), oneLine(other))
				return true
			}
		}
		for i := range input.Audit.Recordings {
			in[input.Audit.Recordings[i].SHA256] = input.Name
		}
		return false
	})
}

func openAll(paths []string) ([]compare.Input, error) {
	var list []compare.Input
	for _, path := range paths {
		in, err := openCompared(path)
		if err != nil {
			return nil, err
		}
		list = append(list, in)
	}
	return list, nil
}

// openCompared reads one audit and its digest.
func openCompared(arg string) (compare.Input, error) {
	a, sum, err := hashedAudit(arg)
	return compare.Input{Name: arg, SHA256: sum, Audit: a}, err
}
