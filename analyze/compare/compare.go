package compare

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/stats"
)

// The numbers of the method.
const (
	Rate        = 0.05    // false discovery rate of the item tests, and level of the global test
	MinSessions = 4       // of each arm: with fewer no count can give p <= Rate
	Draws       = 100_000 // random splits, where there are too many to look at all
	Seed        = 1       // of the random splits
	neededLimit = 200     // sessions of each arm: more are not asked for
)

// Options say how to compare.
type Options struct {
	By     string   // name of a Field
	Values []string // of one set of sessions: the field's value in A and in B; empty if it has no other ones
	Tool   audit.Tool
}

// A comparer is one comparison in the making.
type comparer struct {
	by      *Field
	app     string
	value   [2]string // of the arms
	sources []*source
	all     []*session
	items   map[key]*item
	out     *audit.Comparison
	of      [2]int // sessions that count
	stopped string // why no class but unresolved can be given; empty if classes can
	tested  map[audit.ItemLevel]int
	apart   map[string]float64 // of an item, by id: see apartness

	stratified bool // sessions of more than one stratum count
}

// Run compares a with b. Without b, a holds both arms and the field has two values in it. The control may be empty: then either arm is
// split in two. An error says why the sessions cannot be compared.
func Run(a, b, control []Input, o Options) (*audit.Comparison, error) {
	by, err := FindField(o.By)
	if err != nil {
		return nil, err
	}
	c := &comparer{by: by, out: &audit.Comparison{Schema: audit.CompareSchema, Tool: o.Tool, By: o.By}}
	if err := c.arms(a, b, control, o.Values); err != nil {
		return nil, err
	}
	for i, s := range c.all {
		s.n = i
	}
	c.look()
	c.sum()
	c.design()
	c.splits()
	c.test()
	c.classes()
	c.clauses()
	c.limits()
	c.headline()
	c.fill()
	return c.out, nil
}

func (c *comparer) limit(s string) {
	if !slices.Contains(c.out.Limits, s) {
		c.out.Limits = append(c.out.Limits, s)
	}
}

// sorted lists the keys of a level by name.
func (c *comparer) sorted(level audit.ItemLevel) []key {
	var keys []key
	for k := range c.items {
		if k.level == level {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(x, y key) int { return strings.Compare(x.name, y.name) })
	return keys
}

// of lists the sessions of an arm that count, in the order of time.
func (c *comparer) arm(key string) []*session {
	var list []*session
	for _, s := range c.all {
		if s.arm == key && s.counts() {
			list = append(list, s)
		}
	}
	return list
}

// sum fills what the document says of audits, arms and sessions.
func (c *comparer) sum() {
	out := c.out
	out.App = c.app
	for _, src := range c.sources {
		in := audit.ComparedAudit{
			Key: src.key, Name: src.Name, SHA256: src.SHA256, Tool: strings.TrimSpace(src.Audit.Tool.Name + " " + src.Audit.Tool.Version),
			Sessions: len(src.Audit.Sessions), Datasets: []audit.CitedDataset{},
		}
		for _, d := range src.Audit.Datasets {
			in.Datasets = append(in.Datasets, audit.CitedDataset{Name: d.Name, AsOf: d.AsOf, SHA256: d.SHA256})
		}
		out.Audits = append(out.Audits, in)
		out.Practice = out.Practice || src.Audit.Practice
		for i := range src.Audit.Recordings {
			out.Practice = out.Practice || src.Audit.Recordings[i].Practice
		}
	}
	hosts := map[int]int{}
	seen := [2][]int{}
	for _, k := range c.sorted(audit.LevelHost) {
		in := [2]int{}
		for n := range c.items[k].in {
			hosts[n]++
			switch c.all[n].arm {
			case "A":
				in[0]++
			case "B":
				in[1]++
			}
		}
		for i, n := range in {
			if n > 0 {
				seen[i] = append(seen[i], n)
			}
		}
	}
	for i, name := range []string{"A", "B"} {
		list := c.arm(name)
		c.of[i] = len(list)
		arm := audit.Arm{
			Key: name, Value: c.value[i], Words: c.words(i), Sessions: len(list), Hosts: len(seen[i]),
			Coverage: round(stats.Coverage(seen[i])), Richness: round(stats.Richness(seen[i], len(list))), Unseen: round(stats.Unseen(len(list), 0.95)),
		}
		for _, s := range c.all {
			if s.arm == name && !s.counts() {
				arm.LeftOut++
			}
		}
		days := map[string]bool{}
		for _, s := range list {
			if s.day != "" {
				days[s.day] = true
			}
		}
		arm.Days = len(days)
		out.Arms = append(out.Arms, arm)
	}
	for _, s := range c.all {
		entry := audit.ComparedSession{
			N: uint32(s.n + 1), Arm: s.arm, Audit: s.key, Session: s.s.ID, Day: s.day, Start: s.s.Start, End: s.s.End, Stratum: s.stratum,
			Fields: settings(s.s, s.Audit), Hosts: hosts[s.n], BytesUp: s.bytesUp, LeftOut: s.leftOut,
		}
		if len(s.s.Recordings) > 0 {
			entry.Recording = s.Audit.Recordings[s.s.Recordings[0].N-1].Name
		}
		if s.counts() && entry.Hosts == 0 {
			c.limit("A session that shows no destination counts like the others; whether nothing was sent or nothing was recorded cannot be determined from it.")
		}
		out.Sessions = append(out.Sessions, entry)
	}
}

// words names an arm in a sentence.
func (c *comparer) words(i int) string {
	if c.by.Name == "audit" {
		return "arm " + c.value[i]
	}
	return strings.ReplaceAll(c.by.Name, "-", " ") + " " + c.value[i]
}

// round keeps six digits: the last ones differ between processors.
func round(f float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 6, 64), 64)
	return r
}

// fill makes every list one, so that none is null in JSON, and puts the limits in order.
func (c *comparer) fill() {
	out := c.out
	empty(&out.Headline)
	empty(&out.Audits)
	empty(&out.Sessions)
	empty(&out.Design.Blocks)
	empty(&out.Design.Differs)
	empty(&out.Tests)
	empty(&out.Items)
	empty(&out.Changes)
	empty(&out.Clauses)
	empty(&out.Limits)
}

func empty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// median of numbers; 0 of none. Of an even number it is the lower one of the two in the middle.
func median[T cmp.Ordered](list []T) (m T) {
	if len(list) == 0 {
		return m
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[(len(sorted)-1)/2]
}
