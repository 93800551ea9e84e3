package session

import (
	"path/filepath"
	"testing"

	"abroad/capture"
)

// BenchmarkWriter keeps packets of full Ethernet frames.
func BenchmarkWriter(b *testing.B) {
	w := create(b, filepath.Join(b.TempDir(), "x.session"), Options{})
	data := make([]byte, 1514)
	p := &capture.Packet{Time: start, Data: data, OrigLen: 1514, Dir: capture.DirIn}
	b.SetBytes(1514)
	b.ReportAllocs()
	for b.Loop() {
		p.Time += 1000
		if err := w.Packet(p); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(Complete, ""); err != nil {
		b.Fatal(err)
	}
}
