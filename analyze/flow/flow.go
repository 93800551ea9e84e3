package flow

import (
	"abroad/analyze/audit"
	"abroad/capture"
)

// A Flow is an audit.Flow while packets still come. Its A is the side that sent the SYN, or the first packet seen, until Orient.
// What the audit says about packets, bytes, times and flags is valid after Table.Finish.
type Flow struct {
	audit.Flow
	Index        int          // position in Table.Flows
	Attributed   *Attribution // the first that names somebody; nil if none
	AttributedBy uint32       // record that said so

	*pulse
	open   *assembly // heads of a flow whose dissector wants more; nil otherwise
	macA   MAC       // of the first packet from A, and from B
	macB   MAC
	isnA   uint32 // sequence number of A's SYN, valid if seen has synA
	isnB   uint32 // of B's, valid if seen has synB
	synAt  capture.Time
	synIn  uint32 // record of A's SYN
	marked events // what was seen, once the pulse is gone
}

// A pulse is what every packet of a flow changes: one cache line, apart from the rest of the flow.
type pulse struct {
	first, last capture.Time
	bytes       [2]uint64 // from A, from B
	payload     [2]uint64
	packets     [2]uint32
	flags       audit.Flags
	seen        events
	flip        bool // A is the second address of the key
	named       bool // Attributed names somebody
}

// events are things that happened in a flow.
type events uint16

const (
	synA   events = 1 << iota // SYN from A
	synB                      // SYN/ACK from B
	synTwo                    // a handshake packet came twice: its round trip is ambiguous
	finA
	finB
	reset
	data    // payload seen
	settled // no dissector wants more of this flow
	outA    // a packet from A was marked as leaving the recording machine
	inA     // … as arriving
	outB
	inB
)

// HandshakeRepeated reports whether a handshake packet, or a segment of the heads, has come twice so far: round trips are then ambiguous.
// Like SetFlags and HasFlags it is for while packets come, before Table.Finish.
func (f *Flow) HandshakeRepeated() bool {
	return f.seen&synTwo != 0 || f.flags.Has(audit.Retransmitted)
}

// SetFlags adds facts to the flow.
func (f *Flow) SetFlags(flags audit.Flags) { f.flags |= flags }

// HasFlags reports whether all of flags are set.
func (f *Flow) HasFlags(flags audit.Flags) bool { return f.flags.Has(flags) }

// MACs returns the hardware addresses of the first packet from A and from B; zero if there were none.
func (f *Flow) MACs() (a, b MAC) { return f.macA, f.macB }

// state sums up what was seen of a TCP connection.
func (f *Flow) state() audit.State {
	if f.Proto != audit.TCP {
		return ""
	}
	switch s := f.seen; {
	case s&reset != 0:
		return audit.StateReset
	case s&finA != 0 && s&finB != 0:
		return audit.StateClosed
	case s&synA != 0 && s&(synB|data) == 0 && f.packets[1] == 0:
		return audit.StateUnanswered
	case s&(synA|synB) == 0:
		return audit.StateMidStream
	}
	return audit.StateOpen
}

// publish writes into the audit.Flow what was kept in the pulse, and lets the pulse go: a million flows are then not held twice.
func (f *Flow) publish() {
	f.First, f.Last = f.first, f.last
	f.PacketsUp, f.PacketsDown = f.packets[0], f.packets[1]
	f.BytesUp, f.BytesDown = f.bytes[0], f.bytes[1]
	f.PayloadUp, f.PayloadDown = f.payload[0], f.payload[1]
	f.Flags |= f.flags
	f.State = f.state()
	f.marked, f.pulse = f.seen, nil
}

// Begun reports, after Table.Finish, whether a SYN of the flow was seen. Of another protocol than TCP it says nothing.
func (f *Flow) Begun() bool { return f.marked&(synA|synB) != 0 }
