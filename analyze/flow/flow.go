package flow

import (
	"abroad/analyze/audit"
	"abroad/capture"
)

// A Flow is an audit.Flow while packets still come. Its A is the side that sent the SYN, or the first packet seen, until Orient.
type Flow struct {
	audit.Flow
	Index        int          // position in Table.Flows
	Attributed   *Attribution // the first that names somebody; nil if none
	AttributedBy uint32       // record that said so

	open    *assembly // heads of a flow whose dissector wants more; nil otherwise
	macA    MAC       // of the first packet from A, and from B
	macB    MAC
	isnA    uint32 // sequence number of A's SYN, valid if seen has synA
	isnB    uint32 // of B's, valid if seen has synB
	synAt   capture.Time
	synIn   uint32 // record of A's SYN
	flip    bool   // A is the second address of the key
	swapped bool   // Orient turned it: B began it
	seen    events
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

// HandshakeRepeated reports whether a handshake packet, or a segment of the heads, came twice: round trips are then ambiguous.
func (f *Flow) HandshakeRepeated() bool {
	return f.seen&synTwo != 0 || f.Flags.Has(audit.Retransmitted)
}

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
	case s&synA != 0 && s&(synB|data) == 0 && f.PacketsDown == 0:
		return audit.StateUnanswered
	case s&(synA|synB) == 0:
		return audit.StateMidStream
	}
	return audit.StateOpen
}
