package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"abroad/analyze/audit"
	"abroad/analyze/locate/earth"
)

// A Public is what a copy for the public needs besides the audit.
type Public struct {
	Key []byte // of the hashes; whoever has it can test a guess, so keep it or forget it
}

// Copy returns an audit that may be published: the vantage as a country, addresses and MACs of the device and its network as keyed hashes, no
// notes of the operator, no flows of other hosts. What was removed is counted in it. The rest is as it was, but for the numbers of ids.
//
// Recordings are named by the same SHA-256: publish them, or a redacted recording, only on purpose.
func (p *Public) Copy(a *audit.Audit) (*audit.Audit, error) {
	c := &copying{Public: p, counts: map[string]map[string]bool{}, hashes: map[string]string{}}
	b, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("copy audit: %w", err)
	}
	var own audit.Audit
	if err := json.Unmarshal(b, &own); err != nil {
		return nil, fmt.Errorf("copy audit: %w", err)
	}
	if err := c.strip(&own); err != nil {
		return nil, err
	}
	c.learn(&own)
	if b, err = json.Marshal(&own); err != nil {
		return nil, fmt.Errorf("copy audit: %w", err)
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("copy audit: %w", err)
	}
	if b, err = json.Marshal(c.walk("", tree)); err != nil {
		return nil, fmt.Errorf("copy audit: %w", err)
	}
	public := new(audit.Audit)
	if err := json.Unmarshal(b, public); err != nil {
		return nil, fmt.Errorf("copy audit: %w", err)
	}
	c.mend(public)
	public.Public = c.removals()
	if err := audit.Check(public); err != nil {
		return nil, fmt.Errorf("internal: the public copy does not hold together: %w", err)
	}
	return public, nil
}

// A copying is a public copy in the making.
type copying struct {
	*Public
	counts map[string]map[string]bool // what was removed: kind -> what it was
	many   [len(removed)]uint64       // of what has no name, by kind
	hashes map[string]string          // what stands for an address, a MAC or a name
	ids    map[audit.ID]audit.ID      // new numbers; the zero ID for what is left out
	device map[string]bool            // addresses of the device
	nets   map[string]bool            // its /64 networks
	names  map[string]bool            // of the device's network
}

// removed lists what a public copy leaves out, in the order of the card.
var removed = [...]string{
	"positions of vantages, now countries",
	"addresses of the device and its network, now keyed hashes (fd…)",
	"hardware addresses, now keyed hashes",
	"names of the device's network, now keyed hashes",
	"addresses of relays and peers in calls",
	"flows of other hosts",
	"notes of the operator",
	"comments in recordings",
	"distances from the vantage",
	"words that may name a person, a network or a device",
}

// The places of removed.
const (
	outVantage = iota
	outAddress
	outMAC
	outName
	outRelay
	outFlow
	outNote
	outComment
	outDistance
	outWord
)

// count remembers that something was removed; the same thing counts once.
func (c *copying) count(kind int, what string) {
	k := removed[kind]
	if c.counts[k] == nil {
		c.counts[k] = map[string]bool{}
	}
	c.counts[k][what] = true
}

func (c *copying) removals() []audit.Removal {
	var list []audit.Removal
	for i, what := range removed {
		list = append(list, audit.Removal{What: what, Count: c.many[i] + uint64(len(c.counts[what]))})
	}
	return list
}

// strip takes out what has no place in a public copy, and decides what the others are numbered.
func (c *copying) strip(a *audit.Audit) error {
	for _, v := range vantages(a) {
		if v.Country != "" {
			continue
		}
		country, err := countryAt(v.Lat, v.Lon)
		if err != nil {
			return fmt.Errorf("copy audit: the vantage: %w", err)
		}
		*v = audit.Vantage{Country: country}
		c.many[outVantage]++
	}
	for i := range a.Sessions {
		s := &a.Sessions[i]
		if s.Note != "" {
			s.Note = ""
			c.many[outNote]++
		}
		for k := range s.Markers {
			m := &s.Markers[k]
			if m.Text != "" && m.Text != m.Action {
				c.many[outNote]++
			}
			if m.Text = m.Action; m.Text == "" {
				m.Text = "marker"
			}
		}
	}
	for i := range a.Recordings {
		c.many[outComment] += uint64(len(a.Recordings[i].Notes))
		a.Recordings[i].Notes = nil
	}
	for i := range a.Claims {
		if a.Claims[i].Kind == audit.ClaimPhysics && a.Claims[i].Detail != "" {
			a.Claims[i].Detail = ""
			c.many[outDistance]++
		}
	}
	for i := range a.Observations {
		if o := &a.Observations[i]; o.Kind == audit.SeenRelay {
			c.count(outRelay, o.Value)
			o.Value = "left out"
		}
	}
	c.freeWords(a)
	c.others(a)
	return nil
}

// countryAt is the territory around a place, or the nearest to one at sea.
func countryAt(lat, lon float64) (string, error) {
	world, err := earth.Open()
	if err != nil {
		return "", err
	}
	return world.From(lat, lon)[0].Country, nil
}

// vantages lists every vantage of a.
func vantages(a *audit.Audit) (list []*audit.Vantage) {
	if a.Options.Vantage != nil {
		list = append(list, a.Options.Vantage)
	}
	for i := range a.Sessions {
		if v := a.Sessions[i].Vantage; v != nil {
			list = append(list, v)
		}
	}
	return list
}

// others takes out the flows that are not the device's, in recordings whose device is known, and what only they led to.
func (c *copying) others(a *audit.Audit) {
	c.ids = map[audit.ID]audit.ID{}
	gone := map[audit.ID]bool{}
	rest := make([]uint32, len(a.Endpoints)+1)
	for _, f := range a.Flows {
		r := at(a.Recordings, f.Recording, audit.KindRecording)
		out := !f.Device && r != nil && len(r.Device.Addresses)+len(r.Device.MACs) > 0
		if out {
			gone[f.ID] = true
			c.many[outFlow]++
		}
		if e := at(a.Endpoints, f.Endpoint, audit.KindEndpoint); e != nil {
			if out {
				e.Flows -= min(e.Flows, 1)
				e.BytesUp -= min(e.BytesUp, f.BytesUp)
				e.BytesDown -= min(e.BytesDown, f.BytesDown)
			} else {
				rest[f.Endpoint.N]++
			}
		}
	}
	for i := range a.Endpoints {
		gone[a.Endpoints[i].ID] = rest[i+1] == 0
	}
	addresses := map[string]bool{}
	for i := range a.Endpoints {
		if e := &a.Endpoints[i]; !gone[e.ID] {
			addresses[e.Address.String()], addresses[e.Translated.String()] = true, true
		}
	}
	a.Flows = keep(c, a.Flows, func(f **audit.Flow) (audit.ID, bool) { return (*f).ID, !gone[(*f).ID] })
	a.Observations = keep(c, a.Observations, func(o *audit.Observation) (audit.ID, bool) { return o.ID, !gone[o.Flow] })
	a.Answers = keep(c, a.Answers, func(v *audit.Answer) (audit.ID, bool) { return v.ID, !gone[v.Flow] })
	a.Claims = keep(c, a.Claims, func(v *audit.Claim) (audit.ID, bool) { return v.ID, addresses[v.Address.String()] })
	a.Endpoints = keep(c, a.Endpoints, func(e *audit.Endpoint) (audit.ID, bool) { return e.ID, !gone[e.ID] })
	a.Hosts = keep(c, a.Hosts, func(h *audit.Host) (audit.ID, bool) {
		return h.ID, len(h.Endpoints) == 0 || slices.ContainsFunc(h.Endpoints, func(id audit.ID) bool { return !gone[id] })
	})
	for i := range a.Jurisdictions {
		j := &a.Jurisdictions[i]
		j.Flows, j.BytesUp, j.BytesDown = 0, 0, 0
		for _, id := range j.Endpoints {
			if to := c.ids[id]; !to.IsZero() {
				e := &a.Endpoints[to.N-1]
				j.Flows += e.Flows
				j.BytesUp += e.BytesUp
				j.BytesDown += e.BytesDown
			}
		}
	}
	a.Jurisdictions = slices.DeleteFunc(a.Jurisdictions, func(j audit.Jurisdiction) bool {
		return !slices.ContainsFunc(j.Endpoints, func(id audit.ID) bool { return !gone[id] })
	})
}

// keep leaves out what is not wanted and notes the new numbers of the rest. The ids themselves change later, with all that name them.
func keep[T any](c *copying, list []T, wanted func(*T) (audit.ID, bool)) []T {
	kept := make([]T, 0, len(list))
	for i := range list {
		id, ok := wanted(&list[i])
		if !ok {
			c.ids[id] = audit.ID{}
			continue
		}
		kept = append(kept, list[i])
		c.ids[id] = audit.ID{Kind: id.Kind, N: uint32(len(kept))}
	}
	return kept
}

// mend makes sentences of what lost its ground.
func (c *copying) mend(a *audit.Audit) {
	const out = "flows that this public copy leaves out"
	for _, f := range a.Flows {
		f.Names = slices.DeleteFunc(f.Names, func(n audit.Name) bool { return len(n.Because) == 0 })
	}
	for i := range a.Findings {
		if f := &a.Findings[i]; len(f.Because) == 0 && len(f.Missing) == 0 {
			f.Missing = []string{out}
		}
	}
	for i := range a.Promises {
		for k := range a.Promises[i].Clauses {
			if v := &a.Promises[i].Clauses[k].Verdict; len(v.Because) == 0 && len(v.Missing) == 0 {
				v.Missing = []string{out}
			}
		}
	}
}
