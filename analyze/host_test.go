package analyze

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/owner"
	"abroad/capture"
)

// practiceAudit is the audit of a practice recording with these first-party domains.
func practiceAudit(t *testing.T, firstParty ...string) *audit.Audit {
	t.Helper()
	a, err := Run(t.Context(), []Input{fileInput("../capture/lab/practice/copies/gateway.pcapng")}, Config{Version: "test", Library: testLibrary(t), FirstParty: firstParty})
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.Check(a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestParty: without a declared maker a host is nobody's; with one, everything else is third party and a gateway's flows to it are A1.
func TestParty(t *testing.T) {
	for _, h := range practiceAudit(t).Hosts {
		if h.Party != "" || h.Attributed != "" {
			t.Errorf("%s is %q %q without a declaration", h.Name, h.Party, h.Attributed)
		}
	}
	a := practiceAudit(t, "practice.example")
	if !slices.Equal(a.Options.FirstParty, []string{"practice.example"}) {
		t.Errorf("the audit says the first party is %q", a.Options.FirstParty)
	}
	first := 0
	for _, h := range a.Hosts {
		own := h.Name == "practice.example" || strings.HasSuffix(h.Name, ".practice.example")
		if own != (h.Party == audit.PartyFirst) || own == (h.Party == audit.PartyThird) || own != (h.Attributed == string(audit.A1)) {
			t.Errorf("%s: %q %q", h.Name, h.Party, h.Attributed)
		}
		if own {
			first++
		}
	}
	if first == 0 {
		t.Error("no host of the maker")
	}
	for _, f := range a.Flows {
		if v := f.Attribution; v != nil && v.Grade == audit.A1 && (len(v.Because) == 0 || v.UID != -1 || v.App != "") {
			t.Errorf("%s: %+v", f.ID, *v)
		}
	}
	if a.Coverage.Attributed.Flows != 0 {
		t.Error("A1 counts as named by the operating system")
	}
}

// TestHosts: each flow counts once, for one host; owners of the fiction are found in the fiction's table only.
func TestHosts(t *testing.T) {
	a := practiceAudit(t)
	var hosts, flows uint32
	var up uint64
	for _, h := range a.Hosts {
		hosts += h.Flows
		up += h.BytesUp
		if !strings.HasSuffix(h.Name, ".example") {
			continue
		}
		if h.Owner.IsZero() || h.Said == nil || !strings.Contains(a.Organisations[h.Owner.N-1].Name, "(practice)") {
			t.Errorf("%s belongs to %s", h.Name, h.Owner)
		}
	}
	var sent uint64
	for _, f := range a.Flows {
		if len(f.Names) > 0 && f.Device {
			flows++
			sent += f.BytesUp
		}
	}
	if hosts != flows || up != sent || len(a.Hosts) == 0 {
		t.Errorf("%d flows and %d bytes by host, %d and %d named", hosts, up, flows, sent)
	}
	if len(a.Laws) == 0 {
		t.Error("no law")
	}
	for _, l := range a.Laws {
		if l.AsOf != a.Recordings[0].First.Day() {
			t.Errorf("%s is asked for %s", l.ID, l.AsOf)
		}
	}
}

// namedFlow is a flow to address that was made for name on a day.
func namedFlow(b *builder, r *recording, address, name string, how audit.How, day string) *flow.Flow {
	var at capture.Time
	if err := at.UnmarshalText([]byte(day + "T12:00:00Z")); err != nil {
		panic(err)
	}
	f := &flow.Flow{Flow: audit.Flow{
		A: netip.MustParseAddrPort("10.0.0.2:40000"), B: netip.AddrPortFrom(netip.MustParseAddr(address), 443), First: at, Last: at, BytesUp: 100,
		Names: []audit.Name{{Name: name, How: how, Because: []audit.ID{{Kind: audit.KindObservation, N: 1}}}},
	}}
	r.flows = append(r.flows, f)
	if r.doc.First == 0 || at < r.doc.First {
		r.doc.First = at
	}
	r.doc.Last = max(r.doc.Last, at)
	return f
}

// recipientsOn is what becomes of one flow on a day.
func recipientsOn(t *testing.T, name string, how audit.How, days ...string) *audit.Audit {
	t.Helper()
	owners, err := owner.Default()
	if err != nil {
		t.Fatal(err)
	}
	b := newBuilder(Config{Owners: owners})
	r := &recording{}
	b.recs = append(b.recs, r)
	for _, day := range days {
		namedFlow(b, r, "192.0.2.1", name, how, day)
	}
	b.recipients()
	b.laws()
	return b.audit
}

// TestOwnerByDay: TikTok's US service has another ultimate parent since 22 January 2026, and a recording over that day says so.
func TestOwnerByDay(t *testing.T) {
	for day, want := range map[string]string{"2026-01-21": "ByteDance Ltd.", "2026-01-22": "TikTok USDS Joint Venture LLC"} {
		a := recipientsOn(t, "api16.tiktokv.us", audit.BySNI, day)
		if o := a.Organisations[0]; o.Parent != want || len(a.Notes) != 0 {
			t.Errorf("on %s: %q, notes %q", day, o.Parent, a.Notes)
		}
	}
	a := recipientsOn(t, "api16.tiktokv.us", audit.BySNI, "2026-01-20", "2026-02-01")
	if o := a.Organisations[0]; o.Parent != "ByteDance Ltd." || len(a.Notes) != 1 || !strings.Contains(a.Notes[0], "2026-02-01") {
		t.Errorf("%q, notes %q", o.Parent, a.Notes)
	}
	if h := a.Hosts[0]; h.Said.Verified || h.Domain != "tiktokv.us" || h.Flows != 2 {
		t.Errorf("%+v", h)
	}
	// Level 4 of a Cayman company says nothing of China; level 3 of a US one has conditions, and no adequacy.
	for _, l := range a.Laws {
		if l.Kind == "adequacy" {
			t.Errorf("%s: %s is adequate", l.ID, l.Country)
		}
	}
}

// TestNoHost: an address is no host, and a reverse look-up names none.
func TestNoHost(t *testing.T) {
	for name, how := range map[string]audit.How{"192.0.2.1": audit.BySNI, "server.tiktokv.us": audit.ByPTR} {
		if a := recipientsOn(t, name, how, "2026-06-01"); len(a.Hosts) != 0 || len(a.Organisations) != 0 {
			t.Errorf("%s by %s is a host", name, how)
		}
	}
}

// TestOwnerGrade: an endpoint's owner is known as well as the weakest of the rows that say so.
func TestOwnerGrade(t *testing.T) {
	id := func(kind audit.Kind, n uint32) audit.ID { return audit.ID{Kind: kind, N: n} }
	for _, test := range []struct{ first, second, seat, parent, owner, above string }{
		{audit.Primary, audit.Primary, audit.Primary, audit.Secondary, audit.Primary, audit.Secondary},
		{audit.Primary, audit.Unverified, audit.Primary, audit.Unverified, audit.Unverified, audit.Unverified},
		{audit.Secondary, audit.Primary, audit.Primary, audit.Primary, audit.Secondary, audit.Primary},
		{audit.Primary, audit.Primary, audit.Unverified, audit.Primary, audit.Unverified, audit.Primary},
	} {
		said := func(grade string) *audit.Fact {
			return &audit.Fact{About: "name", Grade: grade, Verified: grade != audit.Unverified}
		}
		host := func(grade string) audit.Host {
			return audit.Host{Owner: id(audit.KindOrganisation, 1), Said: said(grade), Endpoints: []audit.ID{id(audit.KindEndpoint, 1)}}
		}
		b := &builder{audit: &audit.Audit{
			Hosts: []audit.Host{host(test.first), host(test.second)}, Endpoints: []audit.Endpoint{{ID: id(audit.KindEndpoint, 1)}},
			Organisations: []audit.Organisation{{Name: "Some Ltd", Seat: "IE", Parent: "Above", ParentSeat: "US", Facts: []audit.Fact{
				{About: "seat", Grade: test.seat}, {About: "parent", Grade: test.parent},
			}}},
		}}
		b.recipientsOfEndpoints()
		if e := b.audit.Endpoints[0]; e.Owner != "Some Ltd" || e.OwnerGrade != test.owner || e.ParentGrade != test.above {
			t.Errorf("%+v: owner %q %q, parent %q", test, e.Owner, e.OwnerGrade, e.ParentGrade)
		}
	}
}
