package stats

import "math"

// Fisher returns the two-sided p-value of Fisher's exact test for "a of m" against "b of n": the probability, given a+b in all, of a table
// that is at most as probable as this one (R. A. Fisher, Statistical Methods for Research Workers, 1934, section 21.02; the two-sided rule
// is that of R's fisher.test). Counts outside of 0 <= a <= m and 0 <= b <= n give NaN.
func Fisher(a, m, b, n int) float64 {
	if a < 0 || b < 0 || a > m || b > n {
		return math.NaN()
	}
	low, high := max(0, a+b-n), min(m, a+b)
	// Only ratios of probabilities count, so the weights C(m,k)·C(n,a+b-k) are taken relative to the observed table: w(a) = 1, and each
	// next one follows from a ratio of small whole numbers. Equal tables differ by rounding only; slack is R's.
	const slack = 1 + 1e-7
	t := float64(a + b)
	ratio := func(k float64) float64 { // w(k+1) / w(k)
		return (float64(m) - k) * (t - k) / ((k + 1) * (float64(n) - t + k + 1))
	}
	sum, tail := 1.0, 1.0
	add := func(w float64) {
		sum += w
		if w <= slack {
			tail += w
		}
	}
	w := 1.0
	for k := a; k < high; k++ {
		w *= ratio(float64(k))
		add(w)
	}
	w = 1.0
	for k := a; k > low; k-- {
		w /= ratio(float64(k - 1))
		add(w)
	}
	if math.IsInf(sum, 1) { // the observed table is so improbable that the others overflow
		return 0
	}
	return min(1, tail/sum)
}

// Floor returns the smallest p-value that Fisher can give when seen of m+n sessions show something: what these margins could show at best.
func Floor(seen, m, n int) float64 {
	low, high := max(0, seen-n), min(m, seen)
	return min(Fisher(low, m, seen-low, n), Fisher(high, m, seen-high, n))
}
