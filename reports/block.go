package reports

import (
	"strings"
)

// A block is a section that text and Markdown print alike: sentences, then a table.
type block struct {
	Title string
	Says  []foreign
	Head  []string // a headline that begins with ">" is right-aligned
	Rows  [][]foreign
	After []foreign
}

// figures are the figures of the page as tables.
func (v *page) figures() []block {
	var list []block
	m := block{
		Title: "Where servers are said to be", Head: []string{">of up", ">L3, L4: up", ">L1, L2: up", ">destinations", "country"},
		Says: []foreign{"A country counts under L3, L4 for what is graded so, and under L1, L2 for what is claimed only."},
	}
	for _, r := range v.Map.Rows {
		m.Rows = append(m.Rows, []foreign{foreign(r.OfUp), foreign(size(r.Firm.Up)), foreign(size(r.Claimed.Up)), foreign(count(r.Firm.N + r.Claimed.N)), r.Name})
	}
	if len(m.Rows) == 0 {
		m.Says = []foreign{"The evidence names no single country for any destination."}
	}
	for _, n := range v.Map.NotPlaced {
		m.After = append(m.After, "Not placed: "+n.Words+": "+foreign(size(n.Up)+" up ("+n.OfUp+"), "+plural(n.Endpoints, "destination")+"."))
	}
	for _, s := range v.Map.Sets {
		if s.Drawn {
			m.After = append(m.After, foreign(plural(s.Endpoints.N, "destination")+": round-trip times allow only ")+s.Words+".")
		}
	}
	list = append(list, m)
	if s := v.Sankey; s != nil {
		b := block{Title: "Who sent, who received, on whose network, where", Says: []foreign{"Local addresses are left out."}, Head: []string{">up", ">of up", "sending app → recipient (J3) → network operator (J2) → place of the server (J1)"}}
		for i, r := range s.Rows {
			if i == 15 {
				b.After = append(b.After, foreign("and "+plural(uint64(len(s.Rows)-i)+s.More.N, "more path")+"; all are in the HTML report and in CSV"))
				break
			}
			b.Rows = append(b.Rows, []foreign{foreign(size(r.Up)), foreign(r.OfUp), r.Step[0] + " → " + r.Step[1] + " → " + r.Step[2] + " → " + r.Step[3]})
		}
		list = append(list, b)
	}
	if s := v.Strip; s != nil {
		b := block{Title: "Round trips and the speed of light", Says: []foreign{foreign(s.Says)}, Head: []string{"id", ">measured", "over", "shortest possible, by country that a source names"}}
		for i, r := range s.Rows {
			if i == 20 {
				b.After = append(b.After, foreign("and "+plural(uint64(len(s.Rows)-i+s.More), "more destination")))
				break
			}
			var marks []string
			for _, k := range r.Marks {
				mark := string(k.Code) + " " + k.Minimum
				if k.Past {
					mark += " (longer than measured)"
				}
				marks = append(marks, mark)
			}
			b.Rows = append(b.Rows, []foreign{foreign(r.ID.String()), foreign(r.Observed), r.Kind, foreign(strings.Join(marks, ", "))})
		}
		list = append(list, b)
	}
	if p := v.Matrix; p != nil {
		b := block{Title: "Hosts by session", Says: []foreign{foreign(p.Says)}, Head: []string{">sessions", "in which (x)", ">up", "host"}}
		for i, r := range p.Rows {
			if i == 30 {
				b.After = append(b.After, foreign("and "+plural(uint64(len(p.Rows)-i+p.MoreRows), "more host")))
				break
			}
			var in strings.Builder
			for _, yes := range r.In {
				if yes {
					in.WriteByte('x')
				} else {
					in.WriteByte('.')
				}
			}
			b.Rows = append(b.Rows, []foreign{foreign(count(uint64(r.Count))), foreign(in.String()), foreign(size(r.Up)), r.Host})
		}
		list = append(list, b)
	}
	return list
}

// runs are the sessions, what the operator noted in them, and how they were made.
func (v *page) runs() []block {
	b := block{Title: "Sessions", Head: []string{"id", "day (UTC)", "length", "role", "state", "what was noted"}}
	for _, s := range v.Sessions {
		noted := s.Setting
		if s.Failed != "" {
			noted = "failed: " + s.Failed + "; " + noted
		}
		if s.Note != "" {
			noted += "; note: " + s.Note
		}
		if s.Root != "" {
			noted += "; root hash " + foreign(s.Root)
		}
		b.Rows = append(b.Rows, []foreign{foreign(s.ID.String()), s.Day, foreign(s.Length), s.Role, s.State, noted})
	}
	if v.MoreSessions > 0 {
		b.After = append(b.After, foreign("and "+plural(v.MoreSessions, "more session")+" in audit.json"))
	}
	for _, t := range v.Timelines {
		for _, k := range t.Markers {
			b.After = append(b.After, foreign(t.ID.String()+" after "+k.At+": ")+k.Text+foreign(bracket(k.Action)))
		}
	}
	method := block{Title: "Method and controls"}
	for _, f := range v.Method {
		method.Says = append(method.Says, foreign(f.Label+": ")+f.Value)
	}
	return []block{method, b}
}

func bracket(f foreign) string {
	if f == "" {
		return ""
	}
	return " (" + string(f) + ")"
}

// end is what every report closes with.
func (v *page) end() []block {
	check := block{Title: "How to check and repeat this"}
	for _, s := range v.Repeat {
		check.Says = append(check.Says, s.Says+" "+s.Command)
	}
	reply := block{Title: "Right of reply"}
	for _, s := range v.Reply {
		reply.Says = append(reply.Says, foreign(s))
	}
	thanks := block{Title: "Licences and credits", Says: credits(v)}
	return []block{check, reply, thanks}
}

func (p *pen) blocks(list []block) {
	for _, b := range list {
		p.head(b.Title)
		for _, s := range b.Says {
			p.text(2, 2, "", s.String())
		}
		rows := make([][]string, len(b.Rows))
		for i, r := range b.Rows {
			for _, c := range r {
				rows[i] = append(rows[i], clipName(c.String(), 30).String())
			}
			if n := len(r) - 1; n > 0 {
				rows[i][n] = r[n].String() // the last column wraps
			}
		}
		p.table(2, b.Head, rows)
		for _, s := range b.After {
			p.text(2, 2, dim, s.String())
		}
	}
}

func (s scroll) blocks(list []block) {
	for _, b := range list {
		s.head(2, b.Title)
		for _, f := range b.Says {
			s.line("- ", words(f))
		}
		rows := make([][]string, len(b.Rows))
		for i, r := range b.Rows {
			for _, c := range r {
				rows[i] = append(rows[i], words(c))
			}
		}
		if len(rows) > 0 && len(b.Says) > 0 {
			s.line()
		}
		s.table(b.Head, rows)
		if len(b.After) > 0 {
			s.line()
		}
		for _, f := range b.After {
			s.line("- ", words(f))
		}
	}
}
