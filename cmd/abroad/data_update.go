package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abroad/cmd/abroad/internal/online"
)

func newDataUpdate() *cobra.Command {
	var data string
	var force, list bool
	cmd := &cobra.Command{
		Use:   "update [flags] [NAME…]",
		Short: "Fetch datasets from their publishers (online)",
		Long: `Update asks publishers' own servers over HTTPS for datasets that are newer than those
of the dataset directory, all of them or those that are named. Downloads are
limited in size and time, and their checksum and form are checked; only then does one
replace the file before it, which is kept. One that fails changes nothing, is reported,
and makes the exit code 1.

Servers learn the address of this machine, and which files it wants. An audit never
uses the network: it cites what is in the directory.

The datasets (* only if named):

` + publisherList(),
		Example: `  # needs a network
  abroad data update
  # needs a network
  abroad data update --data folder aws-ranges dbip-country
  abroad data update --list`,
		Args: func(_ *cobra.Command, args []string) error {
			_, err := publishers(args)
			return err
		},
		ValidArgs: online.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := publishers(args)
			if err != nil {
				return err
			}
			if list {
				return listPublishers(cmd.OutOrStdout(), rows)
			}
			folder := importFolder(data)
			if folder == "" {
				return usagef("name a folder with --data", "update: %w", errNoFolder)
			}
			u := online.NewUpdater(folder, "abroad/"+version, time.Now(), nil)
			u.Shrunk = force
			return fetch(cmd, u, rows)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&force, "force", false, "also take a file that is older, or half as large, as the one before")
	cmd.Flags().BoolVar(&list, "list", false, "fetch nothing; print what would be asked for, and where")
	dataFlag(cmd, &data)
	return cmd
}

// publishers returns the rows of these names; of none, all that are not large.
func publishers(names []string) ([]online.Publisher, error) {
	var rows []online.Publisher
	for i := range online.Publishers {
		p := &online.Publishers[i]
		if slices.Contains(names, p.Dataset) || len(names) == 0 && !p.Large {
			rows = append(rows, *p)
		}
	}
	for _, name := range names {
		if !slices.Contains(online.Names(), name) {
			return nil, usagef("abroad data update --help lists the datasets", "update: nobody publishes %q", name)
		}
	}
	return rows, nil
}

// fetch asks the publishers, and says what became of each: on stdout what is there now, on stderr what failed.
func fetch(cmd *cobra.Command, u *online.Updater, rows []online.Publisher) error {
	var tell io.Writer
	if _, ok := isTerminal(cmd.ErrOrStderr()); ok {
		tell = cmd.ErrOrStderr()
	}
	results, err := interruptible(cmd.Context(), false, cmd.ErrOrStderr(), func(ctx context.Context) ([]online.Result, error) {
		line := startProgress(tell, 0)
		defer line.Stop()
		done := make(chan struct{})
		defer close(done)
		go func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(progressEvery):
					line.read.Store(u.Read())
				}
			}
		}()
		results := u.Update(ctx, rows)
		return results, ctx.Err()
	})
	failed := 0
	for i := range results {
		r := &results[i]
		for _, note := range r.Notes {
			fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s: %s\n", oneLine(r.Dataset), oneLine(note))
		}
		switch {
		case r.Err != nil:
			failed++
			kept := "there is none"
			if r.Set.Name != "" {
				kept = "kept the one of " + r.Set.AsOf
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s: %s; %s\n", oneLine(r.Dataset), oneLine(r.Err.Error()), kept)
		case r.Same:
			fmt.Fprintf(cmd.OutOrStdout(), "%s: the one of %s is the newest\n", oneLine(r.Dataset), r.Set.AsOf)
		default:
			fmt.Fprintf(cmd.OutOrStdout(), "%s: as of %s, %s\n", oneLine(r.Dataset), r.Set.AsOf, inUnits(float64(r.Set.Bytes)))
		}
	}
	switch {
	case err != nil:
		return &hintedError{err, "what was complete is in the directory; the rest is as it was"}
	case failed > 0:
		return &hintedError{fmt.Errorf("update: %d of %d datasets could not be fetched", failed, len(results)), "abroad data import takes files that were fetched by hand"}
	}
	return nil
}

// publisherList lists the datasets that can be fetched, one a line.
func publisherList() string {
	var list strings.Builder
	for i := range online.Publishers {
		p := &online.Publishers[i]
		name := p.Dataset
		if p.Large {
			name += "*"
		}
		fmt.Fprintf(&list, "  %-22s%s\n", name, p.Note)
	}
	return strings.TrimRight(list.String(), "\n")
}

func listPublishers(w io.Writer, rows []online.Publisher) error {
	for i := range rows {
		p := &rows[i]
		licence := p.Licence
		if licence == "" {
			licence = "licence not stated"
		}
		if _, err := fmt.Fprintf(w, "%s  %s  %s\n", p.Dataset, p.URL, licence); err != nil {
			return err
		}
	}
	return nil
}
