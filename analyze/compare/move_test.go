package compare

import (
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// spotted makes a host that each session shows at the places that at says, each with an address of its own.
func spotted(at func(session int) []string) func(int) []fictionHost {
	addresses := map[string]string{"IE": "198.51.100.1", "SG": "198.51.100.2", "FR": "198.51.100.3", "NL": "198.51.100.4"}
	return func(i int) []fictionHost {
		list := named("api.app.example")
		for _, country := range at(i) {
			list = append(list, fictionHost{name: "up.app.example", country: country, grade: audit.L3, address: addresses[country], as: 1})
		}
		return list
	}
}

// A service with many addresses has moved only if it left a place that it was seen at and came to another; a stray one is rotation.
func TestMoveOrRotation(t *testing.T) {
	always := func(countries ...string) func(int) []string { return func(int) []string { return countries } }
	first := func(stray string) func(int) []string {
		return func(i int) []string {
			if i == 0 {
				return []string{"IE", stray}
			}
			return []string{"IE"}
		}
	}
	for name, test := range map[string]struct {
		old, fresh func(int) []string
		want       audit.ChangeClass
	}{
		"a stray place in each arm":      {first("FR"), first("NL"), ""},
		"one place left, and a stray":    {always("IE", "FR"), first("NL"), ""},
		"one place left, one come":       {always("IE", "FR"), always("IE", "NL"), audit.ChangeMoved},
		"all left, all come":             {always("FR"), always("NL"), audit.ChangeMoved},
		"one place more, and none fewer": {always("IE"), always("IE", "NL"), ""},
	} {
		c, err := Run([]Input{fictional("1", false, 8, spotted(test.old))}, []Input{fictional("2", true, 8, spotted(test.fresh))}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		if got := classes(c)["host up.app.example"]; got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// Sessions that differ among themselves show no move either.
func TestMoveIsStopped(t *testing.T) {
	hosts := func(prefix, country string) func(int) []fictionHost {
		return func(i int) []fictionHost {
			list := spotted(func(int) []string { return []string{country} })(i)
			return append(list, named(prefix+[]string{"one", "two"}[i/3%2]+".example", prefix+[]string{"three", "four"}[i/3%2]+".example")...)
		}
	}
	c, err := Run([]Input{fictional("1", false, 12, hosts("www.a", "IE"))}, []Input{fictional("2", true, 12, hosts("www.b", "SG"))}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if got := classes(c)["host up.app.example"]; Decides(c) || got != audit.ChangeUnresolved {
		t.Errorf("decides %v, %q", Decides(c), got)
	}
}

// Addresses without a name are many services: that they are elsewhere is no move.
func TestMoveOfTheUnnamed(t *testing.T) {
	var arms [2]Input
	for arm, country := range []string{"IE", "SG"} {
		arms[arm] = fictional([]string{"1", "2"}[arm], arm == 1, 8, spotted(func(int) []string { return []string{country} }))
		for _, f := range arms[arm].Audit.Flows {
			if f.Names[0].Name == "up.app.example" {
				f.Names = nil
			}
		}
	}
	c, err := Run(arms[:1], arms[1:], nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range c.Changes {
		if len(ch.Moves) > 0 {
			t.Errorf("%+v", ch)
		}
	}
	if !strings.HasPrefix(c.Items[len(c.Items)-1].Name, "J") || !strings.Contains(c.Items[1].Name, "no name, AS1") {
		t.Errorf("items %q, %q", c.Items[0].Name, c.Items[1].Name)
	}
}

// Recordings without times are of no day: they are in no block, and that is said.
func TestNoDays(t *testing.T) {
	old, fresh := pair(8, nil)
	for _, in := range []Input{old, fresh} {
		for i := range in.Audit.Sessions {
			in.Audit.Sessions[i].Day = ""
		}
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	arms := tests(c)["arms"]
	if arms.Outcome != audit.SplitUnresolved || arms.A != 0 || len(c.Design.Blocks) > 0 || !strings.Contains(strings.Join(arms.Missing, ""), "a recording without times has no day") {
		t.Errorf("%+v, %+v", arms, c.Design.Blocks)
	}
}
