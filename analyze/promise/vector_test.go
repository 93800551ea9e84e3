package promise

import (
	"fmt"
	"slices"
	"testing"

	"abroad/analyze/audit"
)

// A scene is a promise file with one clause, and what was recorded.
type scene struct {
	file *File
	e    *Evidence
}

const testDay = "2026-09-0"

// newScene makes a reviewed promise of one clause with a primary source, and n sessions on n different days (at most 9) in which every step
// of the clause was done. Change edits the clause before it is signed.
func newScene(n int, c Clause) *scene {
	c.Source = "policy"
	if c.ID == "" {
		c.ID = "clause"
	}
	if c.Quote == "" {
		c.Quote = "as it was said"
	}
	if c.InForce.From == "" {
		c.InForce.From = "2020-01-01"
	}
	if c.Scope.Data == nil {
		c.Scope.Data = []string{"any"}
	}
	if c.Force == "" {
		c.Force = "public_statement"
	}
	f := &File{
		Metadata: Metadata{ID: "test", Title: "Test", Compiled: "2026-01-01", Review: "reviewed"},
		Subject:  Subject{App: App{Name: "Test", Android: []string{"org.test"}}, FirstParty: FirstParty{Domains: []Domain{{"first.example", "policy"}}, Verified: true}},
		Sources:  []Source{{ID: "policy", Kind: "legal_text", URL: "https://first.example/p", Published: "2020-01-01", Retrieved: "2026-01-01", Grade: "primary"}},
		Clauses:  []Clause{c},
	}
	s := &scene{file: f, e: &Evidence{App: "org.test", Version: "1", AsOf: testDay + "1"}}
	var actions []string
	for _, n := range c.Indicators {
		actions = append(actions, n.Select.Action...)
	}
	for i := range n {
		s.e.Sessions = append(s.e.Sessions, Session{
			ID: audit.ID{Kind: audit.KindSession, N: uint32(i + 1)}, Day: fmt.Sprintf("%s%d", testDay, min(i+1, 9)), App: "org.test", Version: "1", Actions: actions,
		})
	}
	s.sign()
	return s
}

// sign renews the review record.
func (s *scene) sign() {
	s.file.Metadata.Record = &ReviewRecord{Reviewer: "r", Date: "2026-01-01", Clauses: s.file.Hash(), Archived: []ArchivedText{{Source: "policy"}}}
}

func (s *scene) clause() *Clause { return &s.file.Clauses[0] }

// seen adds a contact of every session.
func (s *scene) seen(x Contact) *scene {
	for i := range s.e.Sessions {
		s.seenIn(i, x)
	}
	return s
}

func (s *scene) seenIn(session int, x Contact) *scene {
	n := uint32(len(s.e.Contacts) + 1)
	x.Session, x.Flow = session, audit.ID{Kind: audit.KindFlow, N: n}
	if x.Endpoint.IsZero() {
		x.Endpoint = audit.ID{Kind: audit.KindEndpoint, N: 1}
	}
	if x.Host == "" {
		x.Host = "api.first.example"
	}
	x.Domain = x.Host
	if x.Owned == (Owned{}) {
		x.Owned = Owned{Grade: 3, Package: "org.test", UID: -1}
	}
	x.Flows, x.Up, x.Down = 1, 9000, 100
	x.MaxUp = x.Up
	s.e.Contacts = append(s.e.Contacts, x)
	return s
}

func (s *scene) account(edit func(*audit.Account)) *scene {
	for i := range s.e.Sessions {
		edit(&s.e.Sessions[i].Account)
	}
	return s
}

func (s *scene) verdict(t *testing.T) *audit.Verdict {
	t.Helper()
	p := Judge(s.file, s.e)
	promises := []audit.Promise{p}
	Number(promises)
	v := &promises[0].Clauses[0].Verdict
	if (v.Outcome == audit.Silent) != (v.Reason != "") || len(v.Says) == 0 || len(v.Because)+len(v.Missing) == 0 {
		t.Errorf("a verdict that does not hold together: %+v", v)
	}
	return v
}

func in(grade int, country string) Place {
	p := Place{Grade: grade, Country: country, Candidates: []string{country}, Words: "in " + country + " (test)"}
	if grade == 4 {
		p.Within = []string{country}
	}
	return p
}

func edge(within ...string) Place { return Place{Grade: 1, Edge: true, Within: within} }

func locationNotIn(s Select) []Indicator {
	return []Indicator{{ID: "test", Reads: "r", Select: s, Expect: Expect{LocationNotIn: "places"}}}
}

func locationIn(s Select) []Indicator {
	return []Indicator{{ID: "test", Reads: "r", Select: s, Expect: Expect{LocationIn: "places"}}}
}

// zoomFree is the clause of the first five vectors.
func zoomFree() Clause {
	return Clause{
		Polarity: "exclude", Aspect: "routing", Places: []string{"CN"},
		Scope:      Scope{Users: Users{NotResidence: []string{"CN"}, Tier: "free"}, Data: []string{"meeting_media"}, Surface: []string{"meetings"}},
		Exceptions: []Exception{{ID: "cn-participant", Text: "a participant inside China", Testable: "network"}},
		Indicators: locationNotIn(Select{Party: "first", Direction: "any", Action: []string{"host_meeting"}}),
	}
}

func freeUser(a *audit.Account) {
	a.Residence, a.Tier, a.Settings = "GB", "free", []audit.Setting{{Name: "cn-participant", Value: "no"}}
}

func euStorage(places ...string) Clause {
	return Clause{
		Polarity: "confine", Aspect: "storage_at_rest", Places: places, Scope: Scope{Data: []string{"personal"}},
		Indicators: locationIn(Select{Party: "first", Direction: "up", MinUpBytes: 4096}),
	}
}

// vectors are the test vectors of the study (section 2.3) and of its additions, by number.
var vectors = []struct {
	n      int
	name   string
	scene  func() *scene
	want   audit.Ruling
	reason audit.Reason
	detail string
	leads  []audit.LeadKind
	also   func(t *testing.T, v *audit.Verdict)
}{
	{1, "media server in CN", func() *scene {
		return newScene(4, zoomFree()).account(freeUser).seen(Contact{Step: "host_meeting", Place: in(3, "CN"), Content: 2})
	}, audit.Contradicted, "", "", nil, func(t *testing.T, v *audit.Verdict) {
		if v.Seen != 4 || v.Days != 4 || len(v.Because) == 0 {
			t.Errorf("seen %d on %d days, because %v", v.Seen, v.Days, v.Because)
		}
	}},
	{2, "GeoIP says CN, physics says no", func() *scene {
		return newScene(10, zoomFree()).account(freeUser).seen(Contact{Step: "host_meeting", Place: Place{Grade: 1, Within: []string{"FR", "GB", "IE"}, Words: "databases say CN, which round trips exclude"}})
	}, audit.Consistent, "", "", nil, nil},
	{3, "one database says CN, long round trip", func() *scene {
		return newScene(10, zoomFree()).account(freeUser).seen(Contact{Step: "host_meeting", Place: in(1, "CN"), Content: 2})
	}, audit.Silent, audit.LocationUncertain, "", []audit.LeadKind{audit.LeadPlain}, nil},
	{4, "the account is paid", func() *scene {
		return newScene(4, zoomFree()).account(freeUser).account(func(a *audit.Account) { a.Tier = "paid" }).seen(Contact{Step: "host_meeting", Place: in(3, "CN"), Content: 2})
	}, audit.Silent, audit.OutOfScope, "tier", nil, nil},
	{5, "a participant joined from CN", func() *scene {
		return newScene(4, zoomFree()).account(freeUser).account(func(a *audit.Account) { a.Settings[0].Value = "yes" }).seen(Contact{Step: "host_meeting", Place: in(3, "CN"), Content: 2})
	}, audit.Silent, audit.ExceptionMayApply, "cn-participant", []audit.LeadKind{audit.LeadPlain}, nil},
	{6, "upload to the US, canary seen", func() *scene {
		return newScene(4, euStorage("EEA")).seen(Contact{Place: in(3, "US"), Content: 3})
	}, audit.Silent, audit.NotObservable, "storage_at_rest", []audit.LeadKind{audit.LeadStrong}, nil},
	{7, "uploads end in IE", func() *scene {
		return newScene(10, euStorage("EEA")).seen(Contact{Place: in(4, "IE")})
	}, audit.Consistent, "", "", nil, func(t *testing.T, v *audit.Verdict) {
		if !v.Weak || v.Sessions != 10 || v.Bound != 0.2589 { // 1-0.05^(1/10), rounded up
			t.Errorf("weak %v, N %d, bound %v", v.Weak, v.Sessions, v.Bound)
		}
	}},
	{8, "remote access", func() *scene {
		return newScene(10, Clause{Polarity: "exclude", Aspect: "remote_access", Places: []string{"CN"}, Indicators: locationNotIn(Select{})}).seen(Contact{Place: in(4, "CN"), Content: 3})
	}, audit.Silent, audit.NotObservable, "remote_access", nil, nil},
	{9, "an anycast front in Dublin", func() *scene {
		return newScene(10, Clause{Polarity: "confine", Aspect: "processing", Places: []string{"EU", "EFTA"}, Indicators: locationIn(Select{Party: "first"})}).
			seen(Contact{Place: edge("IE")})
	}, audit.Silent, audit.EdgeOnly, "", nil, nil},
	{10, "a host on another cloud", func() *scene {
		return newScene(4, Clause{
			Polarity: "confine", Aspect: "operator", Operators: []string{"oracle"},
			Exceptions: []Exception{{ID: "cdn", Text: "delivery networks", Testable: "network", Hosts: []string{"*.cdn.first.example"}}},
			Indicators: []Indicator{{ID: "test", Reads: "r", Select: Select{Party: "first"}, Expect: Expect{OperatorIn: "operators"}}},
		}).seen(Contact{Network: "AMAZON-02", Place: in(3, "US")})
	}, audit.Contradicted, "", "", nil, nil},
	{10, "a host on another cloud that the exception covers", func() *scene {
		return newScene(5, Clause{
			Polarity: "confine", Aspect: "operator", Operators: []string{"oracle"},
			Exceptions: []Exception{{ID: "cdn", Text: "delivery networks", Testable: "network", Hosts: []string{"*.cdn.first.example"}}},
			Indicators: []Indicator{{ID: "test", Reads: "r", Select: Select{Party: "first"}, Expect: Expect{OperatorIn: "operators"}}},
		}).seen(Contact{Network: "ORACLE-BMC-31898", Place: in(3, "US")}).seen(Contact{Host: "a.cdn.first.example", Network: "AMAZON-02", Place: in(3, "US")})
	}, audit.Consistent, "", "", nil, nil},
	{11, "a closed list, a host in BR", func() *scene {
		return newScene(4, Clause{Polarity: "disclose", Exhaustive: true, Aspect: "recipient", Places: []string{"US", "SG"}, Indicators: locationIn(Select{})}).
			seen(Contact{Host: "x.third.example", Place: in(3, "BR")})
	}, audit.Contradicted, "", "", nil, nil},
	{12, "an open list, a host in BR", func() *scene {
		return newScene(10, Clause{Polarity: "disclose", Aspect: "recipient", Places: []string{"US", "SG"}, Indicators: locationIn(Select{})}).
			seen(Contact{Host: "x.third.example", Place: in(3, "BR")})
	}, audit.Silent, audit.NotObservable, openList, []audit.LeadKind{audit.LeadNotNamed}, nil},
	{13, "default storage, an opaque upload to SG", func() *scene {
		c := euStorage("IE", "NO", "US")
		c.Polarity = "default_in"
		c.Exceptions = []Exception{{ID: "public", Text: "p", Testable: "payload"}, {ID: "interop", Text: "i", Testable: "no"}}
		return newScene(4, c).seen(Contact{Place: in(3, "SG")})
	}, audit.Silent, audit.NotObservable, "storage_at_rest", []audit.LeadKind{audit.LeadPlain}, func(t *testing.T, v *audit.Verdict) {
		if m := v.Leads[0].Missing; !slices.Contains(m, audit.ExceptionMayApply) || !slices.Contains(m, audit.ContentOpaque) {
			t.Errorf("the lead lacks conditions: %v", m)
		}
	}},
	{14, "no marker for the step", func() *scene {
		s := newScene(10, Clause{Polarity: "confine", Aspect: "routing", Places: []string{"IE"}, Indicators: locationIn(Select{Action: []string{"post_private_video"}})})
		for i := range s.e.Sessions {
			s.e.Sessions[i].Actions = []string{"open_app"}
		}
		return s.seen(Contact{Step: "open_app", Place: in(4, "US")})
	}, audit.Silent, audit.NotExercised, "post_private_video", nil, nil},
	{15, "a plan", func() *scene {
		return newScene(10, Clause{Force: "plan", Polarity: "confine", Aspect: "routing", Places: []string{"IE"}, Indicators: locationIn(Select{})}).seen(Contact{Place: in(4, "US")})
	}, audit.Silent, audit.NotInForce, "a plan", nil, nil},
	{16, "an indicator that selects nothing", func() *scene {
		return newScene(10, Clause{Polarity: "confine", Aspect: "routing", Places: []string{"IE"}, Indicators: locationIn(Select{Hosts: []string{"*.never.example"}})}).seen(Contact{Place: in(4, "US")})
	}, audit.Silent, audit.NothingSelected, "", nil, nil},
	{17, "no first party is known", func() *scene {
		s := newScene(10, Clause{Polarity: "confine", Aspect: "routing", Places: []string{"IE"}, Indicators: locationIn(Select{Party: "first"})}).seen(Contact{Place: in(4, "US")})
		s.file.Subject.FirstParty = FirstParty{}
		s.sign()
		return s
	}, audit.Silent, audit.FirstPartyUnknown, "", nil, nil},
	{18, "the residence was not recorded", func() *scene {
		return newScene(10, Clause{Polarity: "confine", Aspect: "routing", Places: []string{"IE"}, Scope: Scope{Users: Users{Residence: []string{"EEA"}}}, Indicators: locationIn(Select{})}).
			seen(Contact{Place: in(4, "US")})
	}, audit.Silent, audit.ScopeUnknown, "residence", nil, nil},
}

func TestVectors(t *testing.T) {
	for _, test := range vectors {
		t.Run(fmt.Sprintf("%d %s", test.n, test.name), func(t *testing.T) {
			v := test.scene().verdict(t)
			if v.Outcome != test.want || v.Reason != test.reason || test.detail != "" && v.Detail != test.detail {
				t.Fatalf("%s(%s: %s), want %s(%s: %s)\n%s", v.Outcome, v.Reason, v.Detail, test.want, test.reason, test.detail, plainWords(v.Says))
			}
			var kinds []audit.LeadKind
			for _, l := range v.Leads {
				kinds = append(kinds, l.Kind)
			}
			if !slices.Equal(kinds, test.leads) {
				t.Errorf("leads %v, want %v", kinds, test.leads)
			}
			if test.also != nil {
				test.also(t, v)
			}
		})
	}
}

func plainWords(says []audit.Phrase) (s string) {
	for _, p := range says {
		s += p.Ours + string(p.Theirs)
	}
	return s
}

// TestConditions takes a contradiction apart: without any single condition it is a lead with the reason that names it.
func TestConditions(t *testing.T) {
	base := func() *scene {
		return newScene(4, Clause{Polarity: "confine", Aspect: "routing", Places: []string{"EEA"}, Indicators: locationIn(Select{Party: "first"})}).seen(Contact{Place: in(3, "SG")})
	}
	if v := base().verdict(t); v.Outcome != audit.Contradicted {
		t.Fatalf("the base is %s(%s)", v.Outcome, v.Reason)
	}
	each := func(edit func(*Contact)) func(*scene) {
		return func(s *scene) {
			for i := range s.e.Contacts {
				edit(&s.e.Contacts[i])
			}
		}
	}
	for _, test := range []struct {
		name  string
		spoil func(*scene)
		want  audit.Reason
	}{
		{"L2", each(func(x *Contact) { x.Place.Grade = 2 }), audit.LocationUncertain},
		{"L1", each(func(x *Contact) { x.Place.Grade = 1 }), audit.LocationUncertain},
		{"L0", each(func(x *Contact) { x.Place = Place{} }), audit.Insufficient}, // with four sessions; the place is not even against
		{"edge", each(func(x *Contact) { x.Place.Edge = true }), audit.EdgeOnly},
		{"A1", each(func(x *Contact) { x.Owned.Grade = 1 }), audit.AttributionUncertain},
		{"A0", each(func(x *Contact) { x.Owned = Owned{UID: -1} }), audit.AttributionUncertain},
		{"a uid that nobody declared", each(func(x *Contact) { x.Owned = Owned{Grade: 3, UID: 10001} }), audit.AttributionUncertain},
		{"another program", each(func(x *Contact) { x.Owned.Package = "com.other" }), audit.NothingSelected},
		{"another uid", func(s *scene) {
			s.e.UID = 10002
			each(func(x *Contact) { x.Owned = Owned{Grade: 3, UID: 10001} })(s)
		}, audit.NothingSelected},
		{"draft", func(s *scene) { s.file.Metadata.Review = "draft" }, audit.PromiseUnverified},
		{"no record", func(s *scene) { s.file.Metadata.Record = nil }, audit.PromiseUnverified},
		{"reviewed before the clause changed", func(s *scene) { s.clause().Restates = "something else" }, audit.PromiseUnverified},
		{"secondary source", func(s *scene) { s.file.Sources[0].Grade = "secondary"; s.sign() }, audit.PromiseUnverified},
		{"domains never seen", func(s *scene) { s.file.Subject.FirstParty.Verified = false; s.sign() }, audit.PromiseUnverified},
		{"content", func(s *scene) { s.clause().Scope.Data = []string{"personal"}; s.sign() }, audit.ContentOpaque},
		{"an exception that cannot be tested", func(s *scene) { s.clause().Exceptions = []Exception{{ID: "x", Text: "x", Testable: "no"}}; s.sign() }, audit.ExceptionMayApply},
		{"an exception that nobody tested", func(s *scene) {
			s.clause().Exceptions = []Exception{{ID: "x", Text: "x", Testable: "network"}}
			s.sign()
		}, audit.ExceptionMayApply},
		{"processing by another company", func(s *scene) {
			s.clause().Aspect = "processing"
			s.clause().Indicators = locationIn(Select{})
			each(func(x *Contact) { x.Host = "x.third.example" })(s)
			s.sign()
		}, audit.NotObservable},
		{"one session", func(s *scene) { s.e.Contacts = s.e.Contacts[:1] }, audit.Insufficient},
		{"one day", func(s *scene) {
			for i := range s.e.Sessions {
				s.e.Sessions[i].Day = testDay + "1"
			}
		}, audit.Insufficient},
		{"a lower ceiling", func(s *scene) { s.clause().MaxVerdict = "consistent"; s.sign() }, audit.NotObservable},
		{"a silent ceiling", func(s *scene) { s.clause().MaxVerdict = "silent"; s.sign() }, audit.NotObservable},
		{"not in force yet", func(s *scene) { s.clause().InForce.From = "2026-10-01"; s.sign() }, audit.NotInForce},
		{"not in force any more", func(s *scene) { s.clause().InForce.To = "2026-08-31"; s.sign() }, audit.NotInForce},
		{"no time", func(s *scene) {
			for i := range s.e.Sessions {
				s.e.Sessions[i].Day = ""
			}
		}, audit.NotInForce},
	} {
		s := base()
		test.spoil(s)
		if v := s.verdict(t); v.Outcome != audit.Silent || v.Reason != test.want {
			t.Errorf("%s: %s(%s), want silent(%s)", test.name, v.Outcome, v.Reason, test.want)
		}
	}
}

// TestConsistentNeeds takes a consistent verdict apart.
func TestConsistentNeeds(t *testing.T) {
	clause := Clause{Polarity: "confine", Aspect: "routing", Places: []string{"EEA"}, Indicators: locationIn(Select{Party: "first"})}
	good := func() *scene { return newScene(5, clause).seen(Contact{Place: in(2, "IE")}) }
	if v := good().verdict(t); v.Outcome != audit.Consistent || v.Bound != 0.4508 {
		t.Fatalf("%s(%s), bound %v", v.Outcome, v.Reason, v.Bound)
	}
	if v := newScene(4, clause).seen(Contact{Place: in(4, "IE")}).verdict(t); v.Reason != audit.Insufficient {
		t.Errorf("four sessions: %s(%s)", v.Outcome, v.Reason)
	}
	s := good()
	for i := range s.e.Sessions { // every session brings a host of its own
		s.seenIn(i, Contact{Host: fmt.Sprintf("h%d.first.example", i), Place: in(4, "IE")})
	}
	if v := s.verdict(t); v.Reason != audit.Insufficient {
		t.Errorf("coverage: %s(%s)", v.Outcome, v.Reason)
	}
	for _, p := range []Place{{}, in(1, "IE"), {Grade: 1, Candidates: []string{"IE", "US"}}} {
		if v := good().seen(Contact{Host: "b.first.example", Place: p}).verdict(t); v.Reason != audit.LocationUncertain {
			t.Errorf("%+v: %s(%s)", p, v.Outcome, v.Reason)
		}
	}
	s = good()
	s.e.Sessions[4].Consent = "rejected" // another arm, of one session
	if v := s.verdict(t); v.Reason != audit.Insufficient {
		t.Errorf("two arms: %s(%s)", v.Outcome, v.Reason)
	}
}

// TestGroupsByDate: GB is in the EU in 2019, so that a confinement to the EU held there.
func TestGroupsByDate(t *testing.T) {
	for day, want := range map[string]bool{"2019-06-01": true, "2021-06-01": false} {
		if got := slices.Contains(Expand([]string{"EU"}, day), "GB"); got != want {
			t.Errorf("GB in the EU on %s: %v", day, got)
		}
		for _, group := range []string{"EEA", "EFTA"} {
			if !slices.Contains(Expand([]string{group}, day), "NO") {
				t.Errorf("NO not in the %s on %s", group, day)
			}
		}
	}
	if slices.Contains(Expand([]string{"EEA"}, "2026-01-01"), "CH") {
		t.Error("CH is in the EEA")
	}
}

// TestGuizhou: two databases disagree over an address, and 8 ms from London exclude China: nothing is against the statement.
func TestGuizhou(t *testing.T) {
	s := newScene(10, Clause{Polarity: "exclude", Aspect: "routing", Places: []string{"CN"}, Indicators: locationNotIn(Select{})}).
		seen(Contact{Place: Place{Grade: 1, Within: []string{"BE", "FR", "GB", "IE", "NL"}, Words: "databases differ"}})
	if v := s.verdict(t); v.Outcome != audit.Consistent || len(v.Leads) > 0 {
		t.Errorf("%s(%s), %d leads", v.Outcome, v.Reason, len(v.Leads))
	}
	for i := range s.e.Contacts { // without the round trip: undecided, not a lead, for the databases name SG too
		s.e.Contacts[i].Place = Place{Grade: 1, Candidates: []string{"CN", "SG"}}
	}
	if v := s.verdict(t); v.Reason != audit.LocationUncertain || len(v.Leads) > 0 {
		t.Errorf("%s(%s), %d leads", v.Outcome, v.Reason, len(v.Leads))
	}
}

// TestManyLeads: a clause with thousands of leads lists the first ones, says how many more there are, and takes no quadratic time.
func TestManyLeads(t *testing.T) {
	s := newScene(2, Clause{Polarity: "exclude", Aspect: "routing", Places: []string{"CN"}, Indicators: locationNotIn(Select{})})
	const hosts = 20_000
	for i := range hosts {
		s.seen(Contact{Host: fmt.Sprintf("h%d.third.example", i), Place: in(1, "CN")})
	}
	v := s.verdict(t)
	if len(v.Leads) != maxLeads || !slices.Contains(v.Missing, fmt.Sprintf("%d more leads are not listed", hosts-maxLeads)) || len(v.Because) > maxBecause {
		t.Errorf("%d leads, %d because, missing %q", len(v.Leads), len(v.Because), v.Missing)
	}
}
