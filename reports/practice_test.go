package reports

import (
	"net/netip"

	"abroad/analyze/audit"
	"abroad/capture"
)

// practice has every grade, role, attribution and most classes, as the practice recordings will.
func practice() *audit.Audit {
	b := newBuilder()
	b.Practice = true
	b.Subject = audit.Subject{App: "Practice", Version: "2.0.0"}
	b.Options.Vantage = &audit.Vantage{Country: "DE"}
	b.Coverage.DeviceSure = true
	device := audit.Device{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.2")}, Reason: "nflog"}
	r1 := b.recording(audit.Recording{
		Name: "practice-2-01.pcapng", Size: 1_234_567, Format: "pcapng", Records: 4_000, First: noon, Last: noon + 600*second, Device: device, Practice: true,
		Application: "abroad practice generator", LostKnown: true, Notes: []string{"made, not recorded"},
		Interfaces: []audit.Interface{{Name: "nflog:7", Link: "nflog", Packets: 4_000}},
		Undecoded: []audit.Undecoded{
			{Code: capture.NotIP, Detail: "arp", Packets: 12, Example: capture.Ref{Recording: 1, Record: 2}},
			{Code: capture.UnknownNetwork, Detail: "ip protocol 89", Packets: 1, Example: capture.Ref{Recording: 1, Record: 99}},
		},
	})
	r2 := b.recording(audit.Recording{
		Name: "practice-2-02 gateway.pcap.gz", Size: 765_432, Format: "pcap", Compression: "gzip", Records: 2_000, First: noon + 86_400*second, Last: noon + 87_000*second,
		Device: device, Practice: true, Packets: audit.Packets{Fragments: 3, Truncated: 5},
	})
	dbA := b.dataset(audit.Dataset{Name: "practice-db-a", Title: "Practice database A", Publisher: "Practice A", Licence: "CC0", AsOf: "2026-10-01", Practice: true})
	dbB := b.dataset(audit.Dataset{Name: "practice-db-b", Title: "Practice database B", Publisher: "Practice B", Licence: "CC0", AsOf: "2025-01-01", Practice: true, Warning: "older than 180 days at the time of the recording"})
	ranges := b.dataset(audit.Dataset{Name: "practice-ranges", Title: "Practice provider table", Publisher: "Practice Cloud", Licence: "CC0", AsOf: "2026-11-01", Practice: true})
	asn := b.dataset(audit.Dataset{Name: "practice-as", Title: "Practice networks", Publisher: "Practice", Licence: "CC BY 4.0", Credit: "Networks by Practice", AsOf: "2026-11-01", Practice: true})

	place := func(address, key, a, bb, operator string) (ids []audit.ID) {
		if a != "" {
			ids = append(ids, b.claim(address, audit.Claim{Kind: audit.ClaimDatabase, Country: a, By: "mmdb", Said: audit.Citation{Dataset: dbA, Key: key}}))
		}
		if bb != "" {
			ids = append(ids, b.claim(address, audit.Claim{Kind: audit.ClaimDatabase, Country: bb, City: "Practice City", By: "mmdb", Said: audit.Citation{Dataset: dbB, Key: key}}))
		}
		if operator != "" {
			ids = append(ids, b.claim(address, audit.Claim{Kind: audit.ClaimOperator, Country: operator, Region: "practice-west-1", Detail: "Practice Cloud's list", By: "provider", Said: audit.Citation{Dataset: ranges, Key: key}}))
		}
		b.claim(address, audit.Claim{Kind: audit.ClaimNetwork, AS: 64500, Organisation: "Practice Cloud", By: "as", Said: audit.Citation{Dataset: asn, Key: key}})
		b.claim(address, audit.Claim{Kind: audit.ClaimRegistration, Country: "US", By: "as", Said: audit.Citation{Dataset: asn, Key: "AS64500"}})
		return ids
	}
	network := func(e audit.Endpoint) audit.Endpoint {
		e.AS, e.Organisation, e.ASRegistered = 64500, "Practice Cloud", "US"
		return e
	}
	uid := func(f audit.Flow, pkg, label string) audit.Flow {
		f.Device = true
		o := b.observe(audit.Observation{Flow: id('f', len(b.Flows)+1), Kind: audit.SeenApp, Value: pkg, By: "nflog", Time: noon, Seen: []capture.Ref{{Recording: r1.N, Record: uint32(10*len(b.Flows) + 1)}}})
		f.Attribution = &audit.Attribution{Grade: audit.A3, UID: 10123, App: label, Package: pkg, By: "nflog", Because: []audit.ID{o}}
		return f
	}

	cs := place("198.18.1.1", "198.18.1.0/24", "IE", "IE", "IE")
	e1 := b.endpoint("198.18.1.1", network(audit.Endpoint{Class: audit.ClassPractice, Owner: "Practice Ltd", OwnerSeat: "IE", Parent: "Practice Holding", ParentSeat: "SG",
		RTT:   []audit.RTT{{Kind: audit.RTTTLS, NS: 18_400_000, Sent: capture.Ref{Recording: 1, Record: 4}, Got: capture.Ref{Recording: 1, Record: 6}}},
		Place: audit.Place{Within: []string{"IE"}, Country: "IE", Candidates: []string{"IE"}, Grade: audit.L4, Role: audit.RoleHost, Words: "in IE (round-trip times allow no other country)", Because: cs}}))
	cs = place("198.18.2.1", "198.18.2.0/24", "US", "SG", "SG")
	e2 := b.endpoint("198.18.2.1", network(audit.Endpoint{Class: audit.ClassPractice, Owner: "Practice Ltd", OwnerSeat: "IE",
		Place: audit.Place{Country: "SG", Candidates: []string{"SG", "US"}, Grade: audit.L3, Role: audit.RoleHost, Words: "in SG (provider and database agree)", Because: cs[1:],
			Rejected: []audit.Rejected{{Claim: cs[0], Why: "the operator's own list is more specific"}}, Missing: []string{"round-trip times from a declared vantage"}}}))
	cs = place("198.18.3.1", "198.18.3.0/24", "NO", "NO", "")
	e3 := b.endpoint("198.18.3.1", network(audit.Endpoint{Class: audit.ClassPractice,
		Place: audit.Place{Country: "NO", Candidates: []string{"NO"}, Grade: audit.L2, Words: "Practice database A and Practice database B say NO", Because: cs, Missing: []string{"a provider's list or a geofeed: abroad data update"}}}))
	cs = place("2001:2::31", "2001:2::/48", "FR", "", "")
	e4 := b.endpoint("2001:2::31", network(audit.Endpoint{Class: audit.ClassPractice,
		Place: audit.Place{Country: "FR", Candidates: []string{"FR"}, Grade: audit.L1, Words: "Practice database A says FR", Because: cs, Missing: []string{"a provider's list or a geofeed: abroad data update"}}}))
	cs = place("198.18.5.1", "198.18.5.0/24", "US", "GB", "")
	e5 := b.endpoint("198.18.5.1", network(audit.Endpoint{Class: audit.ClassPractice,
		Place: audit.Place{Candidates: []string{"GB", "US"}, Grade: audit.L1, Words: "databases differ: Practice database A says US, Practice database B says GB", Because: cs, Missing: []string{"a provider's list or a geofeed: abroad data update"}}}))
	edge := b.claim("198.18.6.1", audit.Claim{Kind: audit.ClaimEdge, Role: audit.RoleEdge, Detail: "anycast list", By: "anycast", Said: audit.Citation{Dataset: ranges, Key: "198.18.6.0/24"}})
	e6 := b.endpoint("198.18.6.1", audit.Endpoint{Class: audit.ClassPractice, Place: audit.Place{Grade: audit.L1, Role: audit.RoleEdge, Words: "edge: location follows the client", Because: []audit.ID{edge}}})
	e7 := b.endpoint("198.18.7.1", audit.Endpoint{Class: audit.ClassPractice, Place: audit.Place{Grade: audit.L0, Words: "nothing is said", Missing: []string{"any dataset that knows 198.18.7.1"}}})
	e8 := b.endpoint("10.0.0.1", audit.Endpoint{Class: audit.ClassPrivate, Place: audit.Place{Grade: audit.L0, Words: "private address"}})
	e9 := b.endpoint("224.0.0.251", audit.Endpoint{Class: audit.ClassMulticast, Place: audit.Place{Grade: audit.L0, Words: "multicast address"}})
	e10 := b.endpoint("64:ff9b::c612:101", network(audit.Endpoint{Class: audit.ClassNAT64, Translated: netip.MustParseAddr("198.18.1.1"),
		Place: audit.Place{Country: "IE", Candidates: []string{"IE"}, Grade: audit.L3, Role: audit.RoleHost, Words: "in IE (provider and database agree)", Because: []audit.ID{id('c', 1), id('c', 3)}}}))

	tls := func(up, down uint64) audit.Flow {
		return audit.Flow{Proto: audit.TCP, App: "tls", State: audit.StateClosed, PacketsUp: 20, PacketsDown: 30, BytesUp: up, BytesDown: down, PayloadUp: up - 900, PayloadDown: down - 900}
	}
	f := tls(1_234_567, 234_567)
	f.RTT = []audit.RTT{{Kind: audit.RTTTLS, NS: 18_400_000, Sent: capture.Ref{Recording: 1, Record: 4}, Got: capture.Ref{Recording: 1, Record: 6}}}
	f.Step = "send a message"
	b.flow(r1, e1, uid(f, "com.example.practice", "Practice"), audit.Name{Name: "api.practice.example", How: audit.BySNI})
	b.flow(r1, e2, uid(tls(600_000, 40_000), "com.example.practice", "Practice"), audit.Name{Name: "upload.practice.example", How: audit.BySNI})
	quic := tls(80_000, 2_400_000)
	quic.Proto, quic.App, quic.State = audit.UDP, "quic", ""
	b.flow(r1, e3, uid(quic, "com.example.practice", "Practice"), audit.Name{Name: "media.practice.example", How: audit.BySNI})
	plaintext := tls(12_000, 30_000)
	plaintext.App, plaintext.Flags = "http", audit.Plaintext
	plaintext.B = netip.MustParseAddrPort("[2001:2::31]:80")
	f4 := b.flow(r1, e4, uid(plaintext, "com.example.other", "Other"), audit.Name{Name: "old.practice.example", How: audit.ByHTTP})
	b.flow(r2, e5, tls(9_000, 9_000), audit.Name{Name: "*.tracker.example", How: audit.ByCert})
	ech := tls(7_000, 70_000)
	ech.Flags = audit.ECHOffered
	fe := b.flow(r2, e6, ech, audit.Name{Name: "cover.edge.example", How: audit.BySNI})
	b.flow(r2, e7, tls(3_000, 1_000))
	dns := audit.Flow{Proto: audit.UDP, App: "dns", Device: true, PacketsUp: 2, PacketsDown: 2, BytesUp: 140, BytesDown: 300, PayloadUp: 84, PayloadDown: 244, Flags: audit.LocalOnly, B: netip.MustParseAddrPort("10.0.0.1:53")}
	fd := b.flow(r2, e8, dns)
	b.observe(audit.Observation{Flow: fd.ID, Kind: audit.SeenQuery, Value: "cdn.practice.example A", By: "dns", Time: noon, Seen: []capture.Ref{{Recording: 2, Record: 71, Off: 54, Len: 20}}})
	answer := func(typ, name, value string) audit.ID {
		return b.answer(audit.Answer{Flow: fd.ID, Time: noon, Resolver: netip.MustParseAddrPort("10.0.0.1:53"), Client: netip.MustParseAddr("10.0.0.2"), Question: "cdn.practice.example",
			Type: typ, Name: name, Value: value, TTL: 60, By: "dns", Seen: capture.Ref{Recording: 2, Record: 72, Off: 90, Len: 16}})
	}
	via := []audit.ID{answer("CNAME", "cdn.practice.example", "front7.edge.example"), answer("A", "front7.edge.example", "198.18.6.1")}
	noSNI := tls(5_000, 900_000)
	noSNI.Flags = audit.NoSNI | audit.Truncated
	b.flow(r2, e6, noSNI, audit.Name{Name: "cdn.practice.example", How: audit.ByDNS, Because: via, Via: []string{"front7.edge.example"}})
	mdns := audit.Flow{Proto: audit.UDP, App: "mdns", PacketsUp: 3, BytesUp: 400, PayloadUp: 316, Flags: audit.LocalOnly | audit.OneSided, B: netip.MustParseAddrPort("224.0.0.251:5353")}
	b.flow(r2, e9, mdns)
	b.flow(r1, e10, uid(tls(2_000, 8_000), "com.example.practice", "Practice"), audit.Name{Name: "api.practice.example", How: audit.BySNI})

	b.Findings = append(b.Findings,
		audit.Finding{ID: id('n', 1), Rule: "plaintext-http", Outcome: audit.Yes, Says: "1 flow carried HTTP without encryption to old.practice.example", Flows: 1, Because: []audit.ID{f4.ID, f4.Names[0].Because[0]}},
		audit.Finding{ID: id('n', 2), Rule: "ech-offered", Outcome: audit.Unknown, Says: "1 ClientHello offered ECH; the name seen may be a cover name", Flows: 1, Because: []audit.ID{fe.ID}, Missing: []string{"keys of the session"}},
	)
	b.Anomalies = append(b.Anomalies,
		audit.Anomaly{ID: id('x', 1), Recording: r2, At: capture.Ref{Recording: 2, Record: 17}, Stage: "tls", Code: capture.Malformed, Detail: "handshake of 70000 bytes", Count: 2},
		audit.Anomaly{ID: id('x', 2), Recording: r2, Offset: 765_000, Stage: "source", Code: capture.CutShort, Detail: "record of 1514 bytes, 900 are there", Count: 1},
	)
	b.Overflow = append(b.Overflow, audit.Overflow{Recording: r2, Address: netip.MustParseAddr("198.18.9.9"), Port: 443, Proto: audit.TCP, Packets: 9, Bytes: 4_000})
	b.Coverage.PastLimit = audit.Share{Flows: 1, BytesUp: 4_000}
	b.Coverage.NotDevice = audit.Share{Flows: 3, BytesUp: 900, BytesDown: 1_900}
	b.Notes = append(b.Notes, "practice datasets answered for 198.18.0.0/15 and 2001:2::/48")
	return received(b.finish())
}
