package analyze

import (
	"net/netip"
	"slices"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/locate"
	"abroad/capture"
)

// MaxEndpoints is how many addresses are located. A scan of the address space must not fill the memory with places: further addresses
// are counted in flows only, and the audit says so.
const MaxEndpoints = 65_536

// locate lists the endpoints, the far sides of the device's flows (of all flows where the device is unknown), and places them.
func (b *builder) locate() {
	a := b.audit
	index := map[netip.Addr]int{}
	past := 0
	practice := map[netip.Addr]bool{}
	chains := map[int][]string{}
	for _, r := range b.recs {
		for _, f := range r.flows {
			if !f.Device && len(r.device.Addresses) > 0 {
				continue
			}
			n, ok := index[f.B.Addr()]
			if !ok {
				if len(a.Endpoints) >= MaxEndpoints {
					past++
					continue
				}
				n = len(a.Endpoints)
				index[f.B.Addr()] = n
				a.Endpoints = append(a.Endpoints, audit.Endpoint{ID: audit.ID{Kind: audit.KindEndpoint, N: uint32(n + 1)}, Address: f.B.Addr()})
			}
			if r.practice {
				practice[f.B.Addr()] = true
			}
			reached(&a.Endpoints[n], f, a.Sessions[r.run].ID)
			if chain := chained(chains[n], f); chain != nil {
				chains[n] = chain
			}
		}
	}
	if past > 0 {
		b.note("%d flows go to addresses past the first %d: they are counted, not located", past, MaxEndpoints)
	}
	datasets := b.cite()
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		slices.Sort(e.Names)
		b.place(e, chains[i], practice[e.Address], datasets)
	}
	b.bound()
	b.bindLater()
	a.Notes = append(a.Notes, b.config.Library.Notes()...)
	for _, f := range a.Flows {
		if f.Endpoint.IsZero() {
			continue
		}
		if class := a.Endpoints[f.Endpoint.N-1].Class; class != audit.ClassPublic && class != audit.ClassNAT64 && class != audit.ClassPractice {
			f.Flags |= audit.LocalOnly
		}
	}
}

// reached counts one flow to e.
func reached(e *audit.Endpoint, f *flow.Flow, session audit.ID) {
	f.Endpoint = e.ID
	e.Flows++
	e.BytesUp += f.BytesUp
	e.BytesDown += f.BytesDown
	if n := len(e.Sessions); n == 0 || e.Sessions[n-1] != session {
		e.Sessions = append(e.Sessions, session)
	}
	for i := range f.Names {
		if f.Flags.Has(audit.Proxied) && f.Names[i].How != audit.ByDNS {
			continue // what is said through a proxy names the origin, not the address reached
		}
		if name := f.Names[i].Name; len(e.Names) < maxNames && !slices.Contains(e.Names, name) {
			e.Names = append(e.Names, name)
		}
	}
	for _, sample := range f.RTT {
		i := slices.IndexFunc(e.RTT, func(r audit.RTT) bool { return r.Kind == sample.Kind })
		switch {
		case i < 0:
			e.RTT = append(e.RTT, sample)
		case sample.NS < e.RTT[i].NS:
			e.RTT[i] = sample
		}
	}
}

// chained adds the names that led from a name asked for to the address: operators write places into those, more than into what is asked for.
func chained(list []string, f *flow.Flow) []string {
	for i := range f.Names {
		for _, name := range f.Names[i].Via {
			if len(list) < maxNames && !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	return list
}

// place asks the library about e and weighs what is said. chain holds names that led to it, besides its own.
func (b *builder) place(e *audit.Endpoint, chain []string, practice bool, datasets cited) {
	names := e.Names
	for _, name := range chain {
		if !slices.Contains(names, name) {
			names = append(slices.Clip(names), name)
		}
	}
	said := b.config.Library.Ask(locate.Query{Address: e.Address, Names: names, Practice: practice})
	e.Class, e.Translated = said.Class, said.Translated
	first := len(b.audit.Claims)
	for i := range said.Claims {
		c := said.Claims[i]
		c.ID = audit.ID{Kind: audit.KindClaim, N: uint32(len(b.audit.Claims) + 1)}
		c.Said.Dataset = datasets[c.Said.Dataset]
		b.audit.Claims = append(b.audit.Claims, c)
		if c.Kind == audit.ClaimNetwork && e.AS == 0 {
			e.AS, e.Organisation = c.AS, c.Organisation
		}
		if c.Kind == audit.ClaimRegistration && c.AS != 0 && e.ASRegistered == "" {
			e.ASRegistered = c.Country
		}
		if o := b.config.Library.Override(&c); o != nil {
			b.touched(o, e.ID)
		}
	}
	e.Place = locate.Weigh(e.Class, b.audit.Claims[first:], b.audit.Datasets, nil)
}

// cited numbers the datasets that an audit uses: as the library numbers them -> as the audit does.
type cited map[audit.ID]audit.ID

// cite lists the datasets: all that the library has, but practice datasets only if a practice recording is there to be asked about. Their
// age is counted to the latest recording.
func (b *builder) cite() cited {
	last := capture.NoTime
	for _, r := range b.recs {
		last = max(last, r.doc.Last)
	}
	ids := cited{}
	for _, d := range b.config.Library.Datasets() {
		if d.Practice && !b.audit.Practice {
			continue
		}
		id := audit.ID{Kind: audit.KindDataset, N: uint32(len(b.audit.Datasets) + 1)}
		ids[d.ID] = id
		if last != capture.NoTime {
			d.Warning = b.config.Library.Age(d.ID, last)
		}
		d.ID = id
		b.audit.Datasets = append(b.audit.Datasets, d)
	}
	return ids
}
