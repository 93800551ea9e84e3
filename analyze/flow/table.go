package flow

import (
	"net/netip"

	"abroad/analyze/audit"
	"abroad/capture"
)

// Limits of memory. Reaching one is said in the audit.
const (
	DefaultFlowLimit = 2_000_000 // flows of one recording; later ones are counted per (address, port, protocol)
	MaxHeads         = 48 << 20  // bytes of all heads together; the oldest waiting flow gives up first
	MaxOverflow      = 65_536    // counters of flows past the limit; what comes later shares one
)

// A Reader reads what flows say: analyze puts the dissectors behind it.
type Reader interface {
	// Feed is called when a flow's heads hold what the last Step asked for. It must not keep v or its slices.
	Feed(f *Flow, v *View) Step
}

// A Table sorts packets into flows. It is not safe for concurrent use.
type Table struct {
	Flows    []*Flow // in the order of their first packets
	Overflow map[OverflowKey]*OverflowCount
	Step     string // the step of the test scenario that new flows begin in

	reader Reader
	note   func(capture.Anomaly)
	limit  int
	v4     map[key4]*Flow
	v6     map[key6]*Flow
	slab   []Flow
	view   View    // reused
	plain  [2]Head // reused heads of datagrams that need no copy
	one    [1]Segment
	heads  heads
}

// OverflowKey is the side with the smaller port of a flow past the limit.
type OverflowKey struct {
	Side  netip.AddrPort
	Proto audit.Proto
}

// OverflowCount counts what was not sorted into flows.
type OverflowCount struct{ Packets, Bytes uint64 }

// NewTable returns an empty Table of one recording. limit 0 means DefaultFlowLimit.
func NewTable(limit int, reader Reader, note func(capture.Anomaly)) *Table {
	if limit <= 0 {
		limit = DefaultFlowLimit
	}
	return &Table{limit: limit, reader: reader, note: note, v4: map[key4]*Flow{}, v6: map[key6]*Flow{}, Overflow: map[OverflowKey]*OverflowCount{}}
}

// Add sorts one decoded packet in. It returns false when the packet went past the flow limit and was only counted.
func (t *Table) Add(c *capture.Packet, p *Packet) bool {
	src, dst := netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)
	f, fromA := t.find(src, dst, c, p)
	if f == nil {
		t.overflow(src, dst, p)
		return false
	}
	t.count(f, fromA, c, p)
	switch {
	case p.Proto == audit.TCP:
		t.tcp(f, fromA, c, p)
	case p.Proto == audit.UDP && f.seen&settled == 0 && len(p.Payload) > 0:
		t.datagram(f, fromA, c, p)
	}
	return true
}

// find returns the packet's flow, a new one if need be; nil past the limit.
func (t *Table) find(src, dst netip.AddrPort, c *capture.Packet, p *Packet) (f *Flow, fromA bool) {
	if p.Src.Is4() && p.Dst.Is4() {
		k, flip := makeKey4(src, dst, p.Proto)
		f = t.v4[k]
		if f != nil && !t.again(f, flip == f.flip, p) {
			return f, flip == f.flip
		}
		if f = t.begin(src, dst, flip, c, p); f != nil {
			t.v4[k] = f
		}
		return f, f != nil && flip == f.flip
	}
	k, flip := makeKey6(src, dst, p.Proto)
	f = t.v6[k]
	if f != nil && !t.again(f, flip == f.flip, p) {
		return f, flip == f.flip
	}
	if f = t.begin(src, dst, flip, c, p); f != nil {
		t.v6[k] = f
	}
	return f, f != nil && flip == f.flip
}

// again reports whether a packet begins a new connection between the sockets of an old one: a SYN with another sequence number.
func (t *Table) again(f *Flow, fromA bool, p *Packet) bool {
	if p.Proto != audit.TCP || !p.TCP.SYN || p.TCP.ACK {
		return false
	}
	if f.seen&(synA|synB|data|finA|finB|reset) == 0 {
		return false
	}
	if fromA && f.seen&synA != 0 && f.isnA == p.TCP.Seq {
		return false
	}
	t.close(f)
	return true
}

// begin makes the flow of its first packet p. A SYN/ACK comes from B.
func (t *Table) begin(src, dst netip.AddrPort, flip bool, c *capture.Packet, p *Packet) *Flow {
	if len(t.Flows) >= t.limit {
		return nil
	}
	if len(t.slab) == 0 {
		t.slab = make([]Flow, min(256, 16+len(t.Flows)))
	}
	f := &t.slab[0]
	t.slab = t.slab[1:]
	f.Index, f.Proto, f.A, f.B, f.flip = len(t.Flows), p.Proto, src, dst, flip
	if p.Proto == audit.TCP && p.TCP.SYN && p.TCP.ACK {
		f.A, f.B, f.flip = dst, src, !flip
	}
	f.First, f.Last, f.Step = c.Time, c.Time, t.Step
	f.Packet = capture.Ref{Record: c.Number}
	f.Tunnels = p.Tunnels.Names()
	if p.Proto != audit.TCP && p.Proto != audit.UDP {
		f.seen |= settled
	}
	t.Flows = append(t.Flows, f)
	return f
}

// count adds the packet to its flow's counters.
func (t *Table) count(f *Flow, fromA bool, c *capture.Packet, p *Packet) {
	if c.Time != capture.NoTime {
		if f.First == capture.NoTime || c.Time < f.First {
			f.First = c.Time
		}
		if c.Time > f.Last {
			f.Last = c.Time
		}
	}
	if fromA {
		if f.PacketsUp == 0 {
			f.macA = p.SrcMAC
		}
		f.PacketsUp++
		f.BytesUp += uint64(p.IPLen)
		f.PayloadUp += uint64(p.PayloadLen)
	} else {
		if f.PacketsDown == 0 {
			f.macB = p.SrcMAC
		}
		f.PacketsDown++
		f.BytesDown += uint64(p.IPLen)
		f.PayloadDown += uint64(p.PayloadLen)
	}
	f.directed(fromA, p.Dir)
	if p.Truncated {
		f.Flags |= audit.Truncated
	}
	if p.Fragment {
		f.Flags |= audit.Fragmented
	}
	if p.Attribution != nil && (f.Attributed == nil || f.Attributed.UID < 0 && f.Attributed.PID == 0) {
		f.Attributed, f.AttributedBy = p.Attribution, c.Number
	}
}

// overflow counts a packet of a flow past the limit.
func (t *Table) overflow(src, dst netip.AddrPort, p *Packet) {
	if len(t.Overflow) == 0 {
		t.note(capture.Anomaly{Offset: -1, Stage: "flow", Code: capture.Limit, Detail: "flow limit reached: further flows are counted per address, port and protocol"})
	}
	side := dst
	if src.Port() < dst.Port() {
		side = src
	}
	k := OverflowKey{side, p.Proto}
	n := t.Overflow[k]
	if n == nil {
		if len(t.Overflow) >= MaxOverflow {
			k = OverflowKey{}
			n = t.Overflow[k]
		}
		if n == nil {
			n = new(OverflowCount)
			t.Overflow[k] = n
		}
	}
	n.Packets++
	n.Bytes += uint64(p.IPLen)
}

// Finish ends the recording: flows that still wait are read with what there is, and every flow gets its state.
func (t *Table) Finish() {
	for _, f := range t.Flows {
		t.close(f)
		f.State = f.state()
		f.dropAmbiguous()
		if f.PacketsUp == 0 || f.PacketsDown == 0 {
			f.Flags |= audit.OneSided
		}
	}
	t.v4, t.v6 = nil, nil
}
