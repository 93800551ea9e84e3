package reports

import (
	"bufio"
	"embed"
	"html/template"
	"io"
	"sync"

	"abroad/analyze/audit"
	"abroad/capture"
)

//go:embed comparison
var comparisonPages embed.FS

var comparisonTemplate = sync.OnceValue(func() *template.Template {
	t := template.New("compare.html").Funcs(template.FuncMap{
		"count":  func(n int) string { return count(uint64(n)) },
		"plural": func(n int, noun string) string { return plural(n, noun) },
	})
	return template.Must(template.Must(t.ParseFS(pages, "page/style.css", "page/frame.html")).ParseFS(comparisonPages, "comparison/compare.html"))
})

// comparisonPolicy is the Content-Security-Policy of the page, which has no script.
const comparisonPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

func writeCompareHTML(w io.Writer, c *audit.Comparison, _ Screen) error {
	return ServeComparison(w, c, nil, nil)
}

// ServeComparison writes the page with links to other pages above it, and from the audits that were compared to where they are shown: URLs
// by the digest of the audit.
func ServeComparison(w io.Writer, c *audit.Comparison, ways []Way, shown map[capture.Digest]string) error {
	hrefs := make([]string, len(c.Audits))
	for i := range hrefs {
		hrefs[i] = shown[c.Audits[i].SHA256]
	}
	b := bufio.NewWriterSize(w, 64<<10)
	page := struct {
		*comparePage
		Policy, Banner string
		Ways           []Way
	}{newComparePage(c, presenceRows), comparisonPolicy, practiceBanner, ways}
	page.link(hrefs)
	if err := comparisonTemplate().Execute(b, page); err != nil {
		return err
	}
	return b.Flush()
}
