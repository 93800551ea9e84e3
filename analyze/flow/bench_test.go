package flow

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// nobody wants nothing.
type nobody struct{}

func (nobody) Feed(*Flow, *View) Step { return Step{Done: true} }

// BenchmarkTable sorts packets of 100,000 flows; ns/op is the cost of one packet.
func BenchmarkTable(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	packets := make([]Packet, 1<<20)
	for i := range packets {
		n := uint32(r.IntN(100_000))
		src := netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
		dst := netip.AddrFrom4([4]byte{192, 0, 2, byte(n)})
		packets[i] = Packet{Src: src, Dst: dst, SrcPort: 40000, DstPort: 443, Proto: audit.TCP, IPLen: 500, PayloadLen: 460, Payload: make([]byte, 1)}
		if i&1 != 0 {
			packets[i].Src, packets[i].Dst, packets[i].SrcPort, packets[i].DstPort = dst, src, 443, 40000
		}
	}
	t := NewTable(0, nobody{}, func(capture.Anomaly) {})
	c := capture.Packet{Time: 1}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Number++
		t.Add(&c, &packets[i&(1<<20-1)])
	}
}
