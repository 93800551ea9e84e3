package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/locate/earth"
)

// lightMS is how many km light goes in vacuum in 1 ms; a round trip takes both ways.
const lightMS = 299.792458

// An rttStrip compares what was measured with what is possible: for every destination that answered over TLS or QUIC, the shortest round
// trip seen, and the shortest that light allows to each country that some source names.
type rttStrip struct {
	Rows []stripRow
	More int
	Axis []stripTick
	Says string
}

type stripRow struct {
	ID       audit.ID
	Name     foreign
	Kind     foreign
	Observed string
	X        string // of the observed time, in the drawing
	Marks    []stripMark
}

// A stripMark is a country that a source names.
type stripMark struct {
	Code    foreign
	Minimum string // the shortest possible round trip
	X       string
	Past    bool // longer than what was observed
}

type stripTick struct{ X, Text string }

// stripWidth is the drawing's width in its own units.
const stripWidth = 400

func newStrip(a *audit.Audit, t *tally) *rttStrip {
	const most = 40
	minima := minimaFrom(a.Options.Vantage)
	if minima == nil {
		return nil
	}
	s := &rttStrip{Says: "Vantage " + vantage(a.Options.Vantage) + ". The shortest possible round trip is light in vacuum to the country's nearest border, less the map's margin of error."}
	type measured struct {
		g        *gathered
		observed audit.RTT
		codes    []string
	}
	var rows []measured
	widest := 0.0
	for _, g := range t.chosen {
		best, ok := shortest(g.e.RTT)
		if !ok || g.e.Place.Role == audit.RoleEdge { // an edge has no country that could be checked
			continue
		}
		m := measured{g, best, namedCountries(g, minima)}
		if len(m.codes) == 0 {
			continue
		}
		if len(rows) == most {
			s.More++
			continue
		}
		rows = append(rows, m)
		widest = max(widest, float64(best.NS)/1e6)
		for _, c := range m.codes {
			widest = max(widest, minima[c])
		}
	}
	if len(rows) == 0 {
		return nil
	}
	widest = math.Ceil(max(widest, 1)*1.08/10) * 10
	x := func(ms float64) string { return tenth(ms / widest * stripWidth) }
	for _, m := range rows {
		observed := float64(m.observed.NS) / 1e6
		row := stripRow{ID: m.g.e.ID, Name: nameOf(m.g), Kind: clip(string(m.observed.Kind), 20), Observed: millis(m.observed.NS), X: x(observed)}
		for _, c := range m.codes {
			row.Marks = append(row.Marks, stripMark{clip(c, 20), tenth(minima[c]) + " ms", x(minima[c]), minima[c] > observed})
		}
		s.Rows = append(s.Rows, row)
	}
	for i := range 5 {
		ms := widest * float64(i) / 4
		s.Axis = append(s.Axis, stripTick{x(ms), tenth(ms)})
	}
	return s
}

// minimaFrom returns the shortest possible round trip to every territory in ms; nil without a vantage that the map has.
func minimaFrom(v *audit.Vantage) map[string]float64 {
	if v == nil {
		return nil
	}
	world, err := earth.Open()
	if err != nil {
		return nil
	}
	near, slack := []earth.Distance(nil), earth.Generalised
	if v.Country != "" {
		near, _ = world.FromCountry(v.Country)
		slack += earth.Generalised
	} else {
		near = world.From(v.Lat, v.Lon)
		slack += v.Radius
	}
	if len(near) == 0 {
		return nil
	}
	minima := make(map[string]float64, len(near))
	for _, d := range near {
		minima[d.Country] = 2 * max(0, d.KM*(1-earth.Flattening)-slack) / lightMS
	}
	return minima
}

// shortest is the shortest sample over TLS or QUIC; a network may answer a SYN for a server.
func shortest(samples []audit.RTT) (best audit.RTT, ok bool) {
	for _, r := range samples {
		if r.Kind != audit.RTTSYN && r.NS > 0 && (!ok || r.NS < best.NS) {
			best, ok = r, true
		}
	}
	return best, ok
}

// namedCountries lists the countries that sources name for a destination, nearest first; registrations are no places.
func namedCountries(g *gathered, minima map[string]float64) []string {
	var codes []string
	for _, c := range g.claims {
		switch c.Kind {
		case audit.ClaimDatabase, audit.ClaimOperator, audit.ClaimToken, audit.ClaimOverride:
			if _, ok := minima[c.Country]; ok && !slices.Contains(codes, c.Country) {
				codes = append(codes, c.Country)
			}
		}
	}
	slices.SortFunc(codes, func(a, b string) int { return cmp.Or(cmp.Compare(minima[a], minima[b]), strings.Compare(a, b)) })
	return codes
}

// nameOf is the name under which figures show a destination: the first of its strongest, else its address.
func nameOf(g *gathered) foreign {
	best, rank := "", 9
	for _, n := range g.names {
		if r := n.name.How.Rank(); r < rank {
			best, rank = n.name.Name, r
		}
	}
	if best == "" {
		return clip(g.e.Address.String(), 60)
	}
	return clipName(best, 60)
}
