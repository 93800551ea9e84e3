package flow

import (
	"net/netip"

	"abroad/analyze/audit"
	"abroad/capture"
)

// ip opens an IP packet. Its first nibble says which, whatever announced it: pymobiledevice3 writes IPv6 behind IPv4's EtherType.
func (d *Decoder) ip(b []byte, sent int) bool {
	if len(b) == 0 {
		return d.cut("network", "ip header", b, sent, 1)
	}
	switch b[0] >> 4 {
	case 4:
		return d.ipv4(b, sent)
	case 6:
		return d.ipv6(b, sent)
	}
	return d.bad("network", ipVersions[b[0]>>4], b, "%s", ipVersions[b[0]>>4])
}

var ipVersions = [16]string{
	"ip version 0", "ip version 1", "ip version 2", "ip version 3", "", "ip version 5", "", "ip version 7", "ip version 8", "ip version 9",
	"ip version 10", "ip version 11", "ip version 12", "ip version 13", "ip version 14", "ip version 15",
}

// ipv4 opens an IPv4 packet (RFC 791). Options are passed over, and so is the checksum, which offloading leaves undone.
func (d *Decoder) ipv4(b []byte, sent int) bool {
	if len(b) < 20 {
		return d.cut("network", "ipv4 header", b, sent, 20)
	}
	head, total := int(b[0]&15)*4, be16(b[2:])
	if total == 0 { // segmentation offload
		total = d.rest(sent)
	}
	if head < 20 || total < head || d.strict > 0 && total > sent {
		return d.bad("network", "ipv4 header", b, "ipv4 header of %d bytes in a packet of %d, %d sent", head, total, sent)
	}
	o := d.out
	o.Src, o.Dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	o.IPLen, o.Truncated = uint32(total), total > len(b)
	if len(b)-total >= trailerLen {
		d.behind()
	}
	rest, left := b[min(head, len(b)):min(total, len(b))], total-head
	proto := audit.Proto(b[9])
	if parted := be16(b[6:]); parted&0x3fff != 0 { // more fragments, or an offset
		key := datagramKey{src: o.Src, dst: o.Dst, id: uint32(be16(b[4:])), proto: proto, tunnels: o.Tunnels}
		var complete bool
		if rest, left, _, complete = d.fragment(key, int(proto), rest, left, parted&0x1fff*unit, parted&0x2000 != 0); !complete {
			return true
		}
	}
	return d.transport(proto, rest, left)
}

// rest returns the length of an IP packet that does not say it, when sent bytes are left: all but PCAPdroid's trailer.
func (d *Decoder) rest(sent int) int {
	if d.frame.Link == capture.LinkEthernet && d.out.Tunnels == 0 && !d.joined && hasTrailer(d.frame.Data) {
		return sent - trailerLen
	}
	return sent
}

// behind looks at what stands behind the outermost IP packet of an Ethernet frame.
func (d *Decoder) behind() {
	if d.frame.Link == capture.LinkEthernet && d.out.Tunnels == 0 && !d.joined {
		d.trailer()
	}
}

// IPv6 next header values (IANA "Protocol Numbers") that are not transports.
const (
	hopByHop    = 0
	routing     = 43
	fragmented  = 44
	authHeader  = 51
	noNext      = 59
	destination = 60
	mobility    = 135
	hostID      = 139
	shim6       = 140
)

// ipv6 opens an IPv6 packet (RFC 8200). A length of 0 is a jumbogram's (RFC 2675) or an offloading card's: the rest of the frame.
func (d *Decoder) ipv6(b []byte, sent int) bool {
	if len(b) < 40 {
		return d.cut("network", "ipv6 header", b, sent, 40)
	}
	total, next := be16(b[4:])+40, int(b[6])
	if total == 40 && next != noNext && d.strict == 0 {
		total = max(d.rest(sent), 40)
	}
	if d.strict > 0 && total > sent {
		return d.bad("network", "ipv6 header", b, "ipv6 packet of %d bytes, %d sent", total, sent)
	}
	o := d.out
	o.Src, o.Dst = netip.AddrFrom16([16]byte(b[8:24])).Unmap(), netip.AddrFrom16([16]byte(b[24:40])).Unmap()
	o.IPLen, o.Truncated = uint32(total), total > len(b)
	if len(b)-total >= trailerLen {
		d.behind()
	}
	rest, left := b[40:min(total, len(b))], total-40
	switch next {
	case hopByHop, routing, fragmented, destination, mobility, hostID, shim6:
		return d.extensions(next, rest, left)
	}
	return d.transport(audit.Proto(next), rest, left)
}

// extensions passes over extension headers (RFC 8200, section 4; RFC 7045 lists them). A header that does not fit ends the search: its own
// number stands for the transport then.
func (d *Decoder) extensions(next int, b []byte, sent int) bool {
	for {
		size := 8
		switch next {
		case mobility, hostID, shim6: // they stand alone, as a rule
			if len(b) > 0 && b[0] == noNext {
				return d.transport(audit.Proto(next), b, sent)
			}
			fallthrough
		case hopByHop, routing, destination:
			if len(b) > 1 {
				size = int(b[1])*8 + 8
			}
		case authHeader:
			if len(b) > 1 {
				size = int(b[1])*4 + 8
			}
		case fragmented:
		default:
			return d.transport(audit.Proto(next), b, sent)
		}
		if len(b) < size {
			if sent < size {
				d.warn("network", capture.Malformed, b, "ipv6 extension header %d of %d bytes, %d sent", next, size, sent)
			}
			return d.plain(audit.Proto(next), b, sent)
		}
		if next != fragmented {
			next, b, sent = int(b[0]), b[size:], sent-size
			continue
		}
		parted := be16(b[2:])
		key := datagramKey{src: d.out.Src, dst: d.out.Dst, id: uint32(be16(b[4:]))<<16 | uint32(be16(b[6:])), tunnels: d.out.Tunnels, v6: true}
		next, b, sent = int(b[0]), b[8:], sent-8
		if parted&0xfff9 == 0 { // the only fragment (RFC 6946)
			continue
		}
		var complete bool
		if b, sent, next, complete = d.fragment(key, next, b, sent, parted&0xfff8, parted&1 != 0); !complete {
			return true
		}
	}
}
