package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/stats"
)

// design says how the sessions lie in time, and in what else the arms differ.
func (c *comparer) design() {
	d := &c.out.Design
	d.Rate, d.Draws, d.Seed = Rate, Draws, Seed
	d.Smallest = round(stats.Fisher(0, c.of[0], c.of[1], c.of[1]))
	d.Level = "device"
	if slices.ContainsFunc(c.all, func(s *session) bool { return s.counts() && s.level == "app" }) {
		d.Level = "app"
	}
	blocks, _ := c.blocks(c.arm("A"), c.arm("B"))
	common := [2]int{}
	for _, b := range blocks {
		d.Blocks = append(d.Blocks, b.DayBlock)
		if b.A > 0 && b.B > 0 {
			common[0] += b.A
			common[1] += b.B
		}
	}
	turns := c.turns()
	d.Interleaved = turns >= 4 && 2*common[0] >= c.of[0] && 2*common[1] >= c.of[1]
	switch {
	case d.Interleaved:
		d.Words = fmt.Sprintf("The arms were recorded alternately (%d changes between them), with at least half of the sessions of each on days with both: "+
			"a change in the services alone would show in both arms.", turns-1)
	case common[0] == 0:
		d.Words = "No day has sessions of both arms: whether a difference is associated with " + c.noun() + " or with time cannot be determined. " + howToRecord
	default:
		d.Words = "The arms were not recorded alternately: whether a difference is associated with " + c.noun() + " or with time cannot be determined. " + howToRecord
	}
	for i := range Fields {
		f := &Fields[i]
		if f.Name == c.by.Name || f.Name == "audit" {
			continue
		}
		of := func(s *session) string { return f.of(s.s, s.Audit) }
		if c.uneven(of) {
			d.Differs = append(d.Differs, audit.Difference{Field: f.Name, A: c.shares("A", of), B: c.shares("B", of)})
		}
	}
}

// uneven reports whether a value of a field has another share in the sessions of one arm than in those of the other. What the strata keep
// apart may be uneven.
func (c *comparer) uneven(of func(*session) string) bool {
	for _, v := range append(distinct(c.all, "A", of), distinct(c.all, "B", of)...) {
		tables := c.tables(every, func(s *session) bool { return of(s) == v })
		if d := apartness(tables); d >= apart || d <= -apart {
			return true
		}
	}
	return !slices.Equal(distinct(c.all, "A", of), distinct(c.all, "B", of))
}

// shares lists the values of a field in an arm: "accepted", or "accepted (9)" and "rejected (1)".
func (c *comparer) shares(arm string, of func(*session) string) []string {
	values := distinct(c.all, arm, of)
	if len(values) == 1 {
		return values
	}
	for i, v := range values {
		n := 0
		for _, s := range c.arm(arm) {
			if of(s) == v {
				n++
			}
		}
		values[i] = fmt.Sprintf("%s (%d)", orNotRecorded(v), n)
	}
	return values
}

const howToRecord = "Record both alternately (A B B A …), on the same days, at least three of them."

// noun is what the arms are told apart by, in a sentence.
func (c *comparer) noun() string {
	if c.by.Name == "audit" {
		return "the arm"
	}
	return "the " + strings.ReplaceAll(c.by.Name, "-", " ")
}

// turns counts the runs of sessions of one arm, in the order of time.
func (c *comparer) turns() int {
	list := append(c.arm("A"), c.arm("B")...)
	slices.SortStableFunc(list, func(x, y *session) int { return cmp.Compare(x.s.Start, y.s.Start) })
	runs, last := 0, ""
	for _, s := range list {
		if s.arm != last {
			runs, last = runs+1, s.arm
		}
	}
	return runs
}

// A block is one day of one stratum, with the sessions of the first set before those of the second.
type block struct {
	audit.DayBlock
	sessions []*session
}

// blocks groups the sessions of two sets by stratum and day. Sessions without a day are in none; they are counted in undated.
func (c *comparer) blocks(a, b []*session) (list []*block, undated int) {
	index := map[string]*block{}
	add := func(s *session, first bool) {
		if s.day == "" {
			undated++
			return
		}
		at := index[s.stratum+"\x00"+s.day]
		if at == nil {
			at = &block{DayBlock: audit.DayBlock{Day: s.day, Stratum: s.stratum}}
			index[s.stratum+"\x00"+s.day] = at
			list = append(list, at)
		}
		at.sessions = append(at.sessions, s)
		if first {
			at.A++
		} else {
			at.B++
		}
	}
	for _, s := range a {
		add(s, true)
	}
	for _, s := range b {
		add(s, false)
	}
	slices.SortFunc(list, func(x, y *block) int {
		return cmp.Or(strings.Compare(x.Stratum, y.Stratum), strings.Compare(x.Day, y.Day))
	})
	return list, undated
}

// splits runs the controls and then the arms.
func (c *comparer) splits() {
	a, b, control := c.arm("A"), c.arm("B"), c.arm("C")
	type pair struct {
		key, words string
		x, y       []*session
	}
	var controls []pair
	if len(control) > 0 {
		against, i := a, 0
		if len(b) > 0 && control[0].value == b[0].value && c.by.Name != "audit" {
			against, i = b, 1
		}
		controls = append(controls, pair{"control", "The control against " + c.words(i), control, against})
	} else {
		for i, arm := range [][]*session{a, b} {
			var halves [2][]*session
			for n, s := range arm {
				halves[n%2] = append(halves[n%2], s)
			}
			controls = append(controls, pair{"control-" + strings.ToLower([]string{"A", "B"}[i]), "Every other session of " + c.words(i) + " against the rest", halves[0], halves[1]})
		}
	}
	limit := Rate / float64(len(controls)) // Bonferroni: an alarm of any of them stops
	for _, p := range controls {
		t := c.split(p.key, p.words, p.x, p.y, limit)
		c.out.Tests = append(c.out.Tests, t)
		if t.Outcome == audit.SplitDifferent {
			c.stopped = p.words + ": the sessions differ among themselves, so no difference between the arms can be relied on."
		}
	}
	t := c.split("arms", capital(c.words(0))+" against "+c.words(1), a, b, Rate)
	c.out.Tests = append(c.out.Tests, t)
}

// split asks whether two sets are of one kind. It does not matter which of the two is named first.
func (c *comparer) split(name, words string, x, y []*session, limit float64) audit.SplitTest {
	t := audit.SplitTest{Key: name, Limit: limit, P: 1, Smallest: 1, Words: words}
	all, undated := c.blocks(x, y)
	var blocks []stats.Block
	var members []*session
	flip := len(x) > 0 && len(y) > 0 && later(x[0], y[0])
	for _, b := range all {
		if b.A == 0 || b.B == 0 {
			continue
		}
		first, second := b.sessions[:b.A], b.sessions[b.A:]
		if flip { // random splits begin from the observed one
			first, second = second, first
		}
		block := stats.Block{A: len(first)}
		for _, s := range append(slices.Clone(first), second...) {
			block.Sessions = append(block.Sessions, len(members))
			members = append(members, s)
		}
		blocks = append(blocks, block)
		t.A += b.A
		t.B += b.B
	}
	if len(blocks) == 0 {
		missing := "a day with sessions of both"
		if undated > 0 {
			missing += " (a recording without times has no day)"
		}
		t.Missing = []string{missing + ". " + howToRecord}
		if name != "arms" {
			t.Missing = []string{"two sessions of it on one day"}
		}
		return t
	}
	p := stats.Permute(c.distances(members), blocks, draws(len(members)), Seed)
	t.Statistic, t.P, t.Splits, t.Exact = round(p.Statistic), round(p.P), p.Splits, p.Exact
	t.Smallest = round(1 / float64(p.Splits))
	switch {
	case p.P <= limit:
		t.Outcome = audit.SplitDifferent
	case 1/float64(p.Splits) > limit:
		t.Missing = []string{fmt.Sprintf("sessions: %d and %d on common days can be split in %d ways, so p cannot be smaller than %.2g", t.A, t.B, p.Splits, t.Smallest)}
	default:
		t.Outcome = audit.SplitAlike
	}
	return t
}

// draws is how many random splits of n sessions are looked at: fewer of very many sessions, so that a test takes seconds and no more. The
// smallest p is still far below any limit.
func draws(n int) int {
	const pairs = 5_000_000_000 // looked at in all
	return max(999, min(Draws, pairs/max(1, n*n)))
}

// later orders sets by their first sessions.
func later(x, y *session) bool {
	return cmp.Or(cmp.Compare(x.s.Start, y.s.Start), slices.Compare(x.digest(), y.digest())) > 0
}

// distances are those of Jaccard (1901) between what two sessions show: 1 - common / all. Two sessions that show nothing are alike.
func (c *comparer) distances(list []*session) [][]float64 {
	shows := make([][]bool, len(list))
	keys := c.sorted(audit.LevelHost)
	for i, s := range list {
		shows[i] = make([]bool, len(keys))
		for j, k := range keys {
			shows[i][j] = c.items[k].in[s.n] != nil
		}
	}
	d := make([][]float64, len(list))
	for i := range d {
		d[i] = make([]float64, len(list))
		for j := range i {
			both, any := 0, 0
			for k := range keys {
				x, y := shows[i][k], shows[j][k]
				if x && y {
					both++
				}
				if x || y {
					any++
				}
			}
			if any > 0 {
				d[i][j] = 1 - float64(both)/float64(any)
			}
			d[j][i] = d[i][j]
		}
	}
	return d
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
