package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// matrix draws distances that are multiples of 1/7, so that splits tie.
func matrix(n int, r *rand.Rand) [][]float64 {
	d := make([][]float64, n)
	for i := range d {
		d[i] = make([]float64, n)
		for j := range i {
			d[i][j] = float64(r.IntN(8)) / 7
			d[j][i] = d[i][j]
		}
	}
	return d
}

// bruteForce goes through every subset of all sessions and keeps those with the right numbers in each block.
func bruteForce(d [][]float64, blocks []Block) (p float64) {
	var all []int
	in := map[int]bool{}
	for _, b := range blocks {
		all = append(all, b.Sessions...)
		for _, s := range b.Sessions[:b.A] {
			in[s] = true
		}
	}
	statistic := func(in map[int]bool) float64 {
		var between, within, pairs, others float64
		for i, s := range all {
			for _, t := range all[:i] {
				if in[s] != in[t] {
					between, pairs = between+d[s][t], pairs+1
				} else {
					within, others = within+d[s][t], others+1
				}
			}
		}
		if others == 0 {
			return between / pairs
		}
		return between/pairs - within/others
	}
	observed := statistic(in)
	splits, hits := 0, 0
	for mask := range 1 << len(all) {
		try := map[int]bool{}
		for i, s := range all {
			if mask>>i&1 == 1 {
				try[s] = true
			}
		}
		fits := true
		for _, b := range blocks {
			n := 0
			for _, s := range b.Sessions {
				if try[s] {
					n++
				}
			}
			fits = fits && n == b.A
		}
		if fits {
			splits++
			if statistic(try) >= observed-1e-9 {
				hits++
			}
		}
	}
	return float64(hits) / float64(splits)
}

func TestPermuteExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var blocks []Block
		n := 0
		for range rapid.IntRange(1, 3).Draw(t, "blocks") {
			a, b := rapid.IntRange(1, 2).Draw(t, "a"), rapid.IntRange(1, 2).Draw(t, "b")
			block := Block{A: a}
			for range a + b {
				block.Sessions = append(block.Sessions, n)
				n++
			}
			blocks = append(blocks, block)
		}
		d := matrix(n, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		got := Permute(d, blocks, 100, 1)
		if want := bruteForce(d, blocks); !got.Exact || math.Abs(got.P-want) > 1e-12 {
			t.Fatalf("got %+v, want %g", got, want)
		}
	})
}

// The number of different splits of two arms of n sessions, and the smallest p, when the arms have nothing in common.
func TestPermuteSmallest(t *testing.T) {
	for _, test := range []struct{ n, splits int }{{3, 10}, {4, 35}, {5, 126}, {7, 1716}, {10, 92378}} {
		d, b := apart(test.n)
		got := Permute(d, []Block{b}, 100, 1)
		if got.Splits != test.splits || !got.Exact || got.P != 1/float64(test.splits) || got.Statistic != 1 {
			t.Errorf("n %d: %+v, want %d splits", test.n, got, test.splits)
		}
	}
	d, b := apart(12)
	if got := Permute(d, []Block{b}, 999, 1); got.Exact || got.P != 0.001 {
		t.Errorf("n 12: %+v", got)
	}
}

// apart makes two arms of n sessions each that have nothing in common.
func apart(n int) ([][]float64, Block) {
	d := make([][]float64, 2*n)
	b := Block{A: n}
	for i := range d {
		d[i] = make([]float64, 2*n)
		b.Sessions = append(b.Sessions, i)
		for j := range d[i] {
			if (i < n) != (j < n) {
				d[i][j] = 1
			}
		}
	}
	return d, b
}

// The random test is close to the exact one, and the same for the same seed.
func TestPermuteRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	d := matrix(24, r)
	all := Block{A: 12}
	for i := range 24 {
		all.Sessions = append(all.Sessions, i)
	}
	one, two := Permute(d, []Block{all}, 20_000, 7), Permute(d, []Block{all}, 20_000, 7)
	if one != two {
		t.Errorf("the same seed gives %+v and %+v", one, two)
	}
	if other := Permute(d, []Block{all}, 20_000, 8); math.Abs(other.P-one.P) > 0.02 {
		t.Errorf("seeds differ: %g and %g", one.P, other.P)
	}
}

func TestPermuteNothing(t *testing.T) {
	if got := Permute(nil, nil, 100, 1); got.P != 1 || got.Splits != 1 {
		t.Errorf("no block: %+v", got)
	}
	d, _ := apart(1)
	if got := Permute(d, []Block{{Sessions: []int{0, 1}, A: 1}}, 100, 1); got.P != 1 {
		t.Errorf("one session each: %+v", got)
	}
}

func BenchmarkPermute(b *testing.B) {
	d := matrix(40, rand.New(rand.NewPCG(1, 2)))
	all := Block{A: 20}
	for i := range 40 {
		all.Sessions = append(all.Sessions, i)
	}
	for b.Loop() {
		Permute(d, []Block{all}, 100_000, 1)
	}
}
