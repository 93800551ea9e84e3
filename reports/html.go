package reports

import (
	"bufio"
	"embed"
	"html/template"
	"io"
	"strconv"
	"sync"

	"abroad/analyze/audit"
)

var asHTML = &Format{
	Name:  "html",
	Doc:   "One self-contained page: no script, no remote asset, light and dark, prints on A4.",
	Files: []File{{"report.html", writeHTML}},
}

var htmlBounds = bounds{
	jurisdictions: 150, destinations: 300, apps: 50, findings: 200, anomalies: 200, undecoded: 100, recordings: 100, limits: 30,
	names: 8, claims: 10, flows: 3,
}

// Policy is the Content-Security-Policy of the page, also for whoever serves it.
const Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

//go:embed page
var pages embed.FS

// The templates are parsed when the first page is made, so that other commands do not pay for them.
var pageTemplate = sync.OnceValue(parsePage)

func parsePage() *template.Template {
	return template.Must(template.New("page.html").Funcs(template.FuncMap{
		"size":    size,
		"count":   count,
		"leftOut": leftOut,
		"parts":   func(d destination) []foreign { return parts(&d) },
		"percent": func(permille int) string { return strconv.FormatFloat(float64(permille)/10, 'f', 1, 64) },
		"grade":   gradeClass,
		"plural":  func(n uint64, noun string) string { return plural(n, noun) },
	}).ParseFS(pages, "page/*"))
}

// A document is what the template sees: the page and what is the same on every page.
type document struct {
	*page
	Policy string
	Banner string
}

func writeHTML(w io.Writer, a *audit.Audit, _ Screen) error {
	b := bufio.NewWriterSize(w, 64<<10)
	if err := pageTemplate().Execute(b, document{newPage(a, htmlBounds), Policy, practiceBanner}); err != nil {
		return err
	}
	return b.Flush()
}

// gradeClass is the CSS class of a grade: solid, dashed or dotted, so that it can be told without colour.
func gradeClass(g foreign) string {
	switch audit.Grade(g) {
	case audit.L4, audit.L3:
		return "firm"
	case audit.L2, audit.L1:
		return "claimed"
	}
	return "open"
}
