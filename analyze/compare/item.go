package compare

import (
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/stats"
)

var levels = []audit.ItemLevel{audit.LevelHost, audit.LevelDomain, audit.LevelOrganisation, audit.LevelJurisdiction}

// test gives every item of either arm its counts, p and q. Only items whose counts can give p <= Rate take part in the adjustment: whether
// they can depends on the sum over both arms alone, so leaving the others out favours no arm (Tarone, Biometrics 46, 1990, pages 515-522;
// Bourgon, Gentleman and Huber, PNAS 107, 2010, pages 9546-9551).
func (c *comparer) test() {
	c.tested, c.apart = map[audit.ItemLevel]int{}, map[string]float64{}
	for _, level := range levels {
		from := len(c.out.Items)
		var p []float64
		for _, k := range c.sorted(level) {
			it := c.items[k]
			v := audit.Item{
				Level: level, Name: k.name, Pool: it.pool, Unnamed: it.unnamed, Domain: it.domain, Organisation: it.organisation,
				A: c.presence(it, "A"), B: c.presence(it, "B"), Members: c.members(it),
			}
			if v.A.Seen+v.B.Seen == 0 { // of the control only
				continue
			}
			v.ID = "i" + strconv.Itoa(len(c.out.Items)+1)
			tables := c.tables(every, func(s *session) bool { return it.in[s.n] != nil })
			v.P = stats.FisherWithin(tables...)
			v.Tested = stats.Floor(tables...) <= Rate
			c.apart[v.ID] = apartness(tables)
			p = append(p, math.NaN())
			if v.Tested {
				p[len(p)-1] = v.P
				c.tested[level]++
			}
			c.out.Items = append(c.out.Items, v)
		}
		q := stats.Adjust(p)
		for i := range q {
			v := &c.out.Items[from+i]
			v.P = round(v.P)
			if v.Tested {
				v.Q = round(q[i])
			}
		}
	}
}

func every(*session) bool { return true }

// tables counts, in every stratum, the sessions of either arm that among show, and how many of these are hits. What is summed over strata
// could make a difference of places one of arms.
func (c *comparer) tables(among, hit func(*session) bool) []stats.Table {
	index := map[string]*stats.Table{}
	for _, s := range c.all {
		if !s.counts() || s.arm == "C" || !among(s) {
			continue
		}
		t := index[s.stratum]
		if t == nil {
			t = &stats.Table{}
			index[s.stratum] = t
		}
		seen, of := &t.A, &t.M
		if s.arm == "B" {
			seen, of = &t.B, &t.N
		}
		*of++
		if hit(s) {
			*seen++
		}
	}
	var list []stats.Table
	for _, stratum := range slices.Sorted(maps.Keys(index)) {
		list = append(list, *index[stratum])
	}
	return list
}

// apartness is the difference between the shares of A and B: of several tables the mean, with the weights of Mantel and Haenszel (as for a
// risk difference: Greenland and Robins, Biometrics 41, 1985, pages 55-68).
func apartness(tables []stats.Table) float64 {
	sum, weights := 0.0, 0.0
	for _, t := range tables {
		all := float64(t.M + t.N) // never 0: a stratum is one of sessions
		sum += float64(t.A*t.N-t.B*t.M) / all
		weights += float64(t.M*t.N) / all
	}
	if weights == 0 {
		return 0
	}
	return sum / weights
}

func (c *comparer) presence(it *item, arm string) audit.Presence {
	p := audit.Presence{Of: c.of[arm[0]-'A']}
	var bytes []uint64
	addresses := map[netip.Addr]bool{}
	flows, endpoints := map[string][]audit.ID{}, map[string]audit.ID{}
	for _, s := range c.arm(arm) {
		v := it.in[s.n]
		if v == nil {
			continue
		}
		p.Seen++
		p.Sessions = append(p.Sessions, uint32(s.n+1))
		bytes = append(bytes, v.bytesUp)
		for a := range v.addresses {
			addresses[a] = true
		}
		flows[s.key] = append(flows[s.key], v.flows...)
		for _, id := range v.addresses {
			if e := endpoints[s.key]; e.IsZero() || id.Compare(e) < 0 {
				endpoints[s.key] = id
			}
		}
	}
	for k, id := range endpoints { // one of them comes first: a report shows it, and what is known of it
		flows[k] = append(flows[k], id)
	}
	p.BytesUp, p.Addresses = median(bytes), len(addresses)
	p.Evidence = evidence(flows)
	return p
}

// evidence lists the first ids of every audit, by key.
func evidence(ids map[string][]audit.ID) []audit.Evidence {
	var list []audit.Evidence
	for k, v := range ids {
		slices.SortFunc(v, audit.ID.Compare)
		v = slices.Compact(v)
		list = append(list, audit.Evidence{Audit: k, IDs: v[:min(len(v), evidenceLimit)]})
	}
	slices.SortFunc(list, func(x, y audit.Evidence) int { return strings.Compare(x.Audit, y.Audit) })
	return list
}

// membersLimit is how many names of one item are listed.
const membersLimit = 50

// members lists the names inside a host item, unless its own is the only one, and the hosts of an organisation or a jurisdiction. Past membersLimit the names seen most often stay.
func (c *comparer) members(it *item) []audit.Member {
	count := map[string]*audit.Member{}
	for n, v := range it.in {
		for name := range v.members {
			m := count[name]
			if m == nil {
				m = &audit.Member{Name: name}
				count[name] = m
			}
			switch c.all[n].arm {
			case "A":
				m.A++
			case "B":
				m.B++
			}
		}
	}
	var list []audit.Member
	for _, m := range count {
		if m.A+m.B > 0 && (m.Name != it.name || len(count) > 1) {
			list = append(list, *m)
		}
	}
	slices.SortFunc(list, func(x, y audit.Member) int {
		if d := y.A + y.B - x.A - x.B; d != 0 && len(list) > membersLimit {
			return d
		}
		return strings.Compare(x.Name, y.Name)
	})
	list = list[:min(len(list), membersLimit)]
	slices.SortFunc(list, func(x, y audit.Member) int { return strings.Compare(x.Name, y.Name) })
	return list
}
