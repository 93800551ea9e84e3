package stats

import "math"

// A Table is "A of M" in one set of sessions against "B of N" in another.
type Table struct{ A, M, B, N int }

func (t Table) valid() bool { return t.A >= 0 && t.B >= 0 && t.A <= t.M && t.B <= t.N }

// Fisher returns the two-sided p-value of Fisher's exact test for "a of m" against "b of n": the probability, given a+b in all, of a table
// that is at most as probable as this one (R. A. Fisher, Statistical Methods for Research Workers, 1934, section 21.02; the two-sided rule
// is that of R's fisher.test). Counts outside of 0 <= a <= m and 0 <= b <= n give NaN.
func Fisher(a, m, b, n int) float64 { return FisherWithin(Table{a, m, b, n}) }

// FisherWithin is Fisher's test for several tables that must not be summed, because sessions of different tables are not alike (two places,
// two recorders): the margins of each table stay as they are, and what counts is the sum of all A (the exact conditional test of Gart,
// Biometrika 57, 1970, pages 471-475; R's mantelhaen.test with exact=TRUE). Without tables p is 1.
func FisherWithin(tables ...Table) float64 {
	observed := 0
	for _, t := range tables {
		if !t.valid() {
			return math.NaN()
		}
		observed += t.A
	}
	low, weights := sums(tables)
	return tail(weights, observed-low)
}

// Floor returns the smallest p-value that FisherWithin can give when the margins of the tables stay as they are.
func Floor(tables ...Table) float64 {
	_, weights := sums(tables)
	return min(tail(weights, 0), tail(weights, len(weights)-1))
}

// sums returns the probability of every sum of A that the margins allow, from the smallest one on.
func sums(tables []Table) (low int, weights []float64) {
	weights = []float64{1}
	for _, t := range tables {
		from, one := t.weights()
		next := make([]float64, len(weights)+len(one)-1)
		for i, v := range weights {
			for j, w := range one {
				next[i+j] += v * w
			}
		}
		low, weights = low+from, next
	}
	return low, weights
}

// weights returns the probability of every A that the margins allow: C(M,k)·C(N,s-k)/C(M+N,s), with s of the M+N sessions seen.
func (t Table) weights() (low int, p []float64) {
	seen := t.A + t.B
	low = max(0, seen-t.N)
	high := min(t.M, seen)
	p = make([]float64, high-low+1)
	// Each follows from the one before by a ratio of small whole numbers. To begin at the most probable one keeps every step below 1.
	mode := min(high, max(low, (seen+1)*(t.M+1)/(t.M+t.N+2)))
	p[mode-low] = 1
	sum := 1.0
	ratio := func(k float64) float64 { // p(k+1) / p(k)
		s := float64(seen)
		return (float64(t.M) - k) * (s - k) / ((k + 1) * (float64(t.N) - s + k + 1))
	}
	for k := mode; k < high; k++ {
		p[k-low+1] = p[k-low] * ratio(float64(k))
		sum += p[k-low+1]
	}
	for k := mode; k > low; k-- {
		p[k-low-1] = p[k-low] / ratio(float64(k-1))
		sum += p[k-low-1]
	}
	for i := range p {
		p[i] /= sum
	}
	return low, p
}

// tail sums what is at most as probable as the observed one. Equally probable ones differ by rounding only; slack is R's.
func tail(weights []float64, observed int) float64 {
	const slack = 1 + 1e-7
	sum := 0.0
	for _, w := range weights {
		if w <= weights[observed]*slack {
			sum += w
		}
	}
	return min(1, sum)
}
