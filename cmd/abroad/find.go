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

One row is printed for every app and version, up to 1000; --json lists every audit
and everything in it that matched.`,
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
			if c.json {
				hits, err := s.Find(cmd.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				return printJSON(cmd.OutOrStdout(), hits)
			}
			found, err := s.Sum(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			if len(found) == 0 { // a head of a table alone looks like a fault
				_, err := fmt.Fprintf(cmd.ErrOrStderr(), "abroad: no audit of the workspace has the %s %q\n", args[0], args[1])
				return err
			}
			more := max(0, len(found)-rowsShown)
			rows := foundRows(found[:len(found)-more])
			if err := printRows(cmd.OutOrStdout(), []string{"app", "version", "recorded", "audits", "what", "how"}, rows); err != nil || more == 0 {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "and %d more; --json lists all\n", more)
			return err
		},
	}
	c.flags(cmd)
	return cmd
}

// rowsShown is how many rows are printed for people.
const rowsShown = 1000

func foundRows(found []shelf.Found) (rows [][]string) {
	for i := range found {
		f := &found[i]
		what := f.Value
		if f.Values > 1 {
			what += fmt.Sprintf(" and %d more", f.Values-1)
		}
		rows = append(rows, []string{f.App, f.Version, days(f.First, f.Last), fmt.Sprint(f.Audits), what, f.Detail})
	}
	return rows
}
