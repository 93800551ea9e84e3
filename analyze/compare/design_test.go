package compare

import (
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// placed makes two versions of eight sessions, each at the day and hour that at says; the second one has a new host in all.
func placed(at func(arm, i int) (day, hour int)) (old, fresh Input) {
	var arms [2]Input
	for arm := range arms {
		f := fiction{app: "org.example.app", version: string(rune('1' + arm))}
		for i := range 8 {
			s := fictionSession{hosts: named("api.app.example")}
			s.day, s.hour = at(arm, i)
			if arm == 1 {
				s.hosts = append(s.hosts, named("new.example")...)
			}
			f.sessions = append(f.sessions, s)
		}
		arms[arm] = Input{Name: "v" + f.version, Audit: f.audit()}
	}
	return arms[0], arms[1]
}

// half has four sessions of each arm on two days by turns, and four on a day of its own.
func half(arm, i int) (day, hour int) {
	if i < 4 {
		return i / 2, 3*(i%2) + arm
	}
	return 9 + arm, i
}

// What goes with the arm and not with the time needs turns, and days that have both arms for half of the sessions of each.
func TestInterleaved(t *testing.T) {
	for name, test := range map[string]struct {
		at   func(arm, i int) (day, hour int)
		want bool
	}{
		"by turns":                {func(arm, i int) (int, int) { return i / 3, 2*(i%3) + arm }, true},
		"one after the other":     {func(arm, i int) (int, int) { return 0, 8*arm + i }, false},
		"A on other days":         {func(arm, i int) (int, int) { return map[bool]int{true: i, false: i % 2}[arm == 0], 3*(i/2) + arm }, false},
		"B on other days":         {func(arm, i int) (int, int) { return map[bool]int{true: i, false: i % 2}[arm == 1], 3*(i/2) + arm }, false},
		"half on days with both":  {half, true},
		"every day has one alone": {func(arm, i int) (int, int) { return 2*i + arm, 0 }, false},
	} {
		old, fresh := placed(test.at)
		c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(name, err)
		}
		if c.Design.Interleaved != test.want {
			t.Errorf("%s: interleaved %v, %+v", name, c.Design.Interleaved, c.Design.Blocks)
		}
		text := strings.Join(c.Headline, "\n")
		if strings.Contains(text, "Version 2 added new.example") != test.want || strings.Contains(text, "cannot be determined") == test.want {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// Days with one arm alone do not enter the test of the arms as wholes.
func TestDaysOfOneArm(t *testing.T) {
	old, fresh := placed(half)
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if arms := tests(c)["arms"]; arms.A != 4 || arms.B != 4 || arms.Splits != 18 { // C(4,2)² / 2
		t.Errorf("%+v", arms)
	}
}

// A test whose days cannot give a small p has no outcome, and says why.
func TestTooFewSplits(t *testing.T) {
	old, fresh := pair(6, nil)
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if control := tests(c)["control-a"]; control.Outcome != audit.SplitUnresolved || !strings.Contains(strings.Join(control.Missing, ""), "p cannot be smaller than") {
		t.Errorf("%+v", control)
	}
}

// A control is held against the arm of its own value.
func TestControlOfB(t *testing.T) {
	old, fresh := pair(8, nil)
	control := fictional("2", false, 8, func(int) []fictionHost { return named("api.app.example", "cdn.other.example") })
	for i := range control.Audit.Sessions {
		control.Audit.Sessions[i].Start += 30 * 60e9
		control.Audit.Sessions[i].End += 30 * 60e9
		control.Audit.Recordings[i].SHA256[9] = 9
	}
	c, err := Run([]Input{old}, []Input{fresh}, []Input{control}, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if got := tests(c)["control"]; got.Words != "The control against version 2" || got.A != 8 {
		t.Errorf("%+v", got)
	}
}

// Only a version adds or drops. With a place or two batches things appear.
func TestAdded(t *testing.T) {
	old, fresh := placed(func(arm, i int) (int, int) { return i / 3, 2*(i%3) + arm })
	for i := range fresh.Audit.Sessions {
		fresh.Audit.Sessions[i].Version = "1"
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "audit"})
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(c.Headline, "\n"); strings.Contains(text, "added") || !strings.Contains(text, "new.example appeared, and with it domain new.example: 0/8 -> 8/8 sessions") &&
		!strings.Contains(text, "new.example appeared: 0/8 -> 8/8 sessions") {
		t.Error(text)
	}
}

// A change that is not decided takes nothing with it.
func TestAlso(t *testing.T) {
	old, fresh := changing(3, 10)
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	open := 0
	for _, ch := range c.Changes {
		if ch.Class == audit.ChangeUnresolved {
			open++
			if len(ch.Also) > 0 {
				t.Errorf("%s takes %v with it", ch.Name, ch.Also)
			}
		}
	}
	if open == 0 {
		t.Error("the sample has nothing that is not decided")
	}
}

// A name that only the owner of the address gives it (PTR) names no service: the flow counts for its network.
func TestPTR(t *testing.T) {
	old, fresh := placed(func(arm, i int) (int, int) { return i / 3, 2*(i%3) + arm })
	for _, f := range fresh.Audit.Flows {
		if f.Names[0].Name == "new.example" {
			f.Names[0].How = audit.ByPTR
			fresh.Audit.Endpoints[f.Endpoint.N-1].AS = 64496
		}
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if got := classes(c); got["host no name, AS64496"] != audit.ChangeAppeared || got["host new.example"] != "" {
		t.Errorf("%v", got)
	}
}

// Verdicts stand beside each other with the texts they were held against.
func TestClauses(t *testing.T) {
	old, fresh := placed(func(arm, i int) (int, int) { return i / 3, 2*(i%3) + arm })
	promise := func(outcome audit.Ruling, published string) []audit.Promise {
		return []audit.Promise{{
			File: "maker", Sources: []audit.Source{{Key: "policy", Published: published}},
			Clauses: []audit.Clause{{Key: "eea", Source: "policy", Verdict: audit.Verdict{ID: audit.ID{Kind: audit.KindVerdict, N: 1}, Outcome: outcome}}},
		}}
	}
	for _, test := range []struct {
		a, b    []audit.Promise
		changed bool
		want    string
	}{
		{promise("consistent", "2026-01-01"), promise("consistent", "2026-01-01"), false, "the same verdict in both arms, consistent"},
		{promise("consistent", "2026-01-01"), promise("contradicted", "2026-01-01"), true, "Clause eea of maker: consistent in version 1, contradicted in version 2"},
		{promise("consistent", "2026-01-01"), promise("consistent", "2026-05-01"), true, "consistent in version 1, consistent in version 2, tested against different texts (of 2026-01-01 and of 2026-05-01)"},
		{promise("consistent", "2026-01-01"), nil, false, "was examined in one arm only"},
	} {
		old.Audit.Promises, fresh.Audit.Promises = test.a, test.b
		c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Clauses) != 1 || c.Clauses[0].Changed != test.changed || !strings.Contains(c.Clauses[0].Words, test.want) {
			t.Errorf("%+v, want %q", c.Clauses, test.want)
		}
		if said := strings.Contains(strings.Join(c.Headline, "\n"), "Clause eea"); said != test.changed {
			t.Errorf("%q: in the headline %v", test.want, said)
		}
	}
}

// Two countries can be compared by country: the vantage is then what tells the arms apart, not what keeps them apart.
func TestByCountry(t *testing.T) {
	old, fresh := placed(func(arm, i int) (int, int) { return i / 3, 2*(i%3) + arm })
	for i := range fresh.Audit.Sessions {
		old.Audit.Sessions[i].Vantage = &audit.Vantage{Country: "IS"}
		fresh.Audit.Sessions[i].Version, fresh.Audit.Sessions[i].Vantage = "1", &audit.Vantage{Country: "DE"}
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "country"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Arms[0].Words != "country IS" || classes(c)["host new.example"] != audit.ChangeAppeared || len(c.Design.Differs) > 0 {
		t.Errorf("%+v, %+v", c.Arms, c.Design.Differs)
	}
}
