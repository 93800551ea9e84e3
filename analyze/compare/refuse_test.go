package compare

import (
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// pair makes two versions of n sessions that are alike; edit changes the second one's sessions.
func pair(n int, edit func(i int, s *fictionSession)) (old, fresh Input) {
	hosts := func(int) []fictionHost { return named("api.app.example", "cdn.other.example") }
	old = fictional("1", false, n, hosts)
	f := fiction{app: "org.example.app", version: "2"}
	for i := range n {
		s := fictionSession{day: i % 3, hour: 2*(i/3) + 1, hosts: hosts(i)}
		if edit != nil {
			edit(i, &s)
		}
		f.sessions = append(f.sessions, s)
	}
	return old, Input{Name: "v2", Audit: f.audit()}
}

func each2(edit func(*audit.Session)) func(int, *fictionSession) {
	return func(_ int, s *fictionSession) { s.edit = edit }
}

// What cannot be compared is refused, in one clear sentence.
func TestRefuse(t *testing.T) {
	germany := &audit.Vantage{Country: "DE"}
	for name, test := range map[string]struct {
		edit func(int, *fictionSession)
		by   string
		want string
	}{
		"other app": {each2(func(s *audit.Session) { s.App = "org.example.other" }), "version", "different apps"},
		"two versions": {func(i int, s *fictionSession) {
			s.edit = func(a *audit.Session) { a.Version = []string{"2", "3"}[i%2] }
		}, "version", `more than one version: "2", "3"`},
		"all failed":      {each2(func(s *audit.Session) { s.Failed = "crash" }), "version", "arm B has no session that counts; s1 of B1 is left out: failed: crash"},
		"other vantage":   {each2(func(s *audit.Session) { s.Vantage = germany }), "version", "nothing in common: A was recorded with vantage not recorded, B with vantage DE"},
		"app and device":  {each2(func(s *audit.Session) { s.Attribution = "app" }), "version", "nothing in common: A was recorded with attribution device, B with attribution app"},
		"no consent":      {nil, "consent", "consent is not recorded for session s1 of A1"},
		"no such field":   {nil, "mood", `field "mood": want one of`},
		"same recordings": {func(i int, s *fictionSession) { s.edit = nil; s.hour-- }, "audit", ""},
		"one is named": {func(i int, s *fictionSession) {
			s.hour--
			s.digest = 9
			s.edit = func(a *audit.Session) { a.Device = "Pixel 9" }
		}, "version", "overlap in time"},
		"overlap": {func(i int, s *fictionSession) { s.hour--; s.digest = 9 }, "version", "overlap in time"},
	} {
		t.Run(name, func(t *testing.T) {
			old, fresh := pair(6, test.edit)
			if name == "same recordings" {
				fresh, test.want = old, "made of the same recording"
			}
			_, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: test.by})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	old, fresh := pair(6, nil)
	stranger := fictional("3", false, 6, func(int) []fictionHost { return nil })
	for i := range stranger.Audit.Sessions {
		s := &stranger.Audit.Sessions[i]
		s.Start, s.End = s.Start+90*24*3600e9, s.End+90*24*3600e9
	}
	for i := range stranger.Audit.Recordings {
		stranger.Audit.Recordings[i].SHA256[9] = 9
	}
	if _, err := Run([]Input{old}, []Input{fresh}, []Input{stranger}, Options{By: "version"}); err == nil || !strings.Contains(err.Error(), "which is neither arm's") {
		t.Errorf("a control of a third version: %v", err)
	}
}

// Two phones at once are no overlap if the sessions name them.
func TestTwoDevices(t *testing.T) {
	old, fresh := pair(6, func(i int, s *fictionSession) {
		s.hour, s.digest = s.hour-1, 9
		s.edit = func(a *audit.Session) { a.Device = "Pixel 9" }
	})
	for i := range old.Audit.Sessions {
		old.Audit.Sessions[i].Device = "Pixel 8"
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Design.Differs) != 1 || c.Design.Differs[0].Field != "device" || !strings.Contains(strings.Join(c.Limits, "\n"), "The arms also differ in device: Pixel 8; Pixel 9") {
		t.Errorf("%+v\n%s", c.Design.Differs, c.Limits)
	}
}

// Failed sessions and baselines stay listed and count for nothing; a stratum of one arm alone is left out.
func TestLeftOut(t *testing.T) {
	old, fresh := pair(8, func(i int, s *fictionSession) {
		s.edit = func(a *audit.Session) {
			switch i {
			case 0:
				a.Failed = "no network"
			case 1:
				a.Role = audit.RoleIdle
			case 2:
				a.Vantage = &audit.Vantage{Country: "DE"}
			case 3:
				a.Recordings = nil
			case 4:
				a.Role = audit.RoleControl // a repetition counts like any other session
			}
		}
		if i < 4 {
			s.hosts = append(s.hosts, named("noise.example")...)
		}
	})
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Arms[1].Sessions != 4 || c.Arms[1].LeftOut != 4 || len(c.Sessions) != 16 {
		t.Errorf("%+v, %d sessions", c.Arms[1], len(c.Sessions))
	}
	var why []string
	for _, s := range c.Sessions {
		if s.LeftOut != "" {
			why = append(why, s.LeftOut)
		}
	}
	want := []string{"failed: no network", "it has no recording", "a baseline (idle)", "only arm B has sessions with vantage DE"}
	if strings.Join(why, "; ") != strings.Join(want, "; ") {
		t.Errorf("left out %q", why)
	}
	if _, ok := classes(c)["host noise.example"]; ok {
		t.Error("a session that is left out counts")
	}
}

// Both vantages in both arms: labels are exchanged within each.
func TestStrata(t *testing.T) {
	vantage := func(i int) func(*audit.Session) {
		return func(s *audit.Session) { s.Vantage = &audit.Vantage{Country: []string{"DE", "GB"}[i/3%2]} }
	}
	old, fresh := pair(12, func(i int, s *fictionSession) { s.edit = vantage(i) })
	for i := range old.Audit.Sessions {
		vantage(i)(&old.Audit.Sessions[i])
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Design.Blocks) != 6 || c.Design.Blocks[0].Stratum != "vantage DE" || c.Design.Blocks[0].A != 2 || c.Design.Blocks[0].B != 2 {
		t.Errorf("%+v", c.Design.Blocks)
	}
	if !strings.Contains(strings.Join(c.Limits, "\n"), "Sessions differ in vantage") {
		t.Errorf("%q", c.Limits)
	}
}

// One set of sessions has its arms in natural order, or as asked; what was not asked for is left out.
func TestValues(t *testing.T) {
	three := func() []Input {
		old, fresh := pair(8, nil)
		for i := range old.Audit.Sessions {
			old.Audit.Sessions[i].Version = []string{"9.10", "10.2"}[i%2]
		}
		for i := range fresh.Audit.Sessions {
			fresh.Audit.Sessions[i].Version = "9.10"
		}
		fresh.Audit.Sessions[0].Version = "11"
		return []Input{old, fresh}
	}
	if _, err := Run(three(), nil, nil, Options{By: "version"}); err == nil || !strings.Contains(err.Error(), `it holds 3: "9.10", "10.2", "11"`) {
		t.Errorf("three values: %v", err)
	}
	if _, err := Run(three(), nil, nil, Options{By: "version", Values: []string{"9.10", "12"}}); err == nil || !strings.Contains(err.Error(), `has version "12"; there are`) {
		t.Errorf("no such value: %v", err)
	}
	c, err := Run(three(), nil, nil, Options{By: "version", Values: []string{"10.2", "9.10"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Arms[0].Value != "10.2" || c.Arms[0].Sessions != 4 || c.Arms[1].Sessions != 11 || c.Arms[0].LeftOut != 1 {
		t.Errorf("%+v", c.Arms)
	}
	two := three()
	two[1].Audit.Sessions[0].Version = ""
	if c, err = Run(two[:1], nil, nil, Options{By: "version"}); err != nil || c.Arms[0].Value != "9.10" || c.Arms[1].Value != "10.2" {
		t.Errorf("natural order: %v", err)
	}
}

// Arms that hold the same values of another field, but mostly one and mostly the other, differ in it.
func TestUneven(t *testing.T) {
	old, fresh := pair(10, func(i int, s *fictionSession) {
		s.edit = func(a *audit.Session) { a.Consent = map[bool]string{true: "accepted", false: "rejected"}[i == 0] }
	})
	for i := range old.Audit.Sessions {
		old.Audit.Sessions[i].Consent = map[bool]string{true: "rejected", false: "accepted"}[i == 0]
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(c.Limits, "\n"), "also differ in consent: accepted (9), rejected (1); accepted (1), rejected (9).") {
		t.Errorf("%q", c.Limits)
	}
}

// Addresses that lead nowhere, or to the carrier, are destinations; those of the local network are not.
func TestNear(t *testing.T) {
	old, fresh := pair(8, func(_ int, s *fictionSession) { s.hosts = append(s.hosts, named("portal.example", "tv.example")...) })
	for i := range fresh.Audit.Endpoints {
		fresh.Audit.Endpoints[i].Class = []audit.Class{"", "", audit.ClassCGNAT, audit.ClassPrivate}[i]
	}
	for _, f := range fresh.Audit.Flows {
		if fresh.Audit.Endpoints[f.Endpoint.N-1].Class != "" {
			f.Flags |= audit.LocalOnly
		}
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	got := classes(c)
	if got["host portal.example"] != audit.ChangeAppeared || got["host tv.example"] != "" || !strings.Contains(strings.Join(c.Limits, "\n"), "local network are not compared") {
		t.Errorf("%v, %q", got, c.Limits)
	}
	// One new destination of five in eight sessions each: the arms as wholes may be alike all the same, and that is said.
	if arms := c.Tests[len(c.Tests)-1]; (arms.Outcome == audit.SplitAlike) != strings.Contains(strings.Join(c.Headline, "\n"), "as wholes") {
		t.Errorf("%+v, %q", arms, c.Headline)
	}
}

// When the arms as wholes are not shown to differ, or that cannot be asked, a single destination that changed is said with that.
func TestWholes(t *testing.T) {
	old, fresh := pair(8, func(i int, s *fictionSession) {
		s.day += 3
		s.hosts = append(s.hosts, named("new.example")...)
	})
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(c.Headline, "\n")
	if !strings.Contains(text, "Whether the arms as a whole differ is unresolved") || !strings.Contains(text, "or with time cannot be determined") {
		t.Errorf("%q", text)
	}
	if !strings.Contains(strings.Join(c.Limits, "\n"), "With 8 and 8 sessions and 1 other host to test, a new host is found with a probability of at least 0.") {
		t.Errorf("%q", c.Limits)
	}
}

// unbalanced makes arms of which one was mostly recorded in Germany and the other mostly in Britain.
func unbalanced(hosts func(country string) []fictionHost) (old, fresh Input) {
	var arms [2]Input
	for arm := range arms {
		f := fiction{app: "org.example.app", version: string(rune('1' + arm))}
		for i := range 10 {
			country := []string{"DE", "GB"}[arm]
			if i == 0 {
				country = []string{"GB", "DE"}[arm]
			}
			f.sessions = append(f.sessions, fictionSession{
				day: i % 3, hour: 2*(i/3) + arm, hosts: hosts(country), edit: func(s *audit.Session) { s.Vantage = &audit.Vantage{Country: country} },
			})
		}
		arms[arm] = Input{Name: "v" + f.version, Audit: f.audit()}
	}
	return arms[0], arms[1]
}

// A difference between two places is not made one between the arms because these were recorded at different places more often.
func TestUnbalancedStrata(t *testing.T) {
	old, fresh := unbalanced(func(country string) []fictionHost {
		list := named("api.app.example")
		list[0].country, list[0].grade = country, audit.L3
		list[0].address = map[string]string{"DE": "198.51.100.1", "GB": "198.51.100.2"}[country]
		if country == "GB" {
			list = append(list, named("isles.example")...)
		}
		return list
	})
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Items {
		if it := &c.Items[i]; it.Name == "isles.example" && (it.A.Seen != 1 || it.B.Seen != 9 || it.P != 1 || it.Tested) {
			t.Errorf("%+v", it)
		}
	}
	if len(c.Changes) > 0 {
		t.Errorf("%+v", c.Changes)
	}
	// A place alone says too little: and how many more sessions it takes is not said by the sum.
	few := 0
	old, fresh = unbalanced(func(country string) []fictionHost {
		if few++; country == "GB" && few%3 == 0 {
			return named("api.app.example", "some.example")
		}
		return named("api.app.example")
	})
	if c, err = Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"}); err != nil {
		t.Fatal(err)
	}
	for _, ch := range c.Changes {
		if ch.Class != audit.ChangeUnresolved || ch.Needed != 0 || !strings.Contains(ch.Missing[0], "where they were recorded alike") {
			t.Errorf("%+v", ch)
		}
	}
	if len(c.Changes) == 0 {
		t.Error("nothing is listed as unresolved")
	}
	// What is new in both places is still found.
	old, fresh = unbalanced(func(string) []fictionHost { return named("api.app.example") })
	more, _ := unbalanced(func(string) []fictionHost { return named("api.app.example", "new.example") })
	for i := range more.Audit.Sessions {
		more.Audit.Sessions[i].Version = "2"
		more.Audit.Sessions[i].Start += fresh.Audit.Sessions[i].Start - old.Audit.Sessions[i].Start
		more.Audit.Sessions[i].End = more.Audit.Sessions[i].Start + 60e9
		more.Audit.Recordings[i].SHA256[9] = 9
	}
	if c, err = Run([]Input{old}, []Input{more}, nil, Options{By: "version"}); err != nil {
		t.Fatal(err)
	}
	if got := classes(c)["host new.example"]; got != audit.ChangeAppeared {
		t.Errorf("got %q", got)
	}
}

// With fewer than four sessions nothing is said, whatever the counts.
func TestFew(t *testing.T) {
	for n := 1; n < MinSessions; n++ {
		old, fresh := pair(n, func(_ int, s *fictionSession) { s.hosts = named("new.example") })
		c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		if Decides(c) || len(c.Changes) == 0 {
			t.Errorf("n %d decides, %d changes", n, len(c.Changes))
		}
		for _, ch := range c.Changes {
			if ch.Class != audit.ChangeUnresolved {
				t.Errorf("n %d: %s is %s", n, ch.Name, ch.Class)
			}
		}
		if !strings.Contains(strings.Join(c.Headline, "\n"), "each arm needs at least 4") {
			t.Errorf("n %d: %q", n, c.Headline)
		}
	}
}

// One arm that is too small is enough to conclude nothing.
func TestFewInOne(t *testing.T) {
	old, fresh := pair(8, func(_ int, s *fictionSession) { s.hosts = append(s.hosts, named("new.example")...) })
	for _, short := range []*Input{&old, &fresh} {
		for i := range short.Audit.Sessions {
			if i >= MinSessions-1 {
				short.Audit.Sessions[i].Failed = "crash"
			}
		}
		c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		if got := classes(c)["host new.example"]; got != audit.ChangeUnresolved || Decides(c) {
			t.Errorf("%d and %d sessions: %q", c.Arms[0].Sessions, c.Arms[1].Sessions, got)
		}
		for i := range short.Audit.Sessions {
			short.Audit.Sessions[i].Failed = ""
		}
	}
}

// Names that one arm alone shows are rotation only if the other one has its own instead.
func TestRotation(t *testing.T) {
	for _, test := range []struct {
		old, fresh []string
		want       audit.ChangeClass
	}{
		{[]string{"cdn-1", "cdn-2"}, []string{"cdn-3", "cdn-4"}, audit.ChangeRotation},
		{[]string{"cdn-1", "cdn-2"}, []string{"cdn-1", "cdn-2"}, ""},
		{[]string{"cdn-1", "cdn-1"}, []string{"cdn-1", "cdn-2"}, ""},
	} {
		host := func(names []string) func(int) []fictionHost {
			return func(i int) []fictionHost { return named(names[i%2] + ".app.example") }
		}
		c, err := Run([]Input{fictional("1", false, 8, host(test.old))}, []Input{fictional("2", true, 8, host(test.fresh))}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		if got := classes(c)["host cdn-#.app.example"]; got != test.want {
			t.Errorf("%v and %v: got %q, want %q", test.old, test.fresh, got, test.want)
		}
	}
}

// A control that differs from itself stops everything: here the sessions of each arm are of two kinds.
func TestControlStops(t *testing.T) {
	kinds := func(prefix string) func(int) []fictionHost {
		return func(i int) []fictionHost {
			if i/3%2 == 0 { // the halves take every other session in time
				return named(prefix+"one.example", prefix+"two.example", "api.app.example")
			}
			return named(prefix+"three.example", prefix+"four.example", "api.app.example")
		}
	}
	old, fresh := fictional("1", false, 12, kinds("www.a")), fictional("2", true, 12, kinds("www.b"))
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if tests(c)["control-a"].Outcome != audit.SplitDifferent || Decides(c) {
		t.Fatalf("%+v", c.Tests)
	}
	for _, ch := range c.Changes {
		if ch.Class != audit.ChangeUnresolved {
			t.Errorf("%s is %s", ch.Name, ch.Class)
		}
	}
	if !strings.Contains(c.Headline[0], "nothing is concluded") {
		t.Errorf("%q", c.Headline)
	}
	control := fictional("1", false, 12, func(i int) []fictionHost { return kinds("www.a")(i) })
	for i := range control.Audit.Sessions {
		s := &control.Audit.Sessions[i]
		s.Start, s.End = s.Start+1800e9, s.End+1800e9
		control.Audit.Recordings[i].SHA256[9] = 9
	}
	c, err = Run([]Input{old}, []Input{fresh}, []Input{control}, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Tests) != 2 || c.Tests[0].Key != "control" || c.Tests[0].Outcome != audit.SplitAlike {
		t.Errorf("a given control: %+v", c.Tests)
	}
}

// A service is moved only if both places are known well enough; a database that changes its mind is no move.
func TestMove(t *testing.T) {
	at := func(country string, grade audit.Grade, address string, as uint32) func(int) []fictionHost {
		return func(int) []fictionHost {
			return append(named("api.app.example"), fictionHost{name: "up.app.example", country: country, grade: grade, address: address, as: as})
		}
	}
	for name, test := range map[string]struct {
		old, fresh func(int) []fictionHost
		want       audit.ChangeClass
	}{
		"firm":          {at("IE", audit.L3, "198.51.100.1", 1), at("SG", audit.L2, "198.51.100.2", 1), audit.ChangeMoved},
		"operator only": {at("IE", audit.L1, "198.51.100.1", 1), at("IE", audit.L1, "198.51.100.2", 2), audit.ChangeMoved},
		"database":      {at("IE", audit.L1, "198.51.100.1", 1), at("SG", audit.L1, "198.51.100.2", 1), audit.ChangeUnresolved},
		"same address":  {at("IE", audit.L3, "198.51.100.1", 1), at("SG", audit.L3, "198.51.100.1", 1), ""},
		"nowhere":       {at("", audit.L0, "198.51.100.1", 0), at("SG", audit.L3, "198.51.100.2", 0), ""},
		"other address": {at("IE", audit.L3, "198.51.100.1", 1), at("IE", audit.L3, "198.51.100.2", 1), ""},
	} {
		c, err := Run([]Input{fictional("1", false, 8, test.old)}, []Input{fictional("2", true, 8, test.fresh)}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		written(t, c)
		if got := classes(c)["host up.app.example"]; got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// Many rare names of one domain are one item; regional names of one service are one too.
func TestPools(t *testing.T) {
	word := func(i int) string { return letters(i) + letters(i+7) }
	hosts := func(offset int) func(int) []fictionHost {
		return func(i int) []fictionHost {
			return named("api.app.example", "x"+word(offset+i)+".pool.example", []string{"fra1", "lhr2"}[i%2]+".edge.example")
		}
	}
	c, err := Run([]Input{fictional("1", false, 9, hosts(0))}, []Input{fictional("2", true, 9, hosts(40))}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]audit.ChangeClass{"host rare names of pool.example": audit.ChangeRotation}
	got := classes(c)
	if len(got) != 1 || got["host rare names of pool.example"] != want["host rare names of pool.example"] {
		t.Errorf("got %v", got)
	}
	for _, it := range c.Items {
		if it.Name == "@#.edge.example" && (len(it.Members) != 2 || it.A.Seen != 9) {
			t.Errorf("%+v", it)
		}
	}
}

// Only flows of the app under test count where the system names it.
func TestAttributed(t *testing.T) {
	hosts := func(other string) func(int) []fictionHost {
		return func(int) []fictionHost {
			return []fictionHost{{name: "api.app.example", pkg: "org.example.app"}, {name: other, pkg: "com.example.system"}}
		}
	}
	c, err := Run([]Input{fictional("1", false, 8, hosts("one.example"))}, []Input{fictional("2", true, 8, hosts("two.example"))}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Design.Level != "app" || len(c.Changes) != 0 || len(c.Items) != 2 {
		t.Errorf("%s, %d changes, %d items", c.Design.Level, len(c.Changes), len(c.Items))
	}
}

// One audit with two states of consent is both arms.
func TestOneAudit(t *testing.T) {
	f := fiction{app: "org.example.app", version: "1"}
	for i := range 16 {
		s := fictionSession{day: i / 6, hour: i % 6, hosts: named("api.app.example")}
		consent := []string{"rejected", "accepted"}[i%2]
		if consent == "accepted" {
			s.hosts = append(s.hosts, named("ads.example")...)
		}
		s.edit = func(a *audit.Session) { a.Consent = consent }
		f.sessions = append(f.sessions, s)
	}
	c, err := Run([]Input{{Name: "all", Audit: f.audit()}}, nil, nil, Options{By: "consent"})
	if err != nil {
		t.Fatal(err)
	}
	written(t, c)
	if c.Arms[0].Value != "accepted" || c.Arms[1].Value != "rejected" {
		t.Errorf("%+v", c.Arms)
	}
	if got := classes(c)["host ads.example"]; got != audit.ChangeDisappeared {
		t.Errorf("ads.example is %q", got)
	}
}

// Where the arms differ in something else too, no sentence says what the difference goes with.
func TestConfounded(t *testing.T) {
	old, fresh := changing(3, 10)
	for i := range fresh.Audit.Sessions {
		old.Audit.Sessions[i].Network = "wifi"
		fresh.Audit.Sessions[i].Network = "mobile"
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(c.Headline, "\n")
	if !c.Design.Interleaved || strings.Contains(text, "added") || !strings.Contains(text, "The arms also differ in network") {
		t.Errorf("%s", text)
	}
}
