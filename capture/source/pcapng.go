package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"

	"abroad/capture"
)

// pcapng reads the format of draft-ietf-opsawg-pcapng.
var pcapng = &Source{
	Name:  "pcapng",
	Doc:   "Reads pcapng files in either byte order, with several sections and interfaces, comments, names, statistics, secrets and PCAPdroid's app table.",
	Sniff: sniffPcapng,
	Read:  readPcapng,
}

// Block types (draft-ietf-opsawg-pcapng, section 11.1).
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockPacket     = 2 // obsolete
	blockSimple     = 3
	blockNames      = 4
	blockStatistics = 5
	blockEnhanced   = 6
	blockJournal    = 9
	blockSecrets    = 10
	blockSysdig     = 0x204
	blockSysdig2    = 0x216
	blockSysdig2Big = 0x221
	blockCustom     = 0xbad
	blockCustomKeep = 0x40000bad // "do not copy"
)

const byteOrderMagic = 0x1a2b3c4d

// The smallest block is a type, a length and the length again.
const minBlock = 12

// A file may describe more interfaces and sections than anybody has; those past these limits are not kept.
const (
	maxInterfaces = 1 << 16
	maxSections   = 1 << 16
	maxText       = 1 << 20 // bytes of names and descriptions in the manifest
)

func sniffPcapng(head []byte) bool {
	if len(head) < 4 || binary.BigEndian.Uint32(head) != blockSection {
		return false
	}
	if len(head) < 12 {
		return true // cut off before the byte-order magic
	}
	_, ok := sectionOrder(head)
	return ok
}

// sectionOrder finds a section's byte order in its header block.
func sectionOrder(b []byte) (big, ok bool) {
	switch binary.LittleEndian.Uint32(b[8:]) {
	case byteOrderMagic:
		return false, true
	case bits.ReverseBytes32(byteOrderMagic):
		return true, true
	}
	return false, false
}

type pcapngReader struct {
	w      *Window
	m      *capture.Manifest
	yield  func(capture.Record) bool
	big    bool          // byte order of the section
	ifaces []ngInterface // of the section
	number uint32        // of the last frame, as tshark counts
	packet capture.Packet
	notes  texts
	off    int64 // of the block at hand
	kept   int   // bytes of text in the manifest

	manyInterfaces, manySections, muchText bool // a limit was reached, and said
}

// An ngInterface is what packets need to know of their interface.
type ngInterface struct {
	index uint32 // in the manifest
	link  capture.LinkType
	snap  uint32
	clock clock
}

func readPcapng(w *Window, m *capture.Manifest, yield func(capture.Record) bool) {
	r := &pcapngReader{w: w, m: m, yield: yield}
	for r.block() {
	}
}

func (r *pcapngReader) uint16(b []byte) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if r.big {
		v = bits.ReverseBytes16(v)
	}
	return v
}

func (r *pcapngReader) uint32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if r.big {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (r *pcapngReader) uint64(b []byte) uint64 {
	v := binary.LittleEndian.Uint64(b)
	if r.big {
		v = bits.ReverseBytes64(v)
	}
	return v
}

// block reads one block and reports whether to go on.
func (r *pcapngReader) block() bool {
	r.off = r.w.Offset()
	h := r.w.Peek(minBlock)
	if len(h) < minBlock {
		if len(h) > 0 {
			r.cut(len(h), "block", minBlock)
		}
		return false
	}
	if binary.BigEndian.Uint32(h) == blockSection { // the same in both byte orders
		big, ok := sectionOrder(h)
		if !ok {
			return r.bad(fmt.Sprintf("a section header has the byte-order magic %x", h[8:12]))
		}
		r.big = big
	}
	typ, claimed := r.uint32(h), r.uint32(h[4:])
	if claimed < minBlock {
		return r.bad(fmt.Sprintf("a block of type %#x claims to be %d bytes long", typ, claimed))
	}
	// Some writers leave the padding out of the length, though not out of the block; tshark reads such files, so does this.
	length := (int64(claimed) + 3) &^ 3
	if length > MaxRecord {
		return r.long(typ, length)
	}
	b := r.w.Peek(int(length))
	if len(b) < int(length) {
		r.cut(len(b), fmt.Sprintf("block of type %#x", typ), int(length))
		return false
	}
	if again := r.uint32(b[length-4:]); (int64(again)+3)&^3 != length {
		return r.bad(fmt.Sprintf("a block of type %#x is %d bytes long at its head and %d at its end", typ, claimed, again))
	}
	if claimed%4 != 0 && !r.odd(fmt.Sprintf("the length of a block of type %#x is %d, not a multiple of 4", typ, claimed)) {
		return false
	}
	if !r.body(typ, b[8:length-4]) {
		return false
	}
	r.w.Skip(int(length))
	return true
}

// body reads what stands between the two lengths of a block.
func (r *pcapngReader) body(typ uint32, b []byte) bool {
	switch typ {
	case blockEnhanced:
		return r.enhanced(b)
	case blockSimple:
		return r.simple(b)
	case blockPacket:
		return r.obsolete(b)
	case blockSection:
		return r.section(b)
	case blockInterface:
		return r.describe(b)
	case blockNames:
		return r.names(b)
	case blockStatistics:
		return r.statistics(b)
	case blockSecrets:
		return r.secrets(b)
	case blockCustom, blockCustomKeep:
		r.number++
		return r.custom(b)
	case blockJournal, blockSysdig, blockSysdig2, blockSysdig2Big:
		r.number++
		a := anomaly(capture.UnknownBlock, r.off, fmt.Sprintf("a block of type %#x holds no packet", typ))
		a.At.Record = r.number
		return r.yield(a)
	}
	return r.yield(anomaly(capture.UnknownBlock, r.off, fmt.Sprintf("a block of type %#x", typ)))
}

// long skips a block that is longer than MaxRecord, if it ends as it begins.
func (r *pcapngReader) long(typ uint32, length int64) bool {
	if done := r.w.SkipFar(length - 4); done < length-4 {
		if !r.w.Broken() {
			r.yield(anomaly(capture.CutShort, r.off, fmt.Sprintf("the file ends after %d of the %d bytes of a block of type %#x", done, length, typ)))
		}
		return false
	}
	t := r.w.Peek(4)
	if len(t) < 4 || (int64(r.uint32(t))+3)&^3 != length {
		return r.bad(fmt.Sprintf("a block of type %#x claims to be %d bytes long and does not end there", typ, length))
	}
	r.w.Skip(4)
	switch typ {
	case blockEnhanced, blockSimple, blockPacket, blockCustom, blockCustomKeep, blockJournal, blockSysdig, blockSysdig2, blockSysdig2Big:
		r.number++
	}
	return r.yield(anomaly(capture.Limit, r.off, fmt.Sprintf("a block of type %#x is %d bytes long, more than %d; skipped", typ, length, MaxRecord)))
}

// section begins a new section: interfaces are counted from 0 again.
func (r *pcapngReader) section(b []byte) bool {
	if len(b) < 16 {
		return r.bad(fmt.Sprintf("a section header of %d bytes", len(b)))
	}
	if major, minor := r.uint16(b[4:]), r.uint16(b[6:]); major != 1 {
		return r.bad(fmt.Sprintf("a section of version %d.%d", major, minor))
	} else if minor != 0 && minor != 2 && !r.odd(fmt.Sprintf("a section of version %d.%d, read as 1.0", major, minor)) {
		return false
	}
	r.ifaces = r.ifaces[:0]
	var s capture.Section
	r.notes.reset()
	ok := r.options(b[16:], func(code uint16, v []byte) bool {
		switch code {
		case 1:
			r.notes.add(v)
		case 2:
			s.Hardware = r.keep(v)
		case 3:
			s.OS = r.keep(v)
		case 4:
			s.Application = r.keep(v)
		}
		return true
	})
	if len(r.m.Sections) < maxSections {
		r.m.Sections = append(r.m.Sections, s)
	} else if !r.limit(&r.manySections, fmt.Sprintf("more than %d sections; the manifest lists the first ones", maxSections)) {
		return false
	}
	return r.textKept() && r.comments("section") && r.optionsRead(ok, "section header")
}

// cut says that the file ends inside something, unless the window is to blame.
func (r *pcapngReader) cut(have int, what string, want int) {
	if !r.w.Broken() {
		r.yield(cutShort(r.off, have, what, want))
	}
}

// bad says that the block at hand is impossible, and ends the reading.
func (r *pcapngReader) bad(what string) bool {
	r.yield(anomaly(capture.BadBlock, r.off, what+rest(r.w)))
	return false
}

// odd says that the block at hand breaks a rule.
func (r *pcapngReader) odd(what string) bool { return r.yield(anomaly(capture.OddFormat, r.off, what)) }

// limit says, once, that the manifest does not hold everything.
func (r *pcapngReader) limit(said *bool, what string) bool {
	if *said {
		return true
	}
	*said = true
	return r.yield(anomaly(capture.Limit, r.off, what))
}

// keep returns text for the manifest, "" when that is full. Options are not NUL-terminated, though some writers do.
func (r *pcapngReader) keep(v []byte) string {
	v = bytes.TrimRight(v, "\x00")
	if r.kept += len(v); r.kept > maxText {
		return ""
	}
	return string(v)
}

// textKept says when keep has left something out.
func (r *pcapngReader) textKept() bool {
	return r.kept <= maxText ||
		r.limit(&r.muchText, fmt.Sprintf("more than %d bytes of names and descriptions; the manifest holds the first ones", maxText))
}
