package promise

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"abroad/analyze/audit"
)

var (
	someCountries = []string{"CN", "IE", "NO", "SG", "US"}
	someHosts     = []string{"a.first.example", "b.first.example", "x.third.example"}
)

func drawPlace(t *rapid.T) Place {
	p := Place{Grade: rapid.IntRange(0, 4).Draw(t, "place grade"), Words: "w"}
	country := rapid.SampledFrom(someCountries).Draw(t, "country")
	switch p.Grade {
	case 4:
		p.Country, p.Candidates, p.Within = country, []string{country}, []string{country}
	case 3, 2:
		p.Country, p.Candidates = country, []string{country}
	case 1:
		if p.Edge = rapid.Bool().Draw(t, "edge"); !p.Edge && rapid.Bool().Draw(t, "one candidate") {
			p.Country, p.Candidates = country, []string{country}
		} else if !p.Edge {
			p.Candidates = rapid.SliceOfNDistinct(rapid.SampledFrom(someCountries), 2, 3, rapid.ID).Draw(t, "candidates")
		}
	}
	return p
}

// drawScene makes a clause of any aspect and polarity, and sessions with contacts of any quality.
func drawScene(t *rapid.T) *scene {
	c := Clause{
		Aspect:   rapid.SampledFrom(aspectNames()).Draw(t, "aspect"),
		Polarity: rapid.SampledFrom([]string{"confine", "exclude", "default_in", "disclose"}).Draw(t, "polarity"),
		Places:   rapid.SliceOfNDistinct(rapid.SampledFrom(someCountries), 1, 3, rapid.ID).Draw(t, "places"),
		Scope:    Scope{Data: []string{rapid.SampledFrom([]string{"any", "personal"}).Draw(t, "data")}},
	}
	s := Select{Party: rapid.SampledFrom([]string{"", "first", "any"}).Draw(t, "party")}
	c.Indicators = locationIn(s)
	if c.Polarity == "exclude" {
		c.Indicators = locationNotIn(s)
	}
	c.Exhaustive = c.Polarity == "disclose" && rapid.Bool().Draw(t, "exhaustive")
	if rapid.IntRange(0, 4).Draw(t, "exception") == 0 {
		c.Exceptions = []Exception{{ID: "x", Text: "x", Testable: rapid.SampledFrom(testables).Draw(t, "testable")}}
	}
	scene := newScene(rapid.IntRange(1, 8).Draw(t, "sessions"), c)
	for range rapid.IntRange(0, 4).Draw(t, "destinations") {
		x := Contact{
			Host: rapid.SampledFrom(someHosts).Draw(t, "host"), Place: drawPlace(t), Content: rapid.IntRange(0, 3).Draw(t, "content"),
			Owned:    Owned{Grade: rapid.IntRange(1, 3).Draw(t, "attribution"), Package: "org.test", UID: -1},
			Endpoint: audit.ID{Kind: audit.KindEndpoint, N: uint32(rapid.IntRange(1, 3).Draw(t, "endpoint"))},
		}
		for i := range scene.e.Sessions {
			if rapid.IntRange(0, 3).Draw(t, "seen") > 0 {
				scene.seenIn(i, x)
			}
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "unreviewed") == 0 {
		scene.file.Metadata.Review = "draft"
	}
	if rapid.IntRange(0, 5).Draw(t, "unsourced") == 0 {
		scene.file.Sources[0].Grade = rapid.SampledFrom([]string{"secondary", "unverified"}).Draw(t, "grade")
		scene.sign()
	}
	return scene
}

func (s *scene) judged() audit.Verdict { return Judge(s.file, s.e).Clauses[0].Verdict }

// TestNeverContradicted: no evidence contradicts a statement about storage, access or what servers pass on, an open list, a draft or a
// secondary source; and what does contradict stands on L3 or L4, A2 or A3, no edge, in two sessions on two days.
func TestNeverContradicted(t *testing.T) {
	contradictions := 0
	property := func(t *rapid.T) {
		s := drawScene(t)
		v := s.judged()
		if v.Outcome != audit.Contradicted {
			return
		}
		contradictions++
		c := s.clause()
		if !slices.Contains([]string{"routing", "processing", "operator", "recipient"}, c.Aspect) {
			t.Fatalf("a clause about %s is contradicted", c.Aspect)
		}
		if c.Polarity == "disclose" && !c.Exhaustive {
			t.Fatal("an open list is contradicted")
		}
		if ok, _ := s.file.Reviewed(); !ok || s.file.Sources[0].Grade != "primary" {
			t.Fatal("a draft or a source that is not primary is contradicted")
		}
		if len(c.Exceptions) > 0 {
			t.Fatal("contradicted in spite of an exception that nobody tested")
		}
		if v.Seen < 2 || v.Days < 2 {
			t.Fatalf("seen in %d sessions on %d days", v.Seen, v.Days)
		}
		for _, id := range v.Because {
			if id.Kind != audit.KindFlow {
				continue
			}
			x := &s.e.Contacts[id.N-1]
			if x.Place.Grade < 3 || x.Place.Edge || x.Owned.Grade < 2 || c.Scope.Data[0] != "any" && x.Content < 2 {
				t.Fatalf("stands on %+v", x)
			}
		}
	}
	for range 20 { // a few of a hundred scenes contradict, and now and then none
		if rapid.Check(t, property); contradictions > 0 {
			return
		}
	}
	t.Error("nothing was contradicted: the property was not tested")
}

// TestWeaker: evidence that is worse in one respect never gives a stronger verdict.
func TestWeaker(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		before := s.judged()
		n := len(s.e.Contacts)
		one := func() *Contact { return &s.e.Contacts[rapid.IntRange(0, n-1).Draw(t, "contact")] }
		weaken := []struct {
			name string
			do   func()
		}{
			{"draft", func() { s.file.Metadata.Review = "draft" }},
			{"secondary", func() { s.file.Sources[0].Grade = "secondary"; s.sign() }},
			{"exception", func() {
				s.clause().Exceptions = append(s.clause().Exceptions, Exception{ID: "y", Text: "y", Testable: "no"})
				s.sign()
			}},
			{"ceiling", func() {
				s.clause().MaxVerdict = rapid.SampledFrom([]string{"silent", "consistent"}).Draw(t, "max")
				s.sign()
			}},
			{"attribution", func() {
				if n > 0 {
					x := one()
					x.Owned.Grade = max(0, x.Owned.Grade-1)
				}
			}},
			{"content", func() {
				if n > 0 {
					one().Content = 0
				}
			}},
			{"place", func() { // databases that agree, then one of them, then nothing
				if n > 0 {
					x := one()
					x.Place.Within = nil
					if x.Place.Grade = max(0, x.Place.Grade-1); x.Place.Grade == 0 {
						x.Place = Place{}
					}
				}
			}},
			{"edge", func() {
				if n > 0 {
					one().Place = Place{Grade: 1, Edge: true}
				}
			}},
			{"no day", func() { s.e.Sessions[0].Day = "" }},
		}
		w := weaken[rapid.IntRange(0, len(weaken)-1).Draw(t, "weaken")]
		if w.name == "no day" && before.Outcome == audit.Silent {
			return // a session less can leave a set that agrees: that is other evidence, not weaker one
		}
		w.do()
		if after := s.judged(); rank(after.Outcome) > rank(before.Outcome) && w.name != "no day" {
			t.Fatalf("%s: %s(%s) became %s", w.name, before.Outcome, before.Reason, after.Outcome)
		}
	})
}

// TestRelabel: other ids, and another order of the contacts, change nothing but the ids that a verdict lists.
func TestRelabel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		before := s.judged()
		for i := range s.e.Contacts {
			x := &s.e.Contacts[i]
			x.Flow.N += 1000
			x.Endpoint.N += 70
		}
		for i := range s.e.Sessions {
			s.e.Sessions[i].ID.N += 30
		}
		after := s.judged()
		if fmt.Sprint(before.Outcome, before.Reason, before.Detail, before.Says, before.Seen, before.Days, before.Bound, len(before.Leads)) !=
			fmt.Sprint(after.Outcome, after.Reason, after.Detail, after.Says, after.Seen, after.Days, after.Bound, len(after.Leads)) {
			t.Fatalf("before %+v\nafter %+v", before, after)
		}
		again := s.judged()
		if fmt.Sprint(after) != fmt.Sprint(again) {
			t.Fatal("the second time it is another verdict")
		}
	})
}
