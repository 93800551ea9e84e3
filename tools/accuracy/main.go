// Command accuracy measures how often what the program concludes about places is right.
//
// In: prefixes whose country their operators publish (truth), older files of the same operators, and perhaps a database of the user; all of
// them lie outside of the repository, and without them nothing is measured. One address of each prefix is asked of "abroad data lookup",
// with (a) the built-in data alone, (b) a database of another publisher besides, (c) operators' tables older than the truth besides, (d)
// round trips simulated from three places besides. Out,
// on stdout: for each grade, how many addresses got it and how many of those are right. Operators without an older file are left out of
// (c), and named.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	m := &measurement{out: os.Stdout}
	flag.StringVar(&m.abroad, "abroad", "bin/abroad", "program under test")
	truth := flag.String("truth", "../shared/data/truth/cloud.csv", "columns provider, prefix, region, country")
	providers := flag.String("providers", "../shared/data/providers", "folder of operators' files, PROVIDER-DATE.EXT; the newest of each is the truth")
	flag.StringVar(&m.regions, "regions", "analyze/provider/regions.csv", "where the regions of providers are")
	flag.StringVar(&m.mmdb, "mmdb", "", "database of another publisher than the built-in ones")
	flag.IntVar(&m.show, "show", 0, "print so many addresses that are graded L3 or L4 and wrong")
	flag.Parse()
	err := m.run(*truth, *providers)
	if err != nil {
		fmt.Fprintf(os.Stderr, "accuracy: %v\n", err)
		os.Exit(1)
	}
}

type measurement struct {
	abroad, mmdb string
	regions      string
	show         int
	out          io.Writer
}

func (m *measurement) run(truth, providers string) error {
	if _, err := os.Stat(truth); os.IsNotExist(err) {
		fmt.Fprintf(m.out, "nothing measured: there is no %s\n", truth)
		return nil
	}
	rows, err := readTruth(truth)
	if err != nil {
		return err
	}
	old, err := olderFiles(providers)
	if err != nil {
		return err
	}
	fmt.Fprintf(m.out, "%d addresses, one of each prefix of the truth, every one counts the same.\n", len(rows))
	if err := m.measure("(a) built-in data alone", rows, "--data", "none"); err != nil {
		return err
	}
	if m.mmdb == "" {
		fmt.Fprintf(m.out, "\n(b) not measured: name a database of another publisher with -mmdb\n")
	} else if err := m.measure("(b) and "+filepath.Base(m.mmdb), rows, "--data", "none", "--mmdb", m.mmdb); err != nil {
		return err
	}
	for _, set := range combinations(old) {
		if err := m.withTables(rows, set); err != nil {
			return err
		}
	}
	return m.simulated(rows, m.regions, "--data", "none")
}

// withTables measures (c) with one older file of each operator, on the operators that have one.
func (m *measurement) withTables(rows []row, set []oldFile) error {
	dir, err := os.MkdirTemp("", "abroad-accuracy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var names, have []string
	for _, f := range set {
		if err := m.importFile(dir, f); err != nil {
			return err
		}
		names, have = append(names, filepath.Base(f.path)), append(have, f.provider)
	}
	var kept []row
	var left []string
	for _, r := range rows {
		switch {
		case slices.Contains(have, r.provider):
			kept = append(kept, r)
		case !slices.Contains(left, r.provider):
			left = append(left, r.provider)
		}
	}
	slices.Sort(left)
	title := "(c) built-in data and " + strings.Join(names, ", ") + "; no older file of " + strings.Join(left, ", ")
	if err := m.measure(title, kept, "--data", dir); err != nil || m.mmdb == "" {
		return err
	}
	return m.measure("(c) the same and "+filepath.Base(m.mmdb), kept, "--data", dir, "--mmdb", m.mmdb)
}
