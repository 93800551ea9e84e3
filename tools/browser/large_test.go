package browser

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// large writes an audit of so many destinations in so many sessions, each with names, claims of six sources, round trips and a host name of
// ordinary length.
func large(t *testing.T, destinations, sessions int) string {
	t.Helper()
	const second = capture.Time(1_000_000_000)
	const noon = 1_793_707_200 * second
	countries := []string{"IE", "DE", "US", "SG", "CN", "NO", "BR", "NL", "FR", "IN", "JP", "AU", "HK", "MT", "SE", "ZA"}
	grades := []audit.Grade{audit.L4, audit.L3, audit.L2, audit.L1, audit.L1, audit.L0}
	id := func(kind audit.Kind, n int) audit.ID { return audit.ID{Kind: kind, N: uint32(n)} }
	a := &audit.Audit{
		Schema: audit.Schema, Tool: audit.Tool{Name: "abroad", Version: "0.1.0"}, Subject: audit.Subject{App: "com.example.large", Version: "12.4.1"},
		Options: audit.Options{FlowLimit: 2_000_000, Vantage: &audit.Vantage{Country: "GB"}},
		Hosts:   []audit.Host{}, Organisations: []audit.Organisation{}, Laws: []audit.Law{}, Promises: []audit.Promise{}, Overrides: []audit.Override{},
		Findings: []audit.Finding{}, Answers: []audit.Answer{}, Anomalies: []audit.Anomaly{}, Overflow: []audit.Overflow{}, Notes: []string{},
	}
	a.Coverage.DeviceSure = true
	for i := range sessions {
		at := noon + capture.Time(i)*86_400*second
		a.Recordings = append(a.Recordings, audit.Recording{
			ID: id('r', i+1), SHA256: capture.Digest{1, byte(i)}, Name: fmt.Sprintf("session-%02d.pcapng", i+1), Size: 40_000_000, Format: "pcapng", Records: 1_000_000, LastNumber: 1_000_000, First: at, Last: at + 900*second,
			Interfaces: []audit.Interface{{Link: "ethernet", Packets: 1_000_000}}, Device: audit.Device{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.2")}, Reason: "declared"},
			Packets: audit.Packets{InFlows: 1_000_000}, LostKnown: true, Undecoded: []audit.Undecoded{},
		})
		a.Sessions = append(a.Sessions, audit.Session{
			ID: id('s', i+1), Recordings: []audit.ID{id('r', i+1)}, Start: at, End: at + 900*second, Day: at.Day(), App: a.Subject.App, Version: a.Subject.Version,
			Role: audit.RoleTest, Platform: "android", Device: "Pixel 8", OS: "16", Consent: "rejected",
			Markers: []audit.Marker{{At: at + 30*second, Text: "log in", Action: "log_in", Event: 3}, {At: at + 400*second, Text: "post a private video", Action: "post_private_video", Event: 9}},
		})
	}
	for i := range 6 {
		a.Datasets = append(a.Datasets, audit.Dataset{
			ID: id('d', i+1), SHA256: capture.Digest{2, byte(i)}, Name: fmt.Sprintf("dataset-%d", i), Title: fmt.Sprintf("Dataset %d", i), Publisher: fmt.Sprintf("Publisher %d", i), Licence: "CC BY 4.0",
			Credit: fmt.Sprintf("By Publisher %d (https://example.com/%d)", i, i), AsOf: "2026-10-01",
		})
	}
	for i := range destinations {
		addr := netip.AddrFrom4([4]byte{11, byte(i >> 8), byte(i), 7})
		country, grade := countries[i*7%len(countries)], grades[i%len(grades)]
		var because []audit.ID
		for d := range 6 {
			kind := []audit.ClaimKind{audit.ClaimDatabase, audit.ClaimDatabase, audit.ClaimOperator, audit.ClaimNetwork, audit.ClaimRegistration, audit.ClaimToken}[d]
			c := audit.Claim{ID: id('c', len(a.Claims)+1), Address: addr, Kind: kind, Country: country, By: "mmdb", Said: audit.Citation{Dataset: id('d', d+1), Key: addr.String() + "/24"}}
			because = append(because, c.ID)
			a.Claims = append(a.Claims, c)
		}
		e := audit.Endpoint{
			ID: id('e', i+1), Address: addr, AS: uint32(64496 + i%40), Organisation: fmt.Sprintf("Example Hosting %d", i%40), ASRegistered: "US",
			Owner: fmt.Sprintf("Example Analytics %d Ltd", i%25), OwnerSeat: "IE", Names: []string{fmt.Sprintf("api-%03d.region.service.example.com", i)}, Sessions: []audit.ID{},
			Place: audit.Place{Country: country, Candidates: []string{country}, Grade: grade, Words: "Dataset 0 and Dataset 1 say " + country, Because: because[:2], Missing: []string{"a round trip over TLS or QUIC that leaves one country"}},
		}
		if grade == audit.L0 {
			e.Place.Country, e.Place.Candidates, e.Place.Words = "", nil, "no source names a country"
		}
		for s := range sessions {
			if (i*7+s*3)%4 == 0 && i > 20 {
				continue
			}
			n := len(a.Flows) + 1
			rtt := audit.RTT{Kind: audit.RTTTLS, NS: int64(8_000_000 + i*400_000), Sent: capture.Ref{Recording: uint32(s + 1), Record: uint32(n)}, Got: capture.Ref{Recording: uint32(s + 1), Record: uint32(n + 2)}}
			o := audit.Observation{ID: id('o', n), Flow: id('f', n), Kind: audit.SeenSNI, Value: e.Names[0], By: "tls", Time: noon, Seen: []capture.Ref{{Recording: uint32(s + 1), Record: uint32(n), Off: 120, Len: 30}}}
			f := &audit.Flow{
				ID: id('f', n), Recording: id('r', s+1), Proto: audit.TCP, A: netip.MustParseAddrPort("10.0.0.2:50000"), B: netip.AddrPortFrom(addr, 443), Device: true, Endpoint: e.ID,
				First: a.Sessions[s].Start + capture.Time(i)*3*second, Last: a.Sessions[s].Start + capture.Time(i)*3*second + second, Packet: capture.Ref{Recording: uint32(s + 1), Record: uint32(n)},
				PacketsUp: 10, PacketsDown: 12, BytesUp: uint64(900_000 / (i + 3)), BytesDown: 20_000, State: audit.StateClosed, App: "tls", RTT: []audit.RTT{rtt},
				Names:       []audit.Name{{Name: e.Names[0], How: audit.BySNI, Because: []audit.ID{o.ID}}},
				Attribution: &audit.Attribution{Grade: audit.A3, UID: 10123, Package: "com.example.large", App: "Large", By: "nflog", Because: []audit.ID{o.ID}},
			}
			e.Flows++
			e.BytesUp += f.BytesUp
			e.BytesDown += f.BytesDown
			e.Sessions = append(e.Sessions, id('s', s+1))
			e.RTT = []audit.RTT{rtt}
			a.Flows = append(a.Flows, f)
			a.Observations = append(a.Observations, o)
			for _, share := range []*audit.Share{&a.Coverage.Total, &a.Coverage.Strong, &a.Coverage.Attributed} {
				share.Add(f)
			}
		}
		a.Endpoints = append(a.Endpoints, e)
	}
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		at := -1
		for k, j := range a.Jurisdictions {
			if j.Country == e.Place.Country && j.Grade == e.Place.Grade {
				at = k
			}
		}
		if at < 0 {
			j := audit.Jurisdiction{Country: e.Place.Country, Grade: e.Place.Grade, Words: e.Place.Words}
			if j.Country == "" {
				j.Label = "nothing known"
			}
			a.Jurisdictions, at = append(a.Jurisdictions, j), len(a.Jurisdictions)
		}
		j := &a.Jurisdictions[at]
		j.Endpoints = append(j.Endpoints, e.ID)
		j.Flows += e.Flows
		j.BytesUp += e.BytesUp
		j.BytesDown += e.BytesDown
	}
	path := filepath.Join(t.TempDir(), "audit.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := audit.Write(f, a); err != nil {
		t.Fatal(err)
	}
	return path
}
