package shelf

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHoldings(t *testing.T) {
	want := []holding{{1, 7, 0}, {1, 9, math.MaxUint64}, {300, 1, 5}, {1 << 40, 2, 1}}
	var h holdings
	var ends []int // of each
	last := int64(0)
	for _, one := range want {
		h, last = h.add(last, one), one.audit
		ends = append(ends, len(h))
	}
	read := func(h holdings) []holding { return slices.Collect(h.all) }
	opt := cmp.AllowUnexported(holding{})
	if diff := cmp.Diff(want, read(h), opt); diff != "" {
		t.Error(diff)
	}
	for i := range h { // cut: what is whole before the cut, and no more
		n, whole := slices.BinarySearch(ends, i)
		if whole {
			n++
		}
		if diff := cmp.Diff(want[:n], read(h[:i:i]), opt); diff != "" && n > 0 || n == 0 && len(read(h[:i:i])) > 0 {
			t.Errorf("cut at %d: %s", i, diff)
		}
	}
	for range h.all { // a reader may stop
		break
	}
	left, last := h.without(map[int64]bool{1: true, 1 << 40: true})
	if diff := cmp.Diff(want[2:3], read(left), opt); diff != "" || last != 300 {
		t.Errorf("last %d: %s", last, diff)
	}
	if left, last := h.without(map[int64]bool{1: true, 300: true, 1 << 40: true}); len(left) != 0 || last != 0 {
		t.Errorf("left %v, last %d", left, last)
	}
}
