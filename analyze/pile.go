package analyze

// A pile is a list that only grows. It keeps its items in chunks, because a slice of a hundred thousand observations would be copied
// again and again while it grows, and the copies would be half of the memory of an audit.
type pile[T any] struct {
	chunks [][]T
	n      int
}

const pileChunk = 1024

// add appends v.
func (p *pile[T]) add(v T) {
	last := len(p.chunks) - 1
	if last < 0 || len(p.chunks[last]) == cap(p.chunks[last]) {
		p.chunks = append(p.chunks, make([]T, 0, min(pileChunk, 16+p.n)))
		last++
	}
	p.chunks[last] = append(p.chunks[last], v)
	p.n++
}

// all yields every item in order.
func (p *pile[T]) all(yield func(*T) bool) {
	for _, c := range p.chunks {
		for i := range c {
			if !yield(&c[i]) {
				return
			}
		}
	}
}

// inOrder yields every item sorted by of, a number below keys, and keeps the order of equal ones: a counting sort of pointers.
func (p *pile[T]) inOrder(keys int, of func(*T) int, yield func(*T)) {
	next := make([]uint32, keys+1)
	for v := range p.all {
		next[of(v)+1]++
	}
	for i := 1; i <= keys; i++ {
		next[i] += next[i-1]
	}
	sorted := make([]*T, p.n)
	for v := range p.all {
		k := of(v)
		sorted[next[k]] = v
		next[k]++
	}
	for _, v := range sorted {
		yield(v)
	}
}
