package stats

import (
	"math"
	"math/rand/v2"
)

// A Block is the sessions of one day: indexes into the matrix of distances, and how many of them, the first ones, belong to arm A.
type Block struct {
	Sessions []int
	A        int
}

// A Permutation is the outcome of Permute.
type Permutation struct {
	Statistic float64 // mean distance between the arms minus mean distance within them
	P         float64 // share of the splits whose statistic is at least as large
	Splits    int     // how many were looked at, the observed one included
	Exact     bool    // all that there are
}

// MaxExact is the number of splits up to which Permute looks at all of them.
const MaxExact = 100_000

// scale turns distances in [0, 1] into whole numbers: sums then do not depend on their order, and equal splits compare equal.
const scale = 1 << 40

// Permute asks whether two arms are of one kind: whether sessions of different arms lie farther apart than sessions of the same arm, beyond
// what exchanging the labels within each block gives (a permutation test with blocks; P. Good, Permutation, Parametric, and Bootstrap
// Tests of Hypotheses, 2005, chapter 3). Distance[i][j] is symmetric and in [0, 1]. When there are at most MaxExact different splits all of
// them are looked at; otherwise draws random ones, from the seed, and the observed one, so that p is never 0 (Phipson and Smyth,
// Statistical Applications in Genetics and Molecular Biology 9, 2010, article 39). Blocks with one arm only add nothing to either side of
// the test and must not be passed. Without blocks, or with a single split, P is 1.
func Permute(distance [][]float64, blocks []Block, draws int, seed uint64) Permutation {
	p := permuter{blocks: blocks}
	for _, b := range blocks {
		p.from = append(p.from, len(p.member))
		p.member = append(p.member, b.Sessions...)
		for i := range b.Sessions {
			p.inA = append(p.inA, i < b.A)
		}
	}
	p.from = append(p.from, len(p.member))
	n := len(p.member)
	p.d = make([]int64, n*n)
	for i, s := range p.member {
		for j, t := range p.member {
			if i != j {
				p.d[i*n+j] = int64(math.Round(distance[s][t] * scale))
				if i < j {
					p.total += p.d[i*n+j]
				}
			}
		}
	}
	return p.run(draws, seed)
}

type permuter struct {
	blocks []Block
	from   []int // of each block in member, and the end
	member []int
	inA    []bool
	d      []int64
	total  int64
}

func (p *permuter) run(draws int, seed uint64) Permutation {
	observed := p.between()
	// The sizes of the arms do not change, so the statistic grows with the sum of the distances between them, and that is what is compared.
	// Rounding to whole numbers moves it by at most one for each pair.
	n := int64(len(p.member))
	least := observed - n*n/2
	result := Permutation{Statistic: p.statistic(observed), P: 1, Splits: 1, Exact: true}
	splits, mirrored := p.splits()
	if len(p.blocks) == 0 || splits == 1 {
		return result
	}
	hits := 0
	count := func() {
		if p.between() >= least {
			hits++
		}
	}
	if splits <= MaxExact {
		p.each(0, mirrored, count)
		result.Splits = int(splits)
		result.P = float64(hits) / float64(result.Splits)
		return result
	}
	random := rand.New(rand.NewPCG(seed, 0x6162726f6164))
	for range draws {
		for b := range p.blocks {
			part := p.inA[p.from[b]:p.from[b+1]]
			for i := len(part) - 1; i > 0; i-- {
				j := random.IntN(i + 1)
				part[i], part[j] = part[j], part[i]
			}
		}
		count()
	}
	result.Exact, result.Splits = false, draws+1
	result.P = float64(hits+1) / float64(draws+1)
	return result
}

// splits counts the different ones, or returns more than MaxExact. When every block has as many sessions of A as of B, exchanging the names
// of the arms gives the same statistic: then only half of the splits are different, and mirrored is true.
func (p *permuter) splits() (n float64, mirrored bool) {
	n, mirrored = 1, true
	for _, b := range p.blocks {
		n *= math.Round(math.Exp(logChoose(len(b.Sessions), b.A)))
		mirrored = mirrored && 2*b.A == len(b.Sessions)
	}
	if mirrored && len(p.blocks) > 0 {
		n /= 2
	}
	return n, mirrored
}

// each calls f with every split of the blocks from b on. Mirrored leaves out the splits in which the first session is not in A.
func (p *permuter) each(b int, mirrored bool, f func()) {
	if b == len(p.blocks) {
		f()
		return
	}
	part := p.inA[p.from[b]:p.from[b+1]]
	var choose func(at, left int)
	choose = func(at, left int) {
		if at == len(part) {
			p.each(b+1, mirrored, f)
			return
		}
		if left > 0 {
			part[at] = true
			choose(at+1, left-1)
		}
		if left < len(part)-at && !(mirrored && b == 0 && at == 0) {
			part[at] = false
			choose(at+1, left)
		}
	}
	choose(0, p.blocks[b].A)
}

// between sums the distances of the pairs whose members are in different arms.
func (p *permuter) between() int64 {
	var sum int64
	n := len(p.member)
	var b [256]int32
	others := b[:0]
	for j, in := range p.inA {
		if !in {
			others = append(others, int32(j))
		}
	}
	for i, in := range p.inA {
		if in {
			row := p.d[i*n : i*n+n]
			for _, j := range others {
				sum += row[j]
			}
		}
	}
	return sum
}

// statistic is the mean distance of pairs between the arms minus that of pairs within them; a mean over no pairs is 0.
func (p *permuter) statistic(between int64) float64 {
	a := 0
	for _, in := range p.inA {
		if in {
			a++
		}
	}
	pairs, all := a*(len(p.inA)-a), len(p.inA)*(len(p.inA)-1)/2
	mean := func(sum int64, n int) float64 {
		if n == 0 {
			return 0
		}
		return float64(sum) / scale / float64(n)
	}
	return mean(between, pairs) - mean(p.total-between, all-pairs)
}
