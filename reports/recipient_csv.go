package reports

import (
	"io"
	"strings"

	"abroad/analyze/audit"
)

// writeHosts lists every name that flows were made for, with its recipient.
func writeHosts(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "host name domain how party organisation owner owner_grade roles contested suffix source read endpoints sessions flows bytes_up bytes_down payload_up attribution")
	for i := range a.Hosts {
		h := &a.Hosts[i]
		s.id(h.ID)
		s.text(h.Name)
		s.text(h.Domain)
		s.text(string(h.How))
		s.text(string(h.Party))
		s.id(h.Owner)
		name, said := "", audit.Fact{}
		if o := at(a.Organisations, h.Owner, audit.KindOrganisation); o != nil {
			name = o.Name
		}
		if h.Said != nil {
			said = *h.Said
		}
		s.text(name)
		s.text(said.Grade)
		s.list(h.Roles)
		s.text(yes(h.Contested))
		s.text(h.Key)
		s.text(said.Source)
		s.text(said.Date)
		s.list(ids(h.Endpoints))
		s.list(ids(h.Sessions))
		s.number(uint64(h.Flows))
		s.number(h.BytesUp)
		s.number(h.BytesDown)
		s.number(h.PayloadUp)
		s.text(h.Attributed)
		s.end()
	}
	return s.w.Flush()
}

func yes(v bool) string {
	if v {
		return "yes"
	}
	return ""
}

func ids(list []audit.ID) []string {
	words := make([]string, len(list))
	for i, id := range list {
		words[i] = id.String()
	}
	return words
}

// writeOrganisations lists who receives or runs networks, with the grade of each level.
func writeOrganisations(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "organisation key name seat seat_grade headquarters headquarters_grade parent parent_seat parent_grade verified contested note sources")
	for i := range a.Organisations {
		o := &a.Organisations[i]
		s.id(o.ID)
		s.text(o.Key)
		s.text(o.Name)
		s.text(o.Seat)
		s.text(o.Grade("seat"))
		s.text(o.Headquarters)
		s.text(o.Grade("headquarters"))
		s.text(o.Parent)
		s.text(o.ParentSeat)
		s.text(o.Grade("parent", "parent_seat"))
		s.text(yes(o.Verified))
		var contested, sources []string
		for _, f := range o.Facts {
			if f.Contested != "" {
				contested = append(contested, f.Contested)
			}
			if f.Source != "" {
				sources = append(sources, f.Source)
			}
		}
		s.text(strings.Join(unique(contested), "; "))
		s.text(o.Note)
		s.list(unique(sources))
		s.end()
	}
	return s.w.Flush()
}

func unique(list []string) (out []string) {
	seen := map[string]bool{}
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// writeLaws lists the legal overlay.
func writeLaws(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "law level country regime kind key instrument says condition from to as_of grade source count claimed applies")
	for i := range a.Laws {
		l := &a.Laws[i]
		s.id(l.ID)
		for _, v := range [...]string{
			l.Level, l.Country, l.Regime, l.Kind, l.Key, instrument(l).String(), l.Says, l.Condition, l.From, l.To, l.AsOf, l.Grade, l.Source,
		} {
			s.text(v)
		}
		s.number(uint64(l.Count))
		s.number(uint64(l.Claimed))
		s.list(ids(l.Applies))
		s.end()
	}
	return s.w.Flush()
}
