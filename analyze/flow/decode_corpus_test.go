package flow

import (
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/corpus"
)

// secondOpinion reads plain packets with gopacket: Ethernet, VLAN tags, IP without fragments, TCP or UDP.
type secondOpinion struct {
	eth     layers.Ethernet
	vlan    layers.Dot1Q
	ip4     layers.IPv4
	ip6     layers.IPv6
	ext     layers.IPv6ExtensionSkipper
	tcp     layers.TCP
	udp     layers.UDP
	parser  *gopacket.DecodingLayerParser
	decoded []gopacket.LayerType
}

func newSecondOpinion() *secondOpinion {
	s := &secondOpinion{parser: gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet)}
	list := gopacket.DecodingLayerContainer(gopacket.DecodingLayerArray(nil))
	for _, l := range []gopacket.DecodingLayer{&s.eth, &s.vlan, &s.ip4, &s.ip6, &s.ext, &s.tcp, &s.udp} {
		list = list.Put(l)
	}
	s.parser.SetDecodingLayerContainer(list)
	s.parser.IgnoreUnsupported = true
	return s
}

// read returns what gopacket finds; ok is false where it does not reach a transport, and where it is known to be wrong.
func (s *secondOpinion) read(p *capture.Packet) (o Packet, ok bool) {
	if err := s.parser.DecodeLayers(p.Data, &s.decoded); err != nil || s.parser.Truncated {
		return o, false
	}
	for _, layer := range s.decoded {
		switch layer {
		case layers.LayerTypeIPv4:
			o.Src, o.Dst = netip.AddrFrom4([4]byte(s.ip4.SrcIP)), netip.AddrFrom4([4]byte(s.ip4.DstIP))
		case layers.LayerTypeIPv6:
			o.Src, o.Dst = netip.AddrFrom16([16]byte(s.ip6.SrcIP)).Unmap(), netip.AddrFrom16([16]byte(s.ip6.DstIP)).Unmap()
		case layers.LayerTypeTCP:
			o.Proto, o.SrcPort, o.DstPort, o.Payload = audit.TCP, uint16(s.tcp.SrcPort), uint16(s.tcp.DstPort), s.tcp.Payload
			o.TCP = TCP{Seq: s.tcp.Seq, Ack: s.tcp.Ack, SYN: s.tcp.SYN, ACK: s.tcp.ACK, FIN: s.tcp.FIN, RST: s.tcp.RST}
			return o, true
		case layers.LayerTypeUDP:
			o.Proto, o.SrcPort, o.DstPort, o.Payload = audit.UDP, uint16(s.udp.SrcPort), uint16(s.udp.DstPort), s.udp.Payload
			return o, true
		}
	}
	return o, false
}

// TestCollection decodes every packet of every capture: what is found holds together, and agrees with gopacket where both read it.
func TestCollection(t *testing.T) {
	captures, packets, read, agreed := 0, 0, 0, 0
	for _, c := range corpus.All(t) {
		captures++
		s := newSecondOpinion()
		late := func(p *capture.Packet, o *Packet) { check(t, p, o) }
		eachPacket(t, c, func(d *Decoder, p *capture.Packet) {
			packets++
			var o Packet
			kind, ok := d.Decode(p, &o)
			if !ok {
				if kind.Code == "" || kind.Detail == "" {
					t.Errorf("%s: record %d: neither decoded nor told why: %v", c.Name, p.Number, kind)
				}
				return
			}
			read++
			check(t, p, &o)
			if p.Link != capture.LinkEthernet || o.Tunnels != 0 || o.Fragment {
				return
			}
			their, ok := s.read(p)
			if !ok {
				return
			}
			agreed++
			our := Packet{Src: o.Src, Dst: o.Dst, Proto: o.Proto, SrcPort: o.SrcPort, DstPort: o.DstPort, TCP: o.TCP}
			theirs := string(their.Payload)
			their.Payload = nil
			if our.Src != their.Src || our.Dst != their.Dst || our.Proto != their.Proto || our.SrcPort != their.SrcPort || our.DstPort != their.DstPort || our.TCP != their.TCP || string(o.Payload) != theirs {
				t.Errorf("%s: record %d: got %+v with %d bytes, gopacket has %+v with %d", c.Name, p.Number, our, len(o.Payload), their, len(theirs))
			}
		}, late)
	}
	t.Logf("%d captures, %d packets, %d read, %d of them by gopacket too", captures, packets, read, agreed)
	if agreed < packets/2 {
		t.Errorf("gopacket read %d packets of %d", agreed, packets)
	}
}
