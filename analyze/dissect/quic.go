package dissect

import (
	"errors"
	"fmt"
	"io"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// quicDissector reads the ClientHello out of QUIC's Initial packets, whose keys everybody can derive, and Google's older QUIC.
//
// Opening a packet costs more than everything else here, so nothing is opened before the server's answer is there too: then the hello
// is complete as a rule, and every packet is opened once.
var quicDissector = &Dissector{
	Name:  "quic",
	Doc:   "Reads server names, protocols and versions from QUIC handshakes, also when they are spread over datagrams.",
	Proto: audit.UDP,
	Ports: []uint16{443, 853},
	// A long header, or the public flags of Google QUIC with a version behind them.
	First: func(b byte) bool { return b&0x80 != 0 || b&0x03 == 1 },
	Run:   runQUIC,
}

const (
	maxQUICDatagrams = 16 // of one flow, both sides together, in which a hello is looked for
	maxUnopened      = 3  // Initial packets that cannot be opened, after which a flow without a hello is given up
)

// looksQUIC reports whether b begins a QUIC packet with a long header of a version that is known, or of one that is meant to be refused.
func looksQUIC(b []byte, v *flow.View) bool {
	if len(b) < 6 || b[0]&0x80 == 0 {
		return false
	}
	h, err := wire.ParseQUIC(b, 0)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	// Any bytes may look like a version that is meant to be refused (RFC 9000, section 15), or like the refusal.
	web := v.ServerAddr.Port() == 443 || v.ClientAddr.Port() == 443
	switch greased := h.Version&0x0f0f0f0f == 0x0a0a0a0a; {
	case h.Type == wire.QUICVersionNegotiation:
		return err == nil && web && h.DCID.Len <= 20 && h.SCID.Len <= 20
	case greased:
		return err == nil && (web || b[0]&0x40 != 0 && len(b) >= 1200) && h.DCID.Len >= 8 && h.DCID.Len <= 20 && h.SCID.Len <= 20
	}
	return h.Type != wire.QUICUnknown
}

// looksGoogle reports whether the version of Google QUIC can stand in b: behind the flags, or behind them and a connection id.
func looksGoogle(b []byte) bool {
	return len(b) > 12 && b[0]&0x80 == 0 && (b[1] == 'Q' && b[2] == '0' || b[9] == 'Q' && b[10] == '0') || len(b) > 4 && b[0]&0x80 != 0 && b[1] == 'Q'
}

func runQUIC(v *flow.View, see *Sight) flow.Step {
	first := earliest(v.Client, v.Server)
	if first == nil {
		return flow.Step{}
	}
	b := first.Bytes[first.Segments[0].Start:first.Segments[0].End]
	if !looksQUIC(b, v) {
		if !looksGoogle(b) {
			return flow.Step{}
		}
		if _, err := wire.ParseGQUIC(b); err == nil || errors.Is(err, io.ErrUnexpectedEOF) && len(b) > 16 {
			return runGQUIC(v, see)
		}
		return flow.Step{}
	}
	c, s := v.Client, v.Server
	datagrams := len(c.Segments) + len(s.Segments)
	last := v.Closed || c.Gap || s.Gap || len(c.Bytes) >= flow.MaxHead || len(s.Bytes) >= flow.MaxHead || datagrams >= maxQUICDatagrams
	if !last && (len(c.Segments) == 0 || len(s.Segments) == 0) {
		// All from one side: wait for the other.
		return flow.Step{Mine: true, More: true, NeedClient: needOther(c), NeedServer: needOther(s)}
	}
	q := &see.desk.quic
	q.Reset()
	unopened := 0
	version, versionIn := "", datagram{}
	hello, err := wire.QUICHello{}, error(nil)
	from := (*flow.Head)(nil) // of the hello
	used := 0                 // datagrams of the client up to the end of the hello
	for d := range datagramsOf(v) {
		if derr := q.Datagram(d.h.Bytes[d.s.Start:d.s.End], d.s.Start, d.h == c, fullLength(d.s)); derr != nil {
			continue
		}
		for i := range q.Packets {
			p := &q.Packets[i]
			if p.Version != 0 && (versionIn.h == nil || p.Opened && q.Version == p.Version && from == nil) {
				version, versionIn = wire.QUICVersionName(p.Version), d
			}
			switch {
			case p.Type == wire.QUICInitial && !p.Opened:
				unopened++
			case p.Opened && p.Client:
				from = d.h
			}
		}
		if d.h == from {
			used++
		}
		if hello, err = q.Hello(true); err == nil {
			break
		}
		if q.Version == 0 && unopened >= maxUnopened {
			last = true
			break
		}
	}
	if err != nil && !last {
		if chlo, m, gerr := q.CHLO(); gerr == nil {
			return googleHello(v, see, &chlo, from, func(s wire.Span) []wire.Span { return m.Where(nil, s) })
		}
		return flow.Step{Mine: true, More: true}
	}
	if versionIn.h != nil {
		see.See(audit.SeenQUICVersion, version, versionIn.h, versionIn.s.Start+1, 4)
	}
	if chlo, m, gerr := q.CHLO(); gerr == nil || errors.Is(gerr, io.ErrUnexpectedEOF) && len(m.Body) > 0 {
		return googleHello(v, see, &chlo, from, func(s wire.Span) []wire.Span { return m.Where(nil, s) })
	}
	if from == nil || len(hello.Body) == 0 {
		return flow.Step{Mine: true, Done: true}
	}
	readQUICHello(v, see, &hello, from, err)
	if err == nil {
		other := s
		if from == s {
			other = c
		}
		see.quicRoundTrip(from, used, other)
	}
	return flow.Step{Mine: true, Done: true}
}

// readQUICHello reads the ClientHello found in the datagrams of from; missing says that it is not whole.
func readQUICHello(v *flow.View, see *Sight, m *wire.QUICHello, from *flow.Head, missing error) {
	hello := &see.desk.client
	fault := hello.Parse(m.Body)
	hello.Whole = hello.Whole && missing == nil
	names := tlsNames{app: "quic", port: v.ServerAddr.Port(), h: from, present: true}
	if from == v.Server {
		names.port = v.ClientAddr.Port()
	}
	start := see.where(m, wire.Span{Len: len(m.Body)})[0]
	names.off, names.n = start.Off, start.Len
	switch {
	case missing != nil:
		see.Malformed(capture.CutShort, fmt.Sprintf("ClientHello: %d of %d bytes", len(m.Body), m.Len), from, start.Off)
	case fault != nil:
		see.Malformed(capture.Malformed, fmt.Sprintf("ClientHello: %v", fault), from, start.Off)
	}
	names.seen(hello, from, func(s wire.Span) []wire.Span { return see.where(m, s) }, see)
	names.judge(v, see)
}

// where returns the stretches of a head that carry s of a hello, in the hello's order.
func (s *Sight) where(m *wire.QUICHello, at wire.Span) []wire.Span {
	s.desk.spans = m.Where(s.desk.spans[:0], at)
	return s.desk.spans
}

// quicRoundTrip adds the time from the client's first datagram to the server's first. The server cannot have answered anything earlier; if it
// answered something later, the true time is shorter, which the minimum over all samples mends. When the client sent more Initial packets
// than its hello needed before the answer came, it may have repeated itself: then nothing is said.
func (s *Sight) quicRoundTrip(client *flow.Head, used int, server *flow.Head) {
	if len(server.Segments) == 0 || len(client.Segments) == 0 {
		return
	}
	answer := server.Segments[0]
	for _, d := range client.Segments[min(used, len(client.Segments)):] {
		if d.Record > answer.Record {
			break
		}
		if h, err := wire.ParseQUIC(client.Bytes[:d.End], d.Start); err == nil && h.Type == wire.QUICInitial {
			return
		}
	}
	s.roundTrip(audit.RTTQUIC, client, client.Segments[0].Start, server, answer.Start)
}

// runGQUIC reads the hello of Google QUIC up to Q046, which is not encrypted.
func runGQUIC(v *flow.View, see *Sight) flow.Step {
	for d := range datagramsOf(v) {
		chlo, err := wire.ParseGQUIC(d.h.Bytes[d.s.Start:d.s.End])
		if chlo.ServerName.Value == "" && err == nil && !chlo.Whole {
			continue
		}
		if err != nil && chlo.ServerName.Value == "" && !d.s.Cut {
			continue
		}
		start := d.s.Start
		see.See(audit.SeenQUICVersion, chlo.Version, d.h, start, d.s.End-start)
		return googleHello(v, see, &chlo, d.h, func(s wire.Span) []wire.Span { return []wire.Span{{Off: start + s.Off, Len: s.Len}} })
	}
	if v.Closed || v.Client.Gap || v.Server.Gap || len(v.Client.Segments)+len(v.Server.Segments) >= maxQUICDatagrams/2 {
		return flow.Step{Mine: true, Done: true}
	}
	return flow.Step{Mine: true, More: true}
}

// googleHello adds what a CHLO says.
func googleHello(v *flow.View, see *Sight, chlo *wire.CHLO, h *flow.Head, where func(wire.Span) []wire.Span) flow.Step {
	if name := chlo.ServerName; name.Value != "" {
		see.seeAt(audit.SeenSNI, lowerName(name.Value), h, where(name.At))
	} else if chlo.Whole {
		see.Flags |= audit.NoSNI
	}
	return flow.Step{Mine: true, Done: true}
}
