package stats

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > within {
		t.Errorf("%s: got %.10g, want %.10g", what, got, want)
	}
}

// oracle is Fisher's test in whole numbers.
func oracle(a, m, b, n int) float64 {
	weight := func(k int) *big.Int {
		return new(big.Int).Mul(new(big.Int).Binomial(int64(m), int64(k)), new(big.Int).Binomial(int64(n), int64(a+b-k)))
	}
	at, tail, sum := weight(a), new(big.Int), new(big.Int)
	for k := max(0, a+b-n); k <= min(m, a+b); k++ {
		w := weight(k)
		sum.Add(sum, w)
		if w.Cmp(at) <= 0 {
			tail.Add(tail, w)
		}
	}
	p, _ := new(big.Rat).SetFrac(tail, sum).Float64()
	return p
}

func TestFisherPublished(t *testing.T) {
	// Fisher's tea tasting and the convictions of like-sex twins, as in the manual of R's fisher.test.
	near(t, "tea", Fisher(3, 4, 1, 4), 0.4857142857, 1e-10)
	near(t, "twins", Fisher(2, 17, 10, 13), 0.0005367241, 1e-10)
	for _, test := range []struct {
		n int
		p float64 // smallest two-sided p for n sessions of each: 2/C(2n,n)
	}{{3, 0.1}, {4, 1.0 / 35}, {5, 2.0 / 252}, {7, 2.0 / 3432}, {10, 2.0 / 184756}} {
		near(t, "smallest", Fisher(0, test.n, test.n, test.n), test.p, 1e-12)
		near(t, "floor", Floor(Table{test.n, test.n, 0, test.n}), test.p, 1e-12)
	}
}

func TestFisherOracle(t *testing.T) {
	for m := 0; m <= 12; m++ {
		for n := 0; n <= 12; n++ {
			for a := 0; a <= m; a++ {
				for b := 0; b <= n; b++ {
					near(t, "small", Fisher(a, m, b, n), oracle(a, m, b, n), 1e-12)
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(0, 300).Draw(t, "m"), rapid.IntRange(0, 300).Draw(t, "n")
		a, b := rapid.IntRange(0, m).Draw(t, "a"), rapid.IntRange(0, n).Draw(t, "b")
		got, want := Fisher(a, m, b, n), oracle(a, m, b, n)
		if math.Abs(got-want) > 1e-9*want+1e-300 {
			t.Fatalf("%d/%d and %d/%d: got %g, want %g", a, m, b, n, got, want)
		}
		if mirror := Fisher(b, n, a, m); math.Abs(got-mirror) > 1e-9*got {
			t.Fatalf("%d/%d and %d/%d: %g, mirrored %g", a, m, b, n, got, mirror)
		}
		if floor := Floor(Table{a, m, b, n}); got < floor*(1-1e-9) {
			t.Fatalf("%d/%d and %d/%d: %g lies below the floor %g", a, m, b, n, got, floor)
		}
	})
}

func TestFisherRefuses(t *testing.T) {
	for _, c := range [][4]int{{-1, 3, 0, 3}, {4, 3, 0, 3}, {0, 3, 4, 3}, {0, 3, -1, 3}} {
		near(t, "outside", Fisher(c[0], c[1], c[2], c[3]), math.NaN(), 0)
	}
}

// withinOracle is FisherWithin in whole numbers: every combination of tables with these margins.
func withinOracle(tables []Table) float64 {
	weights, observed := map[int]*big.Int{0: big.NewInt(1)}, 0
	for _, t := range tables {
		observed += t.A
		next := map[int]*big.Int{}
		for sum, w := range weights {
			for k := max(0, t.A+t.B-t.N); k <= min(t.M, t.A+t.B); k++ {
				v := new(big.Int).Mul(new(big.Int).Binomial(int64(t.M), int64(k)), new(big.Int).Binomial(int64(t.N), int64(t.A+t.B-k)))
				v.Mul(v, w)
				if next[sum+k] == nil {
					next[sum+k] = new(big.Int)
				}
				next[sum+k].Add(next[sum+k], v)
			}
		}
		weights = next
	}
	tail, all := new(big.Int), new(big.Int)
	for _, w := range weights {
		all.Add(all, w)
		if w.Cmp(weights[observed]) <= 0 {
			tail.Add(tail, w)
		}
	}
	p, _ := new(big.Rat).SetFrac(tail, all).Float64()
	return p
}

func TestFisherWithin(t *testing.T) {
	// Penicillin and rabbits at five strengths, as in the manual of R's mantelhaen.test (exact).
	near(t, "rabbits", FisherWithin(Table{0, 6, 0, 5}, Table{3, 6, 0, 6}, Table{6, 6, 2, 6}, Table{5, 6, 6, 6}, Table{2, 2, 5, 5}), 0.03994, 5e-6)
	// A host that only one of two places shows, and arms that were mostly at another one each: summed it looks like a change.
	if p := Fisher(1, 10, 9, 10); p > 0.01 {
		t.Errorf("summed: p is %g", p)
	}
	near(t, "kept apart", FisherWithin(Table{1, 1, 9, 9}, Table{0, 9, 0, 1}), 1, 1e-12)
	near(t, "nothing", FisherWithin(), 1, 0)
	near(t, "outside", FisherWithin(Table{1, 2, 1, 2}, Table{3, 2, 0, 1}), math.NaN(), 0)
	rapid.Check(t, func(t *rapid.T) {
		var tables []Table
		for range rapid.IntRange(0, 4).Draw(t, "tables") {
			m, n := rapid.IntRange(0, 12).Draw(t, "m"), rapid.IntRange(0, 12).Draw(t, "n")
			tables = append(tables, Table{rapid.IntRange(0, m).Draw(t, "a"), m, rapid.IntRange(0, n).Draw(t, "b"), n})
		}
		got, want := FisherWithin(tables...), withinOracle(tables)
		if math.Abs(got-want) > 1e-9*want {
			t.Fatalf("%v: got %g, want %g", tables, got, want)
		}
		if floor := Floor(tables...); got < floor*(1-1e-9) {
			t.Fatalf("%v: %g lies below the floor %g", tables, got, floor)
		}
	})
}
