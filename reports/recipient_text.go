package reports

import "strings"

const (
	recipientsTitle = "Who received, and the four jurisdictions of each"
	recipientsSays  = "J1 is where servers are said to be, J2 where the network’s operator is registered, J3 the recipient’s legal seat, J4 the seat of its ultimate parent. They are never summed. " +
		"Rows called unverified are from memory: nothing is concluded from them."
	lawsTitle = "Dated legal regimes, level by level"
	lawsSays  = "Each row says that an instrument exists, whom it names and since when. No row is a legal conclusion, and no condition has been checked."
)

// recipients writes the organisations that received, and the overlay.
func (p *pen) recipients(v *page) {
	p.head(recipientsTitle)
	if len(v.Recipients) == 0 {
		p.text(2, 2, "", "None: no flow has a name.")
		return
	}
	p.text(2, 2, "", recipientsSays)
	for i := range v.Recipients {
		r := &v.Recipients[i]
		head := r.Name.String()
		if !r.ID.IsZero() {
			head = r.ID.String() + "  " + head
		}
		p.text(2, 4, bold, head)
		p.text(6, 2, dim, size(r.Up)+" up · "+size(r.Down)+" down · "+plural(r.Flows, "flow")+" · "+plural(r.Hosts, "host")+" · "+r.Party+with(" · for ", r.Roles))
		p.text(6, 2, "", r.vector())
		p.text(6, 2, dim, r.hosts())
		for _, c := range r.Contested {
			p.text(6, 2, "", "open to dispute: "+c.String())
		}
		if r.Note != "" {
			p.text(6, 2, "", "note: "+r.Note.String())
		}
	}
	p.more(v.MoreRecipients, "recipient", "recipients")
}

func with(label string, f foreign) string {
	if f == "" {
		return ""
	}
	return label + f.String()
}

// vector is the four levels in one line.
func (r *recipient) vector() string {
	return "J1 " + orElse(r.Places.String(), "unknown") + " | J2 " + orElse(r.Networks.String(), "unknown") +
		" | J3 " + orElse(r.Seat.String(), "unknown") + with(", headquarters ", r.Headquarters) + " | J4 " + orElse(r.Parent.String(), "unknown")
}

func (r *recipient) hosts() string {
	var names []string
	for _, h := range r.FirstHosts {
		names = append(names, h.String())
	}
	s := "hosts: " + strings.Join(names, ", ")
	if r.MoreHosts > 0 {
		s += " and " + plural(r.MoreHosts, "more host")
	}
	return s
}

func (p *pen) laws(v *page) {
	if len(v.Laws) == 0 {
		return
	}
	p.head(lawsTitle + ", as of " + v.LawDay.String())
	p.text(2, 2, "", lawsSays)
	p.facts(levels)
	for _, c := range v.LawCountries {
		var stands []string
		for _, f := range c.Stands {
			stands = append(stands, f.String())
		}
		p.text(2, 4, bold, c.Name.String()+"  "+strings.Join(stands, "; "))
		for i := range c.Texts {
			t := &c.Texts[i]
			p.text(6, 2, "", t.Short.String()+" ("+t.At()+")"+with("; ", t.Valid))
		}
	}
	p.text(2, 2, dim, "What each text says, and by which source: --format md or csv.")
	if v.MoreLaws > 0 {
		p.text(2, 2, dim, "and "+plural(v.MoreLaws, "more row")+" in audit.json")
	}
}

// recipients writes the same in Markdown.
func (s scroll) recipients(v *page) {
	s.head(2, recipientsTitle)
	if len(v.Recipients) == 0 {
		s.line("None: no flow has a name.")
		return
	}
	s.line(markdownText(recipientsSays))
	s.line()
	var rows [][]string
	for i := range v.Recipients {
		r := &v.Recipients[i]
		id := "–"
		if !r.ID.IsZero() {
			id = r.ID.String()
		}
		rows = append(rows, []string{
			id, words(r.Name), markdownText(r.Party), words(r.Roles), count(r.Hosts), size(r.Up), size(r.Down), words(r.Places), words(r.Networks), words(r.Seat), words(r.Parent),
			words(foreign(strings.Join(texts(append(r.Contested, r.Note)), "; "))),
		})
	}
	s.table([]string{"id", "recipient", "party", "for", ">hosts", ">up", ">down", "J1 servers", "J2 networks", "J3 seat", "J4 parent", "open to dispute"}, rows)
	s.more(v.MoreRecipients, "recipient", "recipients")
}

func texts(list []foreign) (out []string) {
	for _, f := range list {
		if f != "" {
			out = append(out, string(f))
		}
	}
	return out
}

func (s scroll) laws(v *page) {
	if len(v.Laws) == 0 {
		return
	}
	s.head(2, markdownText(lawsTitle+", as of ")+words(v.LawDay))
	s.line(markdownText(lawsSays))
	s.line()
	s.facts(levels)
	s.line()
	var rows [][]string
	for i := range v.Laws {
		l := &v.Laws[i]
		says := words(l.Says)
		if l.Condition != "" {
			says += "; only if " + words(l.Condition) + " (not checked)"
		}
		rows = append(rows, []string{
			l.ID.String(), l.Level, words(l.Country), words(l.Regime), l.Kind, words(l.Instrument), says, words(l.Valid), words(l.Grade), words(l.Source), words(l.Applies),
		})
	}
	s.table([]string{"id", "level", "of", "regime", "kind", "instrument", "says", "valid", "grade", "source", "speaks of"}, rows)
}
