package compare

import (
	"net/netip"
	"slices"
	"strconv"

	"golang.org/x/net/publicsuffix"

	"abroad/analyze/audit"
)

// A key names an item.
type key struct {
	level audit.ItemLevel
	name  string
}

// A sighting is what one session shows of an item.
type sighting struct {
	bytesUp   uint64
	addresses map[netip.Addr]audit.ID // endpoints
	members   map[string]bool
	flows     []audit.ID // the first evidenceLimit
}

// evidenceLimit is how many ids a presence quotes of one audit.
const evidenceLimit = 5

// An item is something that sessions show.
type item struct {
	key
	domain, organisation string
	pool, unnamed        bool
	in                   map[int]*sighting // by session index
}

// look walks the flows of every session that counts and notes what each shows, at every level.
func (c *comparer) look() {
	c.items = map[key]*item{}
	for _, src := range c.sources {
		of := map[audit.ID]*session{}
		for _, s := range c.all {
			if s.source == src && s.counts() {
				for _, id := range s.s.Recordings {
					of[id] = s
				}
			}
		}
		for _, f := range src.Audit.Flows {
			if s := of[f.Recording]; s != nil && c.counted(s, f) {
				c.note(s, f)
			}
		}
	}
	c.pools()
}

// counted reports whether a flow speaks of what is compared: the device's, or the app's where it is known, to somewhere outside.
func (c *comparer) counted(s *session, f *audit.Flow) bool {
	known := len(s.Audit.Recordings[f.Recording.N-1].Device.Addresses) > 0
	switch {
	case known && !f.Device, f.Endpoint.IsZero():
		return false
	case near(s.Audit.Endpoints[f.Endpoint.N-1].Class):
		c.limit("Flows inside the local network are not compared.")
		return false
	case s.level == "app":
		name := app(s.s, s.Audit)
		return name == "" || ownedBy(f, name, s.Audit.Subject.UID)
	}
	return true
}

// near reports whether an address of the class lies in the device's own network. A carrier's and those that lead nowhere do not: an app that
// asks for them has a destination all the same.
func near(class audit.Class) bool {
	switch class {
	case audit.ClassPrivate, audit.ClassLinkLocal, audit.ClassLoopback, audit.ClassMulticast, audit.ClassBroadcast, audit.ClassUnspecified:
		return true
	}
	return false
}

func (c *comparer) note(s *session, f *audit.Flow) {
	e := &s.Audit.Endpoints[f.Endpoint.N-1]
	s.bytesUp += f.BytesUp
	name, domain, owner := "", "", (*audit.Organisation)(nil)
	host := key{audit.LevelHost, "no name, network not known"}
	if len(f.Names) > 0 && f.Names[0].How != audit.ByPTR {
		name = f.Names[0].Name
		domain, _ = publicsuffix.EffectiveTLDPlusOne(name)
		owner = s.owners[name]
		host.name = template(name, domain)
	} else if e.AS != 0 {
		host.name = "no name, AS" + strconv.FormatUint(uint64(e.AS), 10)
		if e.Organisation != "" {
			host.name += " " + e.Organisation
		}
	}
	organisation, seat, parentSeat := e.Owner, e.OwnerSeat, e.ParentSeat
	if owner != nil {
		organisation, seat, parentSeat = owner.Name, owner.Seat, owner.ParentSeat
	}
	add := func(k key) *item {
		if k.name == "" {
			return nil
		}
		it := c.items[k]
		if it == nil {
			it = &item{key: k, in: map[int]*sighting{}}
			c.items[k] = it
		}
		v := it.in[s.n]
		if v == nil {
			v = &sighting{addresses: map[netip.Addr]audit.ID{}, members: map[string]bool{}}
			it.in[s.n] = v
		}
		v.bytesUp += f.BytesUp
		v.addresses[e.Address] = e.ID
		if len(v.flows) < evidenceLimit {
			v.flows = append(v.flows, f.ID)
		}
		return it
	}
	it := add(host)
	it.domain, it.unnamed = domain, name == ""
	if organisation != "" {
		it.organisation = organisation
	}
	if name != "" {
		it.in[s.n].members[name] = true
	}
	if d := add(key{audit.LevelDomain, domain}); d != nil && organisation != "" {
		d.organisation = organisation
	}
	if o := add(key{audit.LevelOrganisation, organisation}); o != nil {
		o.in[s.n].members[host.name] = true
	}
	for _, j := range [...]struct{ level, country string }{{"J1", firmPlace(&e.Place)}, {"J2", e.ASRegistered}, {"J3", seat}, {"J4", parentSeat}} {
		if j.country != "" {
			add(key{audit.LevelJurisdiction, j.level + " " + j.country}).in[s.n].members[host.name] = true
		}
	}
}

// firmPlace is the country of a place of grade L2 or better; what one database says alone would come and go with the database.
func firmPlace(p *audit.Place) string {
	switch p.Grade {
	case audit.L2, audit.L3, audit.L4:
		return p.Country
	}
	return ""
}

// A pool is made of at least poolNames names of one domain each of which fewer than one in poolShare of the domain's sessions show. Neither
// number looks at the arms, so pooling cannot favour one.
const (
	poolNames = 3
	poolShare = 4
)

// pools merges the rare names of a domain into one item: single they could never be told from chance, and together they say whether the
// domain is used.
func (c *comparer) pools() {
	rare := map[string][]*item{}
	for _, k := range c.sorted(audit.LevelHost) {
		it := c.items[k]
		if d := c.items[key{audit.LevelDomain, it.domain}]; d != nil && poolShare*len(it.in) < len(d.in) {
			rare[it.domain] = append(rare[it.domain], it)
		}
	}
	for domain, list := range rare {
		if len(list) < poolNames {
			continue
		}
		pool := &item{key: key{audit.LevelHost, "rare names of " + domain}, domain: domain, pool: true, in: map[int]*sighting{}}
		for _, it := range list {
			delete(c.items, it.key)
			if it.organisation != "" {
				pool.organisation = it.organisation
			}
			for n, v := range it.in {
				pool.merge(n, v)
			}
		}
		c.items[pool.key] = pool
	}
}

func (it *item) merge(n int, v *sighting) {
	to := it.in[n]
	if to == nil {
		to = &sighting{addresses: map[netip.Addr]audit.ID{}, members: map[string]bool{}}
		it.in[n] = to
	}
	to.bytesUp += v.bytesUp
	for a, id := range v.addresses {
		to.addresses[a] = id
	}
	for m := range v.members {
		to.members[m] = true
	}
	to.flows = append(to.flows, v.flows...)
	slices.SortFunc(to.flows, audit.ID.Compare)
	to.flows = to.flows[:min(len(to.flows), evidenceLimit)]
}
