package stats

import "testing"

// The power for a host that was never seen before, tested among sixty, as measured when the method was chosen.
func TestPower(t *testing.T) {
	const alpha = 0.05 / 60
	for _, test := range []struct {
		n    int
		p    float64
		want float64
	}{{7, 1, 1}, {7, 0.9, 0.48}, {10, 0.9, 0.93}, {10, 0.7, 0.38}, {15, 0.7, 0.87}} {
		near(t, "power", Power(test.n, test.n, 0, test.p, alpha), test.want, 0.005)
	}
	if n := Needed(0, 0.9, alpha, 0.9, 50); n != 10 {
		t.Errorf("a host seen in 90 %% of sessions needs %d", n)
	}
	if n := Needed(0.5, 0.5, alpha, 0.9, 30); n != 0 {
		t.Errorf("no difference needs %d", n)
	}
}

func TestNeededFor(t *testing.T) {
	if n := NeededFor(0, 3, 3, 3, 0.05, 50); n != 4 {
		t.Errorf("0/3 and 3/3 need %d of each, want 4", n)
	}
	n := NeededFor(1, 10, 4, 10, 0.05, 100)
	if n <= 10 || Fisher((2*n+10)/20, n, (8*n+10)/20, n) > 0.05 {
		t.Errorf("1/10 and 4/10 need %d", n)
	}
	if n := NeededFor(5, 10, 5, 10, 0.05, 100); n != 0 {
		t.Errorf("no difference needs %d", n)
	}
}

func TestCoverage(t *testing.T) {
	near(t, "nothing", Coverage(nil), 0, 0)
	near(t, "singles", Coverage([]int{1, 1, 1}), 0, 0)
	near(t, "two of nine", Coverage([]int{1, 1, 3, 4}), 1-2.0/9, 1e-12)
	// Chao (1987), the estimator with m sessions: S + (m-1)/m f1 (f1-1) / (2 (f2+1)).
	near(t, "richness", Richness([]int{1, 1, 1, 2, 5}, 5), 5+0.8*3*2/4, 1e-12)
	near(t, "complete", Richness([]int{4, 5, 5}, 5), 3, 0)
}
