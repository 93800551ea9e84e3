package promise

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"abroad/analyze/audit"
)

// TestGather reads an audit: what counts, in whose session, in which step, and how well it is known.
func TestGather(t *testing.T) {
	id := func(k audit.Kind, n uint32) audit.ID { return audit.ID{Kind: k, N: n} }
	flow := func(n, recording uint32, edit func(*audit.Flow)) *audit.Flow {
		f := &audit.Flow{
			ID: id('f', n), Recording: id('r', recording), Device: true, Endpoint: id('e', 1), PacketsDown: 3, PayloadUp: 100, PayloadDown: 50, Step: "post private video",
			Names:       []audit.Name{{Name: "api.first.example", How: audit.BySNI}},
			Attribution: &audit.Attribution{Grade: audit.A3, UID: 10001, Package: "org.test"},
		}
		edit(f)
		return f
	}
	a := &audit.Audit{
		Subject:    audit.Subject{App: "org.test", Version: "1"},
		Recordings: make([]audit.Recording, 4),
		Sessions: []audit.Session{
			{ID: id('s', 1), Recordings: []audit.ID{id('r', 1)}, Day: "2026-09-02"},
			{ID: id('s', 2), Recordings: []audit.ID{id('r', 2)}, Day: "2026-09-01", Role: audit.RoleTest, Markers: []audit.Marker{{Action: "log_in"}, {Text: "a remark"}}},
			{ID: id('s', 3), Recordings: []audit.ID{id('r', 3)}, Day: "2026-08-01", Role: audit.RoleIdle},
			{ID: id('s', 4), Recordings: []audit.ID{id('r', 4)}, Day: "2026-08-01", Failed: "no packet"},
		},
		Endpoints: []audit.Endpoint{{ID: id('e', 1), Address: netip.MustParseAddr("192.0.2.1"), Organisation: "AMAZON-02",
			Place: audit.Place{Country: "IE", Grade: audit.L3, Role: audit.RoleHost, Words: "in IE (test)"}}},
		Organisations: []audit.Organisation{{ID: id('g', 1), Key: "first", Name: "First Ltd", Seat: "IE", Verified: true,
			Facts: []audit.Fact{{About: "seat", Source: "register", Grade: audit.Primary, Verified: true}}}},
		Hosts: []audit.Host{{ID: id('h', 1), Name: "api.first.example", Domain: "first.example", Owner: id('g', 1),
			Said: &audit.Fact{About: "name", Source: "imprint", Grade: audit.Primary, Verified: true}}},
		Flows: []*audit.Flow{
			flow(1, 1, func(*audit.Flow) {}),
			flow(2, 1, func(f *audit.Flow) { f.PayloadUp = 900 }),                               // the same contact
			flow(3, 1, func(f *audit.Flow) { f.State, f.PayloadUp = audit.StateUnanswered, 0 }), // nobody answered
			flow(4, 1, func(f *audit.Flow) { f.Flags = audit.LocalOnly }),
			flow(5, 1, func(f *audit.Flow) { f.Endpoint = audit.ID{} }),
			flow(6, 2, func(f *audit.Flow) { f.Attribution = nil; f.Flags = audit.Proxied }), // the place is the proxy's
			flow(10, 1, func(f *audit.Flow) { f.PacketsDown, f.PayloadUp = 0, 0 }),           // nothing came back
			flow(7, 3, func(*audit.Flow) {}),                                                 // a baseline
			flow(8, 4, func(*audit.Flow) {}),                                                 // a failed session
		},
	}
	a.Recordings[0].Device.Addresses = []netip.Addr{netip.MustParseAddr("192.0.2.9")}
	a.Flows = append(a.Flows, flow(9, 1, func(f *audit.Flow) { f.Device = false }))   // not the device's
	a.Flows = append(a.Flows, flow(11, 2, func(f *audit.Flow) { f.PacketsDown = 0 })) // sent, and nobody answered
	e := Gather(a)
	if e.AsOf != "2026-09-01" || len(e.Sessions) != 2 || len(e.Contacts) != 3 {
		t.Fatalf("as of %s, %d sessions, %d contacts", e.AsOf, len(e.Sessions), len(e.Contacts))
	}
	x := e.Contacts[0]
	got := fmt.Sprintln(x.Session, x.Host, x.Domain, x.Step, x.Flows, x.Up, x.MaxUp, x.Owned, x.Place.Grade, x.Place.Country, x.Network, x.Owner)
	if want := "0 api.first.example first.example post_private_video 2 1000 900 {3 org.test 10001} 3 IE AMAZON-02 {first First Ltd IE true}\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if x := e.Contacts[2]; !x.Deaf || x.MaxUp != 100 || e.Contacts[0].Deaf {
		t.Errorf("what nobody answered: %+v", x)
	}
	if x := e.Contacts[1]; x.Session != 1 || x.Owned != (Owned{UID: -1}) || x.Place.Grade != 0 {
		t.Errorf("behind a proxy: %+v", x)
	}
	for name, spoil := range map[string]func(){
		"a name from memory":   func() { a.Hosts[0].Said = &audit.Fact{About: "name", Grade: audit.Unverified} },
		"a contested name":     func() { a.Hosts[0].Contested = true },
		"a seat from memory":   func() { a.Organisations[0].Facts[0].Verified = false },
		"a contested seat":     func() { a.Organisations[0].Facts[0].Contested = "or US" },
		"a row without a seat": func() { a.Organisations[0].Facts = nil },
	} {
		hosts, facts := slices.Clone(a.Hosts), slices.Clone(a.Organisations[0].Facts)
		spoil()
		if o := Gather(a).Contacts[0].Owner; o.Verified && o.Seat != "" {
			t.Errorf("%s feeds a verdict: %+v", name, o)
		}
		a.Hosts, a.Organisations[0].Facts = hosts, facts
	}
	network := audit.Fact{About: "network", Source: "asn", Grade: audit.Secondary, Verified: true}
	a.Organisations = append(a.Organisations, audit.Organisation{ID: id('g', 2), Key: "amazon", Name: "Amazon", Facts: []audit.Fact{network}})
	a.Endpoints[0].Operator = id('g', 2)
	if got := Gather(a).Contacts[0].Operator; got != "amazon" {
		t.Errorf("operator %q", got)
	}
	a.Organisations[1].Facts[0].Grade = audit.Unverified
	if got := Gather(a).Contacts[0].Operator; got != "" {
		t.Errorf("an operator from memory: %q", got)
	}
	if want := []string{"log_in", "post_private_video"}; !slices.Equal(e.Sessions[1].Actions, want) {
		t.Errorf("steps %v, want %v", e.Sessions[1].Actions, want)
	}
}
