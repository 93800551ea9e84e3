package promise

import (
	"slices"
	"testing"

	"abroad/analyze/audit"
)

// confined is a clause that confines first-party servers to the EEA.
func confined(s Select) Clause {
	return Clause{Polarity: "confine", Aspect: "routing", Places: []string{"EEA"}, Indicators: locationIn(s)}
}

// TestBounds holds the limits at their last value, and one beside it.
func TestBounds(t *testing.T) {
	first := confined(Select{Party: "first"})
	for _, test := range []struct {
		name   string
		scene  func() *scene
		want   audit.Ruling
		reason audit.Reason
	}{
		{"against in two sessions on two days", func() *scene { return newScene(2, first).seen(Contact{Place: in(3, "US")}) }, audit.Contradicted, ""},
		{"in one session", func() *scene { return newScene(2, first).seenIn(0, Contact{Place: in(3, "US")}) }, audit.Silent, audit.Insufficient},
		{"two hosts in a session each", func() *scene {
			return newScene(2, first).seenIn(0, Contact{Place: in(3, "US")}).seenIn(1, Contact{Host: "b.first.example", Place: in(3, "US")})
		}, audit.Silent, audit.Insufficient},
		{"A2", func() *scene {
			return newScene(2, first).seen(Contact{Place: in(3, "US"), Owned: Owned{Grade: 2, Package: "org.test", UID: -1}})
		}, audit.Contradicted, ""},
		{"the declared uid", func() *scene {
			s := newScene(2, first).seen(Contact{Place: in(3, "US"), Owned: Owned{Grade: 3, UID: 10001}})
			s.e.UID = 10001
			return s
		}, audit.Contradicted, ""},
		{"on the first day of the statement", func() *scene {
			c := first
			c.InForce = InForce{From: testDay + "1", To: testDay + "2"}
			return newScene(2, c).seen(Contact{Place: in(3, "US")})
		}, audit.Contradicted, ""},
		{"a day after the statement", func() *scene {
			c := first
			c.InForce = InForce{From: "2026-01-01", To: testDay + "1"}
			return newScene(2, c).seen(Contact{Place: in(3, "US")})
		}, audit.Silent, audit.Insufficient}, // one of two sessions is left
		{"coverage of 8 in 10", func() *scene { // hosts seen once: 2 of 11 sightings; Good and Turing: 1 - 2/11
			s := newScene(9, first).seen(Contact{Place: in(3, "IE")})
			return s.seenIn(0, Contact{Host: "b.first.example", Place: in(3, "IE")}).seenIn(1, Contact{Host: "c.first.example", Place: in(3, "IE")})
		}, audit.Silent, audit.Insufficient},
		{"coverage of 9 in 10", func() *scene {
			return newScene(9, first).seen(Contact{Place: in(3, "IE")}).seenIn(0, Contact{Host: "b.first.example", Place: in(3, "IE")})
		}, audit.Consistent, ""},
		{"a ceiling of silent, nothing against", func() *scene {
			c := first
			c.MaxVerdict = "silent"
			return newScene(9, c).seen(Contact{Place: in(4, "IE")})
		}, audit.Silent, audit.NotObservable},
		{"uploads to an edge in IE", func() *scene { return newScene(9, euStorage("IE")).seen(Contact{Place: edge("IE")}) }, audit.Silent, audit.EdgeOnly},
		{"an edge that routing is about", func() *scene { return newScene(9, first).seen(Contact{Place: edge("IE")}) }, audit.Consistent, ""},
		{"an edge, and a host of which nothing is known", func() *scene {
			return newScene(9, first).seen(Contact{Place: edge("IE", "US")}).seen(Contact{Host: "b.first.example"})
		}, audit.Silent, audit.LocationUncertain},
		{"edges alone", func() *scene { return newScene(9, first).seen(Contact{Place: edge("IE", "US")}) }, audit.Silent, audit.EdgeOnly},
		{"third parties, and no first party known", func() *scene {
			s := newScene(9, confined(Select{Party: "third"})).seen(Contact{Host: "a.third.example", Place: in(4, "IE")})
			s.file.Subject.FirstParty = FirstParty{}
			s.sign()
			return s
		}, audit.Silent, audit.FirstPartyUnknown},
		{"a storage clause whose test selects nothing", func() *scene {
			return newScene(9, euStorage("IE")).seen(Contact{Host: "a.third.example", Place: in(4, "IE")})
		}, audit.Silent, audit.NothingSelected},
		{"a storage clause without a test", func() *scene {
			c := euStorage("IE")
			c.Indicators = nil
			return newScene(9, c).seen(Contact{Place: in(4, "IE")})
		}, audit.Silent, audit.NotObservable},
		{"a network exception that the session says did not apply, and a payload one", func() *scene {
			c := first
			c.Exceptions = []Exception{{ID: "x", Text: "x", Testable: "payload"}}
			return newScene(2, c).seen(Contact{Place: in(3, "US")}).account(func(a *audit.Account) { a.Settings = []audit.Setting{{Name: "x", Value: "no"}} })
		}, audit.Silent, audit.ExceptionMayApply},
		{"confined to places that are not named", func() *scene {
			c := first
			c.Places = nil
			return newScene(9, c).seen(Contact{Place: in(3, "US")})
		}, audit.Silent, audit.NothingSelected},
		{"recipients in places that are not named", func() *scene {
			c := Clause{Polarity: "disclose", Exhaustive: true, Aspect: "recipient"}
			c.Indicators = []Indicator{{ID: "test", Reads: "r", Expect: Expect{RecipientIn: "places"}}}
			return newScene(9, c).seen(Contact{Place: in(3, "US"), Owner: Recipient{Key: "k", Name: "K", Seat: "US", Verified: true}})
		}, audit.Silent, audit.NothingSelected},
		{"what nobody answered is no contradiction", func() *scene {
			return newScene(9, first).seen(Contact{Place: in(3, "US"), Deaf: true}).seen(Contact{Host: "b.first.example", Place: in(3, "IE")})
		},
			audit.Silent, audit.Insufficient},
		{"what nobody answered, as promised", func() *scene {
			return newScene(9, first).seen(Contact{Host: "b.first.example", Place: in(3, "IE"), Deaf: true}).seen(Contact{Place: in(3, "IE")})
		},
			audit.Consistent, ""},
		{"only what nobody answered", func() *scene { return newScene(9, first).seen(Contact{Place: in(3, "IE"), Deaf: true}) }, audit.Silent, audit.NothingSelected},
		{"another app's sessions", func() *scene {
			s := newScene(9, first).seen(Contact{Place: in(3, "US"), Owned: Owned{Grade: 3, Package: "org.other", UID: -1}})
			for i := range s.e.Sessions {
				s.e.Sessions[i].App = "org.other"
			}
			return s
		}, audit.Silent, audit.OutOfScope},
	} {
		if v := test.scene().verdict(t); v.Outcome != test.want || v.Reason != test.reason {
			t.Errorf("%s: %s(%s: %s), want %s(%s)", test.name, v.Outcome, v.Reason, v.Detail, test.want, test.reason)
		}
	}
}

// TestArms: sessions of different versions, consent states, vantages or apps are not summed. A contradiction in one arm stands; what is
// consistent takes the weakest bound; a silent arm keeps the whole silent.
func TestArms(t *testing.T) {
	split := map[string]func(*Session){
		"version": func(s *Session) { s.Version = "2" }, "consent": func(s *Session) { s.Consent = "rejected" }, "vantage": func(s *Session) { s.Vantage = "US" },
		"app": func(s *Session) { s.App = "org.test.ios" },
	}
	for name, edit := range split {
		s := newScene(2, confined(Select{Party: "first"})).seen(Contact{Place: in(3, "US")})
		s.file.Subject.App.IOS = []string{"org.test.ios"}
		s.sign()
		if v := s.verdict(t); v.Outcome != audit.Contradicted {
			t.Fatalf("%s: together %s(%s)", name, v.Outcome, v.Reason)
		}
		edit(&s.e.Sessions[1])
		if v := s.verdict(t); v.Outcome != audit.Silent || v.Reason != audit.Insufficient || len(v.Leads) != 2 {
			t.Errorf("%s: apart %s(%s), %d leads", name, v.Outcome, v.Reason, len(v.Leads))
		}
	}
	two := func(n, first int) *scene { // n sessions, of which the ones from first on are of version 2
		s := newScene(n, confined(Select{Party: "first"})).seen(Contact{Place: in(3, "IE")})
		for i := first; i < n; i++ {
			s.e.Sessions[i].Version = "2"
		}
		return s
	}
	for _, first := range []int{5, 6} {
		if v := two(11, first).verdict(t); v.Outcome != audit.Consistent || v.Sessions != 5 {
			t.Errorf("5 and 6 sessions: %s with %d", v.Outcome, v.Sessions)
		}
	}
	for _, first := range []int{2, 9} {
		if v := two(11, first).verdict(t); v.Reason != audit.Insufficient {
			t.Errorf("9 and 2 sessions: %s(%s)", v.Outcome, v.Reason)
		}
	}
	for _, bad := range []int{0, 5} { // one arm against, the other held
		s := two(10, 5)
		for i := range s.e.Contacts {
			if n := s.e.Contacts[i].Session; n >= bad && n < bad+5 {
				s.e.Contacts[i].Place = in(3, "US")
			}
		}
		if v := s.verdict(t); v.Outcome != audit.Contradicted || v.Seen != 5 || v.Sessions != 5 {
			t.Errorf("one arm against: %s in %d of %d", v.Outcome, v.Seen, v.Sessions)
		}
	}
}

// TestExercised: only sessions in which the step was done count.
func TestExercised(t *testing.T) {
	s := newScene(9, confined(Select{Action: []string{"post"}})).seen(Contact{Step: "post", Place: in(3, "IE")})
	if v := s.verdict(t); v.Outcome != audit.Consistent || v.Sessions != 9 {
		t.Fatalf("%s(%s) of %d", v.Outcome, v.Reason, v.Sessions)
	}
	for i := range 3 {
		s.e.Sessions[i].Actions = nil
	}
	if v := s.verdict(t); v.Outcome != audit.Consistent || v.Sessions != 6 {
		t.Errorf("three sessions without it: %s(%s) of %d", v.Outcome, v.Reason, v.Sessions)
	}
}

// TestScope holds an account against every field of a scope.
func TestScope(t *testing.T) {
	account := func(residence, tier string, settings ...string) audit.Account {
		a := audit.Account{Residence: residence, Tier: tier}
		for i := 0; i+1 < len(settings); i += 2 {
			a.Settings = append(a.Settings, audit.Setting{Name: settings[i], Value: settings[i+1]})
		}
		return a
	}
	for _, test := range []struct {
		name    string
		scope   Scope
		account audit.Account
		reason  audit.Reason
		detail  string
	}{
		{"nothing asked", Scope{}, account("", ""), "", ""},
		{"in a group", Scope{Users: Users{Residence: []string{"EEA"}}}, account("NO", ""), "", ""},
		{"not in the group", Scope{Users: Users{Residence: []string{"EEA"}}}, account("GB", ""), audit.OutOfScope, "residence"},
		{"residence not recorded", Scope{Users: Users{NotResidence: []string{"CN"}}}, account("", ""), audit.ScopeUnknown, "residence"},
		{"excluded residence", Scope{Users: Users{NotResidence: []string{"CN"}}}, account("CN", ""), audit.OutOfScope, "residence"},
		{"another residence", Scope{Users: Users{NotResidence: []string{"CN"}}}, account("GB", ""), "", ""},
		{"any tier", Scope{Users: Users{Tier: "any"}}, account("", ""), "", ""},
		{"tier not recorded", Scope{Users: Users{Tier: "free"}}, account("", ""), audit.ScopeUnknown, "tier"},
		{"another tier", Scope{Users: Users{Tier: "free"}}, account("", "paid"), audit.OutOfScope, "tier"},
		{"setting not recorded", Scope{Users: Users{Setting: "s"}}, account("", ""), audit.ScopeUnknown, "s"},
		{"setting off", Scope{Users: Users{Setting: "s"}}, account("", "", "s", "off"), audit.OutOfScope, "s"},
		{"setting false", Scope{Users: Users{Setting: "s"}}, account("", "", "s", "false"), audit.OutOfScope, "s"},
		{"setting Off", Scope{Users: Users{Setting: "s"}}, account("", "", "s", "Off"), audit.OutOfScope, "s"},
		{"the tier in capitals", Scope{Users: Users{Tier: "free"}}, account("", "Free"), "", ""},
		{"setting no", Scope{Users: Users{Setting: "s"}}, account("", "", "s", "no"), audit.OutOfScope, "s"},
		{"setting on", Scope{Users: Users{Setting: "s"}}, account("", "", "s", "on"), "", ""},
		{"a country setting outside", Scope{Users: Users{Setting: "s", Residence: []string{"EEA"}}}, account("DE", "", "s", "US"), audit.OutOfScope, "s"},
		{"a country setting inside", Scope{Users: Users{Setting: "s", Residence: []string{"EEA"}}}, account("DE", "", "s", "FR"), "", ""},
		{"surface not recorded", Scope{Surface: []string{"meetings"}}, account("", ""), audit.ScopeUnknown, "surface"},
		{"another surface", Scope{Surface: []string{"meetings"}}, account("", "", "surface", "chat"), audit.OutOfScope, "surface"},
		{"the surface", Scope{Surface: []string{"meetings"}}, account("", "", "surface", "meetings"), "", ""},
	} {
		test.scope.Data = []string{"any"}
		c := confined(Select{})
		c.Scope = test.scope
		s := newScene(9, c).seen(Contact{Place: in(3, "IE")}).account(func(a *audit.Account) { *a = test.account })
		if v := s.verdict(t); v.Reason != test.reason || v.Detail != test.detail {
			t.Errorf("%s: %s(%s: %s), want %s: %s", test.name, v.Outcome, v.Reason, v.Detail, test.reason, test.detail)
		}
	}
	c := confined(Select{}) // one session recorded what another did not: that can be mended
	c.Scope = Scope{Users: Users{Tier: "free"}, Data: []string{"any"}}
	s := newScene(2, c).seen(Contact{Place: in(3, "IE")})
	s.e.Sessions[0].Account.Tier = "paid"
	if v := s.verdict(t); v.Reason != audit.ScopeUnknown {
		t.Errorf("one paid, one unknown: %s", v.Reason)
	}
}

// TestReviewed: a record of other clauses, or one without the text that a clause stands on, is none.
func TestReviewed(t *testing.T) {
	for name, spoil := range map[string]func(*File){
		"draft":      func(f *File) { f.Metadata.Review = "draft" },
		"no record":  func(f *File) { f.Metadata.Record = nil },
		"no text":    func(f *File) { f.Metadata.Record.Archived = nil },
		"clause":     func(f *File) { f.Clauses[0].Places = []string{"US"} },
		"indicator":  func(f *File) { f.Clauses[0].Indicators[0].Select.Party = "third" },
		"source":     func(f *File) { f.Sources[0].URL = "https://other.example/" },
		"domain":     func(f *File) { f.Subject.FirstParty.Domains[0].Name = "other.example" },
		"app":        func(f *File) { f.Subject.App.Android = []string{"org.other"} },
		"recipients": func(f *File) { f.Subject.Entities = append(f.Subject.Entities, Entity{Role: "host", Name: "Other"}) },
	} {
		s := newScene(1, confined(Select{}))
		if ok, _ := s.file.Reviewed(); !ok {
			t.Fatal("the whole file is no reviewed one")
		}
		spoil(s.file)
		if ok, _ := s.file.Reviewed(); ok {
			t.Errorf("%s: still reviewed", name)
		}
	}
	c := confined(Select{})
	for most, want := range map[string]audit.Ruling{"": audit.Contradicted, "consistent": audit.Consistent, "silent": audit.Silent} {
		c.MaxVerdict = most
		if got := c.ceiling(); got != want {
			t.Errorf("max_verdict %q: %s", most, got)
		}
	}
	open := Clause{Polarity: "disclose", Aspect: "recipient"}
	closed := Clause{Polarity: "disclose", Exhaustive: true, Aspect: "recipient"}
	if open.ceiling() != audit.Consistent || closed.ceiling() != audit.Contradicted {
		t.Errorf("an open list: %s, a closed one: %s", open.ceiling(), closed.ceiling())
	}
	if !slices.Equal(verdicts, []string{"silent", "consistent", "contradicted"}) {
		t.Error("the order of verdicts")
	}
}

// TestNearest: among leads the one that lacks least gives the reason; the leads of every arm are listed, whichever arm decides.
func TestNearest(t *testing.T) {
	s := newScene(2, confined(Select{Party: "first"})).
		seen(Contact{Place: in(1, "US"), Owned: Owned{UID: -1}}).       // lacks two things
		seenIn(0, Contact{Host: "b.first.example", Place: in(3, "US")}) // lacks sessions only
	if v := s.verdict(t); v.Reason != audit.Insufficient || len(v.Leads) != 2 {
		t.Errorf("%s(%s), %d leads", v.Outcome, v.Reason, len(v.Leads))
	}
	for _, against := range []int{0, 2} { // the first or the second arm contradicts, the other has a lead
		s := newScene(4, confined(Select{Party: "first"}))
		for i := range s.e.Sessions {
			s.e.Sessions[i].Version = []string{"1", "1", "2", "2"}[i]
			grade := 1
			if i/2 == against/2 {
				grade = 3
			}
			s.seenIn(i, Contact{Place: in(grade, "US")})
		}
		if v := s.verdict(t); v.Outcome != audit.Contradicted || len(v.Leads) != 1 {
			t.Errorf("arm %d against: %s(%s), %d leads", against, v.Outcome, v.Reason, len(v.Leads))
		}
	}
}

// TestCharges: what lacks other things of one host and place is another charge, so that proof is not mixed with what is none.
func TestCharges(t *testing.T) {
	s := newScene(2, confined(Select{Party: "first"})).
		seenIn(0, Contact{Place: in(3, "US")}).
		seenIn(1, Contact{Place: in(3, "US"), Owned: Owned{Grade: 1, Package: "org.test", UID: -1}})
	if v := s.verdict(t); v.Outcome != audit.Silent || len(v.Leads) != 2 {
		t.Errorf("proof in one session: %s(%s), %d leads", v.Outcome, v.Reason, len(v.Leads))
	}
}
