package owner

import (
	"iter"
	"maps"
	"slices"
)

// A Count says how many rows were read at a source, and how many are from memory.
type Count struct{ Read, Unverified int }

func (c *Count) add(by *Source) {
	if by == nil {
		c.Unverified++
	} else {
		c.Read++
	}
}

// Counts counts the rows of a table by kind. A row of a suffix or of a network is a name's or an AS's owner; seats and parents are counted by
// organisation, once each where the table says something.
type Counts struct {
	Suffixes, Networks, Seats, Headquarters, Parents Count
	Organisations                                    int
	Whole                                            int // organisations of which everything that is said was read
}

// Count counts the rows of t.
func (t *Table) Count() (c Counts) {
	for _, rows := range t.suffixes {
		for i := range rows {
			c.Suffixes.add(rows[i].By)
		}
	}
	for _, n := range t.networks {
		c.Networks.add(n.By)
	}
	for key, o := range t.organisations {
		c.Organisations++
		if o.Seat != "" {
			c.Seats.add(o.SeatBy)
		}
		if o.Headquarters != "" {
			c.Headquarters.add(o.HeadquartersBy)
		}
		if a, _ := t.At(key, ""); a.Verified {
			c.Whole++
		}
	}
	for _, rows := range t.parents {
		for i := range rows {
			c.Parents.add(rows[i].By)
		}
	}
	return c
}

// All yields the rows of t by suffix, in alphabetical order of the suffixes.
func (t *Table) All() iter.Seq[Suffix] {
	return func(yield func(Suffix) bool) {
		for _, suffix := range slices.Sorted(maps.Keys(t.suffixes)) {
			for _, row := range t.suffixes[suffix] {
				if !yield(row) {
					return
				}
			}
		}
	}
}
