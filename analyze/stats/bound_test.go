package stats

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestUnseen(t *testing.T) {
	for n, want := range map[int]float64{0: 1, 5: 0.45, 7: 0.35, 10: 0.26, 20: 0.14, 30: 0.095} {
		near(t, "unseen", Unseen(n, 0.95), want, 0.005)
	}
	near(t, "ten", Unseen(10, 0.95), 0.2588655509, 1e-9)
}

func TestIntervalPublished(t *testing.T) {
	// Conover's peas (R's binom.test): 682 of 925.
	low, high := Interval(682, 925, 0.95)
	near(t, "low", low, 0.7076683, 1e-7)
	near(t, "high", high, 0.7654066, 1e-7)
	low, high = Interval(9, 24, 0.95) // an example of R's binom.test
	near(t, "nine, low", low, 0.1879929, 1e-7)
	near(t, "nine, high", high, 0.5940636, 1e-7)
	low, high = Interval(0, 10, 0.95)
	near(t, "none, low", low, 0, 0)
	near(t, "none, high", high, 0.3084971, 1e-7)
	low, high = Interval(10, 10, 0.95)
	near(t, "all, low", low, 0.6915029, 1e-7)
	near(t, "all, high", high, 1, 0)
	if low, high = Interval(3, 0, 0.95); low != 0 || high != 1 {
		t.Errorf("no session: %g to %g", low, high)
	}
}

// The interval covers the truth at least as often as it says, computed over every outcome.
func TestIntervalCovers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, p := rapid.IntRange(1, 40).Draw(t, "n"), rapid.Float64Range(0, 1).Draw(t, "p")
		covered := 0.0
		for k := 0; k <= n; k++ {
			if low, high := Interval(k, n, 0.95); low <= p && p <= high {
				covered += binomial(k, n, p)
			}
		}
		if covered < 0.95-1e-9 {
			t.Fatalf("n %d, p %g: covered %g", n, p, covered)
		}
	})
}

func TestAtLeastOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "n")
		k, num := rapid.IntRange(0, n).Draw(t, "k"), rapid.Int64Range(1, 99).Draw(t, "percent")
		p, sum := big.NewRat(num, 100), new(big.Rat)
		for i := k; i <= n; i++ {
			term := new(big.Rat).SetInt(new(big.Int).Binomial(int64(n), int64(i)))
			for j := range n {
				f := p
				if j >= i {
					f = new(big.Rat).Sub(big.NewRat(1, 1), p)
				}
				term.Mul(term, f)
			}
			sum.Add(sum, term)
		}
		want, _ := sum.Float64()
		if got := AtLeast(k, n, float64(num)/100); got-want > 1e-10 || want-got > 1e-10 {
			t.Fatalf("%d of %d at %d%%: got %g, want %g", k, n, num, got, want)
		}
	})
}
