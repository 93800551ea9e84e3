package source

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"abroad/capture"
)

// pcap reads the format of draft-ietf-opsawg-pcap and the variants of it that can be told apart by their magic number.
var pcap = &Source{
	Name:  "pcap",
	Doc:   "Reads pcap files with micro- or nanosecond times in either byte order, also with Kuznetzov's longer record headers and Ixia's file header.",
	Sniff: func(head []byte) bool { _, ok := sniffPcap(head); return ok },
	Read:  readPcap,
}

// pcapMagic is what a magic number says about a file.
type pcapMagic struct {
	magic uint32
	unit  uint32 // nanoseconds of one unit of the fraction of a second
	file  int    // length of the file header
	more  int    // bytes that record headers have behind the usual 16
	big   bool
}

var pcapMagics = []pcapMagic{
	{magic: 0xa1b2c3d4, unit: 1000, file: 24},
	{magic: 0xa1b23c4d, unit: 1, file: 24},
	{magic: 0xa1b2cd34, unit: 1000, file: 24, more: 8}, // A. Kuznetzov's patches to libpcap, 1999: interface, protocol, packet type
	{magic: 0x1c0001ac, unit: 1, file: 28},             // Ixia hardware: the length of all records stands behind the file header
	{magic: 0x1c0001ab, unit: 1000, file: 28},          // Ixia software
}

func sniffPcap(head []byte) (pcapMagic, bool) {
	if len(head) < 4 {
		return pcapMagic{}, false
	}
	little := binary.LittleEndian.Uint32(head)
	for _, m := range pcapMagics {
		switch little {
		case bits.ReverseBytes32(m.magic):
			m.big = true
			return m, true
		case m.magic:
			return m, true
		}
	}
	return pcapMagic{}, false
}

// Captured lengths above maxCaptured are impossible unless the file header allows them or the link type is one of longCaptured: no recorder
// keeps more (libpcap's MAXIMUM_SNAPLEN and its exceptions).
const maxCaptured = 262144

var longCaptured = map[capture.LinkType]bool{
	189: true, 220: true, 249: true, // USB
	231: true, // D-Bus
	279: true, // Elektrobit high-speed capture
}

// lengthOrder says which of a record's two lengths comes first: the captured one since version 2.3, though some writers of 2.3 did not know.
type lengthOrder uint8

const (
	capturedFirst lengthOrder = iota
	originalFirst
	smallerIsCaptured
)

type pcapReader struct {
	w     *Window
	m     *capture.Manifest
	yield func(capture.Record) bool
	pcapMagic
	order lengthOrder
	limit uint32 // highest possible captured length
	link  capture.LinkType
}

func readPcap(w *Window, m *capture.Manifest, yield func(capture.Record) bool) {
	r := &pcapReader{w: w, m: m, yield: yield}
	if r.header() {
		r.records()
	}
}

func (r *pcapReader) uint32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if r.big {
		v = bits.ReverseBytes32(v)
	}
	return v
}

// header reads the file header and reports whether records may follow.
func (r *pcapReader) header() bool {
	r.pcapMagic, _ = sniffPcap(r.w.Peek(4))
	h := r.w.Peek(r.file)
	if len(h) < r.file {
		r.cut(len(h), "file header", r.file)
		return false
	}
	major, minor := r.uint32(h[4:])&0xffff, r.uint32(h[4:])>>16
	if r.big {
		major, minor = minor, major
	}
	snap, network := r.uint32(h[16:]), r.uint32(h[20:])
	r.w.Skip(r.file)
	switch {
	case major == 2 && minor < 3, major == 543: // 543.0 is written on DG/UX
		r.order = originalFirst
	case major == 2 && minor == 3:
		r.order = smallerIsCaptured
	case major != 2:
		if !r.yield(anomaly(capture.OddFormat, 4, fmt.Sprintf("version %d.%d, read as 2.4", major, minor))) {
			return false
		}
	}
	// The upper half of the field holds the length of the frame check sequence: bits 28-31, valid if bit 26 is set.
	r.link = capture.LinkType(network & 0xffff)
	if reserved := network & 0x0bff0000; reserved != 0 {
		if !r.yield(anomaly(capture.OddFormat, 20, fmt.Sprintf("link type field %#08x has reserved bits set, read as %d", network, r.link))) {
			return false
		}
	}
	r.m.Interfaces = append(r.m.Interfaces, capture.Interface{Link: r.link, SnapLen: snap})
	r.limit = max(maxCaptured, snap)
	if longCaptured[r.link] {
		r.limit = MaxRecord
	}
	r.limit = min(r.limit, MaxRecord)
	if r.more > 0 {
		r.more = r.guessMore()
	}
	return true
}

// guessMore tells the two kinds of record headers with Kuznetzov's magic number apart: those of 1999-10-29, 8 bytes longer than usual, and
// those of 1999-09-15, 12 bytes longer. The first is assumed unless only the second makes sense of the first three records.
func (r *pcapReader) guessMore() int {
	b := r.w.Peek(3 * (28 + 1<<16))
	if !r.sensible(b, 8) && r.sensible(b, 12) {
		return 12
	}
	return 8
}

func (r *pcapReader) sensible(b []byte, more int) bool {
	for range 3 {
		if len(b) == 0 {
			return true
		}
		if len(b) < 16 {
			return false
		}
		fraction, captured, original := r.uint32(b[4:]), r.uint32(b[8:]), r.uint32(b[12:])
		next := uint64(16+more) + uint64(captured)
		if fraction >= 1e6 || captured > original || captured > r.limit || next > uint64(len(b)) {
			return false
		}
		b = b[next:]
	}
	return true
}

func (r *pcapReader) records() {
	p := capture.Packet{Link: r.link}
	head := 16 + r.more
	for {
		h := r.w.Peek(head)
		if len(h) < head {
			if len(h) > 0 {
				r.cut(len(h), "record header", head)
			}
			return
		}
		sec, fraction, captured, original := r.uint32(h), r.uint32(h[4:]), r.uint32(h[8:]), r.uint32(h[12:])
		if r.order == originalFirst || r.order == smallerIsCaptured && captured > original {
			captured, original = original, captured
		}
		if captured > r.limit {
			at := r.w.Offset()
			r.yield(anomaly(capture.BadBlock, at, fmt.Sprintf("a record header claims %d captured bytes%s", captured, rest(r.w))))
			return
		}
		b := r.w.Peek(head + int(captured))
		if len(b) < head+int(captured) {
			r.cut(len(b), "record", head+int(captured))
			return
		}
		p.Number++
		p.Time = capture.Time(uint64(sec)*1e9 + uint64(fraction)*uint64(r.unit))
		p.Data = b[head:]
		p.OrigLen = original
		if !r.yield(&p) {
			return
		}
		if uint64(fraction)*uint64(r.unit) >= 1e9 && !r.oddFraction(p.Number, fraction) {
			return
		}
		r.w.Skip(len(b))
	}
}

func (r *pcapReader) oddFraction(number, fraction uint32) bool {
	a := anomaly(capture.OddFormat, r.w.Offset(), fmt.Sprintf("the fraction of a second is %d units of %d ns", fraction, r.unit))
	a.At.Record = number
	return r.yield(a)
}

// cut says that the file ends inside something, unless the window is to blame.
func (r *pcapReader) cut(have int, what string, want int) {
	if !r.w.Broken() {
		r.yield(cutShort(r.w.Offset(), have, what, want))
	}
}

// cutShort says that the file ends have bytes into something that is want bytes long.
func cutShort(offset int64, have int, what string, want int) *capture.Anomaly {
	return anomaly(capture.CutShort, offset, fmt.Sprintf("the file ends after %d of the %d bytes of a %s", have, want, what))
}

// rest gives up on the rest of the file and words how much that is.
func rest(w *Window) string {
	if n, ok := w.Rest(); ok {
		return fmt.Sprintf("; it and what follows, %d bytes, were not read", n)
	}
	return "; it and what follows were not read"
}
