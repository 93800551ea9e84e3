package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abroad/cmd/abroad/internal/shelf"
)

// A listed version is a row of abroad ls.
type listed struct {
	App             string `json:"app"`
	Version         string `json:"version"`
	SessionFolders  int    `json:"session_folders"`
	Audits          int    `json:"audits"`
	AuditedSessions int    `json:"audited_sessions"`
	First           string `json:"first"`
	Last            string `json:"last"`
}

func newLs() *cobra.Command {
	var c shelfCommand
	cmd := &cobra.Command{
		Use:   "ls [flags]",
		Short: "List what a workspace holds: apps, versions, sessions and audits",
		Long: `Ls lists the apps and versions of a workspace: how many session folders there are,
how many audits, and how many sessions these hold.`,
		Example: `  abroad init work
  abroad ls --workspace work`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := findWorkspace(c.workspace)
			if err != nil {
				return err
			}
			s, err := openShelf(cmd, dir)
			if err != nil {
				return err
			}
			defer s.Close()
			cards, err := s.Audits(cmd.Context(), "", "")
			if err != nil {
				return err
			}
			stocks, err := shelf.Stocks(dir)
			if err != nil {
				return err
			}
			list := list(cards, stocks)
			if c.json {
				return printJSON(cmd.OutOrStdout(), list)
			}
			var rows [][]string
			for _, l := range list {
				rows = append(rows, []string{l.App, l.Version, fmt.Sprint(l.SessionFolders), fmt.Sprint(l.Audits), fmt.Sprint(l.AuditedSessions), days(l.First, l.Last)})
			}
			return printRows(cmd.OutOrStdout(), []string{"app", "version", "session folders", "audits", "sessions in them", "recorded"}, rows)
		},
	}
	c.flags(cmd)
	return cmd
}

// list joins audits and session folders by app and version. The names of session folders are those of SafeName.
func list(cards []shelf.Card, stocks []shelf.Stock) []listed {
	rows := []listed{}
	at := map[[2]string]int{}
	row := func(app, version string) *listed {
		k := [2]string{shelf.SafeName(app), shelf.SafeName(version)}
		if _, ok := at[k]; !ok {
			at[k] = len(rows)
			rows = append(rows, listed{App: app, Version: version})
		}
		return &rows[at[k]]
	}
	for i := range cards {
		card := &cards[i]
		l := row(card.App, card.Version)
		l.Audits++
		l.AuditedSessions += card.Sessions
		if l.First == "" || card.First != "" && card.First < l.First {
			l.First = card.First
		}
		l.Last = max(l.Last, card.Last)
	}
	for _, s := range stocks {
		row(s.App, s.Version).SessionFolders = s.Sessions
	}
	slices.SortStableFunc(rows, func(x, y listed) int {
		if d := strings.Compare(x.App, y.App); d != 0 {
			return d
		}
		return strings.Compare(x.Version, y.Version)
	})
	return rows
}
