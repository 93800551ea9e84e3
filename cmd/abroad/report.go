package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/cmd/abroad/internal/workspace"
	"abroad/reports"
)

func newReport() *cobra.Command {
	var format, out, key, changes string
	var public bool
	cmd := &cobra.Command{
		Use:   "report [flags] AUDIT",
		Short: "Show a saved audit as text, HTML, PDF, CSV …, or as a public copy",
		Long: `Report makes a report of a saved audit: an audit.json, the folder that holds it,
or "-" for stdin. It decides nothing: every format is a view of the same
document, and can be made years later. It prints to stdout unless -o names a
file, or a folder for formats of several files.

With --public it shows a copy that may be published: the vantage is reduced to its country;
addresses and MACs of the device and its network are keyed hashes; the
operator's notes, words that may name somebody (an SSID, an account), and the
flows of other hosts are left out. The card counts what was removed. The key of
the hashes is made afresh and discarded, or read from --key FILE, so that copies of
several audits can be compared.

With --changes the page, Markdown, text and PDF also say what a comparison of
this audit with another shows: a compare.json, or the folder that holds it.

The formats: abroad help formats; besides, pdf prints the HTML page with an
installed Chromium or Chrome.`,
		Example: `  abroad audit --quiet --data none -o practice capture/lab/practice/v2/s01.pcapng
  abroad report practice
  abroad report practice/audit.json --format md -o practice.md
  abroad report practice --format csv -o tables
  abroad report practice --public --format html -o public.html

  # needs a comparison of this audit with another (abroad compare -o v1-v2 v1 v2)
  abroad report v2 --changes v1-v2 --format html -o v2.html`,
		Args: arguments("AUDIT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := findFormat(format)
			if err != nil {
				return usagef("abroad help formats", "--format: %w", err)
			}
			if key != "" && !public {
				return usagef("", "--key is for --public")
			}
			if changes != "" && public {
				return usagef("make public copies with one --key (--format json) and compare these", "--changes: a comparison is no public copy")
			}
			if changes != "" && args[0] == "-" {
				return usagef("", "--changes: an audit from stdin cannot be found in a comparison")
			}
			if len(f.Files) > 1 && out == "-" {
				return usagef("name one with -o", "format %s is several files and needs a folder", f.Name)
			}
			if _, ok := isTerminal(cmd.OutOrStdout()); ok && out == "-" && f.Name == asPDF.Name {
				return usagef("name a file with -o", "a PDF is not for a terminal")
			}
			a, err := openAudit(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			if public {
				if a, err = publicCopy(a, key); err != nil {
					return err
				}
			}
			var inputs []string
			if args[0] != "-" {
				inputs = []string{auditPath(args[0])}
			}
			if changes != "" {
				if f, err = besideChanges(f, changes, args[0]); err != nil {
					return err
				}
				inputs = append(inputs, comparePath(changes))
			}
			return writeReport(cmd.OutOrStdout(), f, a, out, inputs)
		},
	}
	names := make([]string, len(reports.All))
	for i, f := range reports.All {
		names[i] = f.Name
	}
	names = append(names, asPDF.Name)
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&format, "format", "f", "text", "format `NAME`: abroad help formats, or pdf")
	f.StringVarP(&out, "output", "o", "-", "write to `FILE|DIR|-`; - is stdout")
	f.BoolVar(&public, "public", false, "leave out device, network and operator")
	f.StringVar(&changes, "changes", "", "also what a comparison shows, in `FILE|DIR`")
	f.StringVar(&key, "key", "", "the key of --public's hashes, in `FILE`")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// findFormat finds a format of reports, or pdf, which needs another program.
func findFormat(name string) (*reports.Format, error) {
	if name == asPDF.Name {
		return asPDF, nil
	}
	return reports.Find(name)
}

// leastKey is how many bytes a key of hashes must have: fewer can be guessed.
const leastKey = 16

// publicCopy makes the copy for the public with the key in a file, or with one that is forgotten.
func publicCopy(a *audit.Audit, path string) (*audit.Audit, error) {
	key := make([]byte, 32)
	if path == "" {
		rand.Read(key)
	} else {
		b, err := readKeyFile(path)
		if err != nil {
			return nil, fmt.Errorf("read key: %s: %w", path, withoutPath(err))
		}
		if key = bytes.TrimSpace(b); len(key) < leastKey {
			return nil, usagef("head -c 32 /dev/urandom >key makes one", "--key: %d bytes are too few for a key, want at least %d", len(key), leastKey)
		}
	}
	return (&reports.Public{Key: key}).Copy(a)
}

// auditPath accepts an audit's folder for its audit.json.
func auditPath(arg string) string {
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		return filepath.Join(arg, auditFile)
	}
	return arg
}

func openAudit(arg string, stdin io.Reader) (*audit.Audit, error) {
	if arg == "-" {
		a, err := audit.Read(stdin)
		if err != nil {
			return nil, fmt.Errorf("open audit: stdin: %w", err)
		}
		return a, nil
	}
	a, _, err := hashedAudit(arg)
	return a, err
}

// openPart opens a file, or that of this name in a folder. A folder may come from a stranger: what lies in it must be a plain file, for a
// pipe or a device would never end.
func openPart(arg, name string) (*os.File, error) {
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		return os.Open(arg)
	}
	path := filepath.Join(arg, name)
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist): // "no such file" would be read as if the folder were not there
		return nil, fmt.Errorf("the folder holds no %s", name)
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("its %s is no plain file", name)
	}
	return os.Open(path)
}

// hashedAudit reads an audit and its SHA-256.
func hashedAudit(arg string) (*audit.Audit, capture.Digest, error) {
	sum := capture.Digest{}
	f, err := openPart(arg, auditFile)
	if err != nil {
		return nil, sum, fmt.Errorf("open audit: %s: %w", arg, withoutPath(err))
	}
	defer f.Close()
	h := sha256.New()
	a, err := audit.Read(io.TeeReader(bufio.NewReaderSize(f, 1<<20), h)) // it reads to the end
	if err != nil {
		return nil, sum, fmt.Errorf("open audit: %s: %w", arg, err)
	}
	h.Sum(sum[:0])
	return a, sum, nil
}

// writeReport writes to stdout, to a file, or every file of the format into a folder. Files of the same name there are replaced.
func writeReport(stdout io.Writer, f *reports.Format, a *audit.Audit, out string, inputs []string) error {
	if out == "-" {
		return f.Files[0].Write(stdout, a, screenOf(stdout))
	}
	paths := []string{out}
	if info, err := os.Stat(out); len(f.Files) > 1 || err == nil && info.IsDir() || strings.HasSuffix(out, string(filepath.Separator)) {
		paths = paths[:0]
		for _, file := range f.Files {
			paths = append(paths, filepath.Join(out, file.Name))
		}
	}
	var files []*workspace.File
	defer func() {
		for _, file := range files {
			file.Close()
		}
	}()
	for _, path := range paths { // every file is begun before any is written: what is wrong with the place shows at once
		file, err := workspace.CreateFile(path, inputs)
		if err != nil {
			return outputError(path, err)
		}
		files = append(files, file)
	}
	for i, file := range files {
		if err := f.Files[i].Write(file, a, reports.Screen{}); err != nil {
			return outputError(paths[i], err)
		}
	}
	for i, file := range files {
		if err := file.Commit(); err != nil {
			return outputError(paths[i], err)
		}
	}
	return nil
}
