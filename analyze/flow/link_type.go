package flow

import "abroad/capture"

// Link types beyond the ones that package capture names: rare, but a few lines each.
const (
	linkTokenRing     capture.LinkType = 6
	linkFDDI          capture.LinkType = 10
	linkCiscoHDLC     capture.LinkType = 104
	linkFrameRelay    capture.LinkType = 107
	linkARCNETLinux   capture.LinkType = 129
	linkPPI           capture.LinkType = 192
	linkPPPWithDir    capture.LinkType = 204
	linkEthernetMPack capture.LinkType = 274
	linkBroadcomTag   capture.LinkType = 281
)

// link opens a frame of the given link type.
func (d *Decoder) link(t capture.LinkType, b []byte, sent int) bool {
	if !d.deeper() {
		return false
	}
	switch t {
	case capture.LinkEthernet:
		return d.ethernet(b, sent)
	case capture.LinkRaw, capture.LinkRawBSD, capture.LinkRawOpenBSD, capture.LinkIPv4, capture.LinkIPv6:
		return d.ip(b, sent)
	case capture.LinkLinuxSLL:
		return d.sll(b, sent)
	case capture.LinkLinuxSLL2:
		return d.sll2(b, sent)
	case capture.LinkNull, capture.LinkLoop:
		return d.null(b, sent)
	case capture.LinkNFLOG:
		return d.nflog(b, sent)
	case capture.LinkPKTAP, capture.LinkUser2:
		return d.pktap(b, sent)
	case capture.LinkIEEE80211:
		return d.wifi(b, sent, false)
	case capture.LinkRadiotap:
		return d.radiotap(b, sent)
	case capture.LinkPPP, capture.LinkPPPHDLC:
		return d.ppp(b, sent)
	case capture.LinkPPPoE:
		return d.pppoe(b, sent)
	}
	return d.rareLink(t, b, sent)
}

// rareLink opens link types that no recorder of ours writes but that other people's captures have.
func (d *Decoder) rareLink(t capture.LinkType, b []byte, sent int) bool {
	fixed := func(n int, what string, next func(*Decoder, []byte, int) bool) bool {
		if len(b) < n {
			return d.cut("link", what, b, sent, n)
		}
		return next(d, b[n:], sent-n)
	}
	switch t {
	case linkTokenRing: // access and frame control, addresses, and a route when the source's first bit is set
		n := 14
		if len(b) > 14 && b[8]&0x80 != 0 {
			n += int(b[14] & 0x1f)
		}
		return fixed(n, "token ring header", (*Decoder).llcFrame)
	case linkFDDI: // frame control and addresses
		return fixed(13, "fddi header", (*Decoder).llcFrame)
	case linkCiscoHDLC:
		if len(b) < 4 {
			return d.cut("link", "hdlc header", b, sent, 4)
		}
		return d.etherType(be16(b[2:]), b[4:], sent-4)
	case linkPPPWithDir: // one byte: 0 received, else sent
		if len(b) > 0 {
			d.out.Dir = capture.DirIn
			if b[0] != 0 {
				d.out.Dir = capture.DirOut
			}
		}
		return fixed(1, "ppp header", (*Decoder).ppp)
	case linkEthernetMPack: // preamble and delimiter (IEEE 802.3br); only whole frames are read
		if len(b) >= 8 && b[7] != 0xd5 {
			return d.drop(capture.NotIP, "ethernet frame in pieces")
		}
		return fixed(8, "ethernet preamble", (*Decoder).ethernet)
	case linkBroadcomTag: // a switch's tag between addresses and EtherType
		if len(b) < 18 {
			return d.cut("link", "ethernet header", b, sent, 18)
		}
		d.macs(b[6:], b)
		return d.etherType(be16(b[16:]), b[18:], sent-18)
	case linkPPI:
		if len(b) < 8 {
			return d.cut("link", "ppi header", b, sent, 8)
		}
		n := int(b[2]) | int(b[3])<<8
		if n < 8 {
			return d.bad("link", "ppi header", b, "ppi header of %d bytes, want 8", n)
		}
		if inner := capture.LinkType(b[4]) | capture.LinkType(b[5])<<8; inner != linkPPI && len(b) >= n {
			return d.link(inner, b[n:], sent-n)
		}
		return d.cut("link", "ppi header", b, sent, n)
	case linkFrameRelay:
		return d.frameRelay(b, sent)
	case linkARCNETLinux:
		return d.arcnet(b, sent)
	}
	return d.drop(capture.UnknownLink, d.kinds.detail("link type %d", int(t)))
}

// frameRelay opens RFC 2427 framing behind a two-byte address, and Cisco's, which has an EtherType instead.
func (d *Decoder) frameRelay(b []byte, sent int) bool {
	if len(b) < 4 {
		return d.cut("link", "frame relay header", b, sent, 4)
	}
	if b[1]&1 == 0 {
		return d.drop(capture.NotIP, "frame relay with a long address")
	}
	if b[2] != 3 {
		return d.etherType(be16(b[2:]), b[4:], sent-4)
	}
	switch b[3] {
	case 0xcc, 0x8e: // IPv4, IPv6
		return d.ip(b[4:], sent-4)
	case 0x00: // a pad, then the protocol: SNAP
		if len(b) < 5 {
			return d.cut("link", "frame relay header", b, sent, 5)
		}
		if b[4] == 0x80 {
			return d.snapFrame(b[5:], sent-5)
		}
	}
	return d.drop(capture.NotIP, "frame relay")
}

// arcnet opens Linux's cooked ARCNET: source, destination, two bytes of offset, then the protocol (RFC 1201, RFC 1051).
func (d *Decoder) arcnet(b []byte, sent int) bool {
	if len(b) < 5 {
		return d.cut("link", "arcnet header", b, sent, 5)
	}
	n := 5
	switch b[4] {
	case 212, 0xc4: // RFC 1201 IPv4 and IPv6: fragment flag and sequence number
		if len(b) > 5 && b[5] == 0xff { // an exception frame repeats them
			n += 4
		}
		n += 3
		if len(b) > n-3 && b[n-3] != 0 {
			return d.drop(capture.NotIP, "arcnet frame in pieces")
		}
	case 240: // RFC 1051 IPv4
	case 213, 241:
		return d.drop(capture.NotIP, "arp")
	default:
		return d.drop(capture.NotIP, "arcnet")
	}
	if len(b) < n {
		return d.cut("link", "arcnet header", b, sent, n)
	}
	return d.ip(b[n:], sent-n)
}
