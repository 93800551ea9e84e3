package reports

import (
	"fmt"
	"io"

	"abroad/analyze/audit"
)

// WithChanges returns the format with a section on version changes: what a comparison shows that the audit is part of. An audit alone holds
// none. Formats without such a section are refused.
func WithChanges(f *Format, c *audit.Comparison) (*Format, error) {
	var write func(w io.Writer, a *audit.Audit, screen Screen) error
	switch f {
	case asHTML:
		write = func(w io.Writer, a *audit.Audit, _ Screen) error { return writePage(w, a, c, nil) }
	case asMarkdown:
		write = func(w io.Writer, a *audit.Audit, _ Screen) error { return writeScroll(w, a, c) }
	case asText:
		write = func(w io.Writer, a *audit.Audit, screen Screen) error { return writeLines(w, a, c, screen) }
	default:
		return nil, fmt.Errorf("format %q has no section on changes: want html, markdown, text or pdf", f.Name)
	}
	return &Format{f.Name, f.Doc, []File{{f.Files[0].Name, write}}}, nil
}

// changeRows is how many rows of each table of a comparison a report takes over; the comparison's own page has all.
const changeRows = 60

// changes is what a report says of a comparison: nothing without one.
func changes(c *audit.Comparison) []block {
	if c == nil {
		return nil
	}
	v := newComparePage(c, 0)
	shown := block{Title: "Version changes", Says: append([]foreign{"Compared: " + v.Title + "."}, v.Headline[:min(1, len(v.Headline))]...), Head: []string{"id", "class", ">sessions", ">p", ">q", "what"}}
	for _, c := range v.Clauses {
		if c.A != c.B {
			shown.After = append(shown.After, "Clause "+c.Key+": "+c.A+" -> "+c.B)
		}
	}
	for _, n := range v.Notes {
		shown.After = append(shown.After, foreign(n))
	}
	shown.fill(v.Changes, func(r *changeRow) []foreign {
		return []foreign{r.ID, r.Class, foreign(r.Counts), foreign(r.P), foreign(r.Q), r.Says}
	})
	open := block{Title: "Version changes that could not be decided", Head: []string{"id", ">sessions", ">p", ">sessions needed", "what"}}
	open.fill(v.Open, func(r *changeRow) []foreign {
		return []foreign{r.ID, foreign(r.Counts), foreign(r.P), foreign(r.Needed), r.Says}
	})
	if len(v.Open) == 0 {
		open.Says = []foreign{"Nothing."}
	}
	for _, r := range v.Rotation {
		open.After = append(open.After, "Rotation, no change: "+r.Says)
	}
	controls := block{Title: "Version changes: method and controls", Head: []string{"outcome", ">p", "test"}, After: append(v.Design, v.Limits...)}
	for _, t := range v.Tests {
		controls.Rows = append(controls.Rows, []foreign{foreign(t.Outcome), foreign(t.P), t.Words + foreign(": "+t.Note)})
	}
	for _, a := range v.Audits {
		controls.After = append(controls.After, a.Key+": "+a.Name+", "+a.Digest)
	}
	return []block{shown, open, controls}
}

// fill takes rows over until there are enough.
func (b *block) fill(rows []changeRow, cells func(*changeRow) []foreign) {
	for i := range rows {
		if i == changeRows {
			b.After = append(b.After, foreign("and "+plural(len(rows)-i, "more row")+" in the comparison's own page"))
			return
		}
		b.Rows = append(b.Rows, cells(&rows[i]))
	}
}
