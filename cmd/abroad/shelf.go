package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/spf13/cobra"

	"abroad/cmd/abroad/internal/shelf"
)

// A shelfCommand asks the index of a workspace.
type shelfCommand struct {
	workspace string
	json      bool
}

func (c *shelfCommand) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&c.workspace, "workspace", "", "the workspace `DIR` (default: ABROAD_WORKSPACE, else the one around here)")
	f.BoolVar(&c.json, "json", false, "print JSON")
	cmd.MarkFlagDirname("workspace")
}

// findWorkspace returns the workspace that the flag, ABROAD_WORKSPACE or the current folder names, in this order.
func findWorkspace(flag string) (string, error) {
	dir, from := flag, "--workspace"
	if dir == "" {
		dir, from = os.Getenv("ABROAD_WORKSPACE"), "ABROAD_WORKSPACE"
	}
	if dir != "" {
		if err := shelf.Check(dir); err != nil {
			return "", &hintedError{fmt.Errorf("open workspace: %s (%s): %w", dir, from, withoutPath(err)), "abroad init " + dir + " makes one"}
		}
		return dir, nil
	}
	dir, err := shelf.Find(".")
	if errors.Is(err, shelf.ErrNone) {
		err = &hintedError{errors.New("open workspace: there is none here or in a folder above"), "--workspace or ABROAD_WORKSPACE names one; abroad init DIR makes one"}
	}
	return dir, err
}

// workspaceHere returns the workspace that ABROAD_WORKSPACE names or that the current folder lies in, as a path from there; "" if there is none.
func workspaceHere() (string, error) {
	if os.Getenv("ABROAD_WORKSPACE") != "" {
		return findWorkspace("")
	}
	dir, err := shelf.Find(".")
	if errors.Is(err, shelf.ErrNone) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("open workspace: %w", err)
	}
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, dir); err == nil {
			dir = rel
		}
	}
	return dir, nil
}

// openShelf opens the workspace and its index.
func openShelf(cmd *cobra.Command, flag string) (*shelf.Shelf, error) {
	dir, err := findWorkspace(flag)
	if err != nil {
		return nil, err
	}
	s, err := shelf.Open(cmd.Context(), dir, func(says string) { fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s\n", oneLine(says)) })
	if err != nil {
		return nil, fmt.Errorf("open workspace: %s: %w", dir, withoutPath(err))
	}
	return s, nil
}

// workspaceHolds lists what a workspace has of a version: the folders of its audits or, if there are none, of its sessions.
func workspaceHolds(cmd *cobra.Command, flag, app, version string) (audits, sessions []string, err error) {
	dir, err := findWorkspace(flag)
	if err != nil {
		return nil, nil, err
	}
	s, err := openShelf(cmd, dir)
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	cards, err := s.Audits(cmd.Context(), app, version)
	if err != nil {
		return nil, nil, err
	}
	for i := range cards {
		audits = append(audits, filepath.Join(dir, filepath.FromSlash(cards[i].Path)))
	}
	if len(audits) == 0 {
		if sessions, err = shelf.SessionDirs(dir, app, version); err != nil {
			return nil, nil, err
		}
	}
	if len(audits)+len(sessions) == 0 {
		err = &hintedError{fmt.Errorf("the workspace %s has no audit and no session of %s, version %s", dir, app, version), "abroad ls lists what there is"}
	}
	return audits, sessions, err
}

// printJSON writes a list, indented. What would act on a terminal can only stand inside strings, and is escaped there.
func printJSON(w io.Writer, v any) error {
	quoted, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range string(quoted) {
		if r >= 0x7f && !unicode.IsPrint(r) && r <= 0xffff {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	_, err = fmt.Fprintln(w, b.String())
	return err
}

// printRows writes columns; cells come from audits and are made visible here.
func printRows(w io.Writer, headline []string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{headline}, rows...) {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, oneLine(cell))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// verdictWords is "1 contradicted, 2 consistent, 3 silent"; "–" without promises.
func verdictWords(c *shelf.Card) string {
	var words []string
	for _, v := range []struct {
		n    int
		word string
	}{{c.Contradicted, "contradicted"}, {c.Consistent, "consistent"}, {c.Silent, "silent"}} {
		if v.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", v.n, v.word))
		}
	}
	if len(words) == 0 {
		return "–"
	}
	return strings.Join(words, ", ")
}

// days is "2026-09-01" or "2026-09-01 to 2026-09-03".
func days(first, last string) string {
	if first == last {
		return first
	}
	return first + " to " + last
}
