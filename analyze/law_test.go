package analyze

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/owner"
	"abroad/analyze/promise"
	"abroad/capture"
)

// lawsOn are the laws of one endpoint in place, in the network of an operator, and of one recipient with a parent, each in a country of its
// own; verified says of each whether it is known.
func lawsOn(t *testing.T, place audit.Place, operator, recipient audit.Organisation) []audit.Law {
	t.Helper()
	b := newBuilder(Config{})
	r := &recording{}
	b.recs = append(b.recs, r)
	if err := r.doc.First.UnmarshalText([]byte("2026-06-20T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	operator.ID, recipient.ID = audit.ID{Kind: audit.KindOrganisation, N: 1}, audit.ID{Kind: audit.KindOrganisation, N: 2}
	b.audit.Organisations = []audit.Organisation{operator, recipient}
	b.audit.Endpoints = []audit.Endpoint{{ID: audit.ID{Kind: audit.KindEndpoint, N: 1}, Place: place, Operator: operator.ID}}
	b.audit.Hosts = []audit.Host{{ID: audit.ID{Kind: audit.KindHost, N: 1}, Owner: recipient.ID}}
	b.laws()
	return b.audit.Laws
}

func facts(verified bool, about ...string) (list []audit.Fact) {
	grade := audit.Unverified
	if verified {
		grade = audit.Primary
	}
	for _, a := range about {
		list = append(list, audit.Fact{About: a, Grade: grade, Verified: verified})
	}
	return list
}

// TestLawLevels: the place of the server is J1, the operator's seat J2, the recipient's seat J3 and its parent's J4; a row is printed on its
// levels only, and who only runs a network is no recipient. What is from memory is claimed.
func TestLawLevels(t *testing.T) {
	for _, known := range []bool{true, false} {
		place := audit.Place{Country: "BR", Grade: audit.L3}
		if !known {
			place.Grade = audit.L1
		}
		laws := lawsOn(t, place,
			audit.Organisation{Key: "net", Name: "Net", Seat: "US", Facts: facts(known, "network", "seat")},
			audit.Organisation{Key: "r", Name: "R", Seat: "RU", Parent: "P", ParentSeat: "CN", Facts: facts(known, "seat", "parent", "parent_seat")})
		at := map[string]string{"BR": "J1", "US": "J2", "RU": "J3", "CN": "J4"}
		seen := map[string]bool{}
		for _, l := range laws {
			if at[l.Country] != l.Level {
				t.Errorf("%s of %s at %s", l.Key, l.Country, l.Level)
			}
			if l.Count != 1 || (l.Claimed == 1) == known || len(l.Applies) != 1 || l.AsOf != "2026-06-20" {
				t.Errorf("known %v: %s of %s: %d, of which %d claimed, %v as of %s", known, l.Key, l.Country, l.Count, l.Claimed, l.Applies, l.AsOf)
			}
			seen[l.Level+" "+l.Key] = true
		}
		for key, want := range map[string]bool{
			"J1 eu-adequacy-br": true, "J2 us-cloud-act": true, "J2 eu-dpf-us": false, "J3 us-dsp": true, "J3 ru-23fz": true, "J3 ru-242fz": false, "J4 us-dsp": true,
			"J4 cn-nil": true, "J4 cn-pipl-40": true,
		} {
			if seen[key] != want {
				t.Errorf("known %v: %s: %v", known, key, !want)
			}
		}
	}
}

// TestLawMember: a member of the EU is not called one of the EEA as well; Norway is one of the EEA.
func TestLawMember(t *testing.T) {
	for country, want := range map[string]string{"IE": "eu-member", "NO": "eea-member efta-member"} {
		var keys []string
		for _, l := range lawsOn(t, audit.Place{Country: country, Grade: audit.L3}, audit.Organisation{}, audit.Organisation{}) {
			if l.Kind == "membership" {
				keys = append(keys, l.Key)
			}
		}
		slices.Sort(keys)
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s: %q, want %q", country, got, want)
		}
	}
}

// TestReachLimit: a law lists the first endpoints and counts all.
func TestReachLimit(t *testing.T) {
	var r reach
	for i := range maxApplies + 5 {
		r.add("IE", audit.ID{Kind: audit.KindEndpoint, N: uint32(i + 1)}, i < 3)
		r.add("", audit.ID{Kind: audit.KindEndpoint, N: uint32(i + 1)}, false)
	}
	r.add("DE", audit.ID{Kind: audit.KindEndpoint, N: 1}, false)
	if len(r.in) != 2 || r.in[0].code != "DE" || len(r.in[1].ids) != maxApplies || r.in[1].count != maxApplies+5 || r.in[1].claimed != 3 {
		t.Errorf("%+v", r.in)
	}
}

// TestDay: what is dated is asked for the first day of all recordings, in whichever order they come.
func TestDay(t *testing.T) {
	b := newBuilder(Config{})
	for _, day := range []string{"2026-02-01", "2026-01-20", "", "2026-03-01"} {
		r := &recording{}
		if r.doc.First, r.doc.Last = capture.NoTime, capture.NoTime; day != "" {
			r.doc.First = 0 // namedFlow takes that for unset
			namedFlow(b, r, "192.0.2.1", "a.example.org", audit.BySNI, day)
		}
		b.recs = append(b.recs, r)
	}
	if b.day() != "2026-01-20" || b.lastDay() != "2026-03-01" {
		t.Errorf("from %s to %s", b.day(), b.lastDay())
	}
}

// TestOwnerFromMemory: a name on a platform is contested, and an operator from memory is no verified one; a network of the fiction is nobody's.
func TestOwnerFromMemory(t *testing.T) {
	if h := recipientsOn(t, "d1.cloudfront.net", audit.BySNI, "2026-06-01").Hosts[0]; !h.Contested || h.Sure() || h.Owner.IsZero() {
		t.Errorf("a name on a platform: %+v", h)
	}
	owners, err := owner.Default()
	if err != nil {
		t.Fatal(err)
	}
	if owners, err = owners.Read("f.csv", strings.NewReader("suffix,organisation,seat,source,date\nread.example.org,Net Ltd,IE,https://a.example/,2026-01-01\nAS64500,Net Ltd,,,\n")); err != nil {
		t.Fatal(err)
	}
	b := newBuilder(Config{Owners: owners})
	b.audit.Endpoints = []audit.Endpoint{{AS: 64500}, {AS: 64500, Class: audit.ClassPractice}, {}}
	b.recipients()
	if e := b.audit.Endpoints; e[0].Operator.IsZero() || !e[1].Operator.IsZero() || !e[2].Operator.IsZero() {
		t.Errorf("operators %v %v %v", e[0].Operator, e[1].Operator, e[2].Operator)
	}
	if o := b.audit.Organisations[0]; o.Verified || o.Grade("network") != audit.Unverified || o.Grade("seat") != audit.Declared {
		t.Errorf("%+v", o)
	}
}

// TestMixedEndpoint: an address that serves names of two owners, or of one and of nobody known, has no owner.
func TestMixedEndpoint(t *testing.T) {
	org := func(n uint32) audit.ID { return audit.ID{Kind: audit.KindOrganisation, N: n} }
	for _, test := range []struct {
		owners []audit.ID
		want   string
	}{{[]audit.ID{org(1)}, "A"}, {[]audit.ID{org(1), org(1)}, "A"}, {[]audit.ID{org(1), org(2)}, ""}, {[]audit.ID{org(1), {}}, ""}, {[]audit.ID{{}, org(1)}, ""}, {nil, ""}} {
		b := newBuilder(Config{})
		b.audit.Endpoints = []audit.Endpoint{{ID: audit.ID{Kind: audit.KindEndpoint, N: 1}}}
		b.audit.Organisations = []audit.Organisation{{Name: "A"}, {Name: "B"}}
		for _, id := range test.owners {
			b.audit.Hosts = append(b.audit.Hosts, audit.Host{Owner: id, Endpoints: []audit.ID{{Kind: audit.KindEndpoint, N: 1}}})
		}
		b.recipientsOfEndpoints()
		if got := b.audit.Endpoints[0].Owner; got != test.want {
			t.Errorf("%v: %q", test.owners, got)
		}
	}
}

// TestFirstPartyNames: a maker's domain is itself and every name under it, not a name that ends alike; promise files add theirs.
func TestFirstPartyNames(t *testing.T) {
	b := newBuilder(Config{FirstParty: []string{"first.example"}})
	for name, want := range map[string]audit.Party{
		"first.example": audit.PartyFirst, "a.b.first.example": audit.PartyFirst, "*.first.example": audit.PartyFirst, "notfirst.example": audit.PartyThird,
		"first.example.org": audit.PartyThird,
	} {
		if got := b.party(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	declared := []string{"mine.example"}
	if got := fmt.Sprint(firstParty(declared, practicePromise(t)), declared); got != "[mine.example practice.example] [mine.example]" {
		t.Error(got)
	}
	if got := firstParty([]string{"practice.example"}, practicePromise(t)); len(got) != 1 {
		t.Errorf("twice: %q", got)
	}
}

func practicePromise(t *testing.T) []*promise.File {
	t.Helper()
	files, err := promise.Load([]string{"practice"})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestProxiedEndpoint: what is said through a proxy names the origin, and the address that was reached is not the origin's.
func TestProxiedEndpoint(t *testing.T) {
	end := audit.ID{Kind: audit.KindEndpoint, N: 1}
	for _, test := range []struct {
		flags audit.Flags
		how   audit.How
		want  int
	}{{0, audit.BySNI, 1}, {audit.Proxied, audit.BySNI, 0}, {audit.Proxied, audit.ByDNS, 1}} {
		h := audit.Host{How: test.how}
		for range 2 {
			sent(&h, &flow.Flow{Flow: audit.Flow{Endpoint: end, Flags: test.flags}}, test.how, audit.ID{})
		}
		if len(h.Endpoints) != test.want || h.Flows != 2 {
			t.Errorf("%v by %s: %d endpoints", test.flags, test.how, len(h.Endpoints))
		}
	}
}
