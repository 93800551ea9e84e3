package dissect

import "abroad/analyze/flow"

// behind returns the view that is left of v when the bytes that step names are consumed.
func (d *Driver) behind(v *flow.View, step flow.Step) *flow.View {
	d.view = *v
	shift(&d.client, v.Client, step.Client)
	shift(&d.server, v.Server, step.Server)
	d.view.Client, d.view.Server = &d.client, &d.server
	if step.Restart {
		d.view.Plain = step.Became
	}
	return &d.view
}

// shift makes to what is left of h behind its first n bytes. Zero-length segments at n stay.
func shift(to, h *flow.Head, n int) {
	cut := min(n, len(h.Bytes))
	to.Bytes, to.Offset, to.Gap = h.Bytes[cut:], h.Offset+uint64(n), h.Gap && n < len(h.Bytes)
	to.Segments = to.Segments[:0]
	for _, s := range h.Segments {
		if s.End <= cut {
			continue
		}
		if from := cut - s.Start; from > 0 {
			s.Start = cut
			if s.FrameOff >= 0 {
				s.FrameOff += int32(from)
			}
		}
		s.Start, s.End = s.Start-cut, s.End-cut
		to.Segments = append(to.Segments, s)
	}
}

// sides says which heads hold something.
func sides(v *flow.View) (s uint8) {
	if len(v.Client.Segments) > 0 {
		s |= 1
	}
	if len(v.Server.Segments) > 0 {
		s |= 2
	}
	return s
}

// A run is the first n bytes of a head that came in one packet.
type run struct {
	n      int
	record uint32
}

func firstRun(h *flow.Head) run {
	switch {
	case len(h.Segments) > 0:
		return run{h.Segments[0].End, h.Segments[0].Record}
	case h.Gap:
		return run{n: 1} // passes over the gap
	}
	return run{}
}

// add adds counts of bytes; all is the most.
func add(a, b int) int {
	if a > all-b {
		return all
	}
	return a + b
}

// all is a count of bytes that skips the rest of a direction.
const all = 1 << 40
