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
	v4     index[key4]
	v6     index[key6]
	slab   []Flow
	pulses []*[pulseChunk]pulse
	view   View // reused
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
	return &Table{limit: limit, reader: reader, note: note, v4: newIndex(hash4), v6: newIndex(hash6), Overflow: map[OverflowKey]*OverflowCount{}}
}

// Add sorts one decoded packet in. It returns false when the packet went past the flow limit and was only counted.
func (t *Table) Add(c *capture.Packet, p *Packet) bool {
	src, dst := netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)
	n, fromA := t.find(src, dst, c, p)
	if n < 0 {
		t.overflow(src, dst, p)
		return false
	}
	u := t.pulse(n)
	t.count(n, u, fromA, c, p)
	switch {
	case p.Proto == audit.TCP:
		if h := &p.TCP; u.seen&settled == 0 || h.SYN || h.FIN || h.RST {
			t.tcp(t.Flows[n], fromA, c, p)
		}
	case p.Proto == audit.UDP && u.seen&settled == 0 && len(p.Payload) > 0:
		t.datagram(t.Flows[n], fromA, c, p)
	}
	return true
}

// pulse returns the pulse of flow n, without touching the flow: most packets change nothing else.
func (t *Table) pulse(n int) *pulse { return &t.pulses[n/pulseChunk][n%pulseChunk] }

const pulseChunk = 1024

// find returns the number of the packet's flow, a new one if need be; -1 past the limit.
func (t *Table) find(src, dst netip.AddrPort, c *capture.Packet, p *Packet) (n int, fromA bool) {
	if p.Src.Is4() && p.Dst.Is4() {
		k, flip := makeKey4(src, dst, p.Proto)
		return lookUp(t, &t.v4, k, flip, src, dst, c, p)
	}
	k, flip := makeKey6(src, dst, p.Proto)
	return lookUp(t, &t.v6, k, flip, src, dst, c, p)
}

func lookUp[K comparable](t *Table, x *index[K], k K, flip bool, src, dst netip.AddrPort, c *capture.Packet, p *Packet) (n int, fromA bool) {
	s := x.at(&k)
	if s.flow != 0 {
		n = int(s.flow - 1)
		fromA = t.pulse(n).flip == flip
		if !p.TCP.SYN || !t.again(t.Flows[n], fromA, p) {
			return n, fromA
		}
	}
	if !t.begin(src, dst, flip, c, p) {
		return -1, false
	}
	n = len(t.Flows) - 1
	x.put(s, k, uint32(n+1))
	return n, t.pulse(n).flip == flip
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

// begin makes the flow of its first packet p, unless the limit is reached. A SYN/ACK comes from B.
func (t *Table) begin(src, dst netip.AddrPort, flip bool, c *capture.Packet, p *Packet) bool {
	n := len(t.Flows)
	if n >= t.limit {
		return false
	}
	if len(t.slab) == 0 {
		t.slab = make([]Flow, min(256, 16+n))
	}
	if n%pulseChunk == 0 {
		t.pulses = append(t.pulses, new([pulseChunk]pulse))
	}
	f := &t.slab[0]
	t.slab = t.slab[1:]
	f.pulse = t.pulse(n)
	f.Index, f.Proto, f.A, f.B, f.flip = len(t.Flows), p.Proto, src, dst, flip
	if p.Proto == audit.TCP && p.TCP.SYN && p.TCP.ACK {
		f.A, f.B, f.flip = dst, src, !flip
	}
	f.first, f.last, f.Step = c.Time, c.Time, t.Step
	f.Packet = capture.Ref{Record: c.Number}
	f.Tunnels = p.Tunnels.Names()
	if p.Proto != audit.TCP && p.Proto != audit.UDP {
		f.seen |= settled
	}
	t.Flows = append(t.Flows, f)
	return true
}

// count adds the packet to the counters of flow n.
func (t *Table) count(n int, u *pulse, fromA bool, c *capture.Packet, p *Packet) {
	if c.Time != capture.NoTime {
		if u.first == capture.NoTime || c.Time < u.first {
			u.first = c.Time
		}
		u.last = max(u.last, c.Time)
	}
	side := sideOf(fromA)
	if u.packets[side] == 0 {
		t.Flows[n].metMAC(fromA, p.SrcMAC)
	}
	u.packets[side]++
	u.bytes[side] += uint64(p.IPLen)
	u.payload[side] += uint64(p.PayloadLen)
	u.directed(fromA, p.Dir)
	if p.Truncated {
		u.flags |= audit.Truncated
	}
	if p.Fragment {
		u.flags |= audit.Fragmented
	}
	if at := p.Attribution; at != nil && !u.named {
		f := t.Flows[n]
		f.Attributed, f.AttributedBy = at, c.Number
		u.named = at.UID >= 0 || at.PID != 0
	}
}

func (f *Flow) metMAC(fromA bool, mac MAC) {
	if fromA {
		f.macA = mac
	} else {
		f.macB = mac
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
		f.dropAmbiguous()
		if f.packets[0] == 0 || f.packets[1] == 0 {
			f.flags |= audit.OneSided
		}
		f.publish()
	}
	t.v4, t.v6, t.pulses, t.heads = index[key4]{}, index[key6]{}, nil, heads{}
}
