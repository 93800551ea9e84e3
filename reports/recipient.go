package reports

import (
	"cmp"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// A recipient is an organisation with the four levels of the jurisdiction vector, none of which is the country of the others.
type recipient struct {
	ID           audit.ID // zero: the owner is not known
	Name         foreign
	Party        string
	Roles        foreign
	Hosts        uint64
	FirstHosts   []foreign
	MoreHosts    uint64
	Flows        uint64
	Up, Down     uint64
	Places       foreign // J1: where its servers are said to be, each with its grade
	Networks     foreign // J2: who runs the networks, and where that is registered
	Seat         foreign // J3
	Headquarters foreign
	Parent       foreign // J4
	Note         foreign
	Contested    []foreign
	Facts        []factRow
}

// A factRow is one line of the owner table and where it was read.
type factRow struct {
	Says   foreign
	Grade  foreign
	Source foreign
	Unread bool
}

const maxRecipients = 200

// recipients sums the hosts by organisation, most bytes up first; what belongs to nobody known stands last.
func recipients(a *audit.Audit) (rows []recipient, more sum) {
	index := map[audit.ID]int{}
	for i := range a.Hosts {
		h := &a.Hosts[i]
		n, ok := index[h.Owner]
		if !ok {
			n = len(rows)
			index[h.Owner] = n
			rows = append(rows, newRecipient(at(a.Organisations, h.Owner, audit.KindOrganisation)))
		}
		rows[n].add(h)
	}
	slices.SortStableFunc(rows, func(x, y recipient) int {
		if x.ID.IsZero() != y.ID.IsZero() {
			if x.ID.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(y.Up, x.Up), cmp.Compare(y.Down, x.Down), x.ID.Compare(y.ID))
	})
	for _, r := range rows[min(len(rows), maxRecipients):] {
		more = sum{more.N + 1, more.Flows + r.Flows, more.Up + r.Up, more.Down + r.Down}
	}
	rows = rows[:min(len(rows), maxRecipients)]
	places(a, rows)
	return rows, more
}

func newRecipient(o *audit.Organisation) recipient {
	if o == nil {
		return recipient{Name: "owner not known"}
	}
	r := recipient{ID: o.ID, Name: clip(o.Name, 120), Note: clip(o.Note, 300)}
	r.Seat = level3(o)
	if o.Headquarters != "" {
		r.Headquarters = clip(o.Headquarters+gradeOf(o, "headquarters"), 60)
	}
	r.Parent = level4(o)
	for i := range o.Facts {
		f := &o.Facts[i]
		r.Facts = append(r.Facts, newFactRow(f))
		if c := clip(f.Contested, 300); c != "" && !slices.Contains(r.Contested, c) {
			r.Contested = append(r.Contested, c)
		}
	}
	return r
}

func newFactRow(f *audit.Fact) factRow {
	row := factRow{Says: clip(f.Says, 200), Grade: clip(f.Grade, 20), Source: clip(f.Source, 300), Unread: !f.Verified}
	if f.Date != "" {
		row.Grade += ", read on " + clip(f.Date, 20)
	}
	if f.From != "" {
		row.Says += ", from " + clip(f.From, 20)
	}
	if f.To != "" {
		row.Says += ", until " + clip(f.To, 20)
	}
	return row
}

// gradeOf is ", primary" and the like: the weakest grade of what is said about it.
func gradeOf(o *audit.Organisation, about ...string) string {
	if g := o.Grade(about...); g != "" {
		return ", " + g
	}
	return ""
}

// level3 is the legal seat with its grade.
func level3(o *audit.Organisation) foreign {
	if o.Seat == "" {
		return ""
	}
	return clip(o.Seat+gradeOf(o, "seat"), 60)
}

// level4 is the ultimate parent, its seat and the weakest grade of the chain that leads there.
func level4(o *audit.Organisation) foreign {
	switch {
	case o.Parent == "":
		return ""
	case o.ParentSeat == "":
		return clip(o.Parent+" (seat unknown"+gradeOf(o, "parent")+")", 160)
	case o.Parent == o.Name:
		return clip("itself ("+o.ParentSeat+gradeOf(o, "parent", "seat")+")", 160)
	}
	return clip(o.Parent+" ("+o.ParentSeat+gradeOf(o, "parent", "parent_seat")+")", 160)
}

// unread stands behind the name of an owner that nobody read at a source.
const unread = ", unverified"

// ownerName is whose a host is, with a mark where the row that says so was not read, or is contested.
func ownerName(h *audit.Host, o *audit.Organisation) string {
	switch {
	case h.Said == nil || !h.Said.Verified:
		return o.Name + unread
	case h.Contested:
		return o.Name + ", contested"
	}
	return o.Name
}

func (r *recipient) add(h *audit.Host) {
	const listed = 8
	r.Hosts++
	r.Flows += uint64(h.Flows)
	r.Up += h.BytesUp
	r.Down += h.BytesDown
	if len(r.FirstHosts) < listed {
		name := clipName(h.Name, 80)
		if h.Said == nil || !h.Said.Verified {
			name += " (unverified)"
		}
		r.FirstHosts = append(r.FirstHosts, name)
	} else {
		r.MoreHosts++
	}
	party := partyWord(h.Party)
	switch {
	case r.Party == "":
		r.Party = party
	case r.Party != party:
		r.Party = "first and third party"
	}
	for _, role := range h.Roles {
		if role == party { // said beside it
			continue
		}
		if word := clip(role, 40); !slices.Contains(strings.Split(string(r.Roles), ", "), string(word)) {
			if r.Roles != "" {
				r.Roles += ", "
			}
			r.Roles += word
		}
	}
	if h.Said != nil {
		if c := clip(h.Said.Contested, 300); c != "" && !slices.Contains(r.Contested, c) {
			r.Contested = append(r.Contested, c)
		}
	}
}

// partyWord says whose a host is; without declared first-party domains it is nobody's.
func partyWord(p audit.Party) string {
	switch p {
	case audit.PartyFirst:
		return "first party"
	case audit.PartyThird:
		return "third party"
	}
	return "party not declared"
}

// places fills J1 and J2 of every recipient from the endpoints of its hosts.
func places(a *audit.Audit, rows []recipient) {
	const most = 6
	at1 := map[audit.ID][]string{}
	at2 := map[audit.ID][]string{}
	keep := func(to map[audit.ID][]string, id audit.ID, word string) {
		if list := to[id]; word != "" && len(list) <= most && !slices.Contains(list, word) {
			to[id] = append(list, word)
		}
	}
	for i := range a.Hosts {
		h := &a.Hosts[i]
		for _, id := range h.Endpoints {
			e := at(a.Endpoints, id, audit.KindEndpoint)
			if e == nil {
				continue
			}
			keep(at1, h.Owner, placeWord(e))
			keep(at2, h.Owner, networkWord(a, e))
		}
	}
	for i := range rows {
		rows[i].Places, rows[i].Networks = several(at1[rows[i].ID], most), several(at2[rows[i].ID], most)
	}
}

// placeWord is J1 in short: a country never stands without its grade, and below L3 it is what is said.
func placeWord(e *audit.Endpoint) string {
	switch {
	case e.Place.Country != "" && e.Place.Grade.Place():
		return e.Place.Country + " " + string(e.Place.Grade)
	case e.Place.Country != "":
		return e.Place.Country + " said, " + string(e.Place.Grade)
	case e.Place.Role == audit.RoleEdge:
		return "edge"
	case special(e.Class):
		return string(e.Class)
	}
	return "not placed"
}

// networkWord is J2 in short: who runs the network, and where that is registered.
func networkWord(a *audit.Audit, e *audit.Endpoint) string {
	if word := registered(a, e); word != "" {
		return orElse(e.Organisation, "AS unknown") + " (" + word + ")"
	}
	return e.Organisation
}

// registered says where the operator of a network is registered, with its grade; empty if nothing is known.
func registered(a *audit.Audit, e *audit.Endpoint) string {
	if o := at(a.Organisations, e.Operator, audit.KindOrganisation); o != nil && o.Seat != "" {
		return o.Seat + gradeOf(o, "network", "seat")
	}
	if e.ASRegistered != "" {
		return e.ASRegistered + ", by a dataset"
	}
	return ""
}

func several(list []string, most int) foreign {
	list = slices.Sorted(slices.Values(list))
	if len(list) > most {
		list = append(list[:most], "…")
	}
	return clip(strings.Join(list, "; "), 400)
}

// fillVectors gives every destination of a page its levels J2 to J4, each with its grade. Names of several owners are several owners.
func fillVectors(a *audit.Audit, rows []destination) {
	owners := map[audit.ID][]audit.ID{}
	names := map[audit.ID][]string{} // beside owners
	for i := range a.Hosts {
		h := &a.Hosts[i]
		o := at(a.Organisations, h.Owner, audit.KindOrganisation)
		for _, e := range h.Endpoints {
			if list := owners[e]; o != nil && !slices.Contains(list, h.Owner) {
				owners[e], names[e] = append(list, h.Owner), append(names[e], ownerName(h, o))
			}
		}
	}
	for i := range rows {
		d := &rows[i]
		e := at(a.Endpoints, d.ID, audit.KindEndpoint)
		if e == nil {
			continue
		}
		if word := registered(a, e); word != "" {
			d.Registered = clip(word, 60)
		}
		switch list := owners[d.ID]; len(list) {
		case 0:
		case 1:
			o := at(a.Organisations, list[0], audit.KindOrganisation)
			d.Owner, d.Seat, d.Parent, d.ParentSeat = clip(names[d.ID][0], 120), level3(o), level4(o), ""
		default:
			first := names[d.ID][:min(len(list), 4)]
			d.Owner, d.Seat, d.Parent, d.ParentSeat = clip("several: "+strings.Join(first, "; "), 160), "", "", ""
		}
	}
}
