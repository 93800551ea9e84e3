package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"abroad/analyze/locate"
)

func newDataVerify() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check the datasets of the dataset directory",
		Long: `Verify compares every file of the dataset directory with the digest in the index, and
looks for rows that cannot be true: countries that do not exist, addresses that are no
place, IPv4 addresses in IPv6 form, duplicate prefixes. It also prints prefixes inside
one that names another country, which can be intended and is no error.

Then it shows where the lists of two operators, or two lists of one operator, differ
about the same addresses: nothing says which is wrong, and an audit quotes both.
Databases are not compared: they estimate, and their agreement is no proof.`,
		Example: `  abroad data import --data folder analyze/provider/testdata/aws.json
  abroad data verify --data folder`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := openDirectory(data)
			if err != nil {
				return err
			}
			defer d.Close()
			out, wrong := cmd.OutOrStdout(), 0
			var statements []locate.Statement
			for i := range d.Index {
				set := &d.Index[i]
				file, err := d.Bytes(set)
				if err != nil {
					fmt.Fprintf(out, "wrong: %s\n", oneLine(err.Error()))
					wrong++
					continue
				}
				complaints, more := locate.Inspect(set, file)
				bad := false
				for _, c := range complaints {
					word := "note"
					if c.Impossible {
						word, bad = "wrong", true
					}
					fmt.Fprintf(out, "%s: %s: %s\n", word, oneLine(set.Name), oneLine(c.Says))
				}
				if more > 0 {
					fmt.Fprintf(out, "note: %s: %d more\n", oneLine(set.Name), more)
				}
				if bad {
					wrong++
					continue
				}
				fmt.Fprintf(out, "good: %s\n", oneLine(set.Name))
				statements = append(statements, locate.Statement{Set: set, File: file})
			}
			for _, note := range locate.Compare(statements) {
				fmt.Fprintf(out, "note: %s\n", oneLine(note))
			}
			if wrong > 0 {
				return fmt.Errorf("verify datasets: %d of %d are wrong", wrong, len(d.Index))
			}
			if len(d.Index) == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "abroad: no datasets but the built-in ones")
			}
			return nil
		},
	}
	dataFlag(cmd, &data)
	return cmd
}
