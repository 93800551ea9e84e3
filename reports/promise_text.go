package reports

import (
	"strings"

	"abroad/analyze/audit"
)

// promises writes every promise with its statements.
func (p *pen) promises(v *page) {
	if len(v.Promises) == 0 {
		return
	}
	p.head("What was said, and what the traffic says")
	p.text(2, 2, "", v.PromiseLine)
	for i := range v.Promises {
		r := &v.Promises[i]
		p.line()
		p.text(2, 2, bold, r.ID.String()+" "+quoted(r.Title))
		p.text(4, 2, dim, r.File.String()+", "+r.Review)
		for _, n := range r.Notes {
			p.text(4, 2, dim, n.String())
		}
		for k := range r.Statements {
			p.statement(&r.Statements[k])
		}
		p.around(r)
	}
}

func (p *pen) statement(s *statement) {
	style := ""
	switch s.Outcome {
	case string(audit.Contradicted):
		style = yellow
	case string(audit.Consistent):
		style = green
	}
	p.text(4, 2, style, s.ID.String()+" "+s.Key.String()+": "+s.Word)
	if s.Quote != "" {
		p.text(6, 2, "", "They say: "+quoted(s.Quote)+" ("+join(s.Cited)+")")
		p.text(6, 2, dim, "Our reading: "+quoted(s.Reading))
	} else {
		p.text(6, 2, "", "Our reading, no quotation available: "+quoted(s.Reading)+" ("+join(s.Cited)+")")
	}
	p.text(6, 2, "", join(s.Says))
	for _, t := range s.Tests {
		p.text(6, 2, dim, "Test "+t.Key.String()+" ("+quoted(t.Reads)+"): "+t.Result+", "+plural(t.Flows, "flow")+" in "+plural(t.Sessions, "session"))
	}
	for _, l := range s.Leads {
		p.text(6, 2, "", capital(l.Kind)+": "+join(l.Says)+" ["+idList(l.Because, 4)+"]")
	}
	for _, m := range s.Missing {
		p.text(6, 2, dim, "Would decide it: "+m.String())
	}
	if s.Ceiling != "" && s.Outcome == string(audit.Silent) {
		p.text(6, 2, dim, capital(s.Ceiling)+".")
	}
}

// around writes what stands beside the verdicts: tension, findings of others, and the ladder.
func (p *pen) around(r *promised) {
	if len(r.Tensions) > 0 {
		p.text(4, 2, bold, "Statements at odds with each other")
		for _, t := range r.Tensions {
			p.text(6, 2, "", t.words())
		}
	}
	if len(r.External) > 0 {
		p.text(4, 2, bold, "What others found (not by us, not from this traffic)")
		for _, x := range r.External {
			p.text(6, 2, "", x.words())
		}
	}
	p.text(4, 2, bold, "Ladder of assurance, from weak to strong")
	for _, g := range r.Ladder {
		p.text(6, 2, "", g.words())
	}
}

func (t *tension) words() string {
	return t.From.String() + " " + t.ReadA + quoted(t.A) + " " + t.Word + " " + t.To.String() + " " + t.ReadB + quoted(t.B) + noted(t.Note)
}

func noted(note audit.Foreign) string {
	if note == "" {
		return ""
	}
	return ": " + quoted(note)
}

func (x *external) words() string {
	s := x.Date.String() + ", " + quoted(x.By) + ": " + quoted(x.Finding)
	if x.Status != "" {
		s += ", status " + quoted(x.Status)
	}
	if x.On != "" {
		s += ", bears on " + x.On.String()
	}
	return s + ", according to " + quoted(x.Source)
}

func (g *rung) words() string {
	s := "- " + g.Says
	if g.Clauses != "" {
		s += " [" + g.Clauses.String() + "]"
	}
	for _, a := range g.Audits {
		s += "; " + quoted(a.Name)
		if a.Date != "" {
			s += " of " + a.Date.String()
		}
		s += ": " + quoted(a.Says)
		if a.Source != "" {
			s += ", according to " + quoted(a.Source)
		}
	}
	return s
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// promises writes the same for Markdown, the statements as a table.
func (s scroll) promises(v *page) {
	if len(v.Promises) == 0 {
		return
	}
	s.head(2, "What was said, and what the traffic says")
	s.line(markdownText(v.PromiseLine))
	for i := range v.Promises {
		r := &v.Promises[i]
		s.head(3, r.ID.String()+" "+markdownText(quoted(r.Title)))
		s.line(words(r.File), ", ", markdownText(r.Review))
		for _, n := range r.Notes {
			s.line("- ", words(n))
		}
		s.line()
		var rows [][]string
		for k := range r.Statements {
			rows = append(rows, statementRow(&r.Statements[k]))
		}
		s.table([]string{"id", "statement", "verdict", "in words", "tests, leads, what would decide it"}, rows)
		if len(r.Tensions) > 0 {
			s.head(4, "Statements at odds with each other")
			for _, t := range r.Tensions {
				s.line("- ", markdownText(t.words()))
			}
		}
		if len(r.External) > 0 {
			s.head(4, "What others found (not by us, not from this traffic)")
			for k := range r.External {
				s.line("- ", markdownText(r.External[k].words()))
			}
		}
		s.head(4, "Ladder of assurance, from weak to strong")
		for k := range r.Ladder {
			s.line("- ", markdownText(strings.TrimPrefix(r.Ladder[k].words(), "- ")))
		}
	}
}

func statementRow(v *statement) []string {
	said := "Our reading, no quotation available: " + quoted(v.Reading)
	if v.Quote != "" {
		said = quoted(v.Quote) + " Our reading: " + quoted(v.Reading)
	}
	var more []string
	for _, t := range v.Tests {
		more = append(more, "Test "+t.Key.String()+": "+t.Result+" ("+plural(t.Flows, "flow")+").")
	}
	for _, l := range v.Leads {
		more = append(more, capital(l.Kind)+": "+join(l.Says))
	}
	for _, m := range v.Missing {
		more = append(more, "Would decide it: "+m.String()+".")
	}
	return []string{v.ID.String(), markdownText(said + " (" + join(v.Cited) + ")"), markdownText(v.Word), markdownText(join(v.Says)), orElse(markdownText(strings.Join(more, " ")), "–")}
}
