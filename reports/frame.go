package reports

import (
	"bufio"
	"html/template"
	"io"

	"abroad/analyze/audit"
)

// A Way is a link from a page to another page of whoever serves it. A report on its own has none.
type Way struct{ Href, Text string }

// A Frame is a page around a body, with the style and the script of the reports.
type Frame struct {
	Title string
	Ways  []Way
	Body  template.HTML // made by a template that escapes
}

// Serving is the policy of pages that are served: as Policy, and a form may search the same place; nobody may frame them.
func Serving() string {
	return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '" + scriptHash() + "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

// Write writes the page.
func (f *Frame) Write(w io.Writer) error {
	b := bufio.NewWriterSize(w, 64<<10)
	err := pageTemplate().ExecuteTemplate(b, "frame", struct {
		*Frame
		Script template.JS
	}{f, template.JS(script)})
	if err != nil {
		return err
	}
	return b.Flush()
}

// ServeHTML writes the HTML report with links to other pages above it.
func ServeHTML(w io.Writer, a *audit.Audit, ways []Way) error {
	return writePage(w, a, nil, ways)
}

// Visible writes out what cannot be seen or would act, as every format does.
func Visible(s string) string { return visible(s) }

// Size writes a number of bytes for people.
func Size(n uint64) string { return size(n) }

// Count writes a number with commas.
func Count(n uint64) string { return count(n) }

// Nation writes a country's code with its name.
func Nation(code string) string { return nation(code).String() }
