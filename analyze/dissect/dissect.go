// Package dissect reads protocols out of flows, one file a protocol.
//
// In: a flow.View, the heads of one flow. Out: what was seen, with the packets that prove it, and a flow.Step that says how many bytes
// were read and what is wanted next. A dissector is a pure function of its View: it keeps no state, asks no clock and may be called again
// with more of the same bytes. The Driver chooses the dissector of a flow and stamps what a dissector must not forget or forge.
package dissect

import (
	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// A Dissector reads one protocol.
type Dissector struct {
	Name string // also the flow's application protocol unless Sight.App says otherwise
	Doc  string // one sentence, for help and the manual
	// Proto is the transport it reads, TCP or UDP; 0 is both.
	Proto audit.Proto
	// Ports lists well-known ports, for which this dissector is asked first. All others are asked in the list's order.
	Ports []uint16
	// First says whether a side of a flow of this protocol may begin with b; nil means that any byte will do. It must be cheap to refuse most
	// flows, since every flow is offered to every dissector.
	First func(b byte) bool
	Run   func(v *flow.View, see *Sight) flow.Step
}

// A Sight collects what one call of the Driver sees. It is emptied and reused by the next call; its strings and Refs stay valid.
type Sight struct {
	Seen      []Seen
	Answers   []audit.Answer // Flow is left to the caller; By, Resolver and Client are stamped when empty
	Flags     audit.Flags
	App       string            // application protocol: the dissector's name, or what it says instead ("doh", "starttls-smtp" …)
	RTT       []audit.RTT       // handshake samples of this protocol; the caller drops those that a retransmission makes ambiguous
	Anomalies []capture.Anomaly // Stage is stamped with the dissector's name

	refs   []capture.Ref // memory for the Refs of what is seen; it grows in slabs and is never written twice
	desk   *desk         // scratch memory for the dissector that is running
	chosen bool          // it was chosen in an earlier call: bytes that make no sense are a fault, or follow one, and not another protocol
}

// Seen is one observation before it has an id.
type Seen struct {
	Kind  audit.ObservationKind
	Value string
	By    string // the dissector's name, stamped by the Driver
	Time  capture.Time
	Refs  []capture.Ref
}

// See adds an observation of h.Bytes[off:off+n]; an empty stretch is no observation.
func (s *Sight) See(kind audit.ObservationKind, value string, h *flow.Head, off, n int) {
	s.seeAt(kind, value, h, []wire.Span{{Off: off, Len: n}})
}

// seeAt adds an observation of several stretches of h.Bytes.
func (s *Sight) seeAt(kind audit.ObservationKind, value string, h *flow.Head, spans []wire.Span) {
	one := Seen{Kind: kind, Value: value, Time: capture.NoTime}
	if len(spans) > 0 {
		one.Time = h.TimeAt(spans[0].Off)
	}
	one.Refs = s.prove(h, spans)
	if len(one.Refs) == 0 {
		return // an empty name stands nowhere: there is nothing to walk back to
	}
	s.Seen = append(s.Seen, one)
}

// slab is how many Refs are allocated at once.
const slab = 512

// prove names the packets that carried stretches of h.Bytes, like Head.Refs.
func (s *Sight) prove(h *flow.Head, spans []wire.Span) []capture.Ref {
	n := 0
	for _, at := range spans {
		for i := range h.Segments {
			if _, ok := refOf(&h.Segments[i], at); ok {
				n++
			}
		}
	}
	if cap(s.refs)-len(s.refs) < n {
		s.refs = make([]capture.Ref, 0, max(n, slab))
	}
	start := len(s.refs)
	for _, at := range spans {
		for i := range h.Segments {
			if r, ok := refOf(&h.Segments[i], at); ok {
				s.refs = append(s.refs, r)
			}
		}
	}
	return s.refs[start:len(s.refs):len(s.refs)]
}

// refOf names the part of at that one packet carried.
func refOf(s *flow.Segment, at wire.Span) (r capture.Ref, ok bool) {
	from, to := max(at.Off, s.Start), min(at.End(), s.End)
	if from >= to {
		return r, false
	}
	r.Record = s.Record
	if s.FrameOff >= 0 {
		r.Off, r.Len = uint32(int(s.FrameOff)+from-s.Start), uint32(to-from)
	}
	return r, true
}

// firstRef names the first packet that carried some of h.Bytes[off:off+n]; the zero Ref if none did.
func firstRef(h *flow.Head, off, n int) capture.Ref {
	for i := range h.Segments {
		if r, ok := refOf(&h.Segments[i], wire.Span{Off: off, Len: n}); ok {
			return r
		}
	}
	return capture.Ref{}
}

// Malformed adds an anomaly at h.Bytes[off].
func (s *Sight) Malformed(code capture.Code, detail string, h *flow.Head, off int) {
	s.Anomalies = append(s.Anomalies, capture.Anomaly{At: firstRef(h, off, 1), Offset: -1, Code: code, Detail: detail})
}

// A mark is a state of a Sight to which cut returns.
type mark struct {
	seen, answers, rtt, anomalies int
	flags                         audit.Flags
	app                           string
}

func (s *Sight) mark() mark {
	return mark{len(s.Seen), len(s.Answers), len(s.RTT), len(s.Anomalies), s.Flags, s.App}
}

// cut forgets everything that was seen after m.
func (s *Sight) cut(m mark) {
	s.Seen, s.Answers, s.RTT, s.Anomalies = s.Seen[:m.seen], s.Answers[:m.answers], s.RTT[:m.rtt], s.Anomalies[:m.anomalies]
	s.Flags, s.App = m.flags, m.app
}

// stamp writes what the dissector d must not forget on everything seen after m.
func (s *Sight) stamp(m mark, d *Dissector, v *flow.View) {
	for i := range s.Seen[m.seen:] {
		s.Seen[m.seen+i].By = d.Name
	}
	for i := range s.Answers[m.answers:] {
		a := &s.Answers[m.answers+i]
		if a.By == "" {
			a.By = d.Name
		}
		if !a.Resolver.IsValid() {
			a.Resolver = v.ServerAddr
		}
		if !a.Client.IsValid() {
			a.Client = v.ClientAddr.Addr()
		}
	}
	for i := range s.Anomalies[m.anomalies:] {
		s.Anomalies[m.anomalies+i].Stage = d.Name
	}
}
