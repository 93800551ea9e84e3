package dissect

import (
	"errors"
	"fmt"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// dtlsDissector reads the ClientHello of DTLS: WebRTC, VPNs, CoAP.
var dtlsDissector = &Dissector{
	Name:  "dtls",
	Doc:   "Reads server names and protocols from DTLS handshakes.",
	Proto: audit.UDP,
	First: func(b byte) bool { return b >= wire.RecordChangeCipherSpec && b <= wire.RecordACK },
	Run:   runDTLS,
}

const maxDTLSDatagrams = 12 // of one flow, both sides together, in which a hello is looked for

func runDTLS(v *flow.View, see *Sight) flow.Step {
	first := earliest(v.Client, v.Server)
	if first == nil || !looksDTLS(first.Bytes[first.Segments[0].Start:first.Segments[0].End]) {
		return flow.Step{}
	}
	last := v.Closed || v.Client.Gap || v.Server.Gap || len(v.Client.Segments)+len(v.Server.Segments) >= maxDTLSDatagrams
	encrypted := false
	for _, h := range [...]*flow.Head{v.Client, v.Server} {
		d := &see.desk.dtls
		d.Reset()
		for _, s := range h.Segments {
			_ = d.Datagram(h.Bytes[s.Start:s.End], s.Start) // what could be read of it is kept
		}
		encrypted = encrypted || d.Encrypted
		for i, m := range d.Messages() {
			if m.Type != wire.HandshakeClientHello || len(m.Body) < m.Len && !last {
				continue
			}
			readDTLSHello(v, see, d, i, &m, h)
			return flow.Step{Mine: true, Done: true}
		}
	}
	if last || encrypted {
		return flow.Step{Mine: true, Done: true}
	}
	return flow.Step{Mine: true, More: true}
}

// looksDTLS reports whether b begins with a record header of DTLS whose epoch begins with zero.
func looksDTLS(b []byte) bool {
	if len(b) < 13 || b[0] < wire.RecordChangeCipherSpec || b[0] > wire.RecordACK {
		return false
	}
	switch version := uint16(b[1])<<8 | uint16(b[2]); version {
	case wire.VersionDTLS10, wire.VersionDTLS12, wire.VersionDTLS13, wire.VersionDTLSBad:
		return b[3] == 0 && int(b[11])<<8|int(b[12]) <= 1<<14+2048
	}
	return false
}

func readDTLSHello(v *flow.View, see *Sight, d *wire.DTLS, i int, m *wire.DTLSMessage, h *flow.Head) {
	hello := &see.desk.client
	fault := hello.ParseDTLS(m.Body)
	hello.Whole = hello.Whole && len(m.Body) == m.Len
	where := func(s wire.Span) []wire.Span {
		see.desk.spans = d.Where(see.desk.spans[:0], i, s)
		return see.desk.spans
	}
	all := where(wire.Span{Len: len(m.Body)})
	if len(all) == 0 {
		return
	}
	switch {
	case len(m.Body) < m.Len:
		see.Malformed(capture.CutShort, fmt.Sprintf("ClientHello: %d of %d bytes", len(m.Body), m.Len), h, all[0].Off)
	case fault != nil && !errors.Is(fault, wire.ErrOther):
		see.Malformed(capture.Malformed, fmt.Sprintf("ClientHello: %v", fault), h, all[0].Off)
	}
	names := tlsNames{app: "dtls", h: h, off: all[0].Off, n: all[0].Len, present: true}
	names.seen(hello, h, where, see)
	names.judge(v, see)
}
