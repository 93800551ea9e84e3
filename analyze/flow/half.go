package flow

import (
	"bytes"

	"abroad/capture"
)

// Limits of what waits for a missing segment, per direction.
const (
	MaxLate      = 32       // segments
	MaxLateBytes = 32 << 10 // their bytes
)

// A half is one direction of a flow while its head is wanted.
type half struct {
	Head
	begun   bool   // next is valid
	next    uint32 // TCP sequence number of the byte behind what has come
	skip    uint64 // bytes to pass over as they come: consumed ahead of their arrival
	missing uint64 // bytes lost directly behind Bytes; Head.Gap says the same
	alias   bool   // Bytes points into the packet being added
	own     []byte // memory for Bytes
	late    []late // segments behind a hole, in the order of arrival
	lateLen int    // their bytes
}

// late is a segment that came before the ones in front of it.
type late struct {
	seq    uint32
	length uint32 // at original length
	bytes  []byte
	at     Segment
}

// reset empties h for another flow; its memory stays.
func (h *half) reset() {
	*h = half{own: h.own[:0], Head: Head{Segments: h.Segments[:0]}, late: h.late[:0]}
}

// held returns the bytes of memory that h holds of its own.
func (h *half) held() int {
	n := h.lateLen
	if !h.alias {
		n += len(h.Bytes)
	}
	return n
}

// add appends payload, length bytes long when it was sent, to the head.
func (h *half) add(payload []byte, length uint32, at Segment) {
	if n := min(h.skip, uint64(length)); n > 0 {
		h.skip -= n
		h.Offset += n
		length -= uint32(n)
		k := int(min(n, uint64(len(payload))))
		payload = payload[k:]
		at.FrameOff = advance(at.FrameOff, k)
	}
	if length == 0 {
		return
	}
	if h.missing > 0 {
		h.missing += uint64(length)
		return
	}
	if room := MaxHead - len(h.Bytes); len(payload) > room {
		payload = payload[:room]
	}
	if len(payload) > 0 {
		start := len(h.Bytes)
		switch {
		case start == 0:
			h.Bytes, h.alias = payload[:len(payload):len(payload)], true
		default:
			h.settle()
			h.own = append(h.own, payload...)
			h.Bytes = h.own
		}
		at.Start, at.End = start, start+len(payload)
		at.Cut = uint32(len(payload)) < length
		h.Segments = append(h.Segments, at)
	}
	h.missing = uint64(length) - uint64(len(payload))
	h.Gap = h.missing > 0
}

func advance(off int32, n int) int32 {
	if off < 0 {
		return off
	}
	return off + int32(n)
}

// settle copies bytes that point into the packet being added, because that memory will be used again.
func (h *half) settle() {
	if h.alias {
		h.own = append(h.own[:0], h.Bytes...)
		h.Bytes, h.alias = h.own, false
	}
}

// consume drops n bytes from the front. Consuming the whole head of a half with a gap passes over the gap as well.
func (h *half) consume(n int) {
	if n < len(h.Bytes) {
		h.Bytes = h.Bytes[n:]
		h.Offset += uint64(n)
		kept := h.Segments[:0]
		for _, s := range h.Segments {
			if s.End <= n {
				continue
			}
			if s.Start < n {
				s.FrameOff = advance(s.FrameOff, n-s.Start)
				s.Start = n
			}
			s.Start -= n
			s.End -= n
			kept = append(kept, s)
		}
		h.Segments = kept
		if !h.alias {
			h.own = append(h.own[:0], h.Bytes...)
			h.Bytes = h.own
		}
		return
	}
	beyond := uint64(n - len(h.Bytes))
	h.Offset += uint64(len(h.Bytes)) + h.missing
	if beyond > h.missing {
		h.skip += beyond - h.missing
	}
	h.missing, h.Gap = 0, false
	h.Bytes, h.Segments, h.alias, h.own = nil, h.Segments[:0], false, h.own[:0]
}

// differs reports whether payload, which begins back bytes before the end of what has come, says something else than the head does.
func (h *half) differs(payload []byte, back uint32) bool {
	if h.missing > 0 || uint64(back) > uint64(len(h.Bytes)) {
		return false
	}
	old := h.Bytes[len(h.Bytes)-int(back):]
	n := min(len(old), len(payload))
	return !bytes.Equal(old[:n], payload[:n])
}

// prepend puts a segment that ends where the head begins in front of it: a recording that begins in mid-stream may show the second
// segment before the first. It reports whether it could.
func (h *half) prepend(payload []byte, at Segment) bool {
	if h.Offset != 0 || len(h.Bytes)+len(payload) > MaxHead {
		return false
	}
	n := len(payload)
	joined := append(append(make([]byte, 0, n+len(h.Bytes)), payload...), h.Bytes...)
	for i := range h.Segments {
		h.Segments[i].Start += n
		h.Segments[i].End += n
	}
	at.Start, at.End = 0, n
	h.Segments = append([]Segment{at}, h.Segments...)
	h.own, h.Bytes, h.alias = joined, joined, false
	return true
}

// wait keeps a copy of a segment that came too early. It returns false when no more can be kept.
func (h *half) wait(seq uint32, payload []byte, length uint32, at Segment) bool {
	if len(h.late) >= MaxLate || h.lateLen+len(payload) > MaxLateBytes {
		return false
	}
	h.late = append(h.late, late{seq, length, bytes.Clone(payload), at})
	h.lateLen += len(payload)
	return true
}

// earliest returns the index of the waiting segment that is nearest behind the hole.
func (h *half) earliest() int {
	best := 0
	for i := range h.late {
		if int32(h.late[i].seq-h.late[best].seq) < 0 {
			best = i
		}
	}
	return best
}

// take removes and returns the waiting segment i.
func (h *half) take(i int) late {
	l := h.late[i]
	h.lateLen -= len(l.bytes)
	last := len(h.late) - 1
	h.late[i] = h.late[last]
	h.late[last] = late{}
	h.late = h.late[:last]
	return l
}

// segmentOf describes where a packet's payload stands.
func segmentOf(c *capture.Packet, p *Packet) Segment {
	return Segment{Record: c.Number, FrameOff: int32(p.PayloadOff), Time: c.Time}
}
