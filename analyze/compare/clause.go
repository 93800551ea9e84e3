package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// clauses sets the verdicts about promises beside each other, clause by clause, with the text that each was held against. A verdict comes
// from one audit as a whole: it is quoted, not made here.
func (c *comparer) clauses() {
	index := map[[2]string]*audit.ComparedClause{}
	for _, src := range c.sources {
		if strings.HasPrefix(src.key, "C") {
			continue
		}
		for i := range src.Audit.Promises {
			p := &src.Audit.Promises[i]
			for j := range p.Clauses {
				clause := &p.Clauses[j]
				k := [2]string{p.File, clause.Key}
				at := index[k]
				if at == nil {
					at = &audit.ComparedClause{File: p.File, Key: clause.Key, A: []audit.ClauseInArm{}, B: []audit.ClauseInArm{}}
					index[k] = at
				}
				if at.Quote == "" {
					at.Quote = string(clause.Quote)
				}
				v := audit.ClauseInArm{
					Audit: src.key, Verdict: clause.Verdict.ID, Outcome: string(clause.Verdict.Outcome), Reason: string(clause.Verdict.Reason), From: clause.From,
				}
				for _, text := range p.Sources {
					if text.Key != clause.Source {
						continue
					}
					v.Date = cmp.Or(text.Published, text.Retrieved)
					if !text.SHA256.IsZero() {
						v.Text = text.SHA256.String()
					}
				}
				for _, arm := range c.armsOf(src) {
					if arm == "A" {
						at.A = append(at.A, v)
					} else {
						at.B = append(at.B, v)
					}
				}
			}
		}
	}
	for _, at := range index {
		at.Words, at.Changed = c.clauseWords(at)
		c.out.Clauses = append(c.out.Clauses, *at)
	}
	slices.SortFunc(c.out.Clauses, func(x, y audit.ComparedClause) int {
		return cmp.Or(strings.Compare(x.File, y.File), strings.Compare(x.Key, y.Key))
	})
}

// armsOf lists the arms that sessions of an audit are in: two, if one audit holds both.
func (c *comparer) armsOf(src *source) (arms []string) {
	for _, s := range c.all {
		if s.source == src && !slices.Contains(arms, s.arm) {
			arms = append(arms, s.arm)
		}
	}
	slices.Sort(arms)
	return arms
}

// clauseWords says whether verdict or text differ between the arms.
func (c *comparer) clauseWords(at *audit.ComparedClause) (words string, changed bool) {
	verdict := func(v audit.ClauseInArm) string {
		if v.Reason != "" {
			return v.Outcome + " (" + strings.ReplaceAll(v.Reason, "_", " ") + ")"
		}
		return v.Outcome
	}
	a, b := each(at.A, verdict), each(at.B, verdict)
	text := func(v audit.ClauseInArm) string { return v.Text + v.Date }
	name := "Clause " + at.Key + " of " + at.File
	verdicts := fmt.Sprintf("%s: %s in %s, %s in %s", name, strings.Join(a, " and "), c.words(0), strings.Join(b, " and "), c.words(1))
	switch {
	case len(a) == 0 || len(b) == 0:
		return name + " was examined in one arm only", false
	case !slices.Equal(each(at.A, text), each(at.B, text)):
		date := func(v audit.ClauseInArm) string { return v.Date }
		return fmt.Sprintf("%s, tested against different texts (of %s and of %s)", verdicts, strings.Join(each(at.A, date), ", "), strings.Join(each(at.B, date), ", ")), true
	case !slices.Equal(a, b):
		return verdicts, true
	}
	return name + ": the same verdict in both arms, " + strings.Join(a, " and "), false
}

// each lists the different values of a property, sorted.
func each(list []audit.ClauseInArm, of func(audit.ClauseInArm) string) []string {
	var values []string
	for _, v := range list {
		values = append(values, of(v))
	}
	slices.Sort(values)
	return slices.Compact(values)
}
