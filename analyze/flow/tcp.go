package flow

import (
	"abroad/analyze/audit"
	"abroad/capture"
)

// tcp follows one TCP packet: handshake, end, round trip, and the heads while a dissector wants them.
func (t *Table) tcp(f *Flow, fromA bool, c *capture.Packet, p *Packet) {
	h := &p.TCP
	if h.SYN {
		f.handshake(fromA, c, h)
	}
	if h.RST {
		f.seen |= reset
	}
	if h.FIN {
		if fromA {
			f.seen |= finA
		} else {
			f.seen |= finB
		}
	}
	if p.PayloadLen > 0 {
		f.seen |= data
		if f.seen&settled == 0 {
			seq := h.Seq
			if h.SYN {
				seq++ // TCP Fast Open (RFC 7413): data behind the SYN
			}
			t.stream(f, fromA, seq, c, p)
		}
	}
	if f.seen&(reset|settled) == reset || f.seen&(finA|finB|settled) == finA|finB && !f.waiting() {
		t.close(f)
	}
}

// handshake notes SYN and SYN/ACK, and the time between them.
func (f *Flow) handshake(fromA bool, c *capture.Packet, h *TCP) {
	switch {
	case fromA && !h.ACK:
		if f.seen&synA != 0 {
			f.seen |= synTwo
			f.flags |= audit.Retransmitted
			return
		}
		f.seen |= synA
		f.isnA, f.synAt, f.synIn = h.Seq, c.Time, c.Number
	case !fromA && h.ACK:
		if f.seen&synB != 0 {
			f.seen |= synTwo
			f.flags |= audit.Retransmitted
			return
		}
		f.seen |= synB
		f.isnB = h.Seq
		if f.seen&(synA|synTwo) == synA && c.Time >= f.synAt && f.synAt != capture.NoTime {
			f.RTT = append(f.RTT, audit.RTT{Kind: audit.RTTSYN, NS: int64(c.Time - f.synAt), Sent: capture.Ref{Record: f.synIn}, Got: capture.Ref{Record: c.Number}})
		}
	}
}

// dropAmbiguous forgets the handshake sample of a flow whose handshake packets came twice: nobody knows which of them was answered
// (Karn's algorithm, RFC 6298 section 3).
func (f *Flow) dropAmbiguous() {
	if f.seen&synTwo == 0 {
		return
	}
	kept := f.RTT[:0]
	for _, r := range f.RTT {
		if r.Kind != audit.RTTSYN {
			kept = append(kept, r)
		}
	}
	f.RTT = kept
}
