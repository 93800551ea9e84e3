package dissect

import (
	"net/netip"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
)

// stun recognises STUN and TURN, and reads the addresses of peers and relays that TURN messages name. What else comes in the same flow, such
// as DTLS, is left to other dissectors; media ends the reading after a few datagrams.
var stun = &Dissector{
	Name:  "stun",
	Doc:   "Recognises STUN and TURN, and reads the relay and peer addresses named there.",
	Ports: []uint16{3478, 5349, 19302},
	First: func(b byte) bool { return b&0xc0 == 0 },
	Run: func(v *flow.View, see *Sight) flow.Step {
		if v.Proto == audit.TCP {
			return stunStream(v, see)
		}
		return stunDatagrams(v, see)
	},
}

// maxSTUNBytes is how much of one direction of a stream is read.
const maxSTUNBytes = 64 << 10

func stunDatagrams(v *flow.View, see *Sight) (step flow.Step) {
	var told relays
	read := func(h *flow.Head) (n int) {
		for _, s := range h.Segments {
			if !looksSTUN(h.Bytes[s.Start:s.End]) {
				return n
			}
			m, err := wire.ParseSTUN(h.Bytes[s.Start:s.End])
			if m.Len == 0 || err != nil && !s.Cut && m.Classic {
				return n
			}
			step.Mine, n = true, s.End
			told.add(&m, h, s.Start, see)
		}
		return n
	}
	step.Client = read(v.Client)
	step.Server = read(v.Server)
	return step
}

// looksSTUN reports whether b can begin with a message: one with the magic cookie, or a binding of RFC 3489, which had none.
func looksSTUN(b []byte) bool {
	if len(b) < 20 || b[0]&0xc0 != 0 || b[3]&3 != 0 {
		return false
	}
	return string(b[4:8]) == "\x21\x12\xa4\x42" || b[0] <= 1 && (b[1] == 0x01 || b[1] == 0x11)
}

// stunStream reads STUN over TCP (RFC 8489, section 6.2.2): messages and channel data one behind the other.
func stunStream(v *flow.View, see *Sight) (step flow.Step) {
	var told relays
	short := false
	read := func(h *flow.Head) (n int) {
		for n < len(h.Bytes) {
			b := h.Bytes[n:]
			if see.chosen || step.Mine {
				if _, size, err := wire.ParseChannelData(b); err == nil {
					n += 4 + (size+3)&^3
					continue
				}
			}
			if len(b) < 20 {
				short = short || len(b) < 2 || b[0]&0xc0 == 0
				return n
			}
			if !looksSTUN(b) {
				return n
			}
			m, err := wire.ParseSTUN(b)
			if m.Len == 0 || m.Classic || err == nil && m.Len > len(b) {
				return n
			}
			if err != nil && m.Len > len(b) {
				if v.Closed || h.Gap {
					n += m.Len
				}
				short = true
				return n
			}
			step.Mine = true
			told.add(&m, h, n, see)
			n += m.Len
		}
		return n
	}
	step.Client = read(v.Client)
	step.Server = read(v.Server)
	step.More = !step.Mine && short && !v.Closed
	if step.More {
		step.Client, step.Server = 0, 0
	}
	if step.Mine || see.chosen {
		step.Mine = true
		step.Done = v.Client.Offset+v.Server.Offset > maxSTUNBytes
	}
	return step
}

// relays remembers what one call told, so that it is told once.
type relays struct {
	turn, stun bool
	told       [8]netip.AddrPort
	n          int
}

// add tells what a message shows. Indications are passed over: they carry data, and a peer must have been named in a request before.
func (r *relays) add(m *wire.STUN, h *flow.Head, at int, see *Sight) {
	if m.Method == wire.STUNBinding {
		if !r.stun && !see.chosen {
			r.stun = true
			see.See(audit.SeenProtocol, "stun", h, at, 20)
		}
		return
	}
	see.App = "turn"
	if m.Class == wire.STUNIndication {
		return
	}
	if !r.turn && m.Method == wire.TURNAllocate {
		r.turn = true
		see.See(audit.SeenProtocol, "turn", h, at, 20)
	}
	for _, p := range m.Peers {
		r.tell(p.Addr, h, at+p.At.Off, p.At.Len, see)
	}
	for _, a := range [...]netip.AddrPort{m.Relayed, m.Alternate} {
		if a.IsValid() {
			r.tell(a, h, at, m.Len, see)
		}
	}
}

func (r *relays) tell(a netip.AddrPort, h *flow.Head, off, n int, see *Sight) {
	for _, b := range r.told[:r.n] {
		if a == b {
			return
		}
	}
	if r.n < len(r.told) {
		r.told[r.n] = a
		r.n++
	}
	see.See(audit.SeenRelay, a.String(), h, off, n)
}
