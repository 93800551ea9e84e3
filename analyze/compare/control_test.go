package compare

import (
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// another makes a control out of an arm: the same sessions half an hour later, from other recordings.
func another(version string, later bool, n int, edit func(*audit.Session)) Input {
	in := fictional(version, later, n, func(int) []fictionHost { return named("api.app.example", "cdn.other.example") })
	for i := range in.Audit.Sessions {
		s := &in.Audit.Sessions[i]
		s.Start, s.End = s.Start+1800e9, s.End+1800e9
		in.Audit.Recordings[i].SHA256[9] = 9
		if edit != nil {
			edit(s)
		}
	}
	return in
}

// A control that was recorded elsewhere says nothing about the arms: it is left out, that is said, and the arms are split instead.
func TestControlElsewhere(t *testing.T) {
	old, fresh := pair(8, nil)
	abroad := another("1", false, 8, func(s *audit.Session) { s.Vantage = &audit.Vantage{Country: "GB"} })
	for _, in := range []Input{old, fresh} {
		for i := range in.Audit.Sessions {
			in.Audit.Sessions[i].Vantage = &audit.Vantage{Country: "DE"}
		}
	}
	c, err := Run([]Input{old}, []Input{fresh}, []Input{abroad}, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if _, used := tests(c)["control"]; used || tests(c)["control-a"].Key == "" || c.Arms[0].Sessions != 8 || c.Arms[1].Sessions != 8 {
		t.Errorf("%+v, %+v", c.Tests, c.Arms)
	}
	if want := "Sessions of the control are left out: neither arm has sessions with vantage GB."; !strings.Contains(strings.Join(c.Limits, "\n"), want) {
		t.Errorf("%q", c.Limits)
	}
	if strings.Contains(strings.Join(c.Limits, "\n"), "Sessions differ in vantage") {
		t.Errorf("the arms do not differ: %q", c.Limits)
	}
}

// Sessions of a control count in no arm.
func TestControlCountsNowhere(t *testing.T) {
	old, fresh := pair(8, func(_ int, s *fictionSession) { s.hosts = append(s.hosts, named("new.example")...) })
	control := fictional("2", false, 8, func(int) []fictionHost { return named("api.app.example", "cdn.other.example", "new.example") })
	for i := range control.Audit.Sessions {
		s := &control.Audit.Sessions[i]
		s.Start, s.End = s.Start+1800e9, s.End+1800e9
		control.Audit.Recordings[i].SHA256[9] = 9
	}
	var p [2]float64
	for i, controls := range [][]Input{nil, {control}} {
		c, err := Run([]Input{old}, []Input{fresh}, controls, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range c.Items {
			if it.Name == "new.example" && it.Level == audit.LevelHost {
				p[i] = it.P
			}
		}
	}
	if p[0] == 0 || p[0] != p[1] {
		t.Errorf("p without and with the control: %v", p)
	}
}

// Promises of a control stand in neither arm.
func TestControlPromises(t *testing.T) {
	old, fresh := pair(8, nil)
	control := another("1", false, 8, nil)
	for i, in := range []Input{old, fresh, control} {
		in.Audit.Promises = []audit.Promise{{File: "maker", Clauses: []audit.Clause{{
			Key: "eea", Verdict: audit.Verdict{ID: audit.ID{Kind: audit.KindVerdict, N: 1}, Outcome: []audit.Ruling{"consistent", "consistent", "contradicted"}[i]},
		}}}}
	}
	c, err := Run([]Input{old}, []Input{fresh}, []Input{control}, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Clauses) != 1 || len(c.Clauses[0].A) != 1 || len(c.Clauses[0].B) != 1 || c.Clauses[0].Changed {
		t.Errorf("%+v", c.Clauses)
	}
}

// What changes with time within an arm is no alarm: the halves take turns.
func TestHalvesTakeTurns(t *testing.T) {
	var arms [2]Input
	for arm := range arms {
		f := fiction{app: "org.example.app", version: string(rune('1' + arm))}
		for i := range 10 {
			s := fictionSession{hour: 2*i + arm, hosts: named("api.app.example", "one.early.example", "two.early.example")}
			if i >= 5 {
				s.hosts = named("api.app.example", "one.late.example", "two.late.example")
			}
			f.sessions = append(f.sessions, s)
		}
		arms[arm] = Input{Name: "v" + f.version, Audit: f.audit()}
	}
	c, err := Run([]Input{arms[0]}, []Input{arms[1]}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"control-a", "control-b"} {
		if got := tests(c)[key]; got.Outcome == audit.SplitDifferent || got.A != 5 || got.B != 5 {
			t.Errorf("%+v", got)
		}
	}
}

// A comparison whose arms differ decides, and what is new counts at every level, also where it stands with its host.
func TestNew(t *testing.T) {
	old, fresh := pair(8, func(_ int, s *fictionSession) {
		s.hosts = append(s.hosts, named("www.new.example", "ads.new.example")...)
	})
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if tests(c)["arms"].Outcome != audit.SplitDifferent || !Decides(c) {
		t.Errorf("%+v decides %v", tests(c)["arms"], Decides(c))
	}
	for level, want := range map[audit.ItemLevel]string{audit.LevelHost: "ads.new.example www.new.example", audit.LevelDomain: "new.example", audit.LevelOrganisation: ""} {
		var names []string
		for _, it := range New(c, level) {
			names = append(names, it.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", level, got, want)
		}
	}
}

// Shares count, not sessions: 10 of 10 is more than 12 of 30.
func TestFrequencyOfUnequalArms(t *testing.T) {
	hosts := func(n int) func(int) []fictionHost {
		return func(i int) []fictionHost {
			if i < n {
				return named("api.app.example", "some.example")
			}
			return named("api.app.example")
		}
	}
	c, err := Run([]Input{fictional("1", false, 30, hosts(12))}, []Input{fictional("2", true, 10, hosts(10))}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(c.Headline, "\n"); classes(c)["host some.example"] != audit.ChangeFrequency || !strings.Contains(text, "some.example occurs in more sessions") {
		t.Errorf("%v: %s", classes(c), text)
	}
}

// Both arms must not be of one version, and sessions that test count.
func TestArmsOfOneVersion(t *testing.T) {
	old, fresh := pair(6, each2(func(s *audit.Session) { s.Version = "1" }))
	if _, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"}); err == nil || !strings.Contains(err.Error(), `both arms have the same version, "1"`) {
		t.Errorf("%v", err)
	}
	old, fresh = pair(6, each2(func(s *audit.Session) { s.Role = audit.RoleTest }))
	if c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"}); err != nil || c.Arms[1].Sessions != 6 {
		t.Errorf("sessions that test: %v", err)
	}
}

// Only what the operating system says makes a flow the app's: by its name or, without one, by its number.
func TestOwnedBy(t *testing.T) {
	const app, uid = "org.example.app", 10123
	for _, c := range []struct {
		at   *audit.Attribution
		uid  int32
		want bool
	}{
		{nil, uid, false},
		{&audit.Attribution{Grade: audit.A3, Package: app}, 0, true},
		{&audit.Attribution{Grade: audit.A2, Package: app}, 0, false},
		{&audit.Attribution{Grade: audit.A3, UID: uid}, uid, true},
		{&audit.Attribution{Grade: audit.A3, UID: uid, Package: "com.example.other"}, uid, false},
		{&audit.Attribution{Grade: audit.A3}, 0, false},
		{&audit.Attribution{Grade: audit.A3, UID: uid + 1}, uid, false},
	} {
		if got := ownedBy(&audit.Flow{Attribution: c.at}, app, c.uid); got != c.want {
			t.Errorf("%+v, uid %d: %v", c.at, c.uid, got)
		}
	}
}
