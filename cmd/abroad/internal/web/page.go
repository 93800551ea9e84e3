package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strconv"
	"sync"

	"abroad/reports"
)

//go:embed page
var files embed.FS

var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"v":    reports.Visible,
		"size": reports.Size,
		"when": func(s string) string { // to the second
			if len(s) < 19 {
				return s
			}
			return s[:10] + " " + s[11:19]
		},
		"count64": reports.Count,
		"less1":   func(n int) int { return n - 1 },
		"count":   func(n int) string { return reports.Count(uint64(max(n, 0))) },
	}).ParseFS(files, "page/*.html"))
})

// show renders a template of this package inside the frame of the reports.
func (s *Server) show(w http.ResponseWriter, title string, ways []reports.Way, name string, data any) {
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, name, data); err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	f := reports.Frame{Title: title, Ways: ways, Body: template.HTML(b.String())} // the template has escaped
	f.Write(w)
}

// A Part is one page of a long list.
type Part struct {
	From, To, All int // the first is 1
	Query         string
	Base          string // of this list, with "?" and what stays the same
	Before, After int    // numbers of pages; 0: none
}

// partOf cuts page n (from 1) of size out of all.
func partOf(r *http.Request, all, size int) (p Part, from, to int) {
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	pages := max(1, (all+size-1)/size)
	if err != nil || n < 1 {
		n = 1
	}
	n = min(n, pages)
	from, to = (n-1)*size, min(n*size, all)
	p = Part{From: from + 1, To: to, All: all, Query: r.URL.Query().Get("q")}
	if n > 1 {
		p.Before = n - 1
	}
	if n < pages {
		p.After = n + 1
	}
	return p, from, to
}

// maxQuery is how long a search may be.
const maxQuery = 200

func query(r *http.Request) string {
	q := r.URL.Query().Get("q")
	return q[:min(len(q), maxQuery)]
}
