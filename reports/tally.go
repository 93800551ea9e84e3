package reports

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"abroad/analyze/audit"
)

// A tally gathers what a page needs in one walk over the endpoints, one over the flows and one over the claims. Only the endpoints that the
// page shows in full gather anything, so that a page of a hundred thousand flows costs little more than one of a hundred.
type tally struct {
	a      *audit.Audit
	b      bounds
	slot   []int32 // by ordinal of the endpoint: 1 + its place in chosen; 0 = summed
	chosen []*gathered
	rest   sum
	byApp  map[string]*appSum

	edges, claimed, open  uint64 // endpoints; open: no single country, and no edge
	push, proxied, midway uint64 // flows
}

// gathered is what belongs to one endpoint.
type gathered struct {
	e      *audit.Endpoint
	names  []boundName
	flows  []*audit.Flow
	claims []*audit.Claim
	more   int // claims past the bound
	apps   []string
}

// A boundName is a name with the way it was learned, and how many flows it is bound to in that way.
type boundName struct {
	name  *audit.Name // as the first such flow has it
	flows uint64
}

// appSum is the traffic of one app, as the operating system named it.
type appSum struct {
	Name     foreign
	Label    foreign
	Grade    foreign
	Flows    uint64
	Up, Down uint64
	order    int
}

func newTally(a *audit.Audit, b bounds) *tally {
	t := &tally{a: a, b: b, slot: make([]int32, len(a.Endpoints)+1), byApp: map[string]*appSum{}}
	t.pick()
	t.walkFlows()
	t.walkClaims()
	return t
}

// before orders endpoints as a page lists them: what went out first; addresses that can lie in no country stand behind the rest.
func before(a, b *audit.Endpoint) int {
	if s, r := special(a.Class), special(b.Class); s != r {
		if s {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(b.BytesUp, a.BytesUp), cmp.Compare(b.BytesDown, a.BytesDown), a.ID.Compare(b.ID))
}

// pick chooses the endpoints to show: a short sorted list that every endpoint tries to enter.
func (t *tally) pick() {
	top := make([]*audit.Endpoint, 0, t.b.destinations+1)
	for i := range t.a.Endpoints {
		e := &t.a.Endpoints[i]
		switch {
		case e.Place.Role == audit.RoleEdge:
			t.edges++
		case e.Place.Country != "" && !e.Place.Grade.Place():
			t.claimed++
		case e.Place.Country == "" && !special(e.Class):
			t.open++
		}
		if len(top) == t.b.destinations && (len(top) == 0 || before(e, top[len(top)-1]) >= 0) {
			t.rest.add(e.Flows, e.BytesUp, e.BytesDown)
			continue
		}
		at, _ := slices.BinarySearchFunc(top, e, before)
		top = slices.Insert(top, at, e)
		if len(top) > t.b.destinations {
			last := top[len(top)-1]
			t.rest.add(last.Flows, last.BytesUp, last.BytesDown)
			top = top[:len(top)-1]
		}
	}
	for _, e := range top {
		t.chosen = append(t.chosen, &gathered{e: e})
		if int64(e.ID.N) < int64(len(t.slot)) {
			t.slot[e.ID.N] = int32(len(t.chosen))
		}
	}
}

// of returns what is gathered for an endpoint, or nil if the page sums it.
func (t *tally) of(id audit.ID) *gathered {
	if id.Kind != audit.KindEndpoint || int64(id.N) >= int64(len(t.slot)) || t.slot[id.N] == 0 {
		return nil
	}
	return t.chosen[t.slot[id.N]-1]
}

func (t *tally) shows(id audit.ID) bool { return t.of(id) != nil }

func (t *tally) walkFlows() {
	for _, f := range t.a.Flows {
		if f.Flags.Has(audit.Push) {
			t.push++
		}
		if f.Flags.Has(audit.Proxied) {
			t.proxied++
		}
		if f.State == audit.StateMidStream {
			t.midway++
		}
		name := ""
		if v := f.Attribution; v != nil && v.Grade == audit.A3 {
			name = appName(v)
			t.app(name, f)
		}
		g := t.of(f.Endpoint)
		if g == nil {
			continue
		}
		if len(g.flows) < t.b.flows {
			g.flows = append(g.flows, f)
		}
		if name != "" && len(g.apps) < 8 && !slices.Contains(g.apps, name) {
			g.apps = append(g.apps, name)
		}
		for i := range f.Names {
			g.bind(&f.Names[i], t.b.names)
		}
	}
}

// bind counts a flow for the name; past the bound, only names that are already there.
func (g *gathered) bind(n *audit.Name, most int) {
	for i := range g.names {
		if have := g.names[i].name; have.How == n.How && have.Name == n.Name {
			g.names[i].flows++
			return
		}
	}
	if len(g.names) < most {
		g.names = append(g.names, boundName{n, 1})
	}
}

// appName is what tells apps apart: the package, else the label, else the process, else the user id that Android gives each app.
func appName(v *audit.Attribution) string {
	name := cmp.Or(v.Package, v.App, v.Process)
	if name == "" && v.UID >= 0 {
		return "user id " + strconv.Itoa(int(v.UID))
	}
	return name
}

func (t *tally) app(name string, f *audit.Flow) {
	if name == "" {
		name = "an app without a name"
	}
	s := t.byApp[name]
	if s == nil {
		s = &appSum{Name: clip(name, 80), Grade: clip(string(f.Attribution.Grade), 20), order: len(t.byApp)}
		if f.Attribution.App != name {
			s.Label = clip(f.Attribution.App, 80)
		}
		t.byApp[name] = s
	}
	s.Flows++
	s.Up += f.BytesUp
	s.Down += f.BytesDown
}

// apps lists the apps by bytes up.
func (t *tally) apps() (rows []appSum, more sum) {
	all := make([]*appSum, 0, len(t.byApp))
	for _, s := range t.byApp {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *appSum) int {
		return cmp.Or(cmp.Compare(b.Up, a.Up), cmp.Compare(b.Down, a.Down), cmp.Compare(a.order, b.order))
	})
	for _, s := range all {
		if len(rows) == t.b.apps {
			more.N++
			more.Flows += s.Flows
			more.Up += s.Up
			more.Down += s.Down
			continue
		}
		rows = append(rows, *s)
	}
	return rows, more
}

func (t *tally) walkClaims() {
	if len(t.chosen) == 0 || t.b.claims == 0 {
		return
	}
	// Datasets are asked about the translated address where there is one; several endpoints can share it.
	about := make(map[netip.Addr][]*gathered, 2*len(t.chosen))
	for _, g := range t.chosen {
		about[g.e.Address] = append(about[g.e.Address], g)
		if g.e.Translated.IsValid() && g.e.Translated != g.e.Address {
			about[g.e.Translated] = append(about[g.e.Translated], g)
		}
	}
	for i := range t.a.Claims {
		c := &t.a.Claims[i]
		for _, g := range about[c.Address] {
			if len(g.claims) == t.b.claims {
				g.more++
				continue
			}
			g.claims = append(g.claims, c)
		}
	}
}
