package reports

import (
	"io"
	"strconv"
	"strings"

	"abroad/analyze/audit"
)

// writePromises is the table of clauses for a spreadsheet. What is not ours stands in columns of its own, or in quotation marks.
func writePromises(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "verdict promise clause outcome reason detail weak sessions seen days bound source published grade force polarity aspect places quote our_reading says leads because would_decide tests review")
	for i := range a.Promises {
		p := &a.Promises[i]
		sources := sourcesOf(p)
		for k := range p.Clauses {
			writeClause(s, p, &p.Clauses[k], sources)
		}
	}
	return s.w.Flush()
}

func sourcesOf(p *audit.Promise) map[string]*audit.Source {
	sources := make(map[string]*audit.Source, len(p.Sources))
	for i := range p.Sources {
		sources[p.Sources[i].Key] = &p.Sources[i]
	}
	return sources
}

func writeClause(s *sheet, p *audit.Promise, c *audit.Clause, sources map[string]*audit.Source) {
	v := &c.Verdict
	s.id(v.ID)
	s.text(p.File)
	s.text(c.Key)
	s.text(string(v.Outcome))
	s.text(string(v.Reason))
	s.text(v.Detail)
	s.text(map[bool]string{true: "yes", false: "no"}[v.Weak])
	s.number(uint64(v.Sessions))
	s.number(uint64(v.Seen))
	s.number(uint64(v.Days))
	if v.Outcome == audit.Consistent {
		s.text(strconv.FormatFloat(v.Bound, 'f', -1, 64))
	} else {
		s.text("")
	}
	s.text(c.Source)
	published, grade := "", ""
	if source := sources[c.Source]; source != nil {
		published, grade = source.Published, source.Grade
	}
	s.text(published)
	s.text(grade)
	s.text(c.Force)
	s.text(c.Polarity)
	s.text(c.Aspect)
	s.list(c.Places)
	s.text(quotedOrNone(c.Quote))
	s.text(quotedOrNone(c.Restates))
	s.text(sentence(v.Says))
	var leads []string
	for i := range v.Leads {
		leads = append(leads, sentence(v.Leads[i].Says))
	}
	s.text(strings.Join(leads, " "))
	s.text(idList(v.Because, len(v.Because)))
	s.text(strings.Join(v.Missing, "; "))
	var tests []string
	for i := range c.Indicators {
		n := &c.Indicators[i]
		tests = append(tests, n.Key+": "+n.Result+", "+plural(uint64(n.Flows), "flow")+" in "+plural(uint64(n.Sessions), "session"))
	}
	s.text(strings.Join(tests, "; "))
	s.text(string(p.Review))
	s.end()
}

// writeTensions is the table of statements that stand against each other.
func writeTensions(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "promise from to note")
	for i := range a.Promises {
		for _, r := range a.Promises[i].Relations {
			if r.Type != "in_tension" {
				continue
			}
			s.text(a.Promises[i].File)
			s.text(r.From)
			s.text(r.To)
			s.text(quotedOrNone(r.Note))
			s.end()
		}
	}
	return s.w.Flush()
}

// writeExternal is the table of what others found, with its dates; nothing in it is from the traffic.
func writeExternal(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "promise date by finding status bears_on source")
	for i := range a.Promises {
		p := &a.Promises[i]
		sources := sourcesOf(p)
		for k := range p.External {
			x := &p.External[k]
			s.text(p.File)
			s.text(x.Date)
			s.text(quotedOrNone(x.By))
			s.text(quotedOrNone(x.Finding))
			s.text(quotedOrNone(x.Status))
			s.list(x.BearsOn)
			s.text(quotedOrNone(address(sources[x.Source])))
			s.end()
		}
	}
	return s.w.Flush()
}

func quotedOrNone(s audit.Foreign) string {
	if s == "" {
		return ""
	}
	return quoted(s)
}
