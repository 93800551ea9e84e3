package analyze

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPile holds a pile against a slice that is sorted by the library.
func TestPile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type item struct{ key, at int }
		var p pile[item]
		var want []item
		for i, key := range rapid.SliceOfN(rapid.IntRange(0, 9), 0, 3000).Draw(t, "keys") {
			p.add(item{key, i})
			want = append(want, item{key, i})
		}
		var all []item
		for v := range p.all {
			all = append(all, *v)
		}
		if !slices.Equal(all, want) {
			t.Fatal("not in the order of arrival")
		}
		slices.SortStableFunc(want, func(a, b item) int { return a.key - b.key })
		var got []item
		p.inOrder(10, func(v *item) int { return v.key }, func(v *item) { got = append(got, *v) })
		if !slices.Equal(got, want) {
			t.Fatal("not in the order of keys")
		}
	})
}
