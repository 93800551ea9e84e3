package flow

import (
	"testing"

	"abroad/capture"
)

// BenchmarkDecode reads one frame again and again: what the code costs, without the cost of fetching the frame from memory.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"ethernet ipv4", "ethernet ipv6", "ethernet vlan", "sll in", "raw raw", "802.11 qos", "vxlan", "gtp"} {
		for _, f := range frames() {
			if f.name != name {
				continue
			}
			b.Run(name, func(b *testing.B) {
				d, p := NewDecoder(nil), f.packet()
				var o Packet
				b.ReportAllocs()
				for b.Loop() {
					d.Decode(p, &o)
				}
			})
		}
	}
	b.Run("ethernet tcp", func(b *testing.B) {
		d, p := NewDecoder(nil), &capture.Packet{Number: 1, Link: 1, Data: ether(0x0800, ip4(6, tcp(4242, 443, 0x10, text(1400))))}
		var o Packet
		b.ReportAllocs()
		for b.Loop() {
			d.Decode(p, &o)
		}
	})
	b.Run("gopacket's parser", func(b *testing.B) {
		s, p := newSecondOpinion(), &capture.Packet{Number: 1, Link: 1, Data: ether(0x0800, ip4(6, tcp(4242, 443, 0x10, text(1400))))}
		b.ReportAllocs()
		for b.Loop() {
			s.read(p)
		}
	})
	b.Run("pcapdroid", func(b *testing.B) {
		d, p := NewDecoder(nil), &capture.Packet{Number: 1, Link: 1, Data: trailed(ip4(6, tcp(4242, 443, 0x10, text(1400))), 10123, "Practice")}
		var o Packet
		b.ReportAllocs()
		for b.Loop() {
			d.Decode(p, &o)
		}
	})
}
