package reports

import (
	"bufio"
	"embed"
	"html/template"
	"io"
	"sync"

	"abroad/analyze/audit"
)

//go:embed comparison
var comparisonPages embed.FS

var comparisonTemplate = sync.OnceValue(func() *template.Template {
	t := template.New("compare.html").Funcs(template.FuncMap{
		"count":  func(n int) string { return count(uint64(n)) },
		"plural": func(n int, noun string) string { return plural(n, noun) },
	})
	return template.Must(template.Must(t.ParseFS(pages, "page/style.css")).ParseFS(comparisonPages, "comparison/compare.html"))
})

// comparisonPolicy is the Content-Security-Policy of the page, which has no script.
const comparisonPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

func writeCompareHTML(w io.Writer, c *audit.Comparison, _ Screen) error {
	b := bufio.NewWriterSize(w, 64<<10)
	page := struct {
		*comparePage
		Policy, Banner string
	}{newComparePage(c, presenceRows), comparisonPolicy, practiceBanner}
	if err := comparisonTemplate().Execute(b, page); err != nil {
		return err
	}
	return b.Flush()
}
