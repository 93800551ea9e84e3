package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func newHistory() *cobra.Command {
	var c shelfCommand
	cmd := &cobra.Command{
		Use:   "history [flags] APP",
		Short: "Show an app's audits over time: versions, sessions, verdicts, jurisdictions",
		Long: `History lists the audits of one app in a workspace, oldest first: the version, the
days on which its sessions were recorded, how many there are, the verdicts about its
maker's promises, and the countries of servers with their grades. A country that the
previous audit did not have is marked +, one that is gone is listed with -. This is
plain subtraction, and two audits of one version differ by chance: abroad compare
shows what is more than that.`,
		Example: `  abroad init work
  abroad audit --quiet --data none -o work/audits/practice/1.0/september --app org.example.practice --app-version 1.0 capture/lab/practice/v1/*
  abroad audit --quiet --data none -o work/audits/practice/2.0/september --app org.example.practice --app-version 2.0 capture/lab/practice/v2/*
  abroad history --workspace work org.example.practice`,
		Args: arguments("APP"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := openShelf(cmd, c.workspace)
			if err != nil {
				return err
			}
			defer s.Close()
			cards, err := s.Audits(cmd.Context(), args[0], "")
			if err != nil {
				return err
			}
			if c.json {
				return printJSON(cmd.OutOrStdout(), cards)
			}
			if len(cards) == 0 {
				return &hintedError{fmt.Errorf("the workspace has no audit of %s", args[0]), "abroad ls lists the apps"}
			}
			var rows [][]string
			var before []string
			for i := range cards {
				card := &cards[i]
				now := countries(card.Countries)
				rows = append(rows, []string{
					card.Version, days(card.First, card.Last), fmt.Sprint(card.Sessions), fmt.Sprint(card.Failed), fmt.Sprint(card.Hosts),
					verdictWords(card), withChanges(card.Countries, before, i > 0), card.Path,
				})
				before = now
			}
			return printRows(cmd.OutOrStdout(), []string{"version", "recorded", "sessions", "failed", "hosts", "verdicts", "servers placed in", "audit"}, rows)
		},
	}
	c.flags(cmd)
	return cmd
}

// countries drops the grades.
func countries(graded []string) (list []string) {
	for _, g := range graded {
		country, _, _ := strings.Cut(g, " ")
		list = append(list, country)
	}
	return list
}

// withChanges lists countries with grades, marks those that the list before does not have, and appends those that are gone.
func withChanges(graded, before []string, mark bool) string {
	var words []string
	has := func(list []string, country string) bool {
		for _, c := range list {
			if c == country {
				return true
			}
		}
		return false
	}
	for _, g := range graded {
		country, _, _ := strings.Cut(g, " ")
		if mark && !has(before, country) {
			g = "+" + g
		}
		words = append(words, g)
	}
	now := countries(graded)
	for i, country := range before {
		if mark && !has(now, country) && !has(before[:i], country) {
			words = append(words, "-"+country)
		}
	}
	return strings.Join(words, ", ")
}
