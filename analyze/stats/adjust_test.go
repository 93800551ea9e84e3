package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The example of Benjamini and Hochberg (1995), section 4.1: at 0.05 the procedure believes the first four of fifteen.
func TestAdjustPublished(t *testing.T) {
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	q := Adjust(p)
	for i := range q {
		if believed := q[i] <= 0.05; believed != (i < 4) {
			t.Errorf("p %g has q %g", p[i], q[i])
		}
	}
	near(t, "fourth", q[3], 0.0095*15/4, 1e-12)
	near(t, "fifth", q[4], 0.0201*15/5, 1e-12)
}

// oracleAdjust is the definition: the least rate alpha for which some rank k has p(k) <= k alpha / m and p <= p(k).
func oracleAdjust(p []float64) []float64 {
	q := make([]float64, len(p))
	for i := range p {
		q[i] = 1
		for _, pk := range p {
			rank := 0
			for _, v := range p {
				if v <= pk {
					rank++
				}
			}
			if pk >= p[i] {
				q[i] = min(q[i], pk*float64(len(p))/float64(rank))
			}
		}
	}
	return q
}

func TestAdjustOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 0, 40).Draw(t, "p")
		q, want := Adjust(p), oracleAdjust(p)
		for i := range p {
			if math.Abs(q[i]-want[i]) > 1e-12 || q[i] < p[i] {
				t.Fatalf("p %v: q %v, want %v", p, q, want)
			}
		}
		with := Adjust(append(append([]float64{math.NaN()}, p...), math.NaN()))
		for i := range p {
			if with[i+1] != q[i] {
				t.Fatalf("an untested item changes %g to %g", q[i], with[i+1])
			}
		}
	})
}

// Rounding makes no q smaller than its p.
func TestAdjustRounds(t *testing.T) {
	for m := 1; m < 60; m++ {
		p := make([]float64, m)
		for i := range p {
			p[i] = 0.75 + 5e-15
		}
		for i, q := range Adjust(p) {
			if q < p[i] {
				t.Fatalf("%d of %g: q %g", m, p[i], q)
			}
		}
	}
}
