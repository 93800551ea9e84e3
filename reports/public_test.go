package reports

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// planted is what a public copy must not say in any format.
var planted = []string{
	"192.168.77.23", "192.168.77.99", "192.168.77.1", "192.168.77.0", "fe80::77", "2001:db8:77:1::23", "2001:db8:77:1::99", "02:ab:cd:ef:77:01", "02:ab:cd:ef:77:02",
	"nas-of-jane", "DESK-OF-JANE", "janes-printer", "23.77.168.192.in-addr", "7.7.0.0.8.b.d.0.1.0.0.2.ip6", "only-for-the-neighbour", "203.0.113.99", "NOTE-OF-OPERATOR", "log in as jane",
	"COMMENT-IN-FILE", "198.51.100.77", "52.5163", "13.3777", "JanesNetwork", "jane@example.com", "jane_doe", "R58M12ABCDE", "555123456", "1234 km",
}

// private is an audit with all of it.
func private() *audit.Audit {
	b := newBuilder()
	b.Subject = audit.Subject{App: "com.example.app", Version: "10.1.2.3"}
	b.Options.Vantage = &audit.Vantage{Lat: 52.5163, Lon: 13.3777, Radius: 5}
	b.Options.Device = "02:ab:cd:ef:77:01"
	b.Coverage.DeviceSure = true
	r := b.recording(audit.Recording{
		Name: "session.pcapng", Size: 1000, Format: "pcapng", Records: 500, First: noon, Last: noon + 60*second, Notes: []string{"COMMENT-IN-FILE"},
		Device: audit.Device{Addresses: []netip.Addr{netip.MustParseAddr("192.168.77.23"), netip.MustParseAddr("fe80::77"), netip.MustParseAddr("2001:db8:77:1::23")},
			MACs: []string{"02:ab:cd:ef:77:01"}, Reason: "declared"},
	})
	s := &b.Sessions[0]
	s.Note, s.Markers = "NOTE-OF-OPERATOR", []audit.Marker{{At: noon + 9*second, Text: "log in as jane", Action: "log_in", Event: 2}}
	s.Vantage = &audit.Vantage{Lat: 52.5163, Lon: 13.3777, Radius: 5}
	s.Network, s.Consent = "JanesNetwork", "rejected"
	s.Account = audit.Account{Residence: "DE", Tier: "jane@example.com", Age: "adult", Settings: []audit.Setting{{Name: "backup", Value: "555123456"}, {Name: "private", Value: "on"}, {Name: "username", Value: "jane_doe"}}}
	b.Notes = append(b.Notes, "s1: it was interrupted: the phone R58M12ABCDE went away")
	d := b.dataset(audit.Dataset{Name: "db", Title: "Database", Publisher: "P", AsOf: "2026-01-01"})
	other := b.endpoint("203.0.113.99", audit.Endpoint{Place: audit.Place{Country: "FR", Candidates: []string{"FR"}, Grade: audit.L1, Words: "Database says FR",
		Because: []audit.ID{b.claim("203.0.113.99", audit.Claim{Kind: audit.ClaimDatabase, Country: "FR", Said: audit.Citation{Dataset: d, Key: "203.0.113.0/24"}})}}})
	c := b.claim("192.0.2.7", audit.Claim{Kind: audit.ClaimDatabase, Country: "IE", Said: audit.Citation{Dataset: d, Key: "192.0.2.0/24"}})
	far := b.claim("192.0.2.7", audit.Claim{Kind: audit.ClaimPhysics, Country: "US", Bound: audit.BoundCannotBe, Detail: "at least 1234 km away", Said: audit.Citation{Dataset: d, Key: "RTT 1 ms, r1#4 to r1#6"}})
	e := b.endpoint("192.0.2.7", audit.Endpoint{Place: audit.Place{Country: "IE", Candidates: []string{"IE"}, Grade: audit.L1, Words: "Database says IE", Because: []audit.ID{c, far}}})
	nas := b.endpoint("192.168.77.99", audit.Endpoint{Class: audit.ClassPrivate, Place: audit.Place{Grade: audit.L0, Words: "private address"}})
	six := b.endpoint("2001:db8:77:1::99", audit.Endpoint{Place: audit.Place{Grade: audit.L0, Words: "nothing is said"}})
	from := netip.MustParseAddrPort("192.168.77.23:50001")
	neighbour := b.flow(r, other, audit.Flow{Proto: audit.TCP, A: netip.MustParseAddrPort("192.168.77.55:50001"), App: "tls", BytesUp: 7000}, audit.Name{Name: "only-for-the-neighbour.example", How: audit.BySNI})
	f := b.flow(r, e, audit.Flow{Proto: audit.TCP, A: from, Device: true, App: "tls", BytesUp: 5000, BytesDown: 100}, audit.Name{Name: "api.example.com", How: audit.BySNI})
	g := b.flow(r, nas, audit.Flow{Proto: audit.UDP, A: from, Device: true, App: "mdns", BytesUp: 300}, audit.Name{Name: "janes-printer", How: audit.ByMDNS})
	b.flow(r, six, audit.Flow{Proto: audit.TCP, A: netip.MustParseAddrPort("[2001:db8:77:1::23]:50002"), Device: true, App: "http", BytesUp: 200})
	for _, value := range []string{"23.77.168.192.in-addr.arpa PTR", "3.2.0.0.0.0.0.0.1.0.0.0.7.7.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR", "nas-of-jane.local A", "_ipp._tcp.local PTR", "10.0.0.0/8 is a network of everybody"} {
		b.observe(audit.Observation{Flow: g.ID, Kind: audit.SeenQuery, Value: value, By: "mdns", Time: noon, Seen: []capture.Ref{{Recording: 1, Record: 40}}})
	}
	b.observe(audit.Observation{Flow: f.ID, Kind: audit.SeenRelay, Value: "198.51.100.77:3478", By: "stun", Time: noon, Seen: []capture.Ref{{Recording: 1, Record: 41}}})
	b.observe(audit.Observation{Flow: f.ID, Kind: audit.SeenHost, Value: "192.168.77.99:8080", By: "http", Time: noon, Seen: []capture.Ref{{Recording: 1, Record: 42}}})
	b.answer(audit.Answer{Flow: g.ID, Time: noon, Resolver: netip.MustParseAddrPort("192.168.77.1:53"), Client: netip.MustParseAddr("192.168.77.23"), Question: "nas-of-jane.local", Type: "A",
		Name: "nas-of-jane.local", Value: "192.168.77.99", By: "mdns", Seen: capture.Ref{Recording: 1, Record: 43}})
	b.Findings = append(b.Findings,
		audit.Finding{ID: id('n', 1), Rule: "x", Says: "from 192.168.77.23, 02:ab:cd:ef:77:02 and [fe80::77%eth0]:53 in 192.168.77.0/24.", Because: []audit.ID{f.ID}},
		audit.Finding{ID: id('n', 2), Rule: "y", Says: "about others", Because: []audit.ID{neighbour.ID}})
	b.Promises = append(b.Promises, audit.Promise{ID: id('p', 1), File: "example", Title: "Example", Compiled: "2026-01-01", Review: audit.ReviewDraft,
		Sources: []audit.Source{{Key: "pp", URL: "https://example.com/"}}, Clauses: []audit.Clause{{
			Key: "c", Source: "pp", Quote: "Nothing leaves the house.", Restates: "Nothing goes outside.", Aspect: "routing",
			Verdict: audit.Verdict{ID: id('v', 1), Outcome: audit.Silent, Reason: audit.NotExercised, Says: []audit.Phrase{{Ours: "seen at 192.168.77.99 and at nas-of-jane.local"}}, Because: []audit.ID{f.ID},
				Missing: []string{"the flows of 02:ab:cd:ef:77:01"}},
		}}})
	b.observe(audit.Observation{Flow: g.ID, Kind: audit.SeenQuery, Value: "DESK-OF-JANE A", By: "llmnr", Time: noon, Seen: []capture.Ref{{Recording: 1, Record: 44}}})
	return b.finish()
}

// TestPublic renders the public copy in every format and looks for what was planted.
func TestPublic(t *testing.T) {
	a := private()
	var whole bytes.Buffer
	if err := audit.Write(&whole, a); err != nil {
		t.Fatal(err)
	}
	for _, p := range planted[:len(planted)-1] {
		if p != "192.168.77.0" && !strings.Contains(whole.String(), p) {
			t.Errorf("the sample does not hold %q", p)
		}
	}
	public, err := (&Public{Key: []byte("key")}).Copy(a)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := audit.Write(&again, a); err != nil || !bytes.Equal(whole.Bytes(), again.Bytes()) {
		t.Errorf("the audit itself was changed (%v)", err)
	}
	outputs := map[string]string{}
	for _, format := range All {
		for _, f := range format.Files {
			outputs[f.Name] = string(render(t, f, public, Screen{}))
		}
	}
	var b bytes.Buffer
	if err := Summary(&b, public, Screen{}); err != nil {
		t.Fatal(err)
	}
	for _, id := range first(public) {
		if err := Explain(&b, public, id); err != nil {
			t.Fatal(err)
		}
	}
	outputs["summary and explanations"] = b.String()
	var served bytes.Buffer
	if err := ServeHTML(&served, public, nil); err != nil {
		t.Fatal(err)
	}
	outputs["served"] = served.String()
	for name, text := range outputs {
		for _, p := range planted {
			if at := strings.Index(text, p); at >= 0 {
				t.Errorf("%s says %q: …%s…", name, p, text[max(0, at-80):min(len(text), at+60)])
			}
		}
	}
	for _, want := range []string{"api.example.com", "192.0.2.7", `"country":"DE"`, "_ipp._tcp.local", "10.0.0.0/8", "10.1.2.3", "log_in", "fd", "rejected", "adult", `"value":"on"`, "it was interrupted"} {
		if !strings.Contains(outputs["audit.json"], want) {
			t.Errorf("the copy does not hold %q any more", want)
		}
	}
	for _, want := range []string{"flows of other hosts: 1", "notes of the operator: 2", "comments in recordings: 1", "keyed hashes: 2", "now countries: 2", "distances from the vantage: 1", "a person, a network or a device: 5"} {
		if !strings.Contains(outputs["report.html"], want) || !strings.Contains(outputs["report.txt"], want) {
			t.Errorf("the card does not say %q", want)
		}
	}
}

// TestPublicKey: the same key gives the same hashes, another one others, so that copies can be compared only by whoever has the key.
func TestPublicKey(t *testing.T) {
	copyOf := func(key string) string {
		public, err := (&Public{Key: []byte(key)}).Copy(private())
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := audit.Write(&b, public); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	one := copyOf("one")
	if one != copyOf("one") {
		t.Error("the same key gives another copy")
	}
	if one == copyOf("two") {
		t.Error("another key gives the same copy")
	}
	for name, make := range samples { // whatever is in it, a copy holds together
		if _, err := (&Public{Key: []byte("k")}).Copy(make()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
