package analyze

import (
	"slices"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

// bindLater binds, weakest of all, the names that resolvers gave for an address after the recording, if the names gave the address back. What
// the recording shows stays as it is.
func (b *builder) bindLater() {
	a := b.audit
	names := map[audit.ID][]audit.Name{}
	for i, claims := range b.claimsOf() {
		e := &a.Endpoints[i]
		for j := range claims {
			c := &claims[j]
			if c.Kind != audit.ClaimResolved || c.Detail != locate.ReverseConfirmed {
				continue
			}
			names[e.ID] = append(names[e.ID], audit.Name{Name: b.word(c.Name), How: audit.ByPTR, Because: []audit.ID{c.ID}})
			if len(e.Names) < maxNames && !slices.Contains(e.Names, c.Name) {
				e.Names = append(e.Names, b.word(c.Name))
				slices.Sort(e.Names)
			}
		}
	}
	if len(names) == 0 {
		return
	}
	for _, f := range a.Flows {
		for _, n := range names[f.Endpoint] {
			n.Because = slices.Clone(n.Because)
			addName(f, n)
		}
	}
}

// touched notes that a correction by hand was asked about an endpoint. Corrections are numbered as they are met.
func (b *builder) touched(o *audit.Override, endpoint audit.ID) {
	a := b.audit
	i := slices.IndexFunc(a.Overrides, func(had audit.Override) bool { return had.Prefix == o.Prefix })
	if i < 0 {
		i = len(a.Overrides)
		met := *o
		met.ID = audit.ID{Kind: audit.KindOverride, N: uint32(i + 1)}
		a.Overrides = append(a.Overrides, met)
	}
	a.Overrides[i].Endpoints = append(a.Overrides[i].Endpoints, endpoint)
}
