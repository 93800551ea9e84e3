package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

func newDataList() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the datasets that an audit would use",
		Long: `List prints every dataset that an audit would use: name, publisher, licence, the
date of its contents, SHA-256, and where it is kept. The attributions that licences
require come last.`,
		Example: "  abroad data list --data none",
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := openLibrary(cmd, locate.Options{Data: dataFolder(data)})
			if err != nil {
				return err
			}
			defer l.Close()
			for _, note := range l.Notes() {
				fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s\n", oneLine(note))
			}
			return listDatasets(cmd.OutOrStdout(), l.Datasets())
		},
	}
	dataFlag(cmd, &data)
	return cmd
}

func listDatasets(w io.Writer, datasets []audit.Dataset) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "NAME\tPUBLISHER\tLICENCE\tAS OF\tSHA-256\tFROM")
	for i := range datasets {
		d := &datasets[i]
		from := "folder"
		if d.Embedded {
			from = "built in"
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%.12s\t%s\n",
			oneLine(d.Name), dash(oneLine(d.Publisher)), dash(oneLine(d.Licence)), dash(d.AsOf), d.SHA256.String(), from)
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	blank := "\n"
	for i := range datasets {
		if credit := datasets[i].Credit; credit != "" {
			fmt.Fprintf(w, "%s%s: %s\n", blank, oneLine(datasets[i].Name), oneLine(credit))
			blank = ""
		}
	}
	return nil
}

// dash stands for what is not known.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
