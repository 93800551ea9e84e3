package shelf

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// The kinds of things that can be looked for.
const (
	KindHost    = "host"    // a name, or with digits only an address
	KindOrg     = "org"     // who receives (owner table), or whose network it is
	KindCountry = "country" // of one of the four levels of jurisdiction
	KindAS      = "as"
)

// Kinds lists them.
var Kinds = []string{KindHost, KindOrg, KindCountry, KindAS}

// A thing is something that an audit holds and that can be looked for.
type thing struct {
	kind, value, detail string // detail: "J1 L3", "recipient", "network"
	bytesUp             uint64
}

// A Card is what the index keeps of an audit.
type Card struct {
	Path         string   `json:"path"` // of the audit's folder, from the workspace
	App          string   `json:"app"`
	Version      string   `json:"version"`
	First        string   `json:"first"` // day of the first session, UTC
	Last         string   `json:"last"`
	Sessions     int      `json:"sessions"` // that did not fail
	Failed       int      `json:"failed"`
	Practice     bool     `json:"practice,omitempty"`
	Hosts        int      `json:"hosts"`
	BytesUp      uint64   `json:"bytes_up"`
	Contradicted int      `json:"contradicted"`
	Consistent   int      `json:"consistent"`
	Silent       int      `json:"silent"`
	Countries    []string `json:"countries"` // of servers, with grade: "IE L3"
	things       []thing
}

// A head is the part of an audit that the index wants. It stands before the long lists.
type head audit.Audit

// readCard reads an audit as far as needed. It is not checked: the index is for finding, the audit for believing.
func readCard(path string) (*Card, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := audit.ReadHead(bufio.NewReaderSize(f, 64<<10), "subject", "sessions", "jurisdictions", "endpoints", "hosts", "organisations", "promises")
	if err != nil {
		return nil, err
	}
	return (*head)(a).card(), nil
}

func (h *head) card() *Card {
	c := &Card{App: h.Subject.App, Version: h.Subject.Version, Practice: h.Practice, Countries: []string{}}
	for i := range h.Sessions {
		s := &h.Sessions[i]
		if s.Failed != "" {
			c.Failed++
			continue
		}
		c.Sessions++
		if c.App == "" {
			c.App = s.App
		}
		if c.Version == "" {
			c.Version = s.Version
		}
		day := s.Day
		if day == "" && s.Start != capture.NoTime && s.Start != 0 {
			day = s.Start.String()[:10]
		}
		if day != "" && (c.First == "" || day < c.First) {
			c.First = day
		}
		c.Last = max(c.Last, day)
	}
	for i := range h.Promises {
		for j := range h.Promises[i].Clauses {
			switch h.Promises[i].Clauses[j].Verdict.Outcome {
			case audit.Contradicted:
				c.Contradicted++
			case audit.Consistent:
				c.Consistent++
			default:
				c.Silent++
			}
		}
	}
	for i := range h.Jurisdictions {
		if j := &h.Jurisdictions[i]; j.Country != "" {
			c.Countries = append(c.Countries, strings.TrimSpace(j.Country+" "+string(j.Grade)))
		}
	}
	slices.Sort(c.Countries)
	h.things(c)
	return c
}

// things lists what can be looked for, each once.
func (h *head) things(c *Card) {
	sum := map[thing]uint64{}
	add := func(kind, value, detail string, bytes uint64) {
		if value != "" {
			sum[thing{kind: kind, value: value, detail: detail}] += bytes
		}
	}
	for i := range h.Endpoints {
		e := &h.Endpoints[i]
		c.BytesUp += e.BytesUp
		if e.Class != audit.ClassPublic && e.Class != audit.ClassPractice && e.Class != audit.ClassNAT64 {
			continue
		}
		add(KindHost, e.Address.String(), "address", e.BytesUp)
		if len(h.Hosts) == 0 {
			for _, name := range e.Names {
				add(KindHost, reversed(name), "", e.BytesUp)
			}
		}
		add(KindOrg, e.Organisation, "network", e.BytesUp)
		if len(h.Hosts) == 0 {
			add(KindOrg, e.Owner, "recipient", e.BytesUp)
			add(KindCountry, e.OwnerSeat, "J3", e.BytesUp)
			add(KindCountry, e.ParentSeat, "J4", e.BytesUp)
		}
		if e.AS != 0 {
			add(KindAS, fmt.Sprintf("AS%d", e.AS), e.Organisation, e.BytesUp)
		}
		add(KindCountry, e.Place.Country, "J1 "+string(e.Place.Grade), e.BytesUp)
		add(KindCountry, e.ASRegistered, "J2", e.BytesUp)
	}
	for i := range h.Hosts {
		host := &h.Hosts[i]
		add(KindHost, reversed(host.Name), string(host.How), host.BytesUp)
		if n := int(host.Owner.N); host.Owner.Kind == audit.KindOrganisation && n >= 1 && n <= len(h.Organisations) {
			o := &h.Organisations[n-1]
			add(KindOrg, o.Name, "recipient", host.BytesUp)
			if o.Parent != "" {
				add(KindOrg, o.Parent, "parent", host.BytesUp)
			}
			add(KindCountry, o.Seat, "J3", host.BytesUp)
			add(KindCountry, o.ParentSeat, "J4", host.BytesUp)
		}
	}
	for t, bytes := range sum {
		t.bytesUp = bytes
		c.things = append(c.things, t)
		if t.kind == KindHost && t.detail != "address" {
			c.Hosts++
		}
	}
	slices.SortFunc(c.things, func(x, y thing) int {
		return strings.Compare(x.kind+"\x00"+x.value+"\x00"+x.detail, y.kind+"\x00"+y.value+"\x00"+y.detail)
	})
}

// reversed writes a name from its end, "example.practice.api": names of one domain then stand together. An address stays.
func reversed(name string) string {
	if _, err := netip.ParseAddr(name); err == nil {
		return name
	}
	labels := strings.Split(strings.ToLower(strings.Trim(name, ".")), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}
