package owner

import (
	"strconv"

	"abroad/analyze/audit"
)

// maxParents bounds a chain of parents; real ones have three or four links.
const maxParents = 8

// At returns an organisation as it was on a day: seat, headquarters, and the last parent that its chain of parents leads to. The chain breaks,
// and no parent is named, where the table does not say who is above. Facts stand in the order seat, headquarters, parents, seat of the parent.
func (t *Table) At(key, day string) (audit.Organisation, bool) {
	o := t.organisations[key]
	if o == nil {
		return audit.Organisation{}, false
	}
	a := audit.Organisation{Key: key, Name: o.Name, Seat: o.Seat, Headquarters: o.Headquarters, Note: o.Note, Facts: []audit.Fact{}}
	if o.Seat != "" {
		a.Facts = append(a.Facts, fact("seat", "legal seat in "+o.Seat, o.SeatBy, "", ""))
	}
	if o.Headquarters != "" {
		a.Facts = append(a.Facts, fact("headquarters", "headquarters in "+o.Headquarters, o.HeadquartersBy, "", ""))
	}
	for i := range a.Facts {
		a.Facts[i].Contested = o.Contested
	}
	if top, chain := t.parentOn(o, day); top != nil {
		a.Parent, a.ParentSeat = top.Name, top.Seat
		a.Facts = append(a.Facts, chain...)
		if top != o && top.Seat != "" {
			a.Facts = append(a.Facts, fact("parent_seat", "legal seat of "+top.Name+" in "+top.Seat, top.SeatBy, "", ""))
		}
	}
	a.Verified = len(a.Facts) > 0
	for i := range a.Facts {
		a.Verified = a.Verified && a.Facts[i].Verified
	}
	return a, true
}

// parentOn walks up to the organisation that has nobody above it. It returns nil where the table ends before that.
func (t *Table) parentOn(o *Organisation, day string) (top *Organisation, chain []audit.Fact) {
	for range maxParents {
		p := t.parent(o.Key, day)
		if p == nil {
			return nil, nil
		}
		if p.Key == o.Key {
			return o, append(chain, fact("parent", "no parent above "+o.Name, p.By, p.From, p.To))
		}
		next := t.organisations[p.Key]
		chain = append(chain, fact("parent", o.Name+" belongs to "+next.Name, p.By, p.From, p.To))
		o = next
	}
	return nil, nil
}

func (t *Table) parent(key, day string) *Parent {
	for i := range t.parents[key] {
		if p := &t.parents[key][i]; within(day, p.From, p.To) {
			return p
		}
	}
	return nil
}

func asName(as uint32) string { return "AS" + strconv.FormatUint(uint64(as), 10) }
