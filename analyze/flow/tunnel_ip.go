package flow

import (
	"abroad/analyze/audit"
	"abroad/capture"
)

// enter opens what stands inside a tunnel. If there is no IP packet in it, everything is as before and enter returns false: the packet
// around it is an ordinary one then.
func (d *Decoder) enter(kind tunnel, open func(*Decoder, []byte, int) bool, b []byte, sent int) bool {
	around := d.out.Tunnels
	if around.Depth() >= MaxTunnels {
		d.warn("network", capture.TunnelDepth, b, "a %s tunnel inside %d others is not opened", tunnelNames[kind], MaxTunnels)
		return false
	}
	src, dst := d.out.SrcPort, d.out.DstPort
	d.out.Tunnels, d.out.SrcPort, d.out.DstPort = around.inside(kind), 0, 0
	if d.attempt(open, b, sent) {
		return true
	}
	d.out.Tunnels, d.out.SrcPort, d.out.DstPort = around, src, dst
	return false
}

// ipTunnel opens a tunnel that has a protocol number of its own.
func (d *Decoder) ipTunnel(proto audit.Proto, b []byte, sent int) bool {
	v6 := !d.out.Src.Is4()
	switch proto {
	case protoIPv4: // RFC 2003, RFC 2473
		if v6 {
			return d.enter(tunnel4in6, (*Decoder).ip, b, sent)
		}
		return d.enter(tunnelIPIP, (*Decoder).ip, b, sent)
	case protoIPv6: // RFC 4213, RFC 2473
		if v6 {
			return d.enter(tunnel6in6, (*Decoder).ip, b, sent)
		}
		return d.enter(tunnel6in4, (*Decoder).ip, b, sent)
	case protoGRE:
		return d.gre(b, sent)
	case protoEtherIP: // RFC 3378: version 3, then an Ethernet frame
		return len(b) > 2 && b[0]>>4 == 3 && d.enter(tunnelEtherIP, (*Decoder).ethernet, b[2:], sent-2)
	}
	return false
}

// gre opens GRE (RFC 2784, RFC 2890; version 1 is PPTP's, RFC 2637): flags and version u16, protocol u16, then what the flags announce.
func (d *Decoder) gre(b []byte, sent int) bool {
	const checksum, route, key, sequence, acknowledgement = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
	if len(b) < 4 {
		return false
	}
	flags, protocol := be16(b), be16(b[2:])
	n := 4
	if flags&(checksum|route) != 0 {
		n += 4
	}
	if flags&key != 0 {
		n += 4
	}
	if flags&sequence != 0 {
		n += 4
	}
	version := flags & 7
	if version == 1 && flags&acknowledgement != 0 {
		n += 4
	}
	if version > 1 || version == 1 && protocol != 0x880b {
		return false
	}
	if flags&route != 0 { // RFC 1701: address family u16, offset u8, length u8, until both are 0
		for {
			if len(b) < n+4 {
				return false
			}
			family, size := be16(b[n:]), int(b[n+3])
			if n += 4 + size; family == 0 && size == 0 {
				break
			}
		}
	}
	if len(b) < n {
		return false
	}
	b, sent = b[n:], sent-n
	switch {
	case version == 1:
		return d.enter(tunnelPPTP, (*Decoder).ppp, b, sent)
	case protocol == 0x0800 || protocol == 0x86dd:
		return d.enter(tunnelGRE, (*Decoder).ip, b, sent)
	case protocol == 0x6558:
		return d.enter(tunnelGRE, (*Decoder).ethernet, b, sent)
	case protocol == 0x880b:
		return d.enter(tunnelGRE, (*Decoder).ppp, b, sent)
	case protocol == 0x8847 || protocol == 0x8848:
		return d.enter(tunnelGRE, (*Decoder).mpls, b, sent)
	case protocol == 0x883e: // WCCP: a redirect header of four bytes, or none
		if len(b) > 4 && b[0]>>4 != 4 {
			b, sent = b[4:], sent-4
		}
		return d.enter(tunnelGRE, (*Decoder).ip, b, sent)
	case protocol == 0x88be || protocol == 0x22eb:
		return d.erspan(protocol, flags&sequence != 0, b, sent)
	case protocol&0xff00 == 0x8200 || protocol&0xff00 == 0x8300: // Aruba access points: 802.11 frames
		return d.enter(tunnelGRE, (*Decoder).wifiFrame, b, sent)
	}
	return false
}

// erspan opens a mirrored Ethernet frame: type I has no header, type II one of 8 bytes, type III of 12 and perhaps 8 more
// (draft-foschiano-erspan-03).
func (d *Decoder) erspan(protocol int, sequence bool, b []byte, sent int) bool {
	n := 0
	switch {
	case protocol == 0x22eb:
		if len(b) < 12 {
			return false
		}
		if n = 12; b[11]&1 != 0 {
			n = 20
		}
	case sequence:
		n = 8
	}
	return len(b) > n && d.enter(tunnelERSPAN, (*Decoder).ethernet, b[n:], sent-n)
}

// wifiFrame opens an 802.11 frame without padding.
func (d *Decoder) wifiFrame(b []byte, sent int) bool { return d.wifi(b, sent, false) }
