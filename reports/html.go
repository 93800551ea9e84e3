package reports

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"strconv"
	"strings"
	"sync"

	"abroad/analyze/audit"
)

var asHTML = &Format{
	Name:  "html",
	Doc:   "One self-contained page: map and figures, nothing loaded, whole without its small script, light and dark, prints on A4.",
	Files: []File{{"report.html", writeHTML}},
}

var htmlBounds = bounds{
	jurisdictions: 150, destinations: 300, apps: 50, findings: 200, anomalies: 200, undecoded: 100, recordings: 100, limits: 30,
	names: 8, claims: 10, flows: 3, figures: true,
}

//go:embed page
var pages embed.FS

// The templates are parsed when the first page is made, so that other commands do not pay for them.
var pageTemplate = sync.OnceValue(parsePage)

func parsePage() *template.Template {
	return template.Must(template.New("page.html").Funcs(template.FuncMap{
		"size":     size,
		"count":    count,
		"leftOut":  leftOut,
		"right":    func(head string) bool { return strings.HasPrefix(head, ">") },
		"label":    func(head string) string { return strings.TrimPrefix(head, ">") },
		"percent":  func(permille int) string { return strconv.FormatFloat(float64(permille)/10, 'f', 1, 64) },
		"grade":    gradeClass,
		"theirs":   func(s audit.Foreign) string { return visible(string(s)) },
		"plural":   func(n uint64, noun string) string { return plural(n, noun) },
		"plural64": func(n int, noun string) string { return plural(n, noun) },
	}).ParseFS(pages, "page/*.html", "page/*.css"))
}

// Policy is the Content-Security-Policy of the page, also for whoever serves it. The one script that may run is named by its hash.
func Policy() string {
	return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '" + scriptHash() + "'; base-uri 'none'; form-action 'none'"
}

//go:embed page/enhance.js
var script string

var scriptHash = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(script))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
})

// A document is what the template sees: the page and what is the same on every page.
type document struct {
	*page
	Policy   string
	Script   template.JS
	Banner   string
	Contents []part
	Credits  []foreign
	DBIP     string // the link that DB-IP's licence asks for on pages that show its results; empty if none of its data was used
	Ways     []Way
}

// A part is a section that the page has.
type part struct{ ID, Title string }

func newDocument(a *audit.Audit, c *audit.Comparison, b bounds) document {
	p := newPage(a, b)
	p.Changes = changes(c)
	return document{page: p, Policy: Policy(), Script: template.JS(script), Banner: practiceBanner, Contents: contents(p), Credits: credits(p), DBIP: linkDBIP(p)}
}

func writeHTML(w io.Writer, a *audit.Audit, _ Screen) error { return writePage(w, a, nil, nil) }

// writePage writes the page, with what a comparison says if there is one, and with links to other pages if it is served.
func writePage(w io.Writer, a *audit.Audit, c *audit.Comparison, ways []Way) error {
	d := newDocument(a, c, htmlBounds)
	d.Ways = ways
	b := bufio.NewWriterSize(w, 64<<10)
	if err := pageTemplate().Execute(b, d); err != nil {
		return err
	}
	return b.Flush()
}

// contents lists the sections of a page in their order.
func contents(p *page) []part {
	var list []part
	add := func(when bool, id, title string) {
		if when {
			list = append(list, part{id, title})
		}
	}
	add(len(p.Promises) > 0, "promises", "Promises")
	add(true, "map", "Map")
	add(true, "findings", "Findings")
	add(true, "places", "Places")
	add(p.Sankey != nil, "ways", "Who, whose network, where")
	add(len(p.Recipients) > 0, "organisations", "Recipients")
	add(len(p.Laws) > 0, "laws", "Legal regimes")
	add(p.Strip != nil, "round-trips", "Round trips")
	add(len(p.Timelines) > 0, "timeline", "Timeline")
	add(p.Matrix != nil, "presence", "Hosts by session")
	add(true, "destinations", "Destinations")
	add(len(p.Changes) > 0, "changes", "Version changes")
	add(true, "method", "Method")
	add(true, "limits", "Limits")
	add(true, "repeat", "Check and repeat")
	add(true, "reply", "Right of reply")
	add(true, "words", "Glossary")
	return list
}

// credits are the lines that licences ask for, each once, and the map's.
func credits(p *page) []foreign {
	list := []foreign{"World map: Natural Earth 4.1.0 (public domain), by way of world-atlas 2.0.2 (ISC licence)."}
	for _, d := range p.Datasets {
		line := d.Title
		if d.Licence != "" {
			line += ", " + d.Licence
		}
		if d.Credit != "" {
			line += ": " + d.Credit
		}
		list = append(list, line)
	}
	return list
}

const dbIP = "https://db-ip.com"

// linkDBIP is the address of DB-IP if a dataset's credit names it: it comes from here, never from the audit.
func linkDBIP(p *page) string {
	for _, d := range p.Datasets {
		if strings.Contains(string(d.Credit), dbIP) {
			return dbIP
		}
	}
	return ""
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
