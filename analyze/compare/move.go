package compare

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/stats"
)

// The kinds of moves.
const (
	movePlace    = "place"
	moveOperator = "operator"
	moveOwner    = "owner"
)

// A spot is one value of one kind of a host item, and the sessions of each arm that show the host there.
type spot struct {
	value     string
	in        map[int]bool // sessions, by index
	seen      [2]int
	grade     [2]string
	words     [2]string
	addresses [2][]netip.Addr
	endpoints [2]map[string][]audit.ID
	p, q      float64
}

// A candidate is a host item with one kind of spots that the arms may not share.
type candidate struct {
	item  *audit.Item
	kind  string
	of    [2]int // sessions that show the host
	spots []*spot
	apart bool // no spot is in both arms
}

// moves looks at every host that both arms show: is it elsewhere? Each spot is tested among the sessions that show the host, and all of them
// are adjusted together.
func (c *comparer) moves() map[string][]candidate {
	contested := c.contested()
	var all []candidate
	var p []float64
	for i := range c.out.Items {
		it := &c.out.Items[i]
		if it.Level != audit.LevelHost || it.Pool || it.Unnamed || it.A.Seen == 0 || it.B.Seen == 0 {
			continue
		}
		for _, kind := range []string{movePlace, moveOperator, moveOwner} {
			cand := candidate{item: it, kind: kind, of: [2]int{it.A.Seen, it.B.Seen}, spots: c.spots(it, kind, contested)}
			if !differs(cand.spots) {
				continue
			}
			cand.apart = !slices.ContainsFunc(cand.spots, func(s *spot) bool { return s.seen[0] > 0 && s.seen[1] > 0 })
			for _, s := range cand.spots {
				shows := c.items[key{it.Level, it.Name}].in
				tables := c.tables(func(x *session) bool { return shows[x.n] != nil }, func(x *session) bool { return s.in[x.n] })
				s.p = stats.FisherWithin(tables...)
				p = append(p, math.NaN())
				if stats.Floor(tables...) <= Rate {
					p[len(p)-1] = s.p
				}
			}
			all = append(all, cand)
		}
	}
	q, n := stats.Adjust(p), 0
	moved := map[string][]candidate{}
	for _, cand := range all {
		for _, s := range cand.spots {
			if s.q = q[n]; math.IsNaN(s.q) {
				s.q = 1
			}
			n++
		}
		if !cand.apart && !cand.shown() {
			continue // some of many addresses are elsewhere: that is rotation
		}
		moved[cand.item.ID] = append(moved[cand.item.ID], cand)
	}
	return moved
}

// shown reports whether the tests show a spot of A alone and one of B alone.
func (c *candidate) shown() bool {
	var shown [2]bool
	for _, s := range c.spots {
		shown[0] = shown[0] || s.seen[1] == 0 && s.q <= Rate
		shown[1] = shown[1] || s.seen[0] == 0 && s.q <= Rate
	}
	return shown[0] && shown[1]
}

// differs reports whether the arms do not show the same spots: one that only A shows and one that only B shows.
func differs(spots []*spot) bool {
	var only [2]bool
	for _, s := range spots {
		only[0] = only[0] || s.seen[1] == 0
		only[1] = only[1] || s.seen[0] == 0
	}
	return only[0] && only[1]
}

// contested lists the addresses that the audits of the two arms place differently: then not the service is elsewhere but what datasets say.
func (c *comparer) contested() map[netip.Addr]bool {
	said := map[netip.Addr]string{}
	contested := map[netip.Addr]bool{}
	for _, src := range c.sources {
		for i := range src.Audit.Endpoints {
			e := &src.Audit.Endpoints[i]
			was, ok := said[e.Address]
			if ok && was != e.Place.Country {
				contested[e.Address] = true
			}
			said[e.Address] = e.Place.Country
		}
	}
	if n := len(contested); n > 0 {
		c.limit(fmt.Sprintf("The audits disagree on the place of %d addresses that both reached (their datasets or measurements differ): no move is inferred from these.", n))
	}
	return contested
}

// spots gathers where the sessions of either arm found a host.
func (c *comparer) spots(it *audit.Item, kind string, contested map[netip.Addr]bool) []*spot {
	index := map[string]*spot{}
	look := c.items[key{it.Level, it.Name}]
	for arm, name := range []string{"A", "B"} {
		for _, s := range c.arm(name) {
			v := look.in[s.n]
			if v == nil {
				continue
			}
			for address, id := range v.addresses {
				e := &s.Audit.Endpoints[id.N-1]
				value, grade, words := c.whereabouts(s, v, e, kind)
				if value == "" || kind == movePlace && contested[address] {
					continue
				}
				at := index[value]
				if at == nil {
					at = &spot{value: value, in: map[int]bool{}, endpoints: [2]map[string][]audit.ID{{}, {}}}
					index[value] = at
				}
				if !at.in[s.n] {
					at.in[s.n] = true
					at.seen[arm]++
				}
				// The best of the grades; of one grade the words that sort first, whatever the order of the map.
				if better := strings.Compare(grade, at.grade[arm]); better > 0 || better == 0 && (at.words[arm] == "" || words < at.words[arm]) {
					at.grade[arm], at.words[arm] = grade, words
				}
				if !slices.Contains(at.addresses[arm], address) {
					at.addresses[arm] = append(at.addresses[arm], address)
				}
				at.endpoints[arm][s.key] = append(at.endpoints[arm][s.key], id)
			}
		}
	}
	var list []*spot
	for _, s := range index {
		list = append(list, s)
	}
	slices.SortFunc(list, func(x, y *spot) int { return strings.Compare(x.value, y.value) })
	return list
}

// whereabouts is an endpoint's place, operator or owner, with grade and words; an empty value is not known.
func (c *comparer) whereabouts(s *session, v *sighting, e *audit.Endpoint, kind string) (value, grade, words string) {
	switch kind {
	case movePlace:
		return e.Place.Country, string(e.Place.Grade), e.Place.Words
	case moveOperator:
		if e.AS == 0 {
			return "", "", ""
		}
		value = fmt.Sprintf("AS%d", e.AS)
		return value, "", strings.TrimSpace(value + " " + e.Organisation)
	}
	value = e.Owner
	for name := range v.members {
		if o := s.owners[name]; o != nil && (value == e.Owner || o.Name < value) {
			value = o.Name
		}
	}
	return value, "", value
}

// moved writes the change of a host that is elsewhere. A place that one database says, or an edge, moves with the database: it is unresolved.
func (c *comparer) moved(it *audit.Item, candidates []candidate) {
	change := c.change(it, audit.ChangeMoved)
	change.Because, change.P, change.Q = nil, 1, 0
	decided := false
	best := 1.0
	for _, cand := range candidates {
		m := audit.Move{Kind: cand.kind, P: 1, Q: 1}
		ok, firm := [2]bool{}, [2]bool{}
		for _, s := range cand.spots {
			for arm := range 2 {
				if s.seen[arm] == 0 || s.seen[1-arm] != 0 {
					continue
				}
				entry := audit.Spot{
					Value: s.value, Grade: s.grade[arm], Words: s.words[arm], Seen: s.seen[arm], Of: cand.of[arm],
					Evidence: evidence(s.endpoints[arm]),
				}
				slices.SortFunc(s.addresses[arm], netip.Addr.Compare)
				for _, a := range s.addresses[arm][:min(evidenceLimit, len(s.addresses[arm]))] {
					entry.Addresses = append(entry.Addresses, a.String())
				}
				ok[arm] = ok[arm] || s.q <= Rate
				firm[arm] = firm[arm] || cand.kind != movePlace || s.grade[arm] >= string(audit.L2)
				if s.p < m.P {
					m.P, m.Q = s.p, s.q
				}
				if arm == 0 {
					m.From = append(m.From, entry)
				} else {
					m.To = append(m.To, entry)
				}
				change.Because = append(change.Because, entry.Evidence...)
			}
		}
		yes := ok[0] && ok[1] && firm[0] && firm[1] && c.stopped == ""
		decided = decided || yes
		switch {
		case c.stopped == "" && ok[0] && ok[1] && !yes:
			change.Missing = append(change.Missing, "places of grade L2 or better on both sides: what one database says moves with the database")
		case !yes && c.stopped == "":
			change.Missing = append(change.Missing, "more sessions of each arm that show the service")
		}
		m.P, m.Q = round(m.P), round(m.Q)
		m.Words = fmt.Sprintf("%s: %s -> %s", cand.kind, spotWords(m.From), spotWords(m.To))
		if best = min(best, m.P); best == m.P {
			change.P, change.Q = m.P, m.Q
		}
		change.Moves = append(change.Moves, m)
	}
	change.Because = merge(change.Because)
	var words []string
	for _, m := range change.Moves {
		words = append(words, m.Words)
	}
	what := strings.Join(words, "; ")
	change.Says = fmt.Sprintf("%s moved; %s%s", it.Name, what, c.tail())
	if !decided {
		change.Class = audit.ChangeUnresolved
		change.Says = fmt.Sprintf("%s may have moved; %s", it.Name, what)
		if c.stopped != "" {
			change.Missing = []string{"more sessions, or sessions that agree with each other"}
		}
		slices.Sort(change.Missing)
		change.Missing = slices.Compact(change.Missing)
	} else {
		change.Missing = nil
	}
	c.out.Changes = append(c.out.Changes, change)
}

// spotWords is "IE (L3) in 10/10", several joined by "or".
func spotWords(list []audit.Spot) string {
	var words []string
	for _, s := range list {
		w := s.Words
		if s.Grade != "" {
			w += " (" + s.Grade + ")"
		}
		words = append(words, fmt.Sprintf("%s, %d/%d", w, s.Seen, s.Of))
	}
	return strings.Join(words, " or ")
}

// merge joins evidence of the same audit.
func merge(list []audit.Evidence) []audit.Evidence {
	ids := map[string][]audit.ID{}
	for _, e := range list {
		ids[e.Audit] = append(ids[e.Audit], e.IDs...)
	}
	joined := evidence(ids)
	slices.SortFunc(joined, func(x, y audit.Evidence) int { return cmp.Compare(x.Audit, y.Audit) })
	return joined
}
