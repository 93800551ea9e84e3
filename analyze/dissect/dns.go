package dissect

import (
	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

var dnsDissector = &Dissector{
	Name:  "dns",
	Doc:   "Reads names asked for and addresses answered, over UDP and TCP.",
	Ports: []uint16{53},
	Run: func(v *flow.View, see *Sight) flow.Step {
		known := v.ServerAddr.Port() == 53 || v.ClientAddr.Port() == 53
		if v.Proto == audit.TCP {
			return dnsStream(v, see, known)
		}
		return dnsDatagrams(v, see, known)
	},
}

// mdns reads multicast DNS (RFC 6762): the same messages, with one bit of the class borrowed. Questions may be empty in answers.
var mdns = &Dissector{
	Name:  "mdns",
	Doc:   "Reads names asked for and answered by multicast DNS.",
	Proto: audit.UDP,
	Ports: []uint16{5353},
	Run:   func(v *flow.View, see *Sight) flow.Step { return onPort(v, 5353, see, dnsDatagrams) },
}

// llmnr reads Link-Local Multicast Name Resolution (RFC 4795).
var llmnr = &Dissector{
	Name:  "llmnr",
	Doc:   "Reads names asked for and answered by Link-Local Multicast Name Resolution.",
	Proto: audit.UDP,
	Ports: []uint16{5355},
	Run:   func(v *flow.View, see *Sight) flow.Step { return onPort(v, 5355, see, dnsDatagrams) },
}

func onPort(v *flow.View, port uint16, see *Sight, run func(*flow.View, *Sight, bool) flow.Step) flow.Step {
	if v.ServerAddr.Port() != port && v.ClientAddr.Port() != port {
		return flow.Step{}
	}
	return run(v, see, true)
}

// dnsDatagrams reads every datagram up to the first that is not DNS. known says that the port makes DNS likely, so that also damaged
// messages count as DNS; elsewhere a message must be faultless.
func dnsDatagrams(v *flow.View, see *Sight, known bool) flow.Step {
	step := flow.Step{}
	read := func(m message) (n int) {
		for _, s := range m.h.Segments {
			m.off, m.b, m.cut = s.Start, m.h.Bytes[s.Start:s.End], s.Cut
			if !m.read(see, known) {
				break
			}
			step.Mine, n = true, s.End
		}
		return n
	}
	// An answer from the side that was seen first: nobody was seen asking.
	step.Client = read(message{h: v.Client, from: v.ClientAddr, to: v.ServerAddr, alone: true})
	step.Server = read(message{h: v.Server, from: v.ServerAddr, to: v.ClientAddr})
	return step
}

// silent reports whether nothing of a direction was ever seen.
func silent(h *flow.Head) bool { return h.Offset == 0 && len(h.Segments) == 0 && !h.Gap }

// dnsStream reads messages of which each has its length in front (RFC 1035, section 4.2.2).
func dnsStream(v *flow.View, see *Sight, known bool) flow.Step {
	c := dnsHead(v, see, known, true)
	s := dnsHead(v, see, known, false)
	step := flow.Step{
		Mine: c.mine || s.mine, Client: c.read, Server: s.read,
		NeedClient: c.need, NeedServer: s.need,
	}
	step.More = !step.Mine && (c.wait || s.wait)
	if step.Mine {
		// A side that speaks something else is passed over.
		if c.other {
			step.Client = max(c.read, len(v.Client.Bytes))
		}
		if s.other {
			step.Server = max(s.read, len(v.Server.Bytes))
		}
	}
	return step
}

// dnsSide is what became of one direction of a stream.
type dnsSide struct {
	mine, wait, other bool
	read              int // bytes
	need              int // bytes behind read
}

func dnsHead(v *flow.View, see *Sight, known, client bool) (r dnsSide) {
	m := message{h: v.Server, from: v.ServerAddr, to: v.ClientAddr, alone: silent(v.Client)}
	if client {
		m = message{h: v.Client, from: v.ClientAddr, to: v.ServerAddr, alone: silent(v.Server)}
	}
	h := m.h
	for {
		b := h.Bytes[min(r.read, len(h.Bytes)):]
		if len(b) == 0 {
			r.need = 1
			return r
		}
		last := v.Closed || h.Gap || len(b) >= flow.MaxHead
		if len(b) < 2+dnsHeader {
			if last || len(b) >= 2 && int(b[0])<<8|int(b[1]) < dnsHeader {
				r.other = !r.mine
				if r.mine {
					see.Malformed(capture.CutShort, "the stream ends inside a message", h, r.read)
					r.read = len(h.Bytes)
				}
				return r
			}
			if !known && !mayBeDNS(b) {
				r.other, r.need = true, flow.MaxHead
				return r
			}
			r.wait, r.need = true, 2+dnsHeader
			return r
		}
		n := int(b[0])<<8 | int(b[1])
		if !plausible(b[2:], n, known) || !known && (2+n > flow.MaxHead || !soundQuestion(b[2:])) {
			r.other, r.need = true, flow.MaxHead
			return r
		}
		if len(b) < 2+n && !last {
			r.wait, r.need = true, min(2+n, flow.MaxHead)
			r.mine = r.mine || known
			return r
		}
		m.off, m.b, m.cut = r.read+2, b[2:min(2+n, len(b))], len(b) < 2+n
		if !m.read(see, known) {
			r.other, r.need = true, flow.MaxHead
			return r
		}
		r.mine = true
		r.read += 2 + n
	}
}

// mayBeDNS reports whether the start of a stream, too short for a header, can be one on an unknown port: it must not make other protocols
// wait that begin with short messages.
func mayBeDNS(b []byte) bool {
	for i, c := range b {
		switch i {
		case 0:
			if int(c)<<8 >= flow.MaxHead {
				return false
			}
		case 4:
			if c&0x78 != 0 { // opcode
				return false
			}
		case 5:
			if c&0x40 != 0 { // Z
				return false
			}
		case 6, 7:
			if c != byte(i-6) { // one question
				return false
			}
		}
	}
	return true
}
