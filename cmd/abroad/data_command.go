package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"abroad/analyze/dataset"
	"abroad/analyze/locate"
)

// newData holds the commands about datasets. Only update uses the network.
func newData() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "List, fetch, import, check and ask datasets",
		Long: `Datasets say where addresses are. Some are built in; others lie in one folder, the
dataset directory, which is --data DIR, else the environment's ABROAD_DATA, else
the user's data folder. An audit uses exactly what the folder's index lists, and the
corrections in its overrides.yaml (abroad help overrides). Only update uses the network.

Built in are a database of countries, one of networks, the ranges that answer near
the client (CDNs, anycast, fronts), and the words for places in host names. From its
address alone, these grade no server above L1. What clouds publish about their
regions (AWS, Azure, Google, Oracle, geofeeds) is not built in: with it, four in five
addresses of AWS and Azure were graded L3, and a database of another publisher
(--mmdb) or a round trip adds to that.`,
		Example: "  abroad data list --data none",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("abroad data --help lists them", "data: no command given")
			}
			hint := "abroad data --help lists the commands"
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = "did you mean abroad data " + near[0] + "?"
			}
			return usagef(hint, "unknown command %q", "data "+args[0])
		},
		RunE:                       func(*cobra.Command, []string) error { return nil },
		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(newDataList(), newDataUpdate(), newDataImport(), newDataLookup(), newDataVerify())
	return cmd
}

// dataFlag adds the flag that names the dataset directory.
func dataFlag(cmd *cobra.Command, data *string) {
	cmd.Flags().StringVar(data, "data", "", "dataset directory `DIR|none`; none uses built-in data only")
}

// openLibrary opens the datasets of a folder and of the user; what could not be read is told on stderr.
func openLibrary(cmd *cobra.Command, options locate.Options) (*locate.Library, error) {
	l, err := locate.Open(options)
	if err != nil {
		if d, broken := dataset.Open(options.Data); broken != nil {
			return nil, dataError(err)
		} else if closed := d.Close(); closed != nil {
			err = errors.Join(err, closed)
		}
		return nil, err
	}
	for _, err := range l.Broken() {
		fmt.Fprintf(cmd.ErrOrStderr(), "abroad: left out: %s\n", oneLine(err.Error()))
	}
	return l, nil
}

// dataError adds what can be done about a dataset directory that cannot be opened.
func dataError(err error) error {
	return &hintedError{err, "--data none uses built-in data only; abroad data import makes a dataset directory"}
}

// openDirectory opens the dataset directory; a folder that is not there yet has no datasets, unless it was asked for by name.
func openDirectory(data string) (*dataset.Directory, error) {
	d, err := dataset.Open(dataFolder(data))
	if err != nil {
		return nil, dataError(err)
	}
	return d, nil
}

var errNoFolder = errors.New("there is no dataset directory")
