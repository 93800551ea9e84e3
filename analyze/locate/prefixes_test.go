package locate

import (
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawPrefix(t *rapid.T) netip.Prefix {
	// A small corner of both families, so that prefixes nest.
	if rapid.Bool().Draw(t, "v6") {
		a := netip.AddrFrom16([16]byte{0x20, 1, 0, 0, byte(rapid.IntRange(0, 255).Draw(t, "byte"))})
		p, _ := a.Prefix(rapid.IntRange(0, 40).Draw(t, "bits"))
		return p
	}
	a := netip.AddrFrom4([4]byte{1, byte(rapid.IntRange(0, 3).Draw(t, "b")), byte(rapid.IntRange(0, 255).Draw(t, "c"))})
	p, _ := a.Prefix(rapid.IntRange(0, 24).Draw(t, "bits"))
	return p
}

// find gives what a walk over all rows gives.
func TestFind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []row[int]
		seen := map[netip.Prefix]bool{}
		for range rapid.IntRange(0, 40).Draw(t, "rows") {
			if p := drawPrefix(t); !seen[p] {
				seen[p] = true
				rows = append(rows, row[int]{prefix: p, line: len(rows) + 1})
			}
		}
		table, err := index(rows)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			a := drawPrefix(t).Addr()
			var want netip.Prefix
			for p := range seen {
				if p.Contains(a) && (!want.IsValid() || p.Bits() > want.Bits()) {
					want = p
				}
			}
			var got netip.Prefix
			if r := table.find(a); r != nil {
				got = r.prefix
			}
			if got != want {
				t.Fatalf("%s: %v, want %v of %v", a, got, want, rows)
			}
		}
	})
}

func TestIndexRefusesTwins(t *testing.T) {
	p := netip.MustParsePrefix("1.2.0.0/16")
	_, err := index([]row[int]{{p, 2, 0}, {netip.MustParsePrefix("1.2.3.0/24"), 3, 0}, {p, 9, 0}})
	if err == nil || !strings.Contains(err.Error(), "line 9: 1.2.0.0/16 is also on line 2") {
		t.Error(err)
	}
	var empty prefixes[int]
	if empty.find(p.Addr()) != nil {
		t.Error("an empty table answers")
	}
}
