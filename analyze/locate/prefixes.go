package locate

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sort"
)

// A row is one line of a prefix table.
type row[T any] struct {
	prefix netip.Prefix
	line   int // in the file, for errors
	value  T
}

// prefixes answers which rows of a table contain an address, most specific first. The zero value has no rows.
type prefixes[T any] struct {
	rows   []row[T] // by address, then by length: a prefix stands after those that contain it
	parent []int32  // the nearest row that contains this one, or -1
}

// index sorts rows into a table; two rows of one prefix are an error that names both lines.
func index[T any](rows []row[T]) (prefixes[T], error) {
	slices.SortFunc(rows, func(a, b row[T]) int {
		if c := a.prefix.Addr().Compare(b.prefix.Addr()); c != 0 {
			return c
		}
		return cmp.Or(a.prefix.Bits()-b.prefix.Bits(), a.line-b.line)
	})
	parent := make([]int32, len(rows))
	for i := range rows {
		p := int32(i) - 1
		for p >= 0 && !rows[p].prefix.Overlaps(rows[i].prefix) {
			p = parent[p]
		}
		if p >= 0 && rows[p].prefix == rows[i].prefix {
			return prefixes[T]{}, fmt.Errorf("line %d: %s is also on line %d", rows[i].line, rows[i].prefix, rows[p].line)
		}
		parent[i] = p
	}
	return prefixes[T]{rows, parent}, nil
}

// find returns the most specific row that contains a, or nil.
func (t *prefixes[T]) find(a netip.Addr) *row[T] {
	i := sort.Search(len(t.rows), func(i int) bool { return t.rows[i].prefix.Addr().Compare(a) > 0 }) - 1
	for i >= 0 && !t.rows[i].prefix.Contains(a) {
		i = int(t.parent[i])
	}
	if i < 0 {
		return nil
	}
	return &t.rows[i]
}
