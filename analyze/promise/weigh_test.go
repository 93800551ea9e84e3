package promise

import (
	"testing"

	"abroad/analyze/audit"
)

// TestWeighPlace holds every kind of place against a confinement to IE and an exclusion of CN. Only L3 and L4 are firm; what physics leaves
// clears, and does not convict.
func TestWeighPlace(t *testing.T) {
	said := func(list ...string) Place { return Place{Grade: 1, Candidates: list} }
	left := func(list ...string) Place { return Place{Grade: 1, Within: list} }
	for _, test := range []struct {
		name    string
		place   Place
		confine stance // to IE
		firmIn  bool
		exclude stance // of CN
		firmOut bool
	}{
		{"L4 IE", in(4, "IE"), held, true, held, true},
		{"L3 IE", in(3, "IE"), held, true, held, true},
		{"L2 IE", in(2, "IE"), held, false, held, false},
		{"L1 IE", in(1, "IE"), open, false, open, false},
		{"L4 CN", in(4, "CN"), against, true, against, true},
		{"L3 CN", in(3, "CN"), against, true, against, true},
		{"L2 CN", in(2, "CN"), against, false, against, false},
		{"L1 CN", in(1, "CN"), against, false, against, false},
		{"L2 US", in(2, "US"), against, false, held, false},
		{"L1 US", in(1, "US"), against, false, open, false},
		{"nothing", Place{}, open, false, open, false},
		{"sources say IE or US", said("IE", "US"), open, false, open, false},
		{"sources say SG or US", said("SG", "US"), against, false, open, false},
		{"sources say CN or US", said("CN", "US"), against, false, open, false},
		{"sources say CN", said("CN"), against, false, against, false},
		{"physics leaves IE", left("IE"), held, true, held, true},
		{"physics leaves FR and GB", left("FR", "GB"), against, false, held, true},
		{"physics leaves GB and IE", left("GB", "IE"), open, false, held, true},
		{"physics leaves CN", left("CN"), against, false, against, false},
		{"physics leaves CN and MN", left("CN", "MN"), against, false, open, false},
		{"L4 without a country, as an edge has it", Place{Grade: 4, Within: []string{"FR", "GB"}}, against, false, held, true},
		{"databases say CN, physics leaves IE", Place{Grade: 1, Country: "CN", Candidates: []string{"CN"}, Within: []string{"IE"}}, held, true, held, true},
	} {
		if s, firm := weighPlace(&test.place, []string{"IE"}, true); s != test.confine || firm != test.firmIn {
			t.Errorf("%s, confined to IE: %d, firm %v; want %d, %v", test.name, s, firm, test.confine, test.firmIn)
		}
		if s, firm := weighPlace(&test.place, []string{"CN"}, false); s != test.exclude || firm != test.firmOut {
			t.Errorf("%s, CN excluded: %d, firm %v; want %d, %v", test.name, s, firm, test.exclude, test.firmOut)
		}
	}
}

// TestSelects takes every field of a selection alone: it picks the contact that it describes, and not another.
func TestSelects(t *testing.T) {
	f := &File{Subject: Subject{FirstParty: FirstParty{Domains: []Domain{{"first.example", "s"}}}}}
	x := Contact{Host: "api.first.example", Step: "post", Up: 3000, MaxUp: 2000, Down: 10, Fields: []string{"email"}}
	third, other, unnamed, silent, deaf := x, x, x, x, x
	third.Host, other.Host, unnamed.Host = "a.third.example", "notfirst.example", ""
	silent.MaxUp, deaf.Down = 0, 0
	for _, test := range []struct {
		name    string
		s       Select
		yes, no []Contact
	}{
		{"all", Select{}, []Contact{x, third, unnamed, silent, deaf}, nil},
		{"first", Select{Party: "first"}, []Contact{x, {Host: "first.example"}}, []Contact{third, other, unnamed, {Host: "first.example.org"}}},
		{"third", Select{Party: "third"}, []Contact{third, other}, []Contact{x, unnamed}},
		{"up", Select{Direction: "up"}, []Contact{x, deaf}, []Contact{silent}},
		{"down", Select{Direction: "down"}, []Contact{x, silent}, []Contact{deaf}},
		{"bytes", Select{MinUpBytes: 2000}, []Contact{x}, []Contact{{MaxUp: 1999, Up: 9000}}},
		{"action", Select{Action: []string{"open", "post"}}, []Contact{x}, []Contact{{Step: "close"}, {}}},
		{"host", Select{Hosts: []string{"api.first.example"}}, []Contact{x}, []Contact{third, {Host: "x.api.first.example"}, unnamed}},
		{"hosts under", Select{Hosts: []string{"*.first.example"}}, []Contact{x}, []Contact{other, {Host: "first.example"}, {Host: "afirst.example"}}},
		{"content", Select{Content: []string{"name", "email"}}, []Contact{x}, []Contact{{}, {Fields: []string{"phone"}}}},
	} {
		j := &judge{file: f}
		for i := range test.yes {
			if !j.selects(&Indicator{Select: test.s}, &test.yes[i]) {
				t.Errorf("%s does not pick %+v", test.name, test.yes[i])
			}
		}
		for i := range test.no {
			if j.selects(&Indicator{Select: test.s}, &test.no[i]) {
				t.Errorf("%s picks %+v", test.name, test.no[i])
			}
		}
	}
}

// TestLacks spoils one condition of a proof after the other, and wants exactly that one to be missing.
func TestLacks(t *testing.T) {
	type parts struct {
		j    *judge
		n    *Indicator
		x    *Contact
		a    int
		firm bool
	}
	proof := func() *parts {
		s := newScene(1, Clause{Polarity: "confine", Aspect: "routing", Places: []string{"IE"}, Scope: Scope{Data: []string{"personal"}}, Indicators: locationIn(Select{Party: "third"})})
		s.seen(Contact{Place: in(3, "US"), Content: 2})
		j := &judge{file: s.file, clause: s.clause(), e: s.e, source: &s.file.Sources[0], ceiling: audit.Contradicted, aspect: aspectNamed("routing"), reviewed: true}
		return &parts{j, &s.clause().Indicators[0], &s.e.Contacts[0], 2, true}
	}
	for _, test := range []struct {
		name  string
		spoil func(*parts)
		want  audit.Reason
	}{
		{"ceiling", func(p *parts) { p.j.ceiling = audit.Consistent }, audit.NotObservable},
		{"processing by others", func(p *parts) { p.j.aspect = aspectNamed("processing"); p.x.Host = "a.third.example" }, audit.NotObservable},
		{"attribution", func(p *parts) { p.a = 1 }, audit.AttributionUncertain},
		{"edge", func(p *parts) { p.x.Place.Edge = true }, audit.EdgeOnly},
		{"not firm", func(p *parts) { p.firm = false }, audit.LocationUncertain},
		{"L2", func(p *parts) { p.x.Place.Grade = 2 }, audit.LocationUncertain}, // of an operator, whose name is firm at once
		{"content", func(p *parts) { p.x.Content = 1 }, audit.ContentOpaque},
		{"exception", func(p *parts) { p.j.clause.Exceptions = []Exception{{ID: "x", Testable: "payload"}} }, audit.ExceptionMayApply},
		{"draft", func(p *parts) { p.j.reviewed = false }, audit.PromiseUnverified},
		{"secondary", func(p *parts) { p.j.source.Grade = "secondary" }, audit.PromiseUnverified},
		{"unverified", func(p *parts) { p.j.source.Grade = "unverified" }, audit.PromiseUnverified},
		{"third parties by domains never seen", func(p *parts) { p.j.file.Subject.FirstParty.Verified = false }, audit.PromiseUnverified},
	} {
		p := proof()
		if got := p.j.lacks(p.n, p.x, p.a, p.firm); len(got) > 0 {
			t.Fatalf("the whole proof lacks %v", got)
		}
		test.spoil(p)
		if got := p.j.lacks(p.n, p.x, p.a, p.firm); len(got) != 1 || got[0] != test.want {
			t.Errorf("%s: lacks %v, want %s", test.name, got, test.want)
		}
	}
}
