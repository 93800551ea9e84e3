package reports

import (
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// The samples are built here and lie in testdata as JSON; -update writes them. They are the audits that every format is tested with.
var samples = map[string]func() *audit.Audit{
	"empty":    empty,
	"small":    small,
	"practice": practice,
	"hostile":  hostile,
	"promised": withPromise,
}

const second = 1_000_000_000

// noon is 2026-11-03T12:00:00Z.
const noon capture.Time = 1_793_707_200 * second

// A builder numbers things as the audit wants them and keeps its sums right.
type builder struct{ *audit.Audit }

func newBuilder() builder {
	return builder{&audit.Audit{
		Schema: audit.Schema, Tool: audit.Tool{Name: "abroad", Version: "0.1.0"}, Options: audit.Options{FlowLimit: 2_000_000},
		Recordings: []audit.Recording{}, Sessions: []audit.Session{}, Datasets: []audit.Dataset{}, Jurisdictions: []audit.Jurisdiction{},
		Hosts: []audit.Host{}, Organisations: []audit.Organisation{}, Laws: []audit.Law{}, Promises: []audit.Promise{}, Overrides: []audit.Override{},
		Endpoints: []audit.Endpoint{}, Findings: []audit.Finding{}, Claims: []audit.Claim{}, Flows: []*audit.Flow{}, Observations: []audit.Observation{},
		Answers: []audit.Answer{}, Anomalies: []audit.Anomaly{}, Overflow: []audit.Overflow{}, Notes: []string{},
	}}
}

func id(kind audit.Kind, n int) audit.ID { return audit.ID{Kind: kind, N: uint32(n)} }

func digest(text string) (d capture.Digest) {
	copy(d[:], strings.Repeat(text+".", 32))
	return d
}

// recording adds a recording of so many packets, and the session it is.
func (b builder) recording(r audit.Recording) audit.ID {
	n := len(b.Recordings) + 1
	r.ID, r.SHA256, r.LastNumber = id('r', n), digest(r.Name), r.Records
	if r.Interfaces == nil {
		r.Interfaces = []audit.Interface{{Link: "ethernet", SnapLen: 262144, Packets: r.Records}}
	}
	if r.Undecoded == nil {
		r.Undecoded = []audit.Undecoded{}
	}
	if r.Device.Reason == "" {
		r.Device = audit.Device{Reason: "unknown"}
	}
	for _, u := range r.Undecoded {
		r.Packets.Undecoded += u.Packets
	}
	r.Packets.InFlows = r.Records - r.Packets.Undecoded - r.Packets.Fragments - r.Packets.Overflow
	b.Recordings = append(b.Recordings, r)
	b.Sessions = append(b.Sessions, audit.Session{
		ID: id('s', n), Recordings: []audit.ID{r.ID}, Start: r.First, End: r.Last, Day: r.First.Day(), App: b.Subject.App, Version: b.Subject.Version,
	})
	return r.ID
}

func (b builder) dataset(d audit.Dataset) audit.ID {
	d.ID, d.SHA256 = id('d', len(b.Datasets)+1), digest(d.Name)
	b.Datasets = append(b.Datasets, d)
	return d.ID
}

func (b builder) claim(address string, c audit.Claim) audit.ID {
	c.ID, c.Address = id('c', len(b.Claims)+1), netip.MustParseAddr(address)
	b.Claims = append(b.Claims, c)
	return c.ID
}

func (b builder) endpoint(address string, e audit.Endpoint) audit.ID {
	e.ID, e.Address = id('e', len(b.Endpoints)+1), netip.MustParseAddr(address)
	if e.Sessions == nil {
		e.Sessions = []audit.ID{}
	}
	b.Endpoints = append(b.Endpoints, e)
	return e.ID
}

// flow adds a flow to an endpoint, with names learned from observations that are made on the way.
func (b builder) flow(recording, endpoint audit.ID, f audit.Flow, names ...audit.Name) *audit.Flow {
	n := len(b.Flows) + 1
	f.ID, f.Recording, f.Endpoint = id('f', n), recording, endpoint
	packet := uint32(10*n - 9)
	f.Packet = capture.Ref{Recording: recording.N, Record: packet}
	e := &b.Endpoints[endpoint.N-1]
	if !f.A.IsValid() {
		f.A = netip.AddrPortFrom(netip.MustParseAddr("10.0.0.2"), uint16(50000+n))
	}
	if !f.B.IsValid() {
		f.B = netip.AddrPortFrom(e.Address, 443)
	}
	if f.First == 0 {
		f.First, f.Last = noon+capture.Time(n)*second, noon+capture.Time(n)*second+second/2
	}
	for _, name := range names {
		if len(name.Because) == 0 {
			kind := audit.SeenSNI
			switch name.How {
			case audit.ByHTTP:
				kind = audit.SeenHost
			case audit.ByCert:
				kind = audit.SeenCertName
			}
			name.Because = []audit.ID{b.observe(audit.Observation{
				Flow: f.ID, Kind: kind, Value: name.Name, By: "tls", Time: f.First,
				Seen: []capture.Ref{{Recording: recording.N, Record: packet + 3, Off: 120, Len: max(1, uint32(len(name.Name)))}},
			})}
		}
		f.Names = append(f.Names, name)
		if !slices.Contains(e.Names, name.Name) {
			e.Names = append(e.Names, name.Name)
			slices.Sort(e.Names)
		}
	}
	e.Flows++
	e.BytesUp += f.BytesUp
	e.BytesDown += f.BytesDown
	if s := id('s', int(recording.N)); !slices.Contains(e.Sessions, s) {
		e.Sessions = append(e.Sessions, s)
	}
	b.Flows = append(b.Flows, &f)
	return &f
}

func (b builder) observe(o audit.Observation) audit.ID {
	o.ID = id('o', len(b.Observations)+1)
	b.Observations = append(b.Observations, o)
	return o.ID
}

func (b builder) answer(a audit.Answer) audit.ID {
	a.ID = id('a', len(b.Answers)+1)
	b.Answers = append(b.Answers, a)
	return a.ID
}

// finish fills the coverage and the jurisdictions from flows and endpoints, as an analysis would.
func (b builder) finish() *audit.Audit {
	c := &b.Coverage
	for _, f := range b.Flows {
		c.Total.Add(f)
		strong, weak := false, false
		for _, n := range f.Names {
			strong = strong || n.How.Strong()
			weak = weak || !n.How.Strong()
		}
		switch {
		case strong:
			c.Strong.Add(f)
		case weak:
			c.Weak.Add(f)
		default:
			c.None.Add(f)
		}
		for _, part := range []struct {
			share *audit.Share
			in    bool
		}{
			{&c.Attributed, f.Attribution != nil && f.Attribution.Grade == audit.A3},
			{&c.ECH, f.Flags.Has(audit.ECHOffered)},
			{&c.DoH, f.Flags.Has(audit.EncryptedDNS)},
			{&c.QUIC, f.App == "quic"},
			{&c.Truncated, f.Flags.Has(audit.Truncated)},
			{&c.Plaintext, f.Flags.Has(audit.Plaintext)},
			{&c.Local, f.Flags.Has(audit.LocalOnly)},
		} {
			if part.in {
				part.share.Add(f)
			}
		}
	}
	for i := range b.Endpoints {
		e := &b.Endpoints[i]
		j := audit.Jurisdiction{Country: e.Place.Country, Grade: e.Place.Grade, Words: e.Place.Words}
		switch {
		case e.Place.Country != "":
		case special(e.Class):
			j = audit.Jurisdiction{Label: string(e.Class), Words: string(e.Class) + " address"}
		case e.Place.Role == audit.RoleEdge:
			j = audit.Jurisdiction{Label: "edge", Words: "edge: location follows the client", Grade: e.Place.Grade}
		case len(e.Place.Candidates) > 0:
			j = audit.Jurisdiction{Label: "several candidates", Words: "several candidates", Grade: e.Place.Grade}
		default:
			j = audit.Jurisdiction{Label: "nothing known", Words: "nothing known", Grade: audit.L0}
		}
		at := slices.IndexFunc(b.Jurisdictions, func(k audit.Jurisdiction) bool { return k.Words == j.Words && k.Grade == j.Grade })
		if at < 0 {
			j.Endpoints = []audit.ID{}
			b.Jurisdictions = append(b.Jurisdictions, j)
			at = len(b.Jurisdictions) - 1
		}
		k := &b.Jurisdictions[at]
		k.Endpoints = append(k.Endpoints, e.ID)
		k.Flows += e.Flows
		k.BytesUp += e.BytesUp
		k.BytesDown += e.BytesDown
	}
	return b.Audit
}

// empty is what an empty file gives.
func empty() *audit.Audit {
	b := newBuilder()
	b.recording(audit.Recording{Name: "empty.pcap", Size: 24, Format: "pcap", First: capture.NoTime, Last: capture.NoTime})
	return b.finish()
}

// small is one recording on a gateway with one database: device level, L1.
func small() *audit.Audit {
	b := newBuilder()
	b.Coverage.DeviceSure = true
	r := b.recording(audit.Recording{
		Name: "capture.pcap", Size: 4_321, Format: "pcap", Records: 30, First: noon, Last: noon + 9*second,
		Device: audit.Device{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.2")}, MACs: []string{"02:00:00:00:00:01"}, Reason: "most-flows"},
	})
	d := b.dataset(audit.Dataset{
		Name: "dbip-country-lite", Title: "DB-IP Lite Country", Publisher: "DB-IP", Licence: "CC BY 4.0", Credit: "IP Geolocation by DB-IP, https://db-ip.com",
		AsOf: "2026-06-01", Embedded: true,
	})
	c := b.claim("192.0.2.7", audit.Claim{Kind: audit.ClaimDatabase, Country: "IE", By: "dbip", Said: audit.Citation{Dataset: d, Key: "192.0.2.0/24"}})
	e := b.endpoint("192.0.2.7", audit.Endpoint{Place: audit.Place{
		Country: "IE", Candidates: []string{"IE"}, Grade: audit.L1, Words: "DB-IP says IE", Because: []audit.ID{c}, Missing: []string{"a second kind of evidence: abroad data update"},
	}})
	b.flow(r, e, audit.Flow{Proto: audit.TCP, Device: true, App: "tls", State: audit.StateClosed, PacketsUp: 12, PacketsDown: 14, BytesUp: 3_456, BytesDown: 12_345, PayloadUp: 2_800, PayloadDown: 11_500},
		audit.Name{Name: "api.example.com", How: audit.BySNI})
	return b.finish()
}
