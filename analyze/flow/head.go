package flow

import (
	"abroad/capture"
)

// MaxHead is how many bytes of one direction of a flow a dissector can see at a time.
const MaxHead = 16 << 10

// A Head is the first bytes of one direction of a flow that have not been consumed yet: a TCP stream in order, or datagrams one after the
// other. It knows which bytes came in which packet.
type Head struct {
	Bytes    []byte
	Segments []Segment // in the order of Bytes
	Offset   uint64    // how many bytes of the direction were consumed or skipped before Bytes[0]
	Gap      bool      // bytes are missing behind Bytes (lost, cut by a snap length, or past MaxHead): nothing more will be added
}

// A Segment is a run of a Head's bytes that came in one packet. Of a UDP flow every datagram is one Segment.
type Segment struct {
	Start, End int // Bytes[Start:End]
	Record     uint32
	FrameOff   int32 // offset in the frame of Bytes[Start]; -1 when it was put together from fragments
	Time       capture.Time
	Cut        bool // the datagram was longer than what was captured
}

// Refs names the packets that carried Bytes[off:off+n], in stream order. The Recording is left 0; the audit fills it in.
func (h *Head) Refs(off, n int) []capture.Ref {
	var refs []capture.Ref
	for _, s := range h.Segments {
		from, to := max(off, s.Start), min(off+n, s.End)
		if from >= to {
			continue
		}
		r := capture.Ref{Record: s.Record}
		if s.FrameOff >= 0 {
			r.Off, r.Len = uint32(int(s.FrameOff)+from-s.Start), uint32(to-from)
		}
		refs = append(refs, r)
	}
	return refs
}

// TimeAt returns when the packet that carried Bytes[off] was recorded; NoTime if off is outside.
func (h *Head) TimeAt(off int) capture.Time {
	for _, s := range h.Segments {
		if off >= s.Start && off < s.End {
			return s.Time
		}
	}
	return capture.NoTime
}
