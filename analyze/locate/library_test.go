package locate

import (
	"net/netip"
	"testing"
)

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAskNew(b *testing.B) {
	l, err := Open(Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := uint32(0)
	for b.Loop() {
		n += 2654435761 // spread over the whole space
		l.Ask(Query{Address: netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})})
	}
}

func BenchmarkAskCached(b *testing.B) {
	l, err := Open(Options{})
	if err != nil {
		b.Fatal(err)
	}
	q := Query{Address: netip.MustParseAddr("8.8.8.8")}
	l.Ask(q)
	b.ReportAllocs()
	for b.Loop() {
		l.Ask(q)
	}
}
