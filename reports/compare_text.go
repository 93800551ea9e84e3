package reports

import (
	"io"

	"abroad/analyze/audit"
)

func writeCompareText(w io.Writer, c *audit.Comparison, screen Screen) error {
	v, p := newComparePage(c, 80), newPen(w, screen)
	p.compareTop(v)
	p.head("What changed")
	var rows [][]string
	for _, r := range v.Changes {
		rows = append(rows, []string{r.ID.String(), r.Class.String(), r.Counts, r.P, r.Q, r.BytesUp, clipName(r.Name.String(), 60).String()})
	}
	p.table(2, []string{"id", "class", "sessions", ">p", ">q", ">bytes up", "what"}, rows)
	if len(rows) == 0 {
		p.text(2, 2, "", "Nothing was shown.")
	}
	p.head("What could not be decided")
	rows = nil
	for _, r := range v.Open {
		rows = append(rows, []string{r.ID.String(), r.Counts, r.P, r.Needed, r.Says.String()})
	}
	p.table(2, []string{"id", "sessions", ">p", ">needed per arm", "what"}, rows)
	if len(rows) == 0 {
		p.text(2, 2, "", "Nothing.")
	}
	if len(v.Rotation) > 0 {
		p.head("Rotation: different names, the same service")
		for _, r := range v.Rotation {
			p.text(2, 2, "", r.ID.String()+" "+r.Says.String())
		}
	}
	p.compareMethod(v)
	p.head("Presence: a column is a session, # shows the host")
	rows = nil
	for _, r := range v.Rows {
		rows = append(rows, []string{r.Counts, r.Marks, clipName(r.Name.String(), 60).String()})
	}
	p.table(2, []string{"A -> B", "A, then B", "host"}, rows)
	if v.MoreRows > 0 {
		p.text(2, 2, "", "and "+plural(v.MoreRows, "more host")+" in compare.json")
	}
	if len(v.Clauses) > 0 {
		p.head("Promises")
		for _, r := range v.Clauses {
			p.text(2, 4, "", r.Key.String()+": "+v.Arms[0].What.String()+" "+r.A.String()+" | "+v.Arms[1].What.String()+" "+r.B.String()+". "+r.Words.String())
		}
	}
	p.head("Evidence (abroad explain AUDIT ID)")
	rows = nil
	for _, r := range v.Changes {
		rows = append(rows, []string{r.ID.String(), evidenceText(r.Evidence)})
	}
	p.table(2, []string{"id", "ids in the audits"}, rows)
	rows = nil
	for _, r := range v.Audits {
		rows = append(rows, []string{r.Key.String(), r.Name.String(), r.Digest.String()})
	}
	p.table(2, []string{"key", "audit", "digest"}, rows)
	p.head("Sessions")
	rows = nil
	for _, r := range v.Sessions {
		rows = append(rows, []string{r.N.String(), r.Arm.String(), r.Day.String(), r.Time.String(), count(uint64(r.Hosts)), r.Up, r.Where.String() + leftOutWords(r)})
	}
	p.table(2, []string{">n", "arm", "day", "from", ">hosts", ">up", "session"}, rows)
	p.head("Limits of this comparison")
	for _, s := range v.Limits {
		p.text(2, 2, "", "- "+s.String())
	}
	return p.w.Flush()
}

func leftOutWords(r sessionRow) string {
	if r.LeftOut == "" {
		return ""
	}
	return " (left out: " + r.LeftOut.String() + ")"
}

func (p *pen) compareTop(v *comparePage) {
	p.text(0, 0, bold, v.Title.String())
	if v.Practice {
		p.text(0, 0, inverse, practiceBanner)
	}
	for _, h := range v.Headline {
		p.text(0, 2, "", h.String())
	}
	for _, n := range v.Notes {
		p.text(0, 2, dim, n)
	}
}

func (p *pen) compareMethod(v *comparePage) {
	p.head("Controls, and the arms as a whole")
	var rows [][]string
	for _, t := range v.Tests {
		rows = append(rows, []string{t.Outcome, t.P, t.Words.String() + " (" + t.Note + ")"})
	}
	p.table(2, []string{"outcome", ">p", "test"}, rows)
	for _, d := range v.Design {
		p.text(2, 2, "", d.String())
	}
}

// CompareSummary writes what a comparison found, and where the files are.
func CompareSummary(w io.Writer, c *audit.Comparison, screen Screen, made ...Made) error {
	v, p := newComparePage(c, 0), newPen(w, screen)
	p.compareTop(v)
	p.compareMethod(v)
	var rows [][]string
	for _, r := range v.Open[:min(len(v.Open), 5)] {
		rows = append(rows, []string{r.Counts, r.P, r.Needed, clipName(r.Name.String(), 60).String()})
	}
	if len(rows) > 0 {
		p.head("What could not be decided")
		p.table(2, []string{"sessions", ">p", ">needed per arm", "what"}, rows)
		if n := len(v.Open) - len(rows); n > 0 {
			p.text(2, 2, "", "and "+count(uint64(n))+" more in the report")
		}
	}
	widest := 0
	for _, m := range made {
		widest = max(widest, columns(m.What))
	}
	for _, m := range made {
		p.line(p.paint(dim, m.What+": "), foreign(m.Path).String())
	}
	return p.w.Flush()
}
