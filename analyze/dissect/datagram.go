package dissect

import (
	"iter"

	"abroad/analyze/flow"
)

// A datagram is one of a flow's, and the head it stands in.
type datagram struct {
	h *flow.Head
	s flow.Segment
}

// datagramsOf yields the datagrams of both sides in the order of the recording.
func datagramsOf(v *flow.View) iter.Seq[datagram] {
	return func(yield func(datagram) bool) {
		c, s := v.Client.Segments, v.Server.Segments
		for len(c)+len(s) > 0 {
			var d datagram
			if len(s) == 0 || len(c) > 0 && c[0].Record <= s[0].Record {
				d, c = datagram{v.Client, c[0]}, c[1:]
			} else {
				d, s = datagram{v.Server, s[0]}, s[1:]
			}
			if !yield(d) {
				return
			}
		}
	}
}

// earliest returns the head whose first datagram came first; nil if both are empty.
func earliest(a, b *flow.Head) *flow.Head {
	switch {
	case len(a.Segments) == 0 && len(b.Segments) == 0:
		return nil
	case len(b.Segments) == 0, len(a.Segments) > 0 && a.Segments[0].Record <= b.Segments[0].Record:
		return a
	}
	return b
}

// fullLength returns how long a datagram was when it was sent, or at least one more than what is there when it was cut.
func fullLength(s flow.Segment) int {
	n := s.End - s.Start
	if s.Cut {
		n++
	}
	return n
}

// needOther returns the length that a head must reach when the other side's first datagram is waited for.
func needOther(h *flow.Head) int {
	if len(h.Segments) > 0 {
		return flow.MaxHead
	}
	return 1
}
