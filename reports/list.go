package reports

import (
	"fmt"
	"io"
	"strings"

	"abroad/analyze/audit"
)

// A Format is one way to show an audit.
type Format struct {
	Name  string // as in --format NAME
	Doc   string // one sentence, for help
	Files []File // one for most formats; a format of several files needs a folder
}

// A File is one file of a format.
type File struct {
	Name  string // base name when the format is written into a folder: "report.html", "flows.csv"
	Write func(w io.Writer, a *audit.Audit, screen Screen) error
}

// A Screen is what the output can show. Only the formats for a terminal look at it; the zero Screen is plain text of 100 columns.
type Screen struct {
	Color   bool // ANSI colours; the caller asks for them only on a terminal
	Columns int  // 0 = 100; less than 60 counts as 60
}

// All lists every format, in alphabetical order.
var All = []*Format{
	asBrief,
	asCSV,
	asHTML,
	asJSON,
	asLetter,
	asMarkdown,
	asText,
}

// Find returns the format of that name; "md" and "txt" are accepted too. The error lists the names there are.
func Find(name string) (*Format, error) {
	switch name {
	case "md":
		return asMarkdown, nil
	case "txt":
		return asText, nil
	}
	names := make([]string, len(All))
	for i, f := range All {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return nil, fmt.Errorf("format %q: want one of %s", name, strings.Join(names, ", "))
}
