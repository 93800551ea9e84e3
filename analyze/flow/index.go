package flow

import (
	"math/bits"
	"math/rand/v2"
)

// An index finds a flow's number by its key: open addressing with linear probing, at most half full. It replaces Go's map because a packet
// of a large recording costs two or three cache misses there and one here, and that is half of what a packet costs at all.
// The seed keeps a stranger who chooses addresses and ports from choosing collisions; no order ever comes out of an index.
type index[K comparable] struct {
	slots []slot[K]
	used  int
	seed  uint64
	hash  func(k *K, seed uint64) uint64
}

// slot holds one key. flow is the flow's number plus one; 0 is an empty slot.
type slot[K comparable] struct {
	key  K
	flow uint32
}

func newIndex[K comparable](hash func(*K, uint64) uint64) index[K] {
	return index[K]{slots: make([]slot[K], 64), seed: rand.Uint64(), hash: hash}
}

// at returns the slot of k, or the empty slot where it belongs.
func (x *index[K]) at(k *K) *slot[K] {
	mask := uint64(len(x.slots) - 1)
	for i := x.hash(k, x.seed) & mask; ; i = (i + 1) & mask {
		s := &x.slots[i]
		if s.flow == 0 || s.key == *k {
			return s
		}
	}
}

// put fills the slot that at returned.
func (x *index[K]) put(s *slot[K], k K, flow uint32) {
	if s.flow == 0 {
		x.used++
	}
	s.key, s.flow = k, flow
	if x.used*2 > len(x.slots) {
		x.grow()
	}
}

func (x *index[K]) grow() {
	old := x.slots
	x.slots = make([]slot[K], 2*len(old))
	for i := range old {
		if old[i].flow != 0 {
			*x.at(&old[i].key) = old[i]
		}
	}
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func hash4(k *key4, seed uint64) uint64 {
	return mix(k.addrs^seed^0x9e3779b97f4a7c15, k.rest^seed>>32^0xd6e8feb86659fd93)
}

func hash6(k *key6, seed uint64) uint64 {
	h := mix(k.a[0]^seed^0x9e3779b97f4a7c15, k.a[1]^0xd6e8feb86659fd93)
	h = mix(h^k.b[0]^0xa0761d6478bd642f, k.b[1]^seed)
	return mix(h^0xe7037ed1a0b428db, k.rest^seed>>32)
}
