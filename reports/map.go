package reports

import (
	"cmp"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// largestSet is how many countries a set that physics leaves may have to be drawn; larger ones are in the table only.
const largestSet = 25

// smallLand is the size, in the grid's units, under which a territory gets a dot besides its outline.
const smallLand = 12

// A worldMap is where bytes went, as far as a country is said at all. There are no lines between places: a great circle is not a path.
type worldMap struct {
	Box, Europe string // view boxes; Europe is empty where nothing would be on that map
	Base        string // outlines of all that is not an area
	Areas       []area
	Rows        []mapRow // the same in words, by bytes up
	NotPlaced   []notPlaced
	Sets        []placeSet
	MoreSets    int
	SetsDrawn   bool // an area is drawn as one of a set
}

// An area is one country on the map.
type area struct {
	Code  string
	Class string // "firm", "claimed" or "set"
	Path  string
	Dot   []dot // one if the outline is too small to be seen
	Title foreign
}

// A dot has its radius in the grid's units.
type dot struct{ X, Y, R int }

// A mapRow sums one country.
type mapRow struct {
	Code          foreign
	Name          foreign
	Drawn         bool
	Firm, Claimed sum // N counts destinations
	OfUp          string
}

// notPlaced is traffic without a single country.
type notPlaced struct {
	Words     foreign
	Endpoints uint64
	Flows     uint64
	Up, Down  uint64
	OfUp      string
}

// A placeSet is a set of countries that round-trip times allow to destinations whose country nobody knows.
type placeSet struct {
	Words     foreign
	Codes     int
	Endpoints sum
	Drawn     bool
}

func newMap(a *audit.Audit, b bounds) worldMap {
	m := worldMap{Box: worldBox}
	classes := map[string]string{}
	m.rows(a, classes)
	m.sets(a, b, classes)
	m.draw(classes)
	return m
}

// rows sums the jurisdictions by country; a country with a firm place and a claimed one has both.
func (m *worldMap) rows(a *audit.Audit, classes map[string]string) {
	at := map[string]int{}
	var up uint64
	for i := range a.Jurisdictions {
		up += a.Jurisdictions[i].BytesUp
	}
	local := notPlaced{Words: "local or special addresses, not a place"}
	for i := range a.Jurisdictions {
		j := &a.Jurisdictions[i]
		n := uint64(len(j.Endpoints))
		if j.Country == "" && special(audit.Class(j.Label)) {
			local.Endpoints += n
			local.Flows += uint64(j.Flows)
			local.Up += j.BytesUp
			local.Down += j.BytesDown
			continue
		}
		if j.Country == "" {
			m.NotPlaced = append(m.NotPlaced, notPlaced{
				clip(j.Words, 120) + graded(j.Grade), n, uint64(j.Flows), j.BytesUp, j.BytesDown, percent(j.BytesUp, up),
			})
			continue
		}
		k, ok := at[j.Country]
		if !ok {
			k = len(m.Rows)
			at[j.Country] = k
			_, drawn := lands()[j.Country]
			m.Rows = append(m.Rows, mapRow{Code: clip(j.Country, 20), Name: nation(j.Country), Drawn: drawn})
		}
		into := &m.Rows[k].Claimed
		if j.Grade.Place() {
			into = &m.Rows[k].Firm
			classes[j.Country] = "firm"
		} else if classes[j.Country] == "" {
			classes[j.Country] = "claimed"
		}
		into.N += n
		into.Flows += uint64(j.Flows)
		into.Up += j.BytesUp
		into.Down += j.BytesDown
	}
	if local.Endpoints > 0 {
		local.OfUp = percent(local.Up, up)
		m.NotPlaced = append(m.NotPlaced, local)
	}
	for i := range m.Rows {
		r := &m.Rows[i]
		r.OfUp = percent(r.Firm.Up+r.Claimed.Up, up)
	}
	slices.SortStableFunc(m.Rows, func(a, b mapRow) int {
		return cmp.Or(cmp.Compare(b.Firm.Up+b.Claimed.Up, a.Firm.Up+a.Claimed.Up), strings.Compare(string(a.Code), string(b.Code)))
	})
	slices.SortStableFunc(m.NotPlaced, func(a, b notPlaced) int { return cmp.Compare(b.Up, a.Up) })
}

// graded is the grade behind words that name no country. The best one there is of the place of whatever answered, one edge of many.
func graded(g audit.Grade) foreign {
	switch g {
	case "":
		return ""
	case audit.L4:
		return " (L4: round trips allow only one country for what answered; the sets name it)"
	}
	return " (" + clip(string(g), 20) + ")"
}

// sets groups the destinations without a country by what physics leaves them, the most telling set first.
func (m *worldMap) sets(a *audit.Audit, b bounds, classes map[string]string) {
	type group struct {
		codes []string
		sum   sum
	}
	at := map[string]*group{}
	var order []*group
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		if e.Place.Country != "" || len(e.Place.Within) == 0 {
			continue
		}
		key := strings.Join(e.Place.Within, " ")
		g := at[key]
		if g == nil {
			g = &group{codes: e.Place.Within}
			at[key] = g
			order = append(order, g)
		}
		g.sum.add(e.Flows, e.BytesUp, e.BytesDown)
	}
	slices.SortStableFunc(order, func(a, b *group) int {
		return cmp.Or(cmp.Compare(len(a.codes), len(b.codes)), cmp.Compare(b.sum.Up, a.sum.Up))
	})
	for i, g := range order {
		if i == b.jurisdictions/4 {
			m.MoreSets = len(order) - i
			break
		}
		set := placeSet{Codes: len(g.codes), Endpoints: g.sum, Drawn: len(g.codes) <= largestSet}
		if set.Drawn {
			for _, c := range g.codes {
				if classes[c] == "" {
					classes[c] = "set"
				}
			}
			names := make([]string, len(g.codes))
			for i, c := range g.codes {
				names[i] = string(nation(c))
			}
			set.Words = clip(strings.Join(names, ", "), 600)
		} else {
			set.Words = clip(strings.Join(g.codes, ", "), 600)
		}
		m.Sets = append(m.Sets, set)
	}
}

// draw makes the outlines. Areas stand in the order of their size on the ground, largest first, so that no small one is covered.
func (m *worldMap) draw(classes map[string]string) {
	rows := map[foreign]*mapRow{}
	for i := range m.Rows {
		rows[m.Rows[i].Code] = &m.Rows[i]
	}
	var base strings.Builder
	all := lands()
	codes := make([]string, 0, len(all))
	for code := range all {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int { return cmp.Or(cmp.Compare(all[b].Size, all[a].Size), strings.Compare(a, b)) })
	for _, code := range codes {
		l := all[code]
		class := classes[code]
		if class == "" {
			base.WriteString(l.Path)
			continue
		}
		x := area{Code: code, Class: class, Path: l.Path, Title: nation(code) + m.title(rows[foreign(code)])}
		switch {
		case l.Path == "":
			x.Dot = []dot{{l.X, l.Y, 15}}
		case l.Size < smallLand:
			x.Dot = []dot{{l.X, l.Y, 8}}
		}
		m.SetsDrawn = m.SetsDrawn || class == "set"
		if l.inEurope() && class != "set" {
			m.Europe = europeBox
		}
		m.Areas = append(m.Areas, x)
	}
	m.Base = base.String()
}

// title is what an area says when it is pointed at.
func (m *worldMap) title(r *mapRow) foreign {
	if r == nil {
		return ": one of a set that round-trip times allow"
	}
	var parts []string
	if r.Firm.N > 0 {
		parts = append(parts, "graded L3 or L4: "+size(r.Firm.Up)+" up, "+plural(r.Firm.N, "destination"))
	}
	if r.Claimed.N > 0 {
		parts = append(parts, "claimed only (L1, L2): "+size(r.Claimed.Up)+" up, "+plural(r.Claimed.N, "destination"))
	}
	return foreign(": " + strings.Join(parts, "; "))
}
