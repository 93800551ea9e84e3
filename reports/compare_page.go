package reports

import (
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// A comparePage is what the formats for people show of a comparison: picked and worded once.
type comparePage struct {
	Title    foreign
	Practice bool
	Headline []foreign
	Notes    []string
	Changes  []changeRow // what the tests show
	Open     []changeRow // what they cannot decide
	Rotation []changeRow
	Tests    []testRow
	Design   []foreign
	Columns  []sessionColumn
	SplitAt  int // columns of arm A
	Rows     []presenceRow
	MoreRows int
	Clauses  []clauseRow
	Arms     []armRow
	Sessions []sessionRow
	Audits   []auditRow
	Limits   []foreign
	Tool     foreign
}

type changeRow struct {
	ID, Class, Level, Name foreign
	Counts                 string
	P, Q                   string
	BytesUp                string
	Says                   foreign
	Needed                 string
	Evidence               []evidenceRow
	Missing                []foreign
}

type evidenceRow struct {
	Audit foreign
	IDs   string
	Links []evidenceLink
}

// An evidenceLink is an id, and where the audit's report shows it; the URL may be empty.
type evidenceLink struct {
	ID, URL  string
	endpoint bool
}

type testRow struct {
	Words            foreign
	Outcome, P, Note string
}

type sessionColumn struct {
	N   string
	Arm string
	Tip foreign
}

type presenceRow struct {
	Name   foreign
	Class  foreign
	Counts string
	Cells  []bool
	Marks  string // "##.#"
}

type clauseRow struct{ Key, Quote, A, B, Words foreign }

type sessionRow struct {
	N, Arm, Where, Day, Time, LeftOut, Fields foreign
	Hosts                                     int
	Up                                        string
}

type armRow struct {
	Name, What foreign
	audit.Arm
}

type auditRow struct {
	Key, Name, Digest, Datasets foreign
	Href                        string // of the audit's report; may be empty
}

// The parts of a large comparison that a page shows.
const (
	presenceRows    = 400
	presenceColumns = 120
)

func newComparePage(c *audit.Comparison, rows int) *comparePage {
	p := &comparePage{
		Title: foreign(orElse(c.App, "unnamed app") + ": " + c.Arms[0].Words + " and " + c.Arms[1].Words), Practice: c.Practice,
		Notes: notShownByComparison, Tool: foreign(c.Tool.Name + " " + c.Tool.Version),
	}
	for _, a := range c.Arms {
		p.Arms = append(p.Arms, armRow{foreign(a.Key), foreign(a.Words), a})
	}
	for _, h := range c.Headline {
		p.Headline = append(p.Headline, foreign(h))
	}
	for _, l := range c.Limits {
		p.Limits = append(p.Limits, foreign(l))
	}
	items := map[string]*audit.Item{}
	for i := range c.Items {
		items[c.Items[i].ID] = &c.Items[i]
	}
	class := map[string]audit.ChangeClass{}
	for i := range c.Changes {
		ch := &c.Changes[i]
		class[ch.Item] = ch.Class
		row := newChangeRow(ch, items[ch.Item])
		switch ch.Class {
		case audit.ChangeUnresolved:
			p.Open = append(p.Open, row)
		case audit.ChangeRotation:
			p.Rotation = append(p.Rotation, row)
		default:
			p.Changes = append(p.Changes, row)
		}
	}
	for i := range c.Tests {
		p.Tests = append(p.Tests, newTestRow(&c.Tests[i]))
	}
	p.Design = append(p.Design, foreign(c.Design.Words))
	var days []string
	for _, b := range c.Design.Blocks {
		days = append(days, strings.TrimSpace(fmt.Sprintf("%s %d+%d %s", b.Day, b.A, b.B, b.Stratum)))
	}
	if len(days) > 0 {
		p.Design = append(p.Design, foreign("Sessions by day, A+B: "+strings.Join(days, ", ")))
	}
	p.matrix(c, class, rows)
	for i := range c.Clauses {
		cl := &c.Clauses[i]
		p.Clauses = append(p.Clauses, clauseRow{foreign(cl.File + " " + cl.Key), foreign(cl.Quote), clauseWords(cl.A), clauseWords(cl.B), foreign(cl.Words)})
	}
	p.sources(c)
	return p
}

// link makes links of the audits, and of the endpoints among the evidence, to where the reports are shown.
func (p *comparePage) link(hrefs []string) {
	of := map[foreign]string{}
	for i, href := range hrefs {
		p.Audits[i].Href = href
		of[p.Audits[i].Key] = href
	}
	for _, rows := range [][]changeRow{p.Changes, p.Open, p.Rotation} {
		for i := range rows {
			for _, e := range rows[i].Evidence {
				for j := range e.Links {
					if href := of[e.Audit]; href != "" && e.Links[j].endpoint {
						e.Links[j].URL = href + "#" + e.Links[j].ID
					}
				}
			}
		}
	}
}

func newChangeRow(ch *audit.Change, it *audit.Item) changeRow {
	row := changeRow{
		ID: foreign(ch.ID), Class: foreign(ch.Class), Level: foreign(ch.Level), Name: foreign(ch.Name), Says: foreign(ch.Says),
		Counts: fmt.Sprintf("%d/%d -> %d/%d", ch.A.Seen, ch.A.Of, ch.B.Seen, ch.B.Of),
		P:      probability(ch.P), Q: "not tested", BytesUp: size(it.A.BytesUp) + " -> " + size(it.B.BytesUp), Needed: "–",
	}
	if ch.Q > 0 {
		row.Q = probability(ch.Q)
	}
	if ch.Needed > 0 {
		row.Needed = count(uint64(ch.Needed))
	}
	for _, e := range ch.Because {
		row.Evidence = append(row.Evidence, newEvidence(e))
	}
	for _, m := range ch.Missing {
		row.Missing = append(row.Missing, foreign(m))
	}
	return row
}

func newEvidence(e audit.Evidence) evidenceRow {
	row := evidenceRow{Audit: foreign(e.Audit)}
	ids := make([]string, len(e.IDs))
	for i, id := range e.IDs {
		ids[i] = id.String()
		row.Links = append(row.Links, evidenceLink{ID: ids[i], endpoint: id.Kind == audit.KindEndpoint})
	}
	row.IDs = strings.Join(ids, " ")
	return row
}

// evidenceText is "A1 f3 f9, B1 f4".
func evidenceText(list []evidenceRow) string {
	words := make([]string, len(list))
	for i, e := range list {
		words[i] = e.Audit.String() + " " + e.IDs
	}
	return strings.Join(words, ", ")
}

func newTestRow(t *audit.SplitTest) testRow {
	row := testRow{Words: foreign(t.Words), Outcome: "unresolved", P: "–"}
	switch t.Outcome {
	case audit.SplitAlike:
		row.Outcome = "no difference shown"
	case audit.SplitDifferent:
		row.Outcome = "different"
	}
	if t.Splits > 0 {
		how := "random splits and the observed one"
		if t.Exact {
			how = "splits, all there are"
		}
		row.P = probability(t.P)
		row.Note = fmt.Sprintf("%d and %d sessions, %s %s; different if p <= %s", t.A, t.B, count(uint64(t.Splits)), how, probability(t.Limit))
	}
	if len(t.Missing) > 0 {
		row.Note = strings.TrimPrefix(row.Note+"; missing: "+strings.Join(t.Missing, ", "), "; ")
	}
	return row
}

// probability writes a p-value: two digits, never 0.
func probability(p float64) string {
	if p < 0.0001 {
		return "<0.0001"
	}
	return fmt.Sprintf("%.2g", p)
}

// matrix fills the picture of noise: every host, or what changed first and the rest by how often it was seen.
func (p *comparePage) matrix(c *audit.Comparison, class map[string]audit.ChangeClass, rows int) {
	var columns []uint32
	for i := range c.Sessions {
		s := &c.Sessions[i]
		if s.LeftOut != "" || s.Arm == "C" || s.Arm == "A" && p.SplitAt == presenceColumns/2 || len(columns) == presenceColumns {
			continue
		}
		if s.Arm == "A" {
			p.SplitAt++
		}
		columns = append(columns, s.N)
		p.Columns = append(p.Columns, sessionColumn{N: fmt.Sprint(s.N), Arm: s.Arm, Tip: foreign(s.Audit + " " + s.Session.String() + " " + s.Recording + " " + s.Day)})
	}
	var hosts []*audit.Item
	for i := range c.Items {
		if c.Items[i].Level == audit.LevelHost {
			hosts = append(hosts, &c.Items[i])
		}
	}
	rank := func(it *audit.Item) int {
		switch class[it.ID] {
		case "", audit.ChangeRotation:
			return 0
		case audit.ChangeUnresolved:
			return -1
		}
		return -2
	}
	slices.SortStableFunc(hosts, func(x, y *audit.Item) int {
		if d := rank(x) - rank(y); d != 0 {
			return d
		}
		return y.A.Seen + y.B.Seen - x.A.Seen - x.B.Seen
	})
	if len(hosts) > rows {
		p.MoreRows = len(hosts) - rows
		hosts = hosts[:rows]
	}
	for _, it := range hosts {
		row := presenceRow{Name: foreign(it.Name), Class: foreign(class[it.ID]), Counts: fmt.Sprintf("%d/%d -> %d/%d", it.A.Seen, it.A.Of, it.B.Seen, it.B.Of)}
		var marks strings.Builder
		for i, n := range columns {
			_, a := slices.BinarySearch(it.A.Sessions, n)
			_, b := slices.BinarySearch(it.B.Sessions, n)
			row.Cells = append(row.Cells, a || b)
			if i == p.SplitAt {
				marks.WriteByte(' ')
			}
			if a || b {
				marks.WriteByte('#')
			} else {
				marks.WriteByte('.')
			}
		}
		row.Marks = marks.String()
		p.Rows = append(p.Rows, row)
	}
}

func clauseWords(list []audit.ClauseInArm) foreign {
	var words []string
	for _, v := range list {
		w := v.Outcome
		if v.Reason != "" {
			w += " (" + strings.ReplaceAll(v.Reason, "_", " ") + ")"
		}
		if v.Date != "" {
			w += ", text of " + v.Date
		}
		words = append(words, w)
	}
	return foreign(orElse(strings.Join(words, "; "), "not examined"))
}

func (p *comparePage) sources(c *audit.Comparison) {
	for i := range c.Sessions {
		s := &c.Sessions[i]
		var fields []string
		for _, f := range s.Fields {
			fields = append(fields, f.Name+" "+f.Value)
		}
		start := s.Start.String()
		if len(start) > 16 {
			start = start[11:16]
		}
		p.Sessions = append(p.Sessions, sessionRow{
			foreign(fmt.Sprint(s.N)), foreign(s.Arm), foreign(s.Audit + " " + s.Session.String() + " " + s.Recording), foreign(s.Day), foreign(start),
			foreign(s.LeftOut), foreign(strings.Join(fields, ", ")), s.Hosts, size(s.BytesUp),
		})
	}
	for i := range c.Audits {
		a := &c.Audits[i]
		row := auditRow{Key: foreign(a.Key), Name: foreign(a.Name), Digest: "made for this comparison"}
		if !a.SHA256.IsZero() {
			row.Digest = foreign("SHA-256 " + a.SHA256.String())
		}
		var sets []string
		for _, d := range a.Datasets {
			sets = append(sets, d.Name+" "+d.AsOf)
		}
		row.Datasets = foreign(orElse(strings.Join(sets, ", "), "none"))
		p.Audits = append(p.Audits, row)
	}
}
