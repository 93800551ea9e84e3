package source

import (
	"fmt"

	"abroad/capture"
)

// enhanced reads an Enhanced Packet Block (draft-ietf-opsawg-pcapng, section 4.3).
func (r *pcapngReader) enhanced(b []byte) bool {
	r.number++
	if len(b) < 20 {
		return r.lost(capture.BadOption, fmt.Sprintf("an enhanced packet block of %d bytes", len(b)))
	}
	p := &r.packet
	*p = capture.Packet{}
	stamp := uint64(r.uint32(b[4:]))<<32 | uint64(r.uint32(b[8:]))
	return r.emit(r.uint32(b), stamp, r.uint32(b[12:]), r.uint32(b[16:]), b[20:])
}

// obsolete reads a Packet Block (draft-ietf-opsawg-pcapng, appendix A).
func (r *pcapngReader) obsolete(b []byte) bool {
	r.number++
	if len(b) < 20 {
		return r.lost(capture.BadOption, fmt.Sprintf("a packet block of %d bytes", len(b)))
	}
	p := &r.packet
	*p = capture.Packet{}
	if drops := r.uint16(b[2:]); drops != 0xffff {
		p.Drops = uint64(drops)
	}
	stamp := uint64(r.uint32(b[4:]))<<32 | uint64(r.uint32(b[8:]))
	return r.emit(uint32(r.uint16(b)), stamp, r.uint32(b[12:]), r.uint32(b[16:]), b[20:])
}

// emit completes and yields a packet that has a time: tail is its data, padding and options.
func (r *pcapngReader) emit(id uint32, stamp uint64, captured, original uint32, tail []byte) bool {
	if id >= uint32(len(r.ifaces)) {
		return r.lost(capture.UnknownIface, fmt.Sprintf("a packet of interface %d of %d", id, len(r.ifaces)))
	}
	if uint64(captured) > uint64(len(tail)) {
		return r.lost(capture.CapLenLies, fmt.Sprintf("a packet of %d captured bytes in a block with room for %d", captured, len(tail)))
	}
	iface, p := &r.ifaces[id], &r.packet
	var inRange bool
	p.Time, inRange = iface.clock.time(stamp)
	p.Number, p.Iface, p.Link = r.number, iface.index, iface.link
	p.Data, p.OrigLen = tail[:captured:captured], original
	read := true
	r.notes.reset()
	if opts := tail[min((int(captured)+3)&^3, len(tail)):]; len(opts) > 0 {
		read = r.packetOptions(opts)
	}
	if !r.yield(p) {
		return false
	}
	if inRange && read && r.notes.over == 0 {
		return true
	}
	return (inRange || r.lost(capture.TimeRange, fmt.Sprintf("the time stamp %d is outside the years 1678 to 2262", stamp))) &&
		(read || r.lost(capture.BadOption, "an option of a packet is impossible; it and those behind it are ignored")) &&
		(r.notes.over == 0 || r.lost(capture.Limit, r.notes.dropped()))
}

// packetOptions reads the options of r.packet (draft-ietf-opsawg-pcapng, section 4.3).
func (r *pcapngReader) packetOptions(b []byte) bool {
	p := &r.packet
	ok := r.options(b, func(code uint16, v []byte) bool {
		switch code {
		case 1:
			r.notes.add(v)
		case 2: // epb_flags
			if len(v) != 4 {
				return false
			}
			switch r.uint32(v) & 3 {
			case 1:
				p.Dir = capture.DirIn
			case 2:
				p.Dir = capture.DirOut
			}
		case 4: // epb_dropcount
			if len(v) != 8 {
				return false
			}
			p.Drops = r.uint64(v)
		case 8: // epb_processid_threadid
			if len(v) != 8 {
				return false
			}
			p.Process = capture.Process{PID: r.uint32(v), TID: r.uint32(v[4:])}
		}
		return true
	})
	if len(r.notes.list) > 0 {
		p.Notes = r.notes.list
	}
	return ok
}

// simple reads a Simple Packet Block (draft-ietf-opsawg-pcapng, section 4.4): a packet of the section's first interface without a time,
// cut at the interface's snap length.
func (r *pcapngReader) simple(b []byte) bool {
	r.number++
	if len(b) < 4 {
		return r.lost(capture.BadOption, "a simple packet block without a length")
	}
	if len(r.ifaces) == 0 {
		return r.lost(capture.UnknownIface, "a packet of interface 0 of 0")
	}
	iface, original := &r.ifaces[0], r.uint32(b)
	captured := original
	if iface.snap != 0 {
		captured = min(captured, iface.snap)
	}
	if uint64(captured) > uint64(len(b)-4) {
		return r.lost(capture.CapLenLies, fmt.Sprintf("a packet of %d captured bytes in a block with room for %d", captured, len(b)-4))
	}
	r.packet = capture.Packet{
		Number: r.number, Time: capture.NoTime, Link: iface.link, Iface: iface.index, Data: b[4 : 4+captured : 4+captured], OrigLen: original,
	}
	return r.yield(&r.packet)
}

// lost says something about the packet block at hand, mostly that its packet could not be read.
func (r *pcapngReader) lost(code capture.Code, detail string) bool {
	a := anomaly(code, r.off, detail)
	a.At.Record = r.number
	return r.yield(a)
}
