package flow

import (
	"encoding/binary"

	"abroad/capture"
)

// radiotap opens LINKTYPE_IEEE802_11_RADIOTAP: version, pad, length u16, then bit maps u32 of the fields present, each map saying with its
// last bit whether one more follows; all little-endian. Of the fields only the flags matter.
func (d *Decoder) radiotap(b []byte, sent int) bool {
	if len(b) < 8 {
		return d.cut("link", "radiotap header", b, sent, 8)
	}
	n := int(binary.LittleEndian.Uint16(b[2:]))
	if n < 8 {
		return d.bad("link", "radiotap header", b, "radiotap header of %d bytes, want 8", n)
	}
	if len(b) < n {
		return d.cut("link", "radiotap header", b, sent, n)
	}
	const timer, flags, more, padded = 1 << 0, 1 << 1, 1 << 31, 0x20
	present := binary.LittleEndian.Uint32(b[4:])
	at := 8
	for word := present; word&more != 0 && at+4 <= n; at += 4 {
		word = binary.LittleEndian.Uint32(b[at:])
	}
	if present&timer != 0 { // u64, aligned
		at = (at+7)&^7 + 8
	}
	pad := present&flags != 0 && at < n && b[at]&padded != 0
	return d.wifi(b[n:], sent-n, pad)
}

// wifi opens an IEEE 802.11 frame: a data frame whose body is not encrypted. pad says that the header is padded to four bytes.
func (d *Decoder) wifi(b []byte, sent int, pad bool) bool {
	if !d.deeper() {
		return false
	}
	if len(b) < 2 {
		return d.cut("link", "802.11 header", b, sent, 2)
	}
	control, flags := b[0], b[1]
	if control&3 != 0 && flags&3 == 0 { // Cisco's controllers swap the two bytes in CAPWAP
		control, flags = flags, control
	}
	switch control >> 2 & 3 {
	case 0:
		return d.drop(capture.NotIP, "802.11 management")
	case 1:
		return d.drop(capture.NotIP, "802.11 control")
	case 3:
		return d.drop(capture.NotIP, "802.11 extension")
	}
	const toDS, fromDS, protected, order = 0x01, 0x02, 0x40, 0x80
	const null, qos = 0x40, 0x80 // in the subtype
	n := 24
	fourAddresses := flags&(toDS|fromDS) == toDS|fromDS
	if fourAddresses {
		n += 6
	}
	aggregated := false
	if control&qos != 0 {
		aggregated = len(b) > n && b[n]&0x80 != 0
		n += 2
		if flags&order != 0 { // high throughput control
			n += 4
		}
	}
	if pad {
		n = (n + 3) &^ 3
	}
	if len(b) < n {
		return d.cut("link", "802.11 header", b, sent, n)
	}
	switch ds := flags & (toDS | fromDS); { // IEEE 802.11-2020, table 9-30
	case aggregated: // the subframes have their own
	case ds == 0:
		d.macs(b[10:], b[4:])
	case ds == toDS:
		d.macs(b[10:], b[16:])
	case ds == fromDS:
		d.macs(b[16:], b[4:])
	default:
		d.macs(b[24:], b[16:])
	}
	switch {
	case control&null != 0:
		return d.drop(capture.NotIP, "802.11 without data")
	case flags&protected != 0:
		return d.drop(capture.Encrypted80211, "802.11 data")
	case aggregated:
		d.more = aggregate{rest: b[n:], sent: sent - n, around: *d.out}
		return d.subframes()
	}
	return d.llcFrame(b[n:], sent-n)
}

// An aggregate is what is left of an A-MSDU (IEEE 802.11-2020, section 9.3.2.2): frames behind each other, each with its own addresses.
type aggregate struct {
	rest   []byte
	sent   int
	around Packet // what was said before the first one
}

// subframes opens the next subframe that holds an IP packet: destination, source, length u16, LLC; padded to four bytes.
func (d *Decoder) subframes() bool {
	for m := &d.more; len(m.rest) >= 14; {
		b, sent := m.rest[14:], m.sent-14
		n := be16(m.rest[12:])
		frame := m.rest
		if next := (14 + n + 3) &^ 3; next < len(m.rest) {
			m.rest, m.sent = m.rest[next:], m.sent-next
		} else {
			m.rest, m.sent = nil, 0
		}
		*d.out = m.around
		b, sent = clip(b, sent, n)
		if d.macs(frame[6:], frame); d.llcFrame(b, sent) {
			return true
		}
	}
	d.more.rest = nil
	return d.drop(capture.NotIP, "802.11 aggregate without ip")
}
