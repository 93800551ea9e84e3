package analyze

import (
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/locate"
)

// bound asks, where a vantage is declared, which countries the round trips to each endpoint exclude, and places it again. Only recordings count
// in which nothing near answers for the servers; notes tell which do not, and why. The map is cited if it says anything.
func (b *builder) bound() {
	a := b.audit
	if a.Options.Vantage == nil {
		return
	}
	if off := locate.Declared(a.Options); off != "" {
		b.note("round trips exclude no country: %s", off)
		return
	}
	data := audit.ID{Kind: audit.KindDataset, N: uint32(len(a.Datasets) + 1)}
	physics, err := locate.NewPhysics(a.Options.Vantage, data)
	if err != nil {
		b.note("round trips exclude no country: %v", err)
		return
	}
	said := b.claimsOf()
	best := make([]timed, len(a.Endpoints)) // over the recordings that count
	off := map[locate.Off][]string{}
	for i, r := range b.recs {
		hosts := b.timed(r)
		if why := physics.Recorded(&a.Recordings[i], b.hosts(hosts, said)); why != "" {
			off[why] = append(off[why], a.Recordings[i].ID.String())
			continue
		}
		for _, h := range hosts {
			for _, s := range h.samples {
				best[h.endpoint-1].keep(s)
			}
		}
	}
	for _, why := range []locate.Off{locate.OffOnDevice, locate.OffClock, locate.OffMiddlebox, locate.OffAlike, locate.OffTooFast} {
		if ids := off[why]; len(ids) > 0 {
			b.note("round trips in %s exclude no country: %s", strings.Join(ids, ", "), why)
		}
	}
	nowhere := 0
	first := len(a.Claims)
	for i := range a.Endpoints {
		if b.boundOne(&a.Endpoints[i], physics, best[i].samples, said[i]) {
			nowhere++
		}
	}
	if nowhere > 0 {
		b.note("round trips to %d endpoints exclude no country: %s", nowhere, locate.OffNowhere)
	}
	if len(a.Claims) == first {
		return
	}
	world, err := locate.Map()
	if err != nil {
		panic(err) // the digest is our own, and tested
	}
	world.ID = data
	a.Datasets = append(a.Datasets, world)
}

// boundOne places e again if its round trips say anything; claims are what was said about it.
func (b *builder) boundOne(e *audit.Endpoint, physics *locate.Physics, samples []locate.Sample, claims []audit.Claim) (nowhere bool) {
	var countries []string
	for i := range claims {
		switch claims[i].Kind {
		case audit.ClaimOverride, audit.ClaimOperator, audit.ClaimToken, audit.ClaimDatabase:
			if claims[i].Country != "" {
				countries = append(countries, claims[i].Country)
			}
		}
	}
	bounds, within, nowhere := physics.Bound(e.Address, samples, countries)
	if len(bounds) == 0 {
		return nowhere
	}
	all := append([]audit.Claim(nil), claims...)
	for _, c := range bounds {
		c.ID = audit.ID{Kind: audit.KindClaim, N: uint32(len(b.audit.Claims) + 1)}
		b.audit.Claims = append(b.audit.Claims, c)
		all = append(all, c)
	}
	e.Place = locate.Weigh(e.Class, all, b.audit.Datasets, within)
	return nowhere
}

// claimsOf returns the claims about each endpoint: place appended them in the order of the endpoints.
func (b *builder) claimsOf() [][]audit.Claim {
	a := b.audit
	list := make([][]audit.Claim, len(a.Endpoints))
	at := 0
	for i := range a.Endpoints {
		first := at
		for at < len(a.Claims) && a.Claims[at].Address == a.Endpoints[i].Address {
			at++
		}
		list[i] = a.Claims[first:at:at]
	}
	return list
}

// timed is what one recording says about the round trips to an endpoint: the shortest of each kind.
type timed struct {
	endpoint uint32 // its number
	samples  []locate.Sample
}

func (t *timed) keep(s locate.Sample) {
	for i := range t.samples {
		if old := &t.samples[i]; old.Kind == s.Kind {
			if s.NS+s.Tick < old.NS+old.Tick {
				*old = s
			}
			return
		}
	}
	t.samples = append(t.samples, s)
}

// timed lists the endpoints that were timed in a recording, in the order of its flows. Local addresses are none: a printer in the next room
// is no measure of anything.
func (b *builder) timed(r *recording) []timed {
	tick := locate.Tick(func(yield func(int64) bool) {
		for s := range samples(r.flows) {
			if !yield(s.NS) {
				return
			}
		}
	})
	var list []timed
	index := map[uint32]int{}
	for _, f := range r.flows {
		if f.Endpoint.IsZero() || len(f.RTT) == 0 || local(b.audit.Endpoints[f.Endpoint.N-1].Class) {
			continue
		}
		n, ok := index[f.Endpoint.N]
		if !ok {
			n = len(list)
			index[f.Endpoint.N] = n
			list = append(list, timed{endpoint: f.Endpoint.N})
		}
		for _, s := range f.RTT {
			list[n].keep(locate.Sample{RTT: s, Tick: tick})
		}
	}
	return list
}

// samples lists the round trips of flows.
func samples(flows []*flow.Flow) func(yield func(audit.RTT) bool) {
	return func(yield func(audit.RTT) bool) {
		for _, f := range flows {
			for _, s := range f.RTT {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// hosts adds what providers' lists say about endpoints.
func (b *builder) hosts(list []timed, said [][]audit.Claim) []locate.Host {
	hosts := make([]locate.Host, len(list))
	for i, t := range list {
		e := &b.audit.Endpoints[t.endpoint-1]
		hosts[i].Samples = t.samples
		hosts[i].Region, hosts[i].Row = locate.Region(e.Place, said[t.endpoint-1])
	}
	return hosts
}
