package flow

import "abroad/capture"

// pppoe opens a PPPoE session packet (RFC 2516): version and type, code, session, length.
func (d *Decoder) pppoe(b []byte, sent int) bool {
	if len(b) < 6 {
		return d.cut("link", "pppoe header", b, sent, 6)
	}
	if b[1] != 0 {
		return d.drop(capture.NotIP, "pppoe discovery")
	}
	n := be16(b[4:])
	if n == 0 || n > sent-6 { // offload, or a lie; IP has its own length
		n = sent - 6
	}
	b, sent = clip(b[6:], sent-6, n)
	return d.ppp(b, sent)
}

// ppp opens a PPP frame (RFC 1661, 1662): address and control may be left out, and the protocol may be one byte.
func (d *Decoder) ppp(b []byte, sent int) bool {
	if !d.deeper() {
		return false
	}
	if len(b) >= 4 && (b[0] == 0x0f || b[0] == 0x8f) && b[1] == 0 { // Cisco's HDLC instead
		return d.etherType(be16(b[2:]), b[4:], sent-4)
	}
	if len(b) >= 2 && b[0] == 0xff && b[1] == 3 {
		b, sent = b[2:], sent-2
	}
	if len(b) < 2 {
		return d.cut("link", "ppp header", b, sent, 2)
	}
	protocol, n := be16(b), 2
	if b[0]&1 != 0 {
		protocol, n = int(b[0]), 1
	}
	b, sent = b[n:], sent-n
	switch protocol {
	case 0x21, 0x57:
		return d.ip(b, sent)
	case 0x281, 0x283:
		return d.mpls(b, sent)
	}
	return d.drop(capture.NotIP, d.kinds.detail("ppp protocol 0x%04x", protocol))
}
