package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"abroad/cmd/abroad/internal/shelf"
)

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "Make a workspace: one folder for sessions, audits and datasets of many apps",
		Long: `Init makes a workspace: DIR with the folders sessions, audits and datasets, and a
marker by which the other commands find it. What is already in DIR is kept.

In a workspace, record writes into sessions/APP/VERSION/ID and audit into
audits/APP/VERSION/NAME unless -o says otherwise (any depth below audits will do: app
and version are read from the audit). history, find and ls ask an index of the
audits, which is kept up to date with the folders and may be deleted at any time;
compare takes APP@VERSION. The datasets folder is used once it holds any (data update
--data DIR/datasets), unless --data or ABROAD_DATA names another one.

Commands find the workspace by --workspace, else ABROAD_WORKSPACE, else by looking
in the current folder and those above.`,
		Example: `  abroad init work
  abroad audit --quiet --data none -o work/audits/practice/2.0/september --app org.example.practice --app-version 2.0 capture/lab/practice/v2/*
  abroad ls --workspace work
  abroad find host tally.example --workspace work`,
		Args: arguments("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := shelf.Init(args[0])
			if err != nil {
				return fmt.Errorf("make workspace: %s: %w", args[0], withoutPath(err))
			}
			if !made {
				fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s is a workspace already\n", oneLine(args[0]))
			}
			return nil
		},
	}
}
