package flow

import (
	"encoding/binary"

	"github.com/google/gopacket"

	"abroad/analyze/audit"
	"abroad/capture"
)

// Transports and tunnels by protocol number, besides those that package audit names.
const (
	protoIPv4    audit.Proto = 4
	protoDCCP    audit.Proto = 33
	protoIPv6    audit.Proto = 41
	protoGRE     audit.Proto = 47
	protoEtherIP audit.Proto = 97
	protoUDPLite audit.Proto = 136
)

// transport opens what an IP packet carries. It always finds something: a protocol it does not know makes a flow without ports.
func (d *Decoder) transport(proto audit.Proto, b []byte, sent int) bool {
	switch proto {
	case audit.TCP:
		return d.tcp(b, sent)
	case audit.UDP:
		return d.udp(b, sent)
	case audit.SCTP:
		if d.ports(proto, b, sent, 12) && d.sctp.DecodeFromBytes(b, gopacket.NilDecodeFeedback) == nil {
			d.payload(d.sctp.Payload, sent-12)
		}
		return true
	case protoUDPLite: // RFC 3828: the length field says what the checksum covers
		if d.ports(proto, b, sent, 8) {
			d.payload(b[8:], sent-8)
		}
		return true
	case protoDCCP: // RFC 4340: data offset in words
		if d.ports(proto, b, sent, 12) {
			head := min(max(int(b[4])*4, 12), len(b))
			d.payload(b[head:], sent-head)
		}
		return true
	case authHeader: // RFC 4302: transparent
		if len(b) >= 8 && len(b) >= int(b[1])*4+8 && d.deeper() {
			head := int(b[1])*4 + 8
			return d.extensions(int(b[0]), b[head:], sent-head)
		}
	case protoIPv4, protoIPv6, protoGRE, protoEtherIP:
		if d.ipTunnel(proto, b, sent) {
			return true
		}
	}
	return d.plain(proto, b, sent)
}

// plain is a packet without ports.
func (d *Decoder) plain(proto audit.Proto, b []byte, sent int) bool {
	d.out.Proto = proto
	d.payload(b, sent)
	return true
}

// payload ends the reading of a packet.
func (d *Decoder) payload(b []byte, sent int) {
	o := d.out
	o.Payload, o.PayloadLen, o.PayloadOff = b, uint32(max(sent, len(b))), d.offset(b)
}

// ports reads the ports that every transport's header of size bytes begins with. It returns false when the header does not fit, after
// having made the best of it.
func (d *Decoder) ports(proto audit.Proto, b []byte, sent, size int) bool {
	o := d.out
	o.Proto = proto
	if len(b) >= 4 {
		o.SrcPort, o.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	}
	if len(b) >= size {
		return true
	}
	if sent < size {
		d.warn("transport", capture.Malformed, b, "%s header of %d bytes, want %d", proto, sent, size)
	} else {
		o.Truncated = true
	}
	d.payload(b[len(b):], max(sent-size, 0))
	return false
}

// tcp reads a TCP header (RFC 9293). Options are passed over.
func (d *Decoder) tcp(b []byte, sent int) bool {
	if !d.ports(audit.TCP, b, sent, 20) {
		return true
	}
	flags := b[13]
	d.out.TCP = TCP{
		Seq: binary.BigEndian.Uint32(b[4:]), Ack: binary.BigEndian.Uint32(b[8:]),
		FIN: flags&1 != 0, SYN: flags&2 != 0, RST: flags&4 != 0, ACK: flags&16 != 0,
	}
	head := int(b[12]>>4) * 4
	if head < 20 || head > sent {
		d.warn("transport", capture.Malformed, b, "tcp header says %d bytes, %d sent", head, sent)
		d.payload(b[len(b):], 0)
		return true
	}
	d.payload(b[min(head, len(b)):], sent-head)
	return true
}

// udp reads a UDP header (RFC 768) and, behind well-known ports, opens a tunnel if there really is one.
func (d *Decoder) udp(b []byte, sent int) bool {
	if !d.ports(audit.UDP, b, sent, 8) {
		return true
	}
	switch n := be16(b[4:]); {
	case n == 0: // a jumbogram (RFC 2675), or offload
	case n < 8:
		d.warn("transport", capture.Malformed, b, "udp length %d, want 8", n)
		d.payload(b[8:8], 0)
		return true
	case n > sent:
		d.warn("transport", capture.Malformed, b, "udp length %d, %d sent", n, sent)
	default:
		b, sent = clip(b, sent, n)
	}
	b, sent = b[8:], sent-8
	if open := udpTunnel(d.out.SrcPort, d.out.DstPort); open != nil && open(d, b, sent) {
		return true
	}
	d.payload(b, sent)
	return true
}
