// Package dissect reads protocols out of flows, one file a protocol.
//
// In: a flow.View, the heads of one flow. Out: what was seen, with the packets that prove it, and a flow.Step that says how many bytes
// were read and what is wanted next. A dissector is a pure function of its View: it keeps no state, asks no clock and may be called again
// with more of the same bytes.
package dissect

import (
	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

// A Dissector reads one protocol.
type Dissector struct {
	Name string // also the flow's application protocol unless Sight.App says otherwise
	Doc  string // one sentence, for help and the manual
	// Proto is the transport it reads, TCP or UDP.
	Proto audit.Proto
	// Ports lists well-known ports, for which this dissector is asked first. All others are asked in the list's order.
	Ports []uint16
	Run   func(v *flow.View, see *Sight) flow.Step
}

// A Sight collects what one call of a dissector sees. The driver stamps flow, dissector and time, so that they cannot be forgotten or forged.
type Sight struct {
	Seen      []Seen
	Answers   []audit.Answer // Flow, Resolver, Client and By are stamped by the driver when empty
	Flags     audit.Flags
	App       string            // application protocol to write instead of the dissector's name: "doh", "starttls-smtp" …
	RTT       []audit.RTT       // handshake samples of this protocol; not to be given when a retransmission makes them ambiguous
	Anomalies []capture.Anomaly // Stage is stamped with the dissector's name
}

// Seen is one observation before it has an id.
type Seen struct {
	Kind  audit.ObservationKind
	Value string
	Time  capture.Time
	Refs  []capture.Ref
}

// See adds an observation of h.Bytes[off:off+n].
func (s *Sight) See(kind audit.ObservationKind, value string, h *flow.Head, off, n int) {
	s.Seen = append(s.Seen, Seen{kind, value, h.TimeAt(off), h.Refs(off, n)})
}

// Malformed adds an anomaly at h.Bytes[off].
func (s *Sight) Malformed(code capture.Code, detail string, h *flow.Head, off int) {
	a := capture.Anomaly{Offset: -1, Code: code, Detail: detail}
	if refs := h.Refs(off, 1); len(refs) > 0 {
		a.At = refs[0]
	}
	s.Anomalies = append(s.Anomalies, a)
}
