package reports

import (
	"cmp"
	"slices"

	"abroad/analyze/audit"
)

// A jurisdiction is one row of the table of places (J1, where servers are said to be).
type jurisdiction struct {
	Words     foreign
	Country   foreign // empty: not placed
	Grade     foreign
	Firm      bool // L3 or L4: "in" may be said
	Endpoints uint64
	Shown     []audit.ID // the first of its endpoints that the page shows
	Cut       bool       // there are more than Shown
	Flows     uint64
	Up, Down  uint64
	OfUp      string
	Width     int // of the bar, in thousandths
}

// standing divides the bytes up by how well their place is known.
type standing struct {
	Says  string
	Parts []standingPart
}

type standingPart struct {
	Label string
	Style string // CSS class
	Up    uint64
	OfUp  string
	Width int // thousandths
}

func jurisdictions(a *audit.Audit, b bounds, t *tally) (rows []jurisdiction, more sum) {
	order := make([]*audit.Jurisdiction, len(a.Jurisdictions))
	var up uint64
	for i := range a.Jurisdictions {
		order[i] = &a.Jurisdictions[i]
		up += a.Jurisdictions[i].BytesUp
	}
	slices.SortStableFunc(order, func(a, b *audit.Jurisdiction) int {
		return cmp.Or(cmp.Compare(b.BytesUp, a.BytesUp), cmp.Compare(b.BytesDown, a.BytesDown))
	})
	for _, j := range order {
		if len(rows) == b.jurisdictions {
			more.add(j.Flows, j.BytesUp, j.BytesDown)
			continue
		}
		row := jurisdiction{
			Words: clip(orElse(j.Words, orElse(j.Label, j.Country)), 200), Country: clip(j.Country, 20), Grade: clip(string(j.Grade), 20), Firm: j.Grade.Place(),
			Endpoints: uint64(len(j.Endpoints)), Flows: uint64(j.Flows), Up: j.BytesUp, Down: j.BytesDown,
			OfUp: percent(j.BytesUp, up), Width: permille(j.BytesUp, up),
		}
		for _, id := range j.Endpoints {
			if len(row.Shown) == 12 {
				break
			}
			if t.shows(id) {
				row.Shown = append(row.Shown, id)
			}
		}
		row.Cut = len(row.Shown) < len(j.Endpoints)
		rows = append(rows, row)
	}
	return rows, more
}

// newStanding sums the jurisdictions of an audit by grade. An address class is neither a place nor an unknown one.
func newStanding(a *audit.Audit) standing {
	var firm, claimed, open, local, all uint64
	for i := range a.Jurisdictions {
		j := &a.Jurisdictions[i]
		all += j.BytesUp
		switch {
		case j.Country != "" && j.Grade.Place():
			firm += j.BytesUp
		case j.Country != "":
			claimed += j.BytesUp
		case special(audit.Class(j.Label)):
			local += j.BytesUp
		default:
			open += j.BytesUp
		}
	}
	if all == 0 {
		return standing{Says: "No bytes up to place."}
	}
	s := standing{Says: "Of " + size(all) + " up: " + percent(firm, all) + " went to a place graded L3 or L4; for " + percent(claimed, all) +
		" a place is only claimed (L1, L2); " + percent(open, all) + " could not be placed; " + percent(local, all) + " stayed at local or special addresses."}
	part := func(label, style string, up uint64) {
		if up > 0 {
			s.Parts = append(s.Parts, standingPart{label, style, up, percent(up, all), permille(up, all)})
		}
	}
	part("place graded L3 or L4", "firm", firm)
	part("place only claimed (L1, L2)", "claimed", claimed)
	part("not placed", "open", open)
	part("local or special address", "local", local)
	return s
}

// special reports whether c is an address class that can lie in no country.
func special(c audit.Class) bool {
	switch c {
	case audit.ClassPrivate, audit.ClassCGNAT, audit.ClassLinkLocal, audit.ClassLoopback, audit.ClassMulticast, audit.ClassBroadcast,
		audit.ClassDocumentation, audit.ClassBenchmark, audit.ClassUnspecified, audit.ClassReserved:
		return true
	}
	return false
}
