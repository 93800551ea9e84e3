package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
	"abroad/analyze/compare"
	"abroad/capture"
)

// open finds what an argument of compare names: an audit, the folder that holds one, a pattern, or APP@VERSION in a workspace.
func (c *compareCommand) open(cmd *cobra.Command, arg string) ([]compare.Input, error) {
	_, err := os.Stat(arg)
	switch {
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
		return openAll(paths)
	}
	if app, version, ok := strings.Cut(arg, "@"); ok && app != "" && version != "" {
		paths, err := workspaceAudits(cmd, c.workspace, app, version)
		if err != nil {
			return nil, err
		}
		return openAll(paths)
	}
	return nil, fmt.Errorf("open audit: %s: %w", arg, withoutPath(err))
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
	path := auditPath(arg)
	b, err := os.ReadFile(path)
	if err != nil {
		err = fmt.Errorf("open audit: %s: %w", arg, withoutPath(err))
		if _, missing := os.Stat(filepath.Join(arg, "session.json")); missing == nil {
			err = &hintedError{fmt.Errorf("open audit: %s: it is a session that was not audited yet", arg), "abroad audit -o DIR " + arg + "; several sessions of one version are one audit"}
		}
		return compare.Input{}, err
	}
	a, err := audit.Read(bytes.NewReader(b))
	if err != nil {
		return compare.Input{}, fmt.Errorf("open audit: %s: %w", arg, err)
	}
	return compare.Input{Name: arg, SHA256: capture.Digest(sha256.Sum256(b)), Audit: a}, nil
}

// holdsSchema reports whether a JSON document begins with a schema of the family.
func holdsSchema(path, family string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	dec := json.NewDecoder(io.LimitReader(f, 4096)) // the schema is the first member
	for _, want := range []json.Token{json.Delim('{'), "schema"} {
		if got, err := dec.Token(); err != nil || got != want {
			return false
		}
	}
	schema, err := dec.Token()
	text, ok := schema.(string)
	return err == nil && ok && strings.HasPrefix(text, family)
}
