package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
	"abroad/analyze/compare"
	"abroad/capture"
	"abroad/cmd/abroad/internal/workspace"
	"abroad/reports"
)

// compareFile is the document in a comparison's folder.
const compareFile = "compare.json"

// A compareCommand is what the flags of "abroad compare" say.
type compareCommand struct {
	by, format, out, workspace, data string
	control, failOn, values          []string
	force, quiet                     bool
}

// failures are what --fail-on may name.
var failures = []struct {
	name  string
	level audit.ItemLevel
}{
	{"new-country", audit.LevelJurisdiction},
	{"new-domain", audit.LevelDomain},
	{"new-org", audit.LevelOrganisation},
}

func newCompare() *cobra.Command {
	var c compareCommand
	cmd := &cobra.Command{
		Use:   "compare [flags] A [B]",
		Short: "Show what differs between two sets of sessions: versions, countries, states of consent",
		Long: `Compare takes audits of many sessions and says what differs between the two sets,
A before and B after: destinations, domains, organisations and jurisdictions that
appeared, disappeared, moved or occur in a different share of sessions. Two runs of
the same version differ by chance, so each set is first compared with itself, and
nothing is said that the number of sessions cannot support. With fewer than
4 sessions of each nothing can be said; 10 are a good number, recorded alternately
(A B B A …) on at least three days.

A and B are audits (an audit.json or the folder that holds it), session folders,
patterns that match several ("audits/*"), or APP@VERSION in a workspace. With
--by the arms differ in a recorded field other than the version (abroad help fields);
A alone is then enough if it holds both values. --values picks two where there are
more, the first being A.

It prints the summary and with -o writes compare.json and compare.html into a
folder. With --format it prints one format instead, or writes it to -o.`,
		Example: `  abroad audit --quiet --data none -o v1 --app org.example.practice --app-version 1.0 capture/lab/practice/v1/*
  abroad audit --quiet --data none -o v2 --app org.example.practice --app-version 2.0 capture/lab/practice/v2/*
  abroad compare v1 v2
  abroad compare -o v1-v2 v1 v2
  abroad compare --format md v1 v2

  # needs an audit of yours: one that holds sessions of several consent states
  abroad compare --by consent --values rejected,accepted AUDIT

  # needs a change of versions that adds no country: exits 3 because this one does
  abroad compare --fail-on new-country,new-org v1 v2`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usagef("quote patterns, so that abroad expands them", "compare: unexpected argument %q", args[2])
			}
			if len(args) == 0 {
				return usagef("usage: "+cmd.UseLine(), "compare: no A given")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args) },
	}
	var names []string
	for _, f := range reports.AllCompare {
		names = append(names, f.Name)
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&c.by, "by", "version", "the recorded `FIELD` that tells A from B")
	f.StringSliceVar(&c.values, "values", nil, "of one set, compare `VALUE,VALUE` of that field")
	f.StringArrayVar(&c.control, "control", nil, "a control: compare this `AUDIT` with its arm; may be repeated")
	f.StringSliceVar(&c.failOn, "fail-on", nil, "exit 3 on `WHAT`: new-country,new-domain,new-org")
	f.StringVarP(&c.format, "format", "f", "", "print one format, `NAME`: "+strings.Join(names, ", "))
	f.StringVarP(&c.out, "output", "o", "", "write into folder `DIR`, with --format to FILE|DIR|-")
	f.StringVar(&c.workspace, "workspace", "", "the workspace `DIR` of APP@VERSION (default: ABROAD_WORKSPACE)")
	f.StringVar(&c.data, "data", "", "datasets for sessions, in `DIR|none` (default: ABROAD_DATA)")
	f.BoolVar(&c.force, "force", false, "write into a folder that abroad did not write")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print nothing but errors")
	cmd.MarkFlagDirname("output")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (c *compareCommand) run(cmd *cobra.Command, args []string) error {
	format, err := c.check()
	if err != nil {
		return err
	}
	if len(c.values) > 0 && (len(args) > 1 || len(c.values) != 2 || c.values[0] == c.values[1]) {
		return usagef("abroad compare --by consent --values rejected,accepted AUDIT", "--values: want two values, and one set of sessions")
	}
	var paths []string
	load := func(args ...string) (list []compare.Input, err error) {
		for _, arg := range args {
			in, err := c.open(cmd, arg)
			if err != nil {
				return nil, err
			}
			list = append(list, in...)
			for _, input := range in {
				paths = append(paths, auditPath(input.Name))
			}
		}
		return list, nil
	}
	a, err := load(args[0])
	if err != nil {
		return err
	}
	b, err := load(args[1:]...)
	if err != nil {
		return err
	}
	control, err := load(c.control...)
	if err != nil {
		return err
	}
	var out *workspace.Folder
	if format == nil && c.out != "" {
		if out, err = workspace.Create(c.out, workspace.Options{Names: compareNames(), Wrote: holdsComparison, Inputs: paths, Force: c.force}); err != nil {
			return outputError(c.out, err)
		}
		defer out.Abort()
	}
	result, err := compare.Run(a, b, control, compare.Options{By: c.by, Values: c.values, Tool: audit.Tool{Name: "abroad", Version: version}})
	if err != nil {
		return &hintedError{fmt.Errorf("compare: %w", err), "abroad help fields lists the fields that can separate sessions (--by, --values)"}
	}
	links := reportsOf(result, c.out)
	nameAudits(result)
	if err := c.write(cmd, format, out, result, links, paths); err != nil {
		return err
	}
	return c.verdict(result)
}

// reportsOf says where the reports of the audits lie, seen from the comparison's folder: relative URLs.
func reportsOf(result *audit.Comparison, dir string) map[capture.Digest]string {
	urls := map[capture.Digest]string{}
	for i := range result.Audits {
		a := &result.Audits[i]
		report := filepath.Join(filepath.Dir(auditPath(a.Name)), reportFile)
		if _, err := os.Stat(report); err != nil || a.SHA256.IsZero() {
			continue
		}
		from, err1 := filepath.Abs(dir)
		to, err2 := filepath.Abs(report)
		if rel, err := filepath.Rel(from, to); err1 == nil && err2 == nil && err == nil {
			urls[a.SHA256] = (&url.URL{Path: filepath.ToSlash(rel)}).String()
		}
	}
	return urls
}

// nameAudits names audits by their folders, and by the last folder alone where a path is absolute: where somebody keeps files is no part of a
// comparison, and the digests tell audits apart.
func nameAudits(result *audit.Comparison) {
	for i := range result.Audits {
		name := result.Audits[i].Name
		if dir, file := filepath.Split(name); file == auditFile && dir != "" {
			name = filepath.Clean(dir)
		}
		if filepath.IsAbs(name) {
			name = filepath.Base(name)
		}
		result.Audits[i].Name = name
	}
}

// check looks at the flags.
func (c *compareCommand) check() (*reports.CompareFormat, error) {
	if _, err := compare.FindField(c.by); err != nil {
		return nil, usagef("abroad help fields", "--by: %w", err)
	}
	for _, f := range c.failOn {
		if !slices.ContainsFunc(failures, func(known struct {
			name  string
			level audit.ItemLevel
		}) bool {
			return known.name == f
		}) {
			return nil, usagef("", "--fail-on %q: want new-country, new-domain or new-org", f)
		}
	}
	if c.format == "" {
		if c.out == "-" {
			return nil, usagef("--format names one", "a folder of files cannot go to stdout")
		}
		return nil, nil
	}
	format, err := reports.FindCompare(c.format)
	if err != nil {
		return nil, usagef("", "--format: %w", err)
	}
	if len(format.Files) > 1 && (c.out == "" || c.out == "-") {
		return nil, usagef("name one with -o", "format %s is several files and needs a folder", format.Name)
	}
	return format, nil
}

// write writes the folder and the summary, or one format.
func (c *compareCommand) write(cmd *cobra.Command, format *reports.CompareFormat, out *workspace.Folder, result *audit.Comparison, links map[capture.Digest]string, paths []string) error {
	stdout := cmd.OutOrStdout()
	if format != nil {
		if c.out == "" || c.out == "-" {
			if c.quiet {
				return nil
			}
			return format.Files[0].Write(stdout, result, screenOf(stdout))
		}
		return writeCompareFormat(format, result, c.out, paths)
	}
	var made []reports.Made
	if out != nil {
		for _, name := range []string{"html", "json"} {
			f, err := reports.FindCompare(name)
			if err != nil {
				return err
			}
			file, err := out.Create(f.Files[0].Name)
			if err != nil {
				return outputError(c.out, err)
			}
			if name == "html" {
				err = reports.ServeComparison(file, result, nil, links)
			} else {
				err = f.Files[0].Write(file, result, reports.Screen{})
			}
			if closed := file.Close(); err == nil {
				err = closed
			}
			if err != nil {
				return outputError(c.out, err)
			}
			made = append(made, reports.Made{What: map[string]string{"html": "report", "json": "comparison"}[name], Path: filepath.Join(c.out, f.Files[0].Name)})
		}
		if err := out.Commit(); err != nil {
			return outputError(c.out, err)
		}
	}
	if c.quiet {
		return nil
	}
	return reports.CompareSummary(stdout, result, screenOf(stdout), made...)
}

// writeCompareFormat writes one format to a file, or its files into a folder. Files of the same name are replaced.
func writeCompareFormat(format *reports.CompareFormat, result *audit.Comparison, out string, inputs []string) error {
	for _, f := range format.Files {
		path := out
		if info, err := os.Stat(out); len(format.Files) > 1 || err == nil && info.IsDir() || strings.HasSuffix(out, string(filepath.Separator)) {
			path = filepath.Join(out, f.Name)
		}
		file, err := workspace.CreateFile(path, inputs)
		if err != nil {
			return outputError(path, err)
		}
		if err := f.Write(file, result, reports.Screen{}); err != nil {
			file.Close()
			return outputError(path, err)
		}
		if err := file.Commit(); err != nil {
			return outputError(path, err)
		}
	}
	return nil
}

// verdict is the exit code that --fail-on asks for.
func (c *compareCommand) verdict(result *audit.Comparison) error {
	var hits []string
	for _, known := range failures {
		if !slices.Contains(c.failOn, known.name) {
			continue
		}
		for _, it := range compare.New(result, known.level) {
			hits = append(hits, fmt.Sprintf("%s: %s (%d/%d -> %d/%d sessions)", known.name, it.Name, it.A.Seen, it.A.Of, it.B.Seen, it.B.Of))
		}
	}
	switch {
	case len(hits) > 0:
		return &answeredError{3, fmt.Errorf("%s", strings.Join(hits, "; "))}
	case len(c.failOn) > 0 && !compare.Decides(result):
		return &answeredError{4, fmt.Errorf("these sessions cannot decide whether anything is new")}
	}
	return nil
}

// compareNames lists every file that abroad writes into a comparison's folder.
func compareNames() []string {
	var names []string
	for _, format := range reports.AllCompare {
		for _, file := range format.Files {
			names = append(names, file.Name)
		}
	}
	return names
}
