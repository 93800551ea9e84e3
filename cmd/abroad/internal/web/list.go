package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"abroad/cmd/abroad/internal/live"
	"abroad/reports"
)

// index lists what there is.
func (s *Server) index(w http.ResponseWriter, r *http.Request) {
	list, cut, err := s.library.documents(r.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	data := struct {
		Token                string
		Audits, Compared, No []*document
		Sessions             []*document
		Recordings           []live.Recording
		Cut                  bool
	}{Token: s.token, Recordings: s.recordings(r), Cut: cut}
	for _, d := range list {
		switch {
		case d.Broken != "":
			data.No = append(data.No, d)
		case d.Run != nil:
			data.Sessions = append(data.Sessions, d)
		case d.Comparison:
			data.Compared = append(data.Compared, d)
		default:
			data.Audits = append(data.Audits, d)
		}
	}
	slices.SortStableFunc(data.Sessions, func(a, b *document) int { return cmp.Compare(b.Run.Created, a.Run.Created) })
	s.show(w, "Audits", s.ways(), "index", data)
}

// A hit is a destination that a search found.
type hit struct {
	Doc   *document
	Thing thing
	Name  string
}

// maxHits is how many hits are shown.
const maxHits = 500

// search looks for a part of a name, an address, a place or an organisation in every audit.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	q := query(r)
	data := struct {
		Token, Query string
		Hits         []hit
		More         int
		Partly       []*document // of which not all destinations are looked through
	}{Token: s.token, Query: q}
	words := strings.Fields(strings.ToLower(q))
	list, _, err := s.library.documents(r.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	for _, d := range list {
		if len(words) == 0 {
			break
		}
		if len(d.Card.Things) < d.Card.Destinations {
			data.Partly = append(data.Partly, d)
		}
		for _, t := range d.Card.Things {
			name, ok := t.has(words)
			switch {
			case !ok:
			case len(data.Hits) == maxHits:
				data.More++
			default:
				data.Hits = append(data.Hits, hit{d, t, name})
			}
		}
	}
	slices.SortStableFunc(data.Hits, func(a, b hit) int { return cmp.Compare(b.Thing.Up, a.Thing.Up) })
	s.show(w, "Search", s.ways(), "search", data)
}

// has reports whether every word is somewhere in t, and the name to show: one that has the first word, if there is one.
func (t *thing) has(words []string) (name string, ok bool) {
	text := strings.ToLower(strings.Join(t.Names, " ") + " " + t.Address + " " + t.Words + " " + t.Who)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return "", false
		}
	}
	for _, n := range t.Names {
		if strings.Contains(strings.ToLower(n), words[0]) {
			return n, true
		}
	}
	if len(t.Names) > 0 {
		return t.Names[0], true
	}
	return "", true
}

// history puts the audits of one app side by side: in which countries its servers were said to be, oldest first.
func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	app := r.URL.Query().Get("app")
	list, _, err := s.library.documents(r.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	const most = 24
	var docs []*document
	for _, d := range list {
		if !d.Comparison && d.Run == nil && d.Broken == "" && d.Card.App == app {
			docs = append(docs, d)
		}
	}
	slices.SortStableFunc(docs, func(a, b *document) int { return strings.Compare(a.Card.First, b.Card.First) })
	type row struct {
		Country string
		Grades  []string
	}
	data := struct {
		Token string
		Docs  []*document
		Rows  []row
		More  int
	}{Token: s.token}
	if len(docs) > most {
		data.More = len(docs) - most
		docs = docs[len(docs)-most:]
	}
	data.Docs = docs
	at := map[string]int{}
	for i, d := range docs {
		for _, p := range d.Card.Places {
			country, grade, _ := strings.Cut(p, " ")
			k, ok := at[country]
			if !ok {
				k = len(data.Rows)
				at[country] = k
				data.Rows = append(data.Rows, row{reports.Nation(country), make([]string, len(docs))})
			}
			data.Rows[k].Grades[i] = strings.TrimSpace(data.Rows[k].Grades[i] + " " + grade)
		}
	}
	slices.SortFunc(data.Rows, func(a, b row) int { return strings.Compare(a.Country, b.Country) })
	s.show(w, "History of "+reports.Visible(cmp.Or(app, "audits without an app")), s.ways(), "history", data)
}

// Link is the address of an audit.
func (d *document) Link(token string) string { return "/" + token + "/" + strconv.Itoa(d.N) + "/" }
