package flow

import (
	"encoding/binary"

	"abroad/capture"
)

// pktap opens Apple's PKTAP header (LINKTYPE_PKTAP, and DLT_USER2 in files of Apple's tools), little-endian: 0 length u32, 4 record type u32
// (1 = packet), 8 link type u32 of what follows, 12 interface[24], 36 flags u32 (1 in, 2 out), 40 family, 44 and 48 lengths of link header
// and trailer, 52 pid i32, 56 process[20], 76 service class, 80 and 82 interface type and unit, 84 effective pid i32, 88 its process[20].
// Newer systems append more.
func (d *Decoder) pktap(b []byte, sent int) bool {
	const fixed = 108
	if len(b) < 12 {
		return d.cut("link", "pktap header", b, sent, 12)
	}
	n := int64(binary.LittleEndian.Uint32(b))
	inner := capture.LinkType(binary.LittleEndian.Uint32(b[8:]))
	switch {
	case d.frame.Link == capture.LinkUser2 && (n < fixed || n > int64(sent)): // the number is anybody's
		return d.drop(capture.UnknownLink, "link type 149")
	case n < fixed || n > int64(sent):
		return d.bad("link", "pktap header", b, "pktap header of %d bytes, want %d to %d", n, fixed, sent)
	case n > int64(len(b)):
		return d.cut("link", "pktap header", b, sent, int(n))
	case binary.LittleEndian.Uint32(b[4:]) != 1:
		return d.drop(capture.NotIP, "pktap record without a packet")
	case inner == capture.LinkPKTAP || inner == capture.LinkUser2:
		return d.bad("link", "pktap header", b, "pktap inside pktap")
	}
	switch binary.LittleEndian.Uint32(b[36:]) & 3 {
	case 1:
		d.out.Dir = capture.DirIn
	case 2:
		d.out.Dir = capture.DirOut
	}
	k := ownerKey{by: byPKTAP, uid: -1, gid: -1}
	if pid := int32(binary.LittleEndian.Uint32(b[52:])); pid > 0 {
		k.pid, k.name = pid, label(b[56:76])
	}
	if epid := int32(binary.LittleEndian.Uint32(b[84:])); epid > 0 {
		k.epid, k.ename = epid, label(b[88:108])
	}
	if k.pid != 0 || k.epid != 0 {
		d.out.Attribution = d.owner.of(k)
	}
	return d.link(inner, b[n:], sent-int(n))
}
