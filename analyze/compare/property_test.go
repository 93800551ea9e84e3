package compare

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze/audit"
)

func written(t *testing.T, c *audit.Comparison) string {
	t.Helper()
	var b bytes.Buffer
	if err := audit.WriteComparison(&b, c); err != nil {
		t.Fatal(err)
	}
	back, err := audit.ReadComparison(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := audit.WriteComparison(&again, back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), again.String()); diff != "" {
		t.Errorf("what was read is not what was written:\n%s", diff)
	}
	return b.String()
}

// changing is a pair of versions that differ in several ways.
func changing(seed uint64, n int) (old, fresh Input) {
	r := rand.New(rand.NewPCG(seed, 1))
	at := func(country, address string) fictionHost {
		return fictionHost{name: "upload.app.example", country: country, grade: audit.L3, address: address}
	}
	old = fictional("1", false, n, func(int) []fictionHost {
		return append(noisy(r), at("IE", "198.51.100.1"), fictionHost{name: "legacy.app.example"})
	})
	fresh = fictional("2", true, n, func(int) []fictionHost {
		return append(noisy(r), at("SG", "198.51.100.2"), fictionHost{name: "metrics.tally.example"})
	})
	return old, fresh
}

// The order of sessions and of audits never matters.
func TestOrder(t *testing.T) {
	old, fresh := changing(7, 10)
	first, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 5 {
		again, err := Run([]Input{shuffled(old, r)}, []Input{shuffled(fresh, r)}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range again.Sessions { // their ids in the audits are what was shuffled
			again.Sessions[i].Session = first.Sessions[i].Session
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("order of sessions:\n%s", diff)
		}
	}
	one, two := halves(old), halves(fresh)
	x, err1 := Run([]Input{one[0], one[1]}, []Input{two[0], two[1]}, nil, Options{By: "version"})
	y, err2 := Run([]Input{one[1], one[0]}, []Input{two[1], two[0]}, nil, Options{By: "version"})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if written(t, x) != written(t, y) {
		t.Error("the order of audits matters")
	}
	if diff := cmp.Diff(classes(first), classes(x)); diff != "" {
		t.Errorf("two audits of one arm are not what one is:\n%s", diff)
	}
}

// halves puts the sessions of an audit into two audits.
func halves(in Input) [2]Input {
	var list [2]Input
	for i := range list {
		a := *in.Audit
		a.Sessions = nil
		for j, s := range in.Audit.Sessions {
			if j%2 == i {
				s.ID.N = uint32(len(a.Sessions) + 1)
				a.Sessions = append(a.Sessions, s)
			}
		}
		list[i] = Input{Name: in.Name + "-" + string(rune('a'+i)), Audit: &a}
	}
	return list
}

func classes(c *audit.Comparison) map[string]audit.ChangeClass {
	m := map[string]audit.ChangeClass{}
	for _, ch := range c.Changes {
		m[string(ch.Level)+" "+ch.Name] = ch.Class
	}
	return m
}

// Exchanging the arms mirrors the comparison.
func TestMirror(t *testing.T) {
	for _, n := range []int{4, 7, 10, 14} { // 14: too many splits to look at all
		old, fresh := changing(uint64(n), n)
		there, err1 := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
		back, err2 := Run([]Input{fresh}, []Input{old}, nil, Options{By: "version"})
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		mirror := map[audit.ChangeClass]audit.ChangeClass{audit.ChangeAppeared: audit.ChangeDisappeared, audit.ChangeDisappeared: audit.ChangeAppeared}
		want := classes(there)
		for k, class := range want {
			if m, ok := mirror[class]; ok {
				want[k] = m
			}
		}
		if diff := cmp.Diff(want, classes(back)); diff != "" {
			t.Errorf("n %d: mirrored:\n%s", n, diff)
		}
		for i, it := range there.Items {
			other := back.Items[i]
			if it.Name != other.Name || it.P != other.P || it.Q != other.Q || it.A.Seen != other.B.Seen || it.B.Seen != other.A.Seen {
				t.Errorf("n %d: %s %d/%d p %g q %g, mirrored %s %d/%d p %g q %g", n, it.Name, it.A.Seen, it.B.Seen, it.P, it.Q, other.Name, other.A.Seen, other.B.Seen, other.P, other.Q)
			}
		}
		for key, test := range tests(there) {
			other := tests(back)[map[string]string{"control-a": "control-b", "control-b": "control-a", "arms": "arms"}[key]]
			if test.P != other.P || test.Outcome != other.Outcome || test.Statistic != other.Statistic || test.Exact != other.Exact {
				t.Errorf("n %d: %s is %+v, mirrored %+v", n, key, test, other)
			}
		}
	}
}

func tests(c *audit.Comparison) map[string]audit.SplitTest {
	m := map[string]audit.SplitTest{}
	for _, test := range c.Tests {
		m[test.Key] = test
	}
	return m
}

// No sentence says "added" unless the arms were recorded by turns.
func TestTurns(t *testing.T) {
	old, _ := changing(1, 10)
	_, fresh := changing(2, 10)
	for i := range fresh.Audit.Sessions { // a month later
		s := &fresh.Audit.Sessions[i]
		s.Start, s.End = s.Start+30*24*3600e9, s.End+30*24*3600e9
		s.Day = s.Start.String()[:10]
	}
	c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Design.Interleaved || tests(c)["arms"].Outcome != audit.SplitUnresolved || len(tests(c)["arms"].Missing) == 0 {
		t.Errorf("no common day: %+v, %+v", c.Design, tests(c)["arms"])
	}
	if class := classes(c)["host metrics.tally.example"]; class != audit.ChangeAppeared {
		t.Errorf("metrics is %q", class)
	}
	text := written(t, c)
	if strings.Contains(text, " added ") || strings.Contains(text, " dropped ") || !strings.Contains(text, "cannot be determined") {
		t.Error("the words say what goes with the version though that cannot be told")
	}
}

// Random splits begin from the observed one, and yet it does not matter which arm is named first.
func TestMirrorOfDraws(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	hosts := func(int) []fictionHost { return noisy(r) }
	a, b := fictional("1", false, 12, hosts), fictional("2", true, 12, hosts)
	var p [2]float64
	for i, arms := range [][2]Input{{a, b}, {b, a}} {
		c, err := Run(arms[:1], arms[1:], nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		arms := tests(c)["arms"]
		if p[i] = arms.P; arms.Exact || arms.P < 0.01 {
			t.Errorf("%+v", arms)
		}
	}
	if p[0] != p[1] {
		t.Errorf("p is %v, and with the arms exchanged %v", p[0], p[1])
	}
}
