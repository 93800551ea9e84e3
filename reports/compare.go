package reports

import (
	"fmt"
	"io"
	"strings"

	"abroad/analyze/audit"
)

// A CompareFormat is one way to show a comparison.
type CompareFormat struct {
	Name  string
	Doc   string
	Files []CompareFile
}

// A CompareFile is one file of a format.
type CompareFile struct {
	Name  string
	Write func(w io.Writer, c *audit.Comparison, screen Screen) error
}

// AllCompare lists every format of comparisons, in alphabetical order.
var AllCompare = []*CompareFormat{
	{"csv", "Three tables: changes, presence of every item by session, sessions. Needs a folder.", []CompareFile{
		{"changes.csv", writeChangesCSV}, {"presence.csv", writePresenceCSV}, {"sessions.csv", writeSessionsCSV},
	}},
	{"html", "One self-contained page: no script, no remote asset, light and dark, prints on A4.", []CompareFile{{"compare.html", writeCompareHTML}}},
	{"json", "The comparison itself.", []CompareFile{{"compare.json", func(w io.Writer, c *audit.Comparison, _ Screen) error { return audit.WriteComparison(w, c) }}}},
	{"markdown", "Markdown, with GitHub's tables.", []CompareFile{{"compare.md", writeCompareMarkdown}}},
	{"text", "Plain text for a terminal, with colours only on one.", []CompareFile{{"compare.txt", writeCompareText}}},
}

// FindCompare returns the format of that name; "md" and "txt" are accepted too.
func FindCompare(name string) (*CompareFormat, error) {
	switch name {
	case "md":
		name = "markdown"
	case "txt":
		name = "text"
	}
	names := make([]string, len(AllCompare))
	for i, f := range AllCompare {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return nil, fmt.Errorf("format %q: want one of %s", name, strings.Join(names, ", "))
}

// notShownByComparison stands under the headline of every comparison.
var notShownByComparison = []string{
	"A comparison shows which destinations were reached in how many sessions. It does not show what was sent, kept or passed on.",
	"Counts come first; p is the chance of counts at least as uneven if the arms were alike, q the same corrected for how many were tested.",
}
