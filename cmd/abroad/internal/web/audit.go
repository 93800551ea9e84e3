package web

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/reports"
)

// The length of one page of a long list.
const (
	destinationsPage = 100
	flowsPage        = 200
)

// report shows an audit or a comparison as the page that can be written to a file.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	n := number(r)
	path := s.library.path(n)
	var b bytes.Buffer
	switch filepath.Base(path) {
	case sessionFile:
		s.session(w, path)
		return
	case compareFile:
		if err := s.comparison(&b, n, path); err != nil {
			s.fail(w, err)
			return
		}
	default:
		a, err := s.library.open(n)
		if err == nil {
			err = reports.ServeHTML(&b, a, s.of(n))
		}
		if err != nil {
			s.fail(w, err)
			return
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// comparison writes the page of a comparison, with links to those of its audits that are here.
func (s *Server) comparison(w io.Writer, n int, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	c, err := audit.ReadComparison(bufio.NewReader(f))
	if err != nil {
		return err
	}
	shown := map[capture.Digest]string{}
	for i := range c.Audits {
		if d := s.library.withHash(c.Audits[i].SHA256, c.App); d != nil {
			shown[c.Audits[i].SHA256] = d.Link(s.token)
		}
	}
	return reports.ServeComparison(w, c, s.ways(reports.Way{Href: s.base(n) + "document", Text: compareFile}), shown)
}

// destinations lists all endpoints of an audit in parts, most bytes up first.
func (s *Server) destinations(w http.ResponseWriter, r *http.Request) {
	n := number(r)
	a, err := s.library.open(n)
	if err != nil {
		s.fail(w, err)
		return
	}
	words := strings.Fields(strings.ToLower(query(r)))
	var rows []*audit.Endpoint
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		if contains(words, strings.Join(e.Names, " "), e.Address.String(), e.Place.Words, e.Organisation, e.Owner, e.Parent, string(e.Class)) {
			rows = append(rows, e)
		}
	}
	slices.SortStableFunc(rows, func(x, y *audit.Endpoint) int { return cmp.Compare(y.BytesUp, x.BytesUp) })
	p, from, to := partOf(r, len(rows), destinationsPage)
	p.Base = s.base(n) + "destinations?" + url.Values{"q": {query(r)}}.Encode()
	s.show(w, "All destinations of "+title(a), s.of(n), "destinations", struct {
		Part
		Root string
		Rows []*audit.Endpoint
	}{p, s.base(n), rows[from:to]})
}

// flows lists all flows of an audit, or of one endpoint, in parts.
func (s *Server) flows(w http.ResponseWriter, r *http.Request) {
	n := number(r)
	a, err := s.library.open(n)
	if err != nil {
		s.fail(w, err)
		return
	}
	only, _ := audit.ParseID(r.URL.Query().Get("of"))
	words := strings.Fields(strings.ToLower(query(r)))
	var rows []*audit.Flow
	for _, f := range a.Flows {
		if !only.IsZero() && f.Endpoint != only {
			continue
		}
		if len(words) > 0 {
			text := []string{f.ID.String(), f.Proto.String(), f.App, f.A.String(), f.B.String(), f.Step}
			for i := range f.Names {
				text = append(text, f.Names[i].Name)
			}
			if v := f.Attribution; v != nil {
				text = append(text, v.Package, v.App, v.Process)
			}
			if !contains(words, append(text, f.Flags.Words()...)...) {
				continue
			}
		}
		rows = append(rows, f)
	}
	p, from, to := partOf(r, len(rows), flowsPage)
	same := url.Values{"q": {query(r)}}
	if !only.IsZero() {
		same.Set("of", only.String())
	}
	p.Base = s.base(n) + "flows?" + same.Encode()
	s.show(w, "All flows of "+title(a), s.of(n), "flows", struct {
		Part
		Root, Of string
		Rows     []*audit.Flow
	}{p, s.base(n), only.String(), rows[from:to]})
}

// explain walks from an id to the evidence.
func (s *Server) explain(w http.ResponseWriter, r *http.Request) {
	n := number(r)
	a, err := s.library.open(n)
	if err != nil {
		s.fail(w, err)
		return
	}
	id, err := audit.ParseID(r.URL.Query().Get("id"))
	if err != nil {
		s.fail(w, fs.ErrNotExist)
		return
	}
	var b bytes.Buffer
	if err := reports.Explain(&b, a, id); err != nil {
		s.fail(w, fs.ErrNotExist)
		return
	}
	s.show(w, "What "+id.String()+" rests on", s.of(n), "explain", b.String())
}

// file gives the document itself.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	path := s.library.path(number(r))
	if path == "" {
		s.fail(w, fs.ErrNotExist)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		s.fail(w, err)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="`+filepath.Base(path)+`"`)
	io.Copy(w, f)
}

// contains reports whether every word is somewhere in the text.
func contains(words []string, text ...string) bool {
	if len(words) == 0 {
		return true
	}
	all := strings.ToLower(strings.Join(text, " "))
	for _, w := range words {
		if !strings.Contains(all, w) {
			return false
		}
	}
	return true
}

func title(a *audit.Audit) string {
	name := strings.TrimSpace(a.Subject.App + " " + a.Subject.Version)
	if name == "" {
		name = "an audit without an app"
	}
	return reports.Visible(name)
}
