package analyze

import (
	"slices"

	"abroad/analyze/audit"
	"abroad/analyze/law"
)

// maxApplies is how many endpoints or organisations a law lists; it says how many there are.
const maxApplies = 100

// laws lists the rows of the legal overlay that speak of a country in the audit, on the day of the first recording: level after level of the
// jurisdiction vector, country after country in alphabetical order, and in the order of the table.
func (b *builder) laws() {
	day := b.day()
	if day == "" {
		return // every row is dated
	}
	a := b.audit
	var place, network, seat, parent reach
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		place.add(e.Place.Country, e.ID, !e.Place.Grade.Place())
		if e.Operator.IsZero() {
			network.add(e.ASRegistered, e.ID, false)
			continue
		}
		o := &a.Organisations[e.Operator.N-1]
		network.add(o.Seat, e.ID, o.Grade("network", "seat") == audit.Unverified)
	}
	recipients := map[audit.ID]bool{} // who only runs a network is asked nothing at J3
	for i := range a.Hosts {
		recipients[a.Hosts[i].Owner] = true
	}
	for i := range a.Organisations {
		if o := &a.Organisations[i]; recipients[o.ID] {
			seat.add(o.Seat, o.ID, o.Grade("seat") == audit.Unverified)
			parent.add(o.ParentSeat, o.ID, o.Grade("parent", "parent_seat") == audit.Unverified)
		}
	}
	for _, level := range []struct {
		name string
		reach
	}{{"J1", place}, {"J2", network}, {"J3", seat}, {"J4", parent}} {
		b.lawsOf(level.name, level.reach, day)
	}
}

// A reach says which endpoints or organisations lie in which country, on one level.
type reach struct{ in []country }

type country struct {
	code           string
	ids            []audit.ID
	count, claimed uint32
}

func (r *reach) add(code string, id audit.ID, claimed bool) {
	if code == "" {
		return
	}
	at, found := slices.BinarySearchFunc(r.in, code, func(c country, code string) int {
		switch {
		case c.code < code:
			return -1
		case c.code > code:
			return 1
		}
		return 0
	})
	if !found {
		r.in = slices.Insert(r.in, at, country{code: code})
	}
	c := &r.in[at]
	if c.count++; claimed {
		c.claimed++
	}
	if len(c.ids) < maxApplies {
		c.ids = append(c.ids, id)
	}
}

func (b *builder) lawsOf(level string, r reach, day string) {
	for _, c := range r.in {
		rows := law.At(c.code, day)
		inEU := slices.ContainsFunc(rows, func(r law.Row) bool { return r.Kind == "membership" && r.Regime == "EU" && r.Key == "eu-member" })
		for _, row := range rows {
			if !slices.Contains(row.Levels, level) || inEU && row.Key == "eea-member" { // the EU is in the EEA: once is enough
				continue
			}
			b.audit.Laws = append(b.audit.Laws, audit.Law{
				ID: audit.ID{Kind: audit.KindLaw, N: uint32(len(b.audit.Laws) + 1)}, Key: row.Key, Regime: row.Regime, Level: level, Country: c.code,
				Kind: row.Kind, Instrument: audit.Foreign(row.Instrument), Says: row.Says, Condition: row.Condition, From: row.From, To: row.To, AsOf: day,
				Source: row.URL(), Grade: row.Grade(), Applies: c.ids, Count: c.count, Claimed: c.claimed, Notes: row.Notes,
			})
		}
	}
}
