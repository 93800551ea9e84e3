package compare

import (
	"math/rand/v2"
	"testing"

	"abroad/analyze/audit"
)

// TestSame compares a version with itself 200 times: ten sessions each, 105 hosts of which 65 come and go. A subtraction would invent about
// nine new hosts in every run. The rate of runs with any "appeared" must be at most the stated false discovery rate.
func TestSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const runs = 200
	invented, subtraction, fired, stopped := 0, 0, 0, 0
	for range runs {
		hosts := func(int) []fictionHost { return noisy(r) }
		c, err := Run([]Input{fictional("1", false, 10, hosts)}, []Input{fictional("2", true, 10, hosts)}, nil, Options{By: "version"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.Items {
			if it := &c.Items[i]; it.Level == audit.LevelHost && it.A.Seen == 0 {
				subtraction++
			}
		}
		any := false
		for _, ch := range c.Changes {
			any = any || ch.Class == audit.ChangeAppeared || ch.Class == audit.ChangeDisappeared || ch.Class == audit.ChangeFrequency || ch.Class == audit.ChangeMoved
		}
		if any {
			invented++
		}
		for _, test := range c.Tests {
			if test.Outcome == audit.SplitDifferent {
				if test.Key == "arms" {
					fired++
				} else {
					stopped++
				}
			}
		}
	}
	t.Logf("%d runs: a subtraction invents %.1f hosts a run, %d runs invent a change, the arms differ in %d, a control in %d",
		runs, float64(subtraction)/runs, invented, fired, stopped)
	if float64(subtraction)/runs < 5 {
		t.Errorf("the fiction is not noisy: %.1f hosts a run are in one arm only", float64(subtraction)/runs)
	}
	if float64(invented) > Rate*runs {
		t.Errorf("%d of %d runs invent a change", invented, runs)
	}
	// The global test and the controls are at 0.05 each; 200 runs vary by a standard deviation of three.
	if fired > 20 || stopped > 20 {
		t.Errorf("of %d runs the arms differ in %d, a control in %d", runs, fired, stopped)
	}
}

// TestPower adds a host to the second version and asks how often it is found. By Fisher's test at 0.05/60 it would be in 100, 93 and 38 of 100
// runs; the controls take up to 5 of them away, and 100 runs vary by up to a standard deviation of 5.
func TestPower(t *testing.T) {
	for _, test := range []struct {
		n     int
		p     float64
		least float64
	}{{7, 1, 0.95}, {10, 0.9, 0.83}, {10, 0.7, 0.28}} {
		r := rand.New(rand.NewPCG(3, 4))
		const runs = 100
		found := 0
		for range runs {
			old := fictional("1", false, test.n, func(int) []fictionHost { return noisy(r) })
			fresh := fictional("2", true, test.n, func(int) []fictionHost {
				list := noisy(r)
				if r.Float64() < test.p {
					list = append(list, fictionHost{name: "metrics.tally.example"})
				}
				return list
			})
			c, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"})
			if err != nil {
				t.Fatal(err)
			}
			for _, ch := range c.Changes {
				if ch.Class == audit.ChangeAppeared && ch.Name == "metrics.tally.example" {
					found++
				}
			}
		}
		t.Logf("n %d, p %g: found in %d of %d runs", test.n, test.p, found, runs)
		if float64(found) < test.least*runs {
			t.Errorf("n %d, p %g: found in %d of %d runs, want %g", test.n, test.p, found, runs, test.least)
		}
	}
}
