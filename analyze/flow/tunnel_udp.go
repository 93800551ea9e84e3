package flow

import "github.com/google/gopacket"

// udpTunnel returns what opens the tunnel known at one of the ports; nil if there is none. The ports are only a hint: anybody may use them, so
// a tunnel is believed only if its header holds and a whole IP packet fits into it.
func udpTunnel(src, dst uint16) func(*Decoder, []byte, int) bool {
	if open := tunnelAt(dst); open != nil {
		return open
	}
	return tunnelAt(src)
}

func tunnelAt(port uint16) func(*Decoder, []byte, int) bool {
	switch port {
	case 1701:
		return (*Decoder).openL2TP
	case 2152:
		return (*Decoder).openGTP
	case 3544:
		return (*Decoder).openTeredo
	case 4789, 4790, 8472: // VXLAN, its generic protocol extension, Linux's old default
		return (*Decoder).openVXLAN
	case 5072:
		return (*Decoder).openAYIYA
	case 5247:
		return (*Decoder).openCAPWAP
	case 6081:
		return (*Decoder).openGeneve
	}
	return nil
}

// openVXLAN: flags u8, 3 bytes, VNI[3], reserved u8, Ethernet (RFC 7348). Of the flags the VNI's must be set; the group policy extension may
// set its own, and the generic protocol extension (draft-ietf-nvo3-vxlan-gpe) one that makes the fourth byte say what follows.
func (d *Decoder) openVXLAN(b []byte, sent int) bool {
	const valid, generic, policy = 0x08, 0x04, 0x80
	if len(b) < 8 || b[0]&^(generic|policy) != valid || b[7] != 0 || d.vxlan.DecodeFromBytes(b, gopacket.NilDecodeFeedback) != nil {
		return false
	}
	inside := d.vxlan.Payload
	if b[0]&generic == 0 {
		return d.enter(tunnelVXLAN, (*Decoder).ethernet, inside, sent-8)
	}
	switch b[3] {
	case 1, 2:
		return d.enter(tunnelVXLAN, (*Decoder).ip, inside, sent-8)
	case 3:
		return d.enter(tunnelVXLAN, (*Decoder).ethernet, inside, sent-8)
	case 5:
		return d.enter(tunnelVXLAN, (*Decoder).mpls, inside, sent-8)
	}
	return false
}

// openGeneve: version and option length in words, flags, protocol u16, VNI[3], reserved u8, options (RFC 8926).
func (d *Decoder) openGeneve(b []byte, sent int) bool {
	if len(b) < 8 || b[0]>>6 != 0 || b[7] != 0 {
		return false
	}
	n := 8 + int(b[0]&0x3f)*4
	if len(b) < n {
		return false
	}
	switch be16(b[2:]) {
	case 0x6558:
		return d.enter(tunnelGeneve, (*Decoder).ethernet, b[n:], sent-n)
	case 0x0800, 0x86dd:
		return d.enter(tunnelGeneve, (*Decoder).ip, b[n:], sent-n)
	}
	return false
}

// openGTP opens a T-PDU of GTP-U version 1 (3GPP TS 29.281, section 5): flags u8, type u8, length u16, tunnel u32; four bytes more if any of
// the three flags is set, whose last is the type of the next extension header: length in words u8, content, type of the next.
func (d *Decoder) openGTP(b []byte, sent int) bool {
	const user, extended, optional = 0xff, 0x04, 0x07
	if len(b) < 8 || b[0]&0xf0 != 0x30 || b[1] != user || be16(b[2:]) > sent-8 {
		return false
	}
	flags := b[0]
	b, sent = clip(b[8:], sent-8, be16(b[2:]))
	if flags&optional != 0 {
		if len(b) < 4 {
			return false
		}
		next := b[3]
		b, sent = b[4:], sent-4
		for flags&extended != 0 && next != 0 {
			if len(b) < 4 || b[0] == 0 || len(b) < int(b[0])*4 {
				return false
			}
			n := int(b[0]) * 4
			next = b[n-1]
			b, sent = b[n:], sent-n
		}
	}
	return d.enter(tunnelGTP, (*Decoder).ip, b, sent)
}

// openTeredo: an authentication header (0, 1, lengths of client id and value, both, nonce[8], confirmation u8) and an origin indication
// (0, 0, port u16, address[4]), both optional, then IPv6 (RFC 4380, section 5.1.1).
func (d *Decoder) openTeredo(b []byte, sent int) bool {
	if len(b) >= 13 && b[0] == 0 && b[1] == 1 {
		n := 13 + int(b[2]) + int(b[3])
		if len(b) < n {
			return false
		}
		b, sent = b[n:], sent-n
	}
	if len(b) >= 8 && b[0] == 0 && b[1] == 0 {
		b, sent = b[8:], sent-8
	}
	return len(b) > 0 && b[0]>>4 == 6 && d.enter(tunnelTeredo, (*Decoder).ip, b, sent)
}

// openL2TP opens a data message of L2TP version 2 (RFC 2661, section 3.1): flags and version u16, length u16 if L, tunnel u16, session u16,
// sequence numbers u16 twice if S, offset u16 and padding if O, PPP.
func (d *Decoder) openL2TP(b []byte, sent int) bool {
	const control, length, sequence, offset = 0x8000, 0x4000, 0x0800, 0x0200
	if len(b) < 6 || be16(b)&0xf != 2 || be16(b)&control != 0 {
		return false
	}
	flags := be16(b)
	n := 6
	if flags&length != 0 {
		if be16(b[2:]) > sent {
			return false
		}
		b, sent = clip(b, sent, be16(b[2:]))
		n += 2
	}
	if flags&sequence != 0 {
		n += 4
	}
	if flags&offset != 0 {
		if len(b) < n+2 {
			return false
		}
		n += 2 + be16(b[n:])
	}
	return len(b) > n && d.enter(tunnelL2TP, (*Decoder).ppp, b[n:], sent-n)
}

// openAYIYA opens a forwarded packet (draft-massar-v6ops-ayiya-02): identity length (as a power of 2) and type, signature length in words and
// method, authentication method and operation, next header, time u32, identity, signature.
func (d *Decoder) openAYIYA(b []byte, sent int) bool {
	const forward, ipv6 = 1, 41
	if len(b) < 8 || b[2]&15 != forward || b[3] != ipv6 {
		return false
	}
	n := 8 + 1<<(b[0]>>4) + int(b[1]>>4)*4
	return len(b) > n && d.enter(tunnelAYIYA, (*Decoder).ip, b[n:], sent-n)
}

// openCAPWAP opens an access point's data packet (RFC 5415, section 4.3): version and type u8 (0), then from the highest bit header length in
// words (5 bits), radio (5), binding (5), native frame (1), flags (9, the first of which says "fragment"), fragment id and offset.
func (d *Decoder) openCAPWAP(b []byte, sent int) bool {
	const native, parted = 0x01, 0x80
	if len(b) < 8 || b[0] != 0 || b[3]&parted != 0 {
		return false
	}
	n := int(b[1]>>3) * 4
	if n < 8 || len(b) <= n {
		return false
	}
	if b[2]&native == 0 {
		return d.enter(tunnelCAPWAP, (*Decoder).ethernet, b[n:], sent-n)
	}
	return b[2]>>1&31 == 1 && d.enter(tunnelCAPWAP, (*Decoder).wifiFrame, b[n:], sent-n)
}
