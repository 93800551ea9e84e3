package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"abroad/analyze/promise"
	"abroad/cmd/abroad/internal/workspace"
)

func newPromise() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "promise COMMAND",
		Short: "Promise files: list, show, write, check and review them",
		Long: `A promise file says what an app's maker has said about where data goes: each
clause with its quotation and source, and our tests of it. abroad audit --promise
tests recordings against it. A file is a draft until a person has checked every
quotation against the archived text; a draft can never be contradicted.`,
		Example: "  abroad promise list\n  abroad promise show tiktok-eu-clover",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("abroad promise --help lists the commands", "unknown command %q", "promise "+args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("abroad promise --help lists the commands", "no command given")
		},
	}
	cmd.AddCommand(newPromiseList(), newPromiseShow(), newPromiseNew(), newPromiseLint(), newPromiseReview())
	return cmd
}

func newPromiseList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the promises that are built in",
		Example: "  abroad promise list",
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			tab := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(tab, "id\treview\tclauses\ttitle")
			for _, id := range promise.Library() {
				files, err := promise.Load([]string{id})
				if err != nil {
					return promiseError(err)
				}
				f := files[0]
				fmt.Fprintf(tab, "%s\t%s\t%d\t%s\n", f.Metadata.ID, reviewWord(f), len(f.Clauses), oneLine(f.Metadata.Title))
			}
			return tab.Flush()
		},
	}
}

// reviewWord is how the file counts.
func reviewWord(f *promise.File) string {
	if ok, _ := f.Reviewed(); ok {
		return "reviewed"
	}
	return "draft"
}

func newPromiseShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE|ID",
		Short: "Print a promise file",
		Long:  "Show prints a promise file as it is: a file of yours, or one of the library by its id.",
		Example: `  abroad promise show tiktok-eu-clover
  abroad promise show practice`,
		Args:              arguments("FILE|ID"),
		ValidArgsFunction: completePromise,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, text, err := promise.Text(args[0])
			if err != nil {
				return promiseError(err)
			}
			_, isScreen := isTerminal(cmd.OutOrStdout())
			for line := range strings.Lines(string(text)) {
				if isScreen {
					line = oneLine(strings.TrimSuffix(line, "\n")) + "\n"
				}
				if _, err := io.WriteString(cmd.OutOrStdout(), line); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func completePromise(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return promise.Library(), cobra.ShellCompDirectiveDefault
}

func newPromiseNew() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "new ID",
		Short: "Write a commented skeleton of a promise file",
		Example: `  abroad promise new some-app -o some-app.yaml
  abroad promise lint some-app.yaml`,
		Args: arguments("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := promise.Skeleton(args[0], time.Now().UTC().Format(time.DateOnly))
			if err != nil {
				return usagef("small letters, digits and hyphens", "%w", err)
			}
			if out != "-" {
				if _, err := os.Lstat(out); err == nil {
					return &hintedError{fmt.Errorf("write %s: it already exists", out), "-o names another file"}
				}
			}
			return writeChecked(cmd.OutOrStdout(), out, nil, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "-", "write to `FILE|-`; - is stdout")
	return cmd
}

func newPromiseLint() *cobra.Command {
	var archive string
	cmd := &cobra.Command{
		Use:   "lint [flags] FILE|ID…",
		Short: "Check promise files, and say which verdicts each clause can reach",
		Long: `Lint reads promise files as abroad audit does and lists every fault with its
line. With --archive it also looks for every quotation in the archived texts. For
each clause it says whether "contradicted" could ever be reached, and if not, why.
It exits with 1 if a file has a fault; warnings do not count, among them that two
files could not be used in one audit.`,
		Example: `  abroad promise lint tiktok-eu-clover

  # needs the archived texts
  abroad promise lint some-app.yaml --archive texts`,
		Args:              arguments("FILE|ID…"),
		ValidArgsFunction: completePromise,
		RunE: func(cmd *cobra.Command, args []string) error {
			var bad error
			var files []*promise.File
			for _, arg := range args {
				f, err := lintPromise(cmd.OutOrStdout(), arg, archive)
				if err != nil && bad == nil {
					bad = err
				}
				files = append(files, f)
			}
			if bad != nil {
				return bad
			}
			if fault, ok := errors.AsType[*promise.Fault](promise.Together(files)); ok {
				fault.Warning = true
				writeFaults(cmd.OutOrStdout(), promise.Faults{fault})
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&archive, "archive", "", "look for quotations in the texts in `DIR`")
	cmd.MarkFlagDirname("archive")
	return cmd
}

func lintPromise(w io.Writer, arg, archive string) (*promise.File, error) {
	name, text, err := promise.Text(arg)
	if err != nil {
		return nil, promiseError(err)
	}
	f, faults := promise.Parse(name, text)
	if archive != "" && faults.First() == nil {
		if err := isFolder(archive); err != nil {
			return nil, err
		}
		faults = append(faults, f.CheckQuotes(os.DirFS(archive), false)...)
	}
	writeFaults(w, faults)
	if fault := faults.First(); fault != nil {
		return nil, promiseError(fault)
	}
	fmt.Fprintf(w, "%s: %s, %s\n", oneLine(name), reviewWord(f), clauses(f))
	for _, r := range f.Reach() {
		fmt.Fprintf(w, "  %s: at most %s\n", oneLine(r.Clause), r.Most)
		for _, why := range r.Why {
			fmt.Fprintf(w, "    not contradicted: %s\n", oneLine(why))
		}
	}
	return f, nil
}

func writeFaults(w io.Writer, faults promise.Faults) {
	for _, fault := range faults {
		word := "fault"
		if fault.Warning {
			word = "warning"
		}
		fmt.Fprintf(w, "%s: %s\n", word, oneLine(fault.Error()))
		if fault.Hint != "" {
			fmt.Fprintf(w, "  hint: %s\n", oneLine(fault.Hint))
		}
	}
}

func clauses(f *promise.File) string {
	if len(f.Clauses) == 1 {
		return "1 clause"
	}
	return strconv.Itoa(len(f.Clauses)) + " clauses"
}

func isFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("open archive: %s: %w", dir, withoutPath(err))
	}
	if !info.IsDir() {
		return fmt.Errorf("open archive: %s: it is not a folder", dir)
	}
	return nil
}

func newPromiseReview() *cobra.Command {
	var archive, reviewer, date, out string
	cmd := &cobra.Command{
		Use:   "review [flags] FILE --archive DIR --reviewer NAME",
		Short: "Attach the archived texts, check every quotation, and sign off",
		Long: `Review looks for the archived text of every source in DIR (named as its archive
says, or SOURCE.md, SOURCE.txt, SOURCE.html), attaches its hash, checks that every
clause's quotation occurs in it, and writes a review_record into the file: who,
when, and the hash of what was reviewed. A clause that changes afterwards makes
the file a draft again.`,
		Example: `  # needs the archived texts
  abroad promise review some-app.yaml --archive texts --reviewer A.Person`,
		Args: arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if archive == "" || strings.TrimSpace(reviewer) == "" {
				return usagef("", "--archive and --reviewer are both needed: a review has texts and a name")
			}
			if date == "" {
				date = time.Now().UTC().Format(time.DateOnly)
			}
			if _, err := time.Parse(time.DateOnly, date); err != nil {
				return usagef("a day like 2026-11-23", "--date: %q is no date", date)
			}
			if err := isFolder(archive); err != nil {
				return err
			}
			files, err := promise.Load(args)
			if err != nil {
				return promiseError(err)
			}
			text, err := files[0].Review(os.DirFS(archive), reviewer, date)
			if err != nil {
				return promiseError(err)
			}
			if out == "" {
				if out = args[0]; !isFile(out) {
					return usagef("-o names the file to write", "%q is of the library and cannot be changed", args[0])
				}
			}
			if err := writeChecked(cmd.OutOrStdout(), out, nil, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			}); err != nil || out == "-" {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: reviewed, %s\n", oneLine(out), clauses(files[0]))
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&archive, "archive", "", "the archived texts are in `DIR`")
	f.StringVar(&reviewer, "reviewer", "", "`NAME` of whoever read them")
	f.StringVar(&date, "date", "", "`DAY` of the review (default: today)")
	f.StringVarP(&out, "output", "o", "", "write to `FILE|-` (default: the file itself)")
	cmd.MarkFlagDirname("archive")
	return cmd
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// writeWhole writes a file that appears whole or not at all.
func writeWhole(path string, inputs []string, write func(io.Writer) error) error {
	f, err := workspace.CreateFile(path, inputs)
	if err != nil {
		return outputError(path, err)
	}
	defer f.Close()
	if err := write(f); err != nil {
		return outputError(path, err)
	}
	if err := f.Commit(); err != nil {
		return outputError(path, err)
	}
	return nil
}
