package reports

import (
	"strings"

	"abroad/analyze/audit"
)

// A promised is one promise file as the reports show it. Everything in somebody else's words is an audit.Foreign until it is printed, and
// every format marks it: “…” in text, Markdown and CSV, a q element in HTML, members of their own in JSON.
type promised struct {
	ID         audit.ID
	File       foreign
	Title      audit.Foreign
	Practice   bool
	Review     string
	Statements []statement
	Tensions   []tension
	External   []external
	Ladder     []rung
	Notes      []foreign
}

// A statement is a clause with its verdict.
type statement struct {
	ID      audit.ID
	Key     foreign
	Quote   audit.Foreign // empty: there is no quotation
	Reading audit.Foreign
	Cited   []phrase // source, date, force
	Outcome string   // contradicted, consistent, silent
	Word    string   // with the reason of silence
	Says    []phrase
	Leads   []lead
	Tests   []test
	Missing []foreign
	Because []audit.ID
	More    int
	Ceiling string // why traffic could not say more; empty where it could
}

// A phrase is a piece of a sentence: ours or theirs.
type phrase struct {
	Ours   foreign
	Theirs audit.Foreign
}

type lead struct {
	Kind    string
	Says    []phrase
	Because []audit.ID
}

// A test is an indicator, ours and not the company's.
type test struct {
	Key      foreign
	Reads    audit.Foreign
	Result   string
	Flows    uint64
	Sessions uint64
}

// A tension is a pair of clauses, with both texts.
type tension struct {
	Word     string
	From, To foreign
	A, B     audit.Foreign
	ReadA    string // "our reading " where there is no quotation, else empty
	ReadB    string
	Note     audit.Foreign
}

// An external is a dated finding by somebody else.
type external struct {
	Date    foreign
	By      audit.Foreign
	Finding audit.Foreign
	Status  audit.Foreign
	On      foreign
	Source  audit.Foreign
}

type rung struct {
	Says    string
	Clauses foreign
	Audits  []audited
	Here    bool // what this audit is
}

type audited struct {
	Name, Says, Source audit.Foreign
	Date               foreign
}

// clipTheirs shortens what is not ours.
func clipTheirs(s audit.Foreign, limit int) audit.Foreign {
	return audit.Foreign(clip(string(s), limit))
}

func pieces(says []audit.Phrase) []phrase {
	list := make([]phrase, len(says))
	for i, p := range says {
		list[i] = phrase{clip(p.Ours, 1000), clipTheirs(p.Theirs, 1000)}
	}
	return list
}

func promises(a *audit.Audit) []promised {
	var list []promised
	for i := range a.Promises {
		list = append(list, newPromised(&a.Promises[i]))
	}
	return list
}

func newPromised(p *audit.Promise) promised {
	v := promised{ID: p.ID, File: clip(p.File, 80), Title: clipTheirs(p.Title, 200), Practice: p.Practice, Review: review(p), Notes: clipAll(p.Notes, 10, 300)}
	sources := sourcesOf(p)
	said, reading := map[string]audit.Foreign{}, map[string]string{}
	for i := range p.Clauses {
		c := &p.Clauses[i]
		said[c.Key] = c.Quote
		if c.Quote == "" {
			said[c.Key], reading[c.Key] = c.Restates, "our reading "
		}
		v.Statements = append(v.Statements, newStatement(c, sources[c.Source]))
	}
	for _, r := range p.Relations {
		if r.Type == "in_tension" {
			v.Tensions = append(v.Tensions, tension{
				"is at odds with", clip(r.From, 60), clip(r.To, 60), clipTheirs(said[r.From], 400), clipTheirs(said[r.To], 400), reading[r.From], reading[r.To], clipTheirs(r.Note, 400),
			})
		}
	}
	for i := range p.External {
		x := &p.External[i]
		v.External = append(v.External, external{
			clip(x.Date, 20), clipTheirs(x.By, 120), clipTheirs(x.Finding, 600), clipTheirs(x.Status, 300), clip(strings.Join(x.BearsOn, ", "), 200), address(sources[x.Source]),
		})
	}
	for i := range p.Ladder {
		r := &p.Ladder[i]
		g := rung{Says: visible(r.Says), Clauses: clip(strings.Join(r.Clauses, ", "), 300), Here: r.Key == "traffic"}
		for k := range r.Audits {
			u := &r.Audits[k]
			g.Audits = append(g.Audits, audited{clipTheirs(u.Name, 120), clipTheirs(u.Says, 300), address(sources[u.Source]), clip(u.Date, 20)})
		}
		v.Ladder = append(v.Ladder, g)
	}
	return v
}

func address(s *audit.Source) audit.Foreign {
	if s == nil {
		return "unknown source"
	}
	return clipTheirs(s.URL, 300)
}

// review says what the promise file is worth.
func review(p *audit.Promise) string {
	if p.Review == audit.ReviewReviewed {
		return "reviewed by " + quoted(p.Reviewer) + " on " + visible(p.Reviewed)
	}
	s := "draft: nobody has checked it against the archived texts, so nothing in it can be called contradicted"
	if p.ReviewNote != "" {
		s += " (" + visible(p.ReviewNote) + ")"
	}
	return s
}

func newStatement(c *audit.Clause, source *audit.Source) statement {
	const because = 6
	v := &c.Verdict
	s := statement{
		ID: v.ID, Key: clip(c.Key, 60), Quote: clipTheirs(c.Quote, 500), Reading: clipTheirs(c.Restates, 500), Outcome: visible(string(v.Outcome)), Word: verdictWord(v),
		Says: pieces(v.Says), Missing: clipAll(v.Missing, 5, 300), Because: v.Because, Cited: cited(c, source),
	}
	if n := len(v.Because) - because; n > 0 {
		s.Because, s.More = v.Because[:because], n
	}
	switch c.Ceiling {
	case audit.Silent:
		s.Ceiling = "traffic can never decide a statement about " + visible(strings.ReplaceAll(c.Aspect, "_", " "))
	case audit.Consistent:
		if c.Polarity == "disclose" && !c.Exhaustive && c.Aspect != "storage_at_rest" {
			s.Ceiling = "nothing counts against an open list"
			break
		}
		s.Ceiling = "traffic can never contradict this statement (" + visible(strings.ReplaceAll(c.Aspect, "_", " ")) + ")"
	}
	for i := range v.Leads {
		l := &v.Leads[i]
		s.Leads = append(s.Leads, lead{leadWord(l.Kind), pieces(l.Says), l.Because[:min(len(l.Because), because)]})
	}
	for _, n := range c.Indicators {
		s.Tests = append(s.Tests, test{clip(n.Key, 60), clipTheirs(n.Reads, 300), visible(n.Result), uint64(n.Flows), uint64(n.Sessions)})
	}
	return s
}

// verdictWord is the verdict with its reason: "silent: edge only", "consistent (weak)".
func verdictWord(v *audit.Verdict) string {
	switch {
	case v.Reason != "":
		return visible(string(v.Outcome) + ": " + strings.ReplaceAll(string(v.Reason), "_", " "))
	case v.Weak:
		return visible(string(v.Outcome)) + " (weak)"
	}
	return visible(string(v.Outcome))
}

func leadWord(k audit.LeadKind) string {
	switch k {
	case audit.LeadStrong:
		return "strong lead"
	case audit.LeadNotNamed:
		return "finding"
	}
	return "lead"
}

func cited(c *audit.Clause, source *audit.Source) []phrase {
	list := []phrase{{Theirs: clipTheirs(audit.Foreign(c.Source), 80)}}
	date := "date unknown"
	if source != nil {
		if source.Published != "" {
			date = "of " + visible(source.Published)
		} else {
			date = "seen on " + visible(source.Retrieved)
		}
		date += ", " + visible(source.Grade) + " source"
	}
	return append(list, phrase{Ours: foreign(" " + date + ", " + visible(strings.ReplaceAll(c.Force, "_", " ")))})
}

// promiseLine counts the verdicts: "6 statements checked: 1 contradicted, 1 consistent, 4 that traffic cannot speak to; 1 lead."
func promiseLine(a *audit.Audit) string {
	var all, contradicted, consistent, silent, leads int
	for i := range a.Promises {
		for k := range a.Promises[i].Clauses {
			v := &a.Promises[i].Clauses[k].Verdict
			all++
			for _, l := range v.Leads {
				if l.Kind != audit.LeadNotNamed {
					leads++
				}
			}
			switch v.Outcome {
			case audit.Contradicted:
				contradicted++
			case audit.Consistent:
				consistent++
			default:
				silent++
			}
		}
	}
	return plural(uint64(all), "statement") + " checked: " + count(uint64(contradicted)) + " contradicted, " + count(uint64(consistent)) + " consistent, " +
		count(uint64(silent)) + " that this traffic cannot speak to; " + plural(uint64(leads), "lead") + "."
}

// strongest is the sentence of the strongest verdict, for the top of a page; empty where every verdict is silent.
func strongest(a *audit.Audit) string {
	best := ""
	for i := range a.Promises {
		for k := range a.Promises[i].Clauses {
			v := &a.Promises[i].Clauses[k].Verdict
			switch {
			case v.Outcome == audit.Contradicted:
				return sentence(v.Says)
			case v.Outcome == audit.Consistent && best == "":
				best = sentence(v.Says)
			}
		}
	}
	return best
}

// join writes phrases as one sentence, with what is not ours in quotation marks.
func join(list []phrase) string {
	var b strings.Builder
	for _, p := range list {
		if p.Theirs != "" {
			b.WriteString(quoted(p.Theirs))
		} else {
			b.WriteString(p.Ours.String())
		}
	}
	return b.String()
}
