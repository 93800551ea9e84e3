package analyze

import (
	"cmp"
	"fmt"
	"slices"

	"abroad/analyze/audit"
)

// cover fills the coverage statement: how much of the traffic the audit can speak about.
func (b *builder) cover() {
	c := &b.audit.Coverage
	c.DeviceSure = true
	for _, r := range b.recs {
		known := len(r.device.Addresses) > 0
		c.DeviceSure = c.DeviceSure && known
		for _, f := range r.flows {
			if known && !f.Device {
				c.NotDevice.Add(&f.Flow)
				continue
			}
			coverFlow(c, &f.Flow)
		}
	}
	for _, o := range b.audit.Overflow {
		c.PastLimit.Flows++
		c.PastLimit.BytesUp += o.Bytes // directions are not kept past the limit
	}
}

func coverFlow(c *audit.Coverage, f *audit.Flow) {
	c.Total.Add(f)
	switch {
	case len(f.Names) > 0 && f.Names[0].How.Strong():
		c.Strong.Add(f)
	case len(f.Names) > 0:
		c.Weak.Add(f)
	default:
		c.None.Add(f)
	}
	for _, s := range [...]struct {
		flag  audit.Flags
		share *audit.Share
	}{{audit.ECHOffered, &c.ECH}, {audit.EncryptedDNS, &c.DoH}, {audit.Truncated, &c.Truncated}, {audit.Plaintext, &c.Plaintext}, {audit.LocalOnly, &c.Local}} {
		if f.Flags.Has(s.flag) {
			s.share.Add(f)
		}
	}
	if f.App == "quic" || f.App == "doq" || f.App == "doh3" {
		c.QUIC.Add(f)
	}
	if f.Attribution != nil && f.Attribution.Grade == audit.A3 {
		c.Attributed.Add(f)
	}
}

// jurisdictions sums the endpoints by what is concluded about their place; most bytes up first.
func (b *builder) jurisdictions() {
	type group struct {
		country, label string
		grade          audit.Grade
	}
	a := b.audit
	index := map[group]int{}
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		g := group{country: e.Place.Country, grade: e.Place.Grade}
		if g.country == "" {
			g.label = label(e)
		}
		if local(e.Class) {
			g.grade = ""
		}
		n, ok := index[g]
		if !ok {
			n = len(a.Jurisdictions)
			index[g] = n
			a.Jurisdictions = append(a.Jurisdictions, audit.Jurisdiction{Country: g.country, Label: g.label, Grade: g.grade})
		}
		j := &a.Jurisdictions[n]
		j.Endpoints = append(j.Endpoints, e.ID)
		j.Flows += e.Flows
		j.BytesUp += e.BytesUp
		j.BytesDown += e.BytesDown
	}
	for i := range a.Jurisdictions {
		j := &a.Jurisdictions[i]
		j.Words = b.say(j)
	}
	slices.SortStableFunc(a.Jurisdictions, func(x, y audit.Jurisdiction) int {
		return cmp.Or(cmp.Compare(y.BytesUp, x.BytesUp), cmp.Compare(y.BytesDown, x.BytesDown), cmp.Compare(x.Country+x.Label, y.Country+y.Label), cmp.Compare(y.Grade, x.Grade))
	})
}

// local reports whether a class is no place at all.
func local(c audit.Class) bool {
	return c != audit.ClassPublic && c != audit.ClassNAT64 && c != audit.ClassPractice
}

// label says why an endpoint has no country.
func label(e *audit.Endpoint) string {
	switch {
	case local(e.Class):
		return string(e.Class)
	case e.Place.Role == audit.RoleEdge:
		return "edge"
	case len(e.Place.Candidates) > 1:
		return "several candidates"
	}
	return "nothing known"
}

// say puts a group into words: the common words of its endpoints, or what they have in common.
func (b *builder) say(j *audit.Jurisdiction) string {
	words := b.audit.Endpoints[j.Endpoints[0].N-1].Place.Words
	for _, id := range j.Endpoints[1:] {
		if b.audit.Endpoints[id.N-1].Place.Words != words {
			words = ""
			break
		}
	}
	switch {
	case j.Country == "" && j.Label == "edge":
		return "edge or anycast: answered near the client, no single country"
	case j.Country == "" && j.Label == "several candidates":
		return "the sources name different countries"
	case j.Country == "" && j.Grade == "":
		return j.Label + " addresses: not a place"
	case j.Country == "":
		return "no source names a country"
	case words != "":
		return words
	case j.Grade.Place():
		return fmt.Sprintf("in %s", j.Country)
	}
	return fmt.Sprintf("said to be %s, not corroborated", j.Country)
}

// note tells the reader something about this run.
func (b *builder) note(format string, args ...any) {
	b.audit.Notes = append(b.audit.Notes, fmt.Sprintf(format, args...))
}
