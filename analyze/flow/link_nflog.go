package flow

import (
	"encoding/binary"

	"abroad/capture"
)

// The attributes of an NFLOG packet that are read (linux/netfilter/nfnetlink_log.h).
const (
	nflogHeader  = 1  // EtherType u16, hook u8, pad; big-endian
	nflogSource  = 8  // sender's link address: length u16, pad u16, address[8]
	nflogPayload = 9  // the packet, from the IP header on
	nflogUID     = 11 // u32 big-endian
	nflogGID     = 14 // u32 big-endian
)

// nflog opens LINKTYPE_NFLOG: family u8, version u8, group u16, then attributes: length u16 (with these four bytes), type u16, value, padded
// to four bytes. Length and type are in the byte order of the machine that recorded.
//
// Of the netfilter hooks only LOCAL_IN (1) and LOCAL_OUT (3) say a direction: what passes the others may be forwarded.
func (d *Decoder) nflog(b []byte, sent int) bool {
	if len(b) < 4 {
		return d.cut("link", "nflog header", b, sent, 4)
	}
	if b[1] != 0 {
		return d.drop(capture.NotIP, "nflog of another version")
	}
	family := b[0]
	b, sent = b[4:], sent-4
	order := nflogOrder(b)
	owner := ownerKey{by: byNFLOG, uid: -1, gid: -1}
	protocol := 0
	for len(b) >= 4 {
		n, kind := int(order.Uint16(b)), order.Uint16(b[2:])
		if n < 4 || n > sent {
			return d.bad("link", "nflog attribute", b, "nflog attribute of %d bytes, %d left", n, sent)
		}
		value, valueSent := clip(b[4:], sent-4, n-4)
		switch {
		case kind == nflogPayload:
			if owner.uid >= 0 || owner.gid >= 0 {
				d.out.Attribution = d.owner.of(owner)
			}
			if protocol >= 0x600 && family != 2 && family != 10 {
				return d.etherType(protocol, value, valueSent)
			}
			return d.ip(value, valueSent)
		case kind == nflogHeader && len(value) >= 3:
			protocol = be16(value)
			switch value[2] {
			case 1:
				d.out.Dir = capture.DirIn
			case 3:
				d.out.Dir = capture.DirOut
			}
		case kind == nflogSource && len(value) >= 10 && be16(value) == 6:
			d.out.SrcMAC = MAC(value[4:])
		case kind == nflogUID && len(value) == 4:
			owner.uid = int32(binary.BigEndian.Uint32(value))
		case kind == nflogGID && len(value) == 4:
			owner.gid = int32(binary.BigEndian.Uint32(value))
		}
		next := min((n+3)&^3, len(b))
		b, sent = b[next:], sent-next
	}
	if len(b) < sent {
		return d.drop(capture.CutShort, "nflog attribute")
	}
	return d.drop(capture.NotIP, "nflog without a packet")
}

// nflogOrder finds the byte order in which the attributes make sense: every length fits, up to the payload.
func nflogOrder(b []byte) binary.ByteOrder {
	for off := 0; len(b)-off >= 4; {
		n, kind := int(binary.LittleEndian.Uint16(b[off:])), binary.LittleEndian.Uint16(b[off+2:])
		if n < 4 || kind > 255 {
			return binary.BigEndian
		}
		if kind == nflogPayload {
			break
		}
		off += (n + 3) &^ 3
	}
	return binary.LittleEndian
}
