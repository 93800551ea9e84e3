package reports

import (
	"bufio"
	"io"

	"abroad/analyze/audit"
)

func writeCompareMarkdown(w io.Writer, c *audit.Comparison, _ Screen) error {
	v, s := newComparePage(c, 150), scroll{bufio.NewWriter(w)}
	s.line("# ", words(v.Title))
	s.line()
	if v.Practice {
		s.line("**", practiceBanner, "**")
		s.line()
	}
	for _, h := range v.Headline {
		s.line("- ", words(h))
	}
	s.line()
	for _, n := range v.Notes {
		s.line(markdownText(n))
	}
	s.head(2, "What changed")
	var rows [][]string
	for _, r := range v.Changes {
		rows = append(rows, []string{words(r.ID), words(r.Class), code(r.Name), markdownText(r.Counts), markdownText(r.P), markdownText(r.Q), r.BytesUp, markdownText(evidenceText(r.Evidence))})
	}
	s.table([]string{"Id", "Class", "What", "Sessions", ">p", ">q", ">Bytes up, median", "Evidence"}, rows)
	if len(rows) == 0 {
		s.line("Nothing was shown.")
	}
	s.head(2, "What could not be decided")
	rows = nil
	for _, r := range v.Open {
		rows = append(rows, []string{words(r.ID), code(r.Name), markdownText(r.Counts), markdownText(r.P), r.Needed, markdownText(evidenceText(r.Evidence))})
	}
	s.table([]string{"Id", "What", "Sessions", ">p", ">Sessions needed per arm", "Evidence"}, rows)
	if len(rows) == 0 {
		s.line("Nothing.")
	}
	if len(v.Rotation) > 0 {
		s.head(2, "Rotation: different names, the same service")
		for _, r := range v.Rotation {
			s.line("- ", words(r.ID), " ", words(r.Says))
		}
	}
	s.head(2, "Controls, and the arms as a whole")
	rows = nil
	for _, t := range v.Tests {
		rows = append(rows, []string{words(t.Words), t.Outcome, markdownText(t.P), markdownText(t.Note)})
	}
	s.table([]string{"Test", "Outcome", ">p", "How"}, rows)
	s.line()
	for _, d := range v.Design {
		s.line(words(d))
	}
	s.head(2, "Presence")
	rows = nil
	for _, r := range v.Rows {
		rows = append(rows, []string{code(r.Name), markdownText(r.Counts), markdownCode(r.Marks)})
	}
	s.table([]string{"Host", "A -> B", "A, then B: # shows it"}, rows)
	if len(v.Clauses) > 0 {
		s.head(2, "Promises")
		rows = nil
		for _, r := range v.Clauses {
			rows = append(rows, []string{code(r.Key), words(r.Quote), words(r.A), words(r.B), words(r.Words)})
		}
		s.table([]string{"Clause", "Quote", words(v.Arms[0].What), words(v.Arms[1].What), "In words"}, rows)
	}
	s.head(2, "Audits and sessions")
	for _, r := range v.Audits {
		s.line("- ", words(r.Key), " ", code(r.Name), " ", words(r.Digest))
	}
	s.line()
	rows = nil
	for _, r := range v.Sessions {
		rows = append(rows, []string{words(r.N), words(r.Arm), words(r.Where), words(r.Day), words(r.Time), words(r.Fields), words(r.LeftOut)})
	}
	s.table([]string{"N", "Arm", "Session", "Day", "From (UTC)", "Recorded", "Left out"}, rows)
	s.head(2, "Limits of this comparison")
	for _, l := range v.Limits {
		s.line("- ", words(l))
	}
	return s.w.Flush()
}
