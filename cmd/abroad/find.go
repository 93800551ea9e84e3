package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abroad/cmd/abroad/internal/shelf"
)

func newFind() *cobra.Command {
	var c shelfCommand
	cmd := &cobra.Command{
		Use:   "find [flags] KIND VALUE",
		Short: "Find the audits of a workspace that hold a host, an organisation, a country or an AS",
		Long: `Find answers "who else talks to this host" over all audits of a workspace. KIND is

  host     a name with every name below it, or an address
  org      part of the name of an organisation: who receives, its parent, or whose
           network it is
  country  a code like DE, at each level: J1 place of the server with its grade, J2
           registration of the network, J3 seat of the organisation, J4 of its parent
  as       a number like AS64496

One row is printed for every app and version; --json lists every audit.`,
		Example: `  abroad init work
  abroad audit --quiet --data none -o work/audits/practice/2.0/september --app org.example.practice --app-version 2.0 capture/lab/practice/v2/*
  abroad find --workspace work host tally.example
  abroad find --workspace work country SG
  abroad find --workspace work --json as AS64497`,
		ValidArgs: shelf.Kinds,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := arguments("KIND", "VALUE")(cmd, args); err != nil {
				return err
			}
			if !slices.Contains(shelf.Kinds, args[0]) {
				return usagef("", "kind %q: want one of %s", args[0], strings.Join(shelf.Kinds, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := openShelf(cmd, c.workspace)
			if err != nil {
				return err
			}
			defer s.Close()
			hits, err := s.Find(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			if c.json {
				return printJSON(cmd.OutOrStdout(), hits)
			}
			return printRows(cmd.OutOrStdout(), []string{"app", "version", "recorded", "audits", "what", "how"}, foundRows(hits))
		},
	}
	c.flags(cmd)
	return cmd
}

// valuesShown is how many different values one row names.
const valuesShown = 4

// foundRows sums the hits of an app's version.
func foundRows(hits []shelf.Hit) (rows [][]string) {
	for len(hits) > 0 {
		n := 1
		for n < len(hits) && hits[n].App == hits[0].App && hits[n].Version == hits[0].Version {
			n++
		}
		var audits, values, details []string
		first, last := hits[0].First, hits[0].Last
		for _, h := range hits[:n] {
			audits, values, details = append(audits, h.Path), append(values, h.Value), append(details, h.Detail)
			first, last = min(first, h.First), max(last, h.Last)
		}
		rows = append(rows, []string{
			hits[0].App, hits[0].Version, days(first, last), fmt.Sprint(len(distinct(audits))), few(distinct(values)), few(distinct(details)),
		})
		hits = hits[n:]
	}
	return rows
}

func distinct(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

func few(list []string) string {
	if n := len(list) - valuesShown; n > 0 {
		return strings.Join(list[:valuesShown], ", ") + fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(list, ", ")
}
