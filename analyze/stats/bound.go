package stats

import "math"

// Unseen returns the largest probability per session that zero sightings in n sessions leave possible at the confidence (0.95):
// 1 - (1-confidence)^(1/n), one-sided. No session leaves everything possible: 1.
func Unseen(n int, confidence float64) float64 {
	if n <= 0 {
		return 1
	}
	return -math.Expm1(math.Log1p(-confidence) / float64(n))
}

// Interval returns the two-sided confidence interval of Clopper and Pearson for k sightings in n sessions (Biometrika 26, 1934, pages
// 404-413). It never covers less often than the confidence says. For n < 1 or k outside of 0 to n it is all of [0, 1].
func Interval(k, n int, confidence float64) (low, high float64) {
	if n < 1 || k < 0 || k > n {
		return 0, 1
	}
	tail := (1 - confidence) / 2
	high = 1
	if k > 0 {
		low = solve(func(p float64) bool { return AtLeast(k, n, p) < tail })
	}
	if k < n {
		high = solve(func(p float64) bool { return 1-AtLeast(k+1, n, p) > tail })
	}
	return low, high
}

// solve returns the p in [0, 1] at which a condition that holds below it ceases to hold.
func solve(below func(float64) bool) float64 {
	low, high := 0.0, 1.0
	for range 60 { // a double has 53 bits
		if mid := (low + high) / 2; below(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// AtLeast returns the probability of k or more successes in n trials of probability p.
func AtLeast(k, n int, p float64) float64 {
	sum := 0.0
	for i := max(k, 0); i <= n; i++ {
		sum += binomial(i, n, p)
	}
	return min(1, sum)
}

// binomial returns the probability of exactly k successes in n trials.
func binomial(k, n int, p float64) float64 {
	switch {
	case p <= 0:
		return b2f(k == 0)
	case p >= 1:
		return b2f(k == n)
	}
	return math.Exp(logChoose(n, k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// logChoose returns the logarithm of the binomial coefficient.
func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
