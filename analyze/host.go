package analyze

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/law"
	"abroad/analyze/locate"
	"abroad/analyze/owner"
)

// MaxHosts is how many names become hosts: strangers choose names. Flows of further ones are counted in flows only, and the audit says so.
const MaxHosts = 65_536

// recipients lists the hosts, says whose they are on the day of the first recording, and which of them the declared first party owns.
func (b *builder) recipients() {
	a := b.audit
	day := b.day()
	organisations := &organisations{b: b, table: b.config.Owners, practice: b.practiceOwners(), day: day, index: map[string]audit.ID{}}
	index := map[string]int{}
	practice := map[int]bool{}
	session := b.sessionOf()
	past := 0
	for _, r := range b.recs {
		for _, f := range r.flows {
			if !f.Device && len(r.device.Addresses) > 0 {
				continue
			}
			name := madeFor(&f.Flow)
			if name == nil {
				continue
			}
			n, ok := index[name.Name]
			if !ok {
				if len(a.Hosts) >= MaxHosts {
					past++
					continue
				}
				n = len(a.Hosts)
				index[name.Name] = n
				a.Hosts = append(a.Hosts, audit.Host{
					ID: audit.ID{Kind: audit.KindHost, N: uint32(n + 1)}, Name: name.Name, Domain: owner.Domain(name.Name), How: name.How,
					Party: b.party(name.Name), Endpoints: []audit.ID{}, Sessions: []audit.ID{},
				})
			}
			practice[n] = practice[n] || r.practice
			b.firstParty(f, &a.Hosts[n], name)
			sent(&a.Hosts[n], f, name.How, session[f.Recording])
		}
	}
	if past > 0 {
		b.note("%d flows were made for names past the first %d: they are counted, and nobody is named as their recipient", past, MaxHosts)
	}
	for i := range a.Hosts {
		organisations.own(&a.Hosts[i], practice[i])
	}
	for i := range a.Endpoints {
		organisations.run(&a.Endpoints[i])
	}
	b.recipientsOfEndpoints()
	b.citeTables(organisations)
	organisations.changes(b.lastDay())
}

// practiceOwners is the owner table of the practice fiction; nil without practice recordings.
func (b *builder) practiceOwners() *owner.Table {
	if !b.audit.Practice {
		return nil
	}
	text, err := locate.PracticeOwners()
	if err != nil {
		return nil // it is embedded: a test reads it
	}
	t, _ := owner.ReadPractice("practice/owners.csv", bytes.NewReader(text))
	return t
}

// day is the day of the first packet of all recordings, empty if none carries a time: what is dated is asked for this day.
func (b *builder) day() string {
	day := ""
	for _, r := range b.recs {
		if d := r.doc.First.Day(); d != "" && (day == "" || d < day) {
			day = d
		}
	}
	return day
}

func (b *builder) lastDay() string {
	day := ""
	for _, r := range b.recs {
		day = max(day, r.doc.Last.Day())
	}
	return day
}

func (b *builder) sessionOf() map[audit.ID]audit.ID {
	of := map[audit.ID]audit.ID{}
	for i := range b.audit.Sessions {
		for _, r := range b.audit.Sessions[i].Recordings {
			of[r] = b.audit.Sessions[i].ID
		}
	}
	return of
}

// madeFor is the name that a flow counts for: its strongest. An address is no name, and a reverse look-up names the address, not what the flow
// was made for.
func madeFor(f *audit.Flow) *audit.Name {
	for i := range f.Names {
		if n := &f.Names[i]; n.How != audit.ByPTR && !isAddress(n.Name) {
			return n
		}
	}
	return nil
}

// sent counts a flow to its host.
func sent(h *audit.Host, f *flow.Flow, how audit.How, session audit.ID) {
	h.Flows++
	h.BytesUp += f.BytesUp
	h.BytesDown += f.BytesDown
	h.PayloadUp += f.PayloadUp
	if how.Rank() < h.How.Rank() {
		h.How = how
	}
	if f.Attribution != nil && string(f.Attribution.Grade) > h.Attributed {
		h.Attributed = string(f.Attribution.Grade)
	}
	if !session.IsZero() && !slices.Contains(h.Sessions, session) {
		h.Sessions = append(h.Sessions, session)
	}
	// What is said through a proxy names the origin; the address reached is the proxy's.
	if proxied := f.Flags.Has(audit.Proxied) && how != audit.ByDNS; !proxied && !f.Endpoint.IsZero() {
		if at, found := slices.BinarySearchFunc(h.Endpoints, f.Endpoint, audit.ID.Compare); !found {
			h.Endpoints = slices.Insert(h.Endpoints, at, f.Endpoint)
		}
	}
}

// party says whose host a name is; unknown where no first party is declared.
func (b *builder) party(name string) audit.Party {
	if len(b.config.FirstParty) == 0 {
		return ""
	}
	name = strings.TrimPrefix(name, "*.")
	for _, domain := range b.config.FirstParty {
		if name == domain || strings.HasSuffix(name, "."+domain) {
			return audit.PartyFirst
		}
	}
	return audit.PartyThird
}

// recipientsOfEndpoints names the recipient of an address whose hosts belong to one organisation alone.
func (b *builder) recipientsOfEndpoints() {
	a := b.audit
	type sole struct {
		id      audit.ID
		grade   string // of the weakest row that says so
		several bool
	}
	by := make([]sole, len(a.Endpoints))
	for i := range a.Hosts {
		h := &a.Hosts[i]
		for _, e := range h.Endpoints {
			s := &by[e.N-1]
			switch {
			case h.Owner.IsZero() || !s.id.IsZero() && s.id != h.Owner:
				s.several = true
			default:
				s.id = h.Owner
				if h.Said != nil {
					s.grade = audit.Weaker(s.grade, h.Said.Grade)
				}
			}
		}
	}
	for i, s := range by {
		if s.several || s.id.IsZero() {
			continue
		}
		o, e := &a.Organisations[s.id.N-1], &a.Endpoints[i]
		e.Owner, e.OwnerSeat, e.OwnerGrade = o.Name, o.Seat, audit.Weaker(s.grade, o.Grade("seat"))
		if e.Parent, e.ParentSeat = o.Parent, o.ParentSeat; e.Parent != "" {
			e.ParentGrade = o.Grade("parent", "parent_seat")
		}
	}
}

// organisations numbers the organisations of an audit in the order in which hosts, then networks, name them.
type organisations struct {
	b        *builder
	table    *owner.Table
	practice *owner.Table // of the fiction; nil if there is none
	day      string
	index    map[string]audit.ID // by key; practice rows are kept apart by "practice " before it
}

func (o *organisations) id(t *owner.Table, key, prefix string) audit.ID {
	if id, ok := o.index[prefix+key]; ok {
		return id
	}
	row, ok := t.At(key, o.day)
	if !ok {
		return audit.ID{}
	}
	list := &o.b.audit.Organisations
	row.ID = audit.ID{Kind: audit.KindOrganisation, N: uint32(len(*list) + 1)}
	*list = append(*list, row)
	o.index[prefix+key] = row.ID
	return row.ID
}

// own says whose host h is.
func (o *organisations) own(h *audit.Host, practice bool) {
	t, prefix := o.table, ""
	if practice {
		t, prefix = o.practice, "practice "
	}
	if t == nil {
		return
	}
	m, ok := t.Find(h.Name, o.day)
	if !ok {
		return
	}
	h.Owner = o.id(t, m.Organisation, prefix)
	h.Roles, h.Key, h.Said = m.Roles, m.Suffix.Suffix, &m.Said
	h.Contested = m.Said.Contested != ""
}

// run says who runs the network of e.
func (o *organisations) run(e *audit.Endpoint) {
	if e.AS == 0 || e.Class == audit.ClassPractice {
		return
	}
	key, said, ok := o.table.Network(e.AS)
	if !ok {
		return
	}
	e.Operator = o.id(o.table, key, "")
	row := &o.b.audit.Organisations[e.Operator.N-1]
	if !slices.Contains(row.Facts, said) {
		row.Facts = append(row.Facts, said)
		row.Verified = row.Verified && said.Verified
	}
}

// changes tells the reader which organisations have another parent on the last day than on the first.
func (o *organisations) changes(last string) {
	for i := range o.b.audit.Organisations {
		row := &o.b.audit.Organisations[i]
		if now, ok := o.table.At(row.Key, last); ok && now.Name == row.Name && (now.Parent != row.Parent || now.ParentSeat != row.ParentSeat) {
			o.b.note("the recordings span a change: the parent of %s is %s on %s and %s on %s; the audit says what held on the first day",
				row.Name, cmp.Or(row.Parent, "unknown"), o.day, cmp.Or(now.Parent, "unknown"), last)
		}
	}
}

// citeTables lists the owner tables and the legal overlay among the datasets.
func (b *builder) citeTables(o *organisations) {
	list := slices.Clone(o.table.Datasets())
	if o.practice != nil {
		list = append(list, o.practice.Datasets()...)
	}
	if d, err := law.Dataset(); err == nil { // it is embedded: a test reads it
		list = append(list, d)
	}
	for _, d := range list {
		d.ID = audit.ID{Kind: audit.KindDataset, N: uint32(len(b.audit.Datasets) + 1)}
		b.audit.Datasets = append(b.audit.Datasets, d)
	}
}

// ownersKnown says of how many hosts the owner was read at a source. Nothing is concluded from the others.
func ownersKnown(b *builder) audit.Finding {
	f := audit.Finding{Outcome: audit.Unknown, Missing: []string{"rows with sources, in a file of your own: --owners FILE"}}
	read, memory, contested, none := 0, 0, 0, 0
	for i := range b.audit.Hosts {
		h := &b.audit.Hosts[i]
		switch {
		case h.Sure():
			read++
			continue
		case h.Said == nil:
			none++
		case !h.Said.Verified:
			memory++
		default:
			contested++
		}
		if len(f.Because) < maxEvidence {
			f.Because = append(f.Because, h.ID)
		}
	}
	if memory+contested+none > 0 {
		f.Says = fmt.Sprintf("Of %s, %d have an owner that was read at a source. From memory: %d; on contestable rows: %d; without a row: %d. Nothing is concluded from these three.",
			number(uint64(len(b.audit.Hosts)), "host"), read, memory, contested, none)
	}
	return f
}
