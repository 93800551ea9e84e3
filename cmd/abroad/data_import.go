package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abroad/analyze/dataset"
	"abroad/analyze/locate"
	"abroad/analyze/provider"
)

// described is what the user says about a dataset; what is empty is taken from the file.
type described struct {
	format, name, title, publisher, licence, credit, asOf string
}

func newDataImport() *cobra.Command {
	var data string
	var user described
	cmd := &cobra.Command{
		Use:   "import [flags] FILE",
		Short: "Bring a publisher's file into the dataset directory",
		Long: "Import reads a file as its publisher hands it out, and puts it into the dataset\n" +
			"directory, in place of an older one of the same name, whose last version is kept.\n" +
			"Nothing changes if the file cannot be read. Flags say what the file does not: a\n" +
			"geofeed does not name its operator, and few files tell their date.\n\nThe formats:\n\n" + formatList(),
		Example: `  abroad data import --data folder analyze/provider/testdata/aws.json
  abroad data import --data folder --name invented --publisher Example analyze/provider/testdata/geofeed.csv
  # needs a file of Microsoft's
  abroad data import ServiceTags_Public_20251117.json
  # needs a database of yours
  abroad data import --publisher MaxMind GeoLite2-Country.mmdb`,
		Args: arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := importFolder(data)
			if folder == "" {
				return usagef("name a folder with --data", "import: %w", errNoFolder)
			}
			file, _, err := dataset.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("import %s: %w", args[0], withoutPath(err))
			}
			table, err := provider.Read(user.format, filepath.Base(args[0]), file)
			if err != nil {
				return importError(args[0], err)
			}
			if err := user.fill(&table.Set); err != nil {
				return err
			}
			if err := locate.Check(&table.Set, table.File); err != nil {
				return fmt.Errorf("import %s: %w", args[0], err)
			}
			set, err := dataset.Put(folder, table.Set, table.File)
			if err != nil {
				return fmt.Errorf("import %s: %w", args[0], err)
			}
			for _, note := range table.Notes {
				fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s: %s\n", oneLine(set.Name), oneLine(note))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s of %s, as of %s\n", filepath.Join(folder, set.File), set.Kind, oneLine(set.Publisher), set.AsOf)
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&user.format, "format", "", "`NAME` of the format; found out if it is not given")
	f.StringVar(&user.name, "name", "", "`NAME` of the dataset; one of the same name is replaced")
	f.StringVar(&user.title, "title", "", "`WORDS` by which reports call it")
	f.StringVar(&user.publisher, "publisher", "", "`NAME` of who publishes it")
	f.StringVar(&user.licence, "licence", "", "`NAME` of its licence")
	f.StringVar(&user.credit, "credit", "", "`LINE` of attribution that the licence asks for")
	f.StringVar(&user.asOf, "as-of", "", "`DATE` of its contents, like 2026-01-31")
	dataFlag(cmd, &data)
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(provider.Names(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// importFolder is the dataset directory to write into; empty if there is none.
func importFolder(flag string) string {
	folder := flag
	if folder == "" {
		folder = os.Getenv("ABROAD_DATA")
	}
	if folder == "" {
		folder = userDataFolder()
	}
	if folder == dataset.None {
		return ""
	}
	return folder
}

func importError(path string, err error) error {
	return &hintedError{fmt.Errorf("import %s: %w", path, err), "abroad data import --help lists the formats"}
}

// fill completes what is known of a dataset. An audit cites all of it, so nothing may be missing.
func (u *described) fill(d *dataset.Dataset) error {
	for _, f := range []struct {
		said string
		into *string
	}{{u.name, &d.Name}, {u.title, &d.Title}, {u.publisher, &d.Publisher}, {u.licence, &d.Licence}, {u.credit, &d.Credit}, {u.asOf, &d.AsOf}} {
		if f.said != "" {
			*f.into = f.said
		}
	}
	if _, err := time.Parse(time.DateOnly, d.AsOf); err != nil && d.AsOf != "" {
		return usagef("", "--as-of %q: want a date like 2026-01-31", d.AsOf)
	}
	switch {
	case d.Publisher == "":
		return usagef("name it with --publisher", "import: the file does not say who publishes it")
	case d.AsOf == "":
		return usagef("say it with --as-of", "import: the file does not say of which day it is")
	}
	if d.Licence == "" {
		d.Licence = "not stated"
	}
	if d.Title == "" {
		d.Title = d.Publisher
	}
	return notBuiltIn(d)
}

// notBuiltIn refuses names of built-in datasets, and their bytes: an audit calls datasets by their names.
func notBuiltIn(d *dataset.Dataset) error {
	l, err := locate.Open(locate.Options{Data: dataset.None})
	if err != nil {
		return err
	}
	defer l.Close()
	for _, other := range l.Datasets() {
		if other.Name == d.Name {
			return usagef("name it differently with --name", "import: a built-in dataset is called %q", d.Name)
		}
	}
	return nil
}

// formatList lists what can be imported, one format a line.
func formatList() string {
	var list strings.Builder
	for _, f := range provider.All {
		for i, line := range wrap(f.Doc, 64) {
			head := ""
			if i == 0 {
				head = f.Name
			}
			fmt.Fprintf(&list, "  %-10s%s\n", head, line)
		}
	}
	return strings.TrimRight(list.String(), "\n")
}
