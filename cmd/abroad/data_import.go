package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
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
		Use:   "import [flags] FILE…",
		Short: "Bring publishers' files into the dataset directory",
		Long: "Import reads files as their publishers issue them, and puts them into the dataset\n" +
			"directory, each in place of an older one of the same name, whose last version is kept.\n" +
			"A file that cannot be read changes nothing. Flags supply what a file does not say: a\n" +
			"geofeed does not name its operator (whoever announces its addresses is then taken),\n" +
			"and few files give their date (that of the file is then taken).\n\nThe formats:\n\n" + formatList(),
		Example: `  abroad data import --data folder analyze/provider/testdata/aws.json
  abroad data import --data folder --name invented --publisher Example analyze/provider/testdata/geofeed.csv
  # needs a file of Microsoft's
  abroad data import ServiceTags_Public_20251117.json
  # needs a database of yours
  abroad data import --publisher MaxMind GeoLite2-Country.mmdb`,
		Args: arguments("FILE…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := importFolder(data)
			if folder == "" {
				return usagef("name a folder with --data", "import: %w", errNoFolder)
			}
			if len(args) > 1 && user != (described{format: user.format}) {
				return usagef("import them one by one", "import: what flags say can only be true of one file")
			}
			wrong, done := 0, map[string]string{}
			for _, path := range args {
				err := importFile(cmd, folder, path, user, done)
				if err != nil && len(args) == 1 {
					return err
				}
				if err != nil {
					wrong++
					fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s\n", oneLine(err.Error()))
				}
			}
			if wrong > 0 {
				return fmt.Errorf("import: %d of %d files were left out", wrong, len(args))
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&user.format, "format", "", "`NAME` of the format (default: detected)")
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

// importFile brings in one file, and says what it became. done are the days of what this command brought in, by name: of several files of one
// dataset the newest stays, whatever their order.
func importFile(cmd *cobra.Command, folder, path string, user described, done map[string]string) error {
	file, _, err := dataset.ReadFile(path)
	if err != nil {
		return fmt.Errorf("import %s: %w", path, withoutPath(err))
	}
	table, err := provider.Read(user.format, filepath.Base(path), file)
	if err != nil {
		return importError(path, err)
	}
	if err := user.guess(table, path); err != nil {
		return err
	}
	if err := user.fill(&table.Set); err != nil {
		return err
	}
	if err := locate.Check(&table.Set, table.File); err != nil {
		return fmt.Errorf("import %s: %w", path, err)
	}
	if newer := done[table.Set.Name]; newer > table.Set.AsOf {
		fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s: %s is of %s: left out, since one of %s was imported just now\n",
			oneLine(table.Set.Name), oneLine(path), table.Set.AsOf, newer)
		return nil
	}
	before := imported(folder, table.Set.Name)
	set, err := dataset.Put(folder, table.Set, table.File)
	if err != nil {
		return fmt.Errorf("import %s: %w", path, err)
	}
	done[set.Name] = set.AsOf
	if before > set.AsOf {
		table.Notes = append(table.Notes, "takes the place of a newer one, of "+before)
	}
	for _, note := range table.Notes {
		fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s: %s\n", oneLine(set.Name), oneLine(note))
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s of %s, as of %s\n", filepath.Join(folder, set.File), set.Kind, oneLine(set.Publisher), set.AsOf)
	return nil
}

// imported returns the day of the dataset of this name that the folder has; empty if it has none.
func imported(folder, name string) string {
	d, err := dataset.Open(folder)
	if err != nil {
		return ""
	}
	defer d.Close()
	for i := range d.Index {
		if d.Index[i].Name == name {
			return d.Index[i].AsOf
		}
	}
	return ""
}

// guess fills in what neither the file nor the user says, as far as it can be found out, and says so.
func (u *described) guess(t *provider.Table, path string) error {
	d := &t.Set
	if d.AsOf == "" && u.asOf == "" {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("import %s: %w", path, withoutPath(err))
		}
		d.AsOf = info.ModTime().UTC().Format(time.DateOnly)
		t.Notes = append(t.Notes, "the file gives no date: taken as of "+d.AsOf+", when it was last written (--as-of)")
	}
	if d.Publisher == "" && u.publisher == "" && d.Kind == dataset.Geofeed {
		announcer, share, err := announcer(t.File)
		if err != nil {
			return err
		}
		if announcer != "" {
			d.Publisher = announcer
			t.Notes = append(t.Notes, fmt.Sprintf("the file does not say who publishes it: taken as of %s, who announces %.0f %% of its prefixes (--publisher)", announcer, 100*share))
		}
	}
	return nil
}

// announcer finds out who announces most of a table's prefixes; empty if nobody announces half of them.
func announcer(file []byte) (name string, share float64, err error) {
	l, err := locate.Open(locate.Options{Data: dataset.None})
	if err != nil {
		return "", 0, err
	}
	defer l.Close()
	count, all := map[string]int{}, 0
	for line := range strings.Lines(string(file)) {
		text, _, _ := strings.Cut(line, ",")
		p, err := netip.ParsePrefix(text)
		if err != nil {
			continue
		}
		all++
		for _, c := range l.Claims(locate.Query{Address: p.Addr()}) {
			if c.Kind == audit.ClaimNetwork && c.Organisation != "" {
				count[c.Organisation]++
				break
			}
		}
	}
	for who, n := range count {
		if 2*n > all { // at most one
			return who, float64(n) / float64(all), nil
		}
	}
	return "", 0, nil
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
		return usagef("say it with --as-of", "import: the file gives no date")
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
			fmt.Fprintf(&list, "  %-11s%s\n", head, line)
		}
	}
	return strings.TrimRight(list.String(), "\n")
}
