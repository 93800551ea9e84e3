package dissect

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// tlsDissector reads the plaintext start of TLS: the ClientHello, the ServerHello, and the certificate where TLS 1.2 or older shows it.
var tlsDissector = &Dissector{
	Name:  "tls",
	Doc:   "Reads server names, protocols and versions from TLS handshakes, and certificate names where they are visible.",
	Proto: audit.TCP,
	Ports: []uint16{443, 853, 5223, 5228, 5229, 5230, 8443},
	// A record, or the length of a hello in the form of SSL 2.
	First: func(b byte) bool { return b >= wire.RecordChangeCipherSpec && b <= wire.RecordHeartbeat || b >= 0x80 },
	Run:   runTLS,
}

// maxUnanswered is how many bytes a client may send behind its ClientHello, as early data, before its server's answer is given up.
const maxUnanswered = 4 << 10

// A tlsSide is what stands at the start of one direction.
type tlsSide struct {
	h      *flow.Head
	first  wire.TLSMessage
	reader wire.TLSReader // behind first
	err    error          // of first
	ssl2   wire.SSL2Hello // if first is a hello in the form of SSL 2
	last   bool           // nothing more will be added to the head
}

func readTLSSide(v *flow.View, h *flow.Head) (s tlsSide) {
	s.h, s.last, s.reader = h, v.Closed || h.Gap || len(h.Bytes) >= flow.MaxHead, wire.ReadTLS(h.Bytes)
	if b := h.Bytes; len(b) > 1 && (b[0] < wire.RecordChangeCipherSpec || b[0] > wire.RecordHeartbeat || b[1] != 3 && b[1] != 1) {
		s.err = wire.ErrOther // most flows
	} else {
		s.first, s.err = s.reader.Next()
	}
	if errors.Is(s.err, wire.ErrOther) && len(h.Bytes) > 2 && h.Bytes[0]&0x80 != 0 && h.Bytes[2] == wire.HandshakeClientHello {
		s.ssl2, s.err = wire.ParseSSL2Hello(h.Bytes)
		if s.err == nil {
			s.first = wire.TLSMessage{Record: wire.RecordHandshake, Type: wire.HandshakeClientHello, Whole: wire.Span{Len: s.ssl2.Len}}
		}
	}
	return s
}

// is reports whether the direction begins with a handshake message of that type.
func (s *tlsSide) is(typ byte) bool {
	return s.first.Record == wire.RecordHandshake && !s.first.Encrypted && s.first.Type == typ && (s.err == nil || s.waiting())
}

// waiting reports whether more bytes would tell more about the first message.
func (s *tlsSide) waiting() bool { return errors.Is(s.err, io.ErrUnexpectedEOF) }

// inside reports whether the direction begins with some other TLS record. Five bytes of a record header prove little, so that is asked
// only of recordings that begin in mid-stream.
func (s *tlsSide) inside() bool {
	return s.first.Record != 0 && s.ssl2.Len == 0 && (s.err == nil || s.waiting())
}

func runTLS(v *flow.View, see *Sight) flow.Step {
	c, s := readTLSSide(v, v.Client), readTLSSide(v, v.Server)
	client, server := &c, &s
	if s.is(wire.HandshakeClientHello) || c.is(wire.HandshakeServerHello) {
		client, server = &s, &c // a recording that begins in mid-stream
	}
	turned := client == &s
	switch {
	case client.is(wire.HandshakeClientHello):
	case server.is(wire.HandshakeServerHello):
		// The ClientHello was not recorded.
	case c.inside() && (v.MidStream || c.first.Record == wire.RecordHandshake), s.inside() && (v.MidStream || s.first.Record == wire.RecordHandshake):
		return flow.Step{Mine: true, Done: true}
	case c.waiting() && !c.last, s.waiting() && !s.last:
		return tlsMore(turned, wire.Need(client.err), wire.Need(server.err))
	default:
		return flow.Step{}
	}
	hello := client.is(wire.HandshakeClientHello)
	if hello && client.err != nil && !client.last {
		step := tlsMore(turned, wire.Need(client.err), flow.MaxHead)
		step.Mine = true
		return step
	}
	if hello && !server.last && server.first.Record == 0 && !client.last && len(client.h.Bytes) < client.first.Whole.End()+maxUnanswered &&
		(len(server.h.Bytes) == 0 || server.waiting()) {
		step := tlsMore(turned, client.first.Whole.End()+maxUnanswered, max(1, wire.Need(server.err)))
		step.Mine = true
		return step
	}
	var names tlsNames
	names.port = v.ServerAddr.Port()
	if turned {
		names.port = v.ClientAddr.Port()
	}
	if hello {
		names.hello(client, see)
	}
	if server.is(wire.HandshakeServerHello) {
		if need := tlsAnswer(client, server, hello, see); need > 0 {
			step := tlsMore(turned, flow.MaxHead, min(need, flow.MaxHead))
			step.Mine = true
			return step
		}
	}
	names.judge(v, see)
	return flow.Step{Mine: true, Done: true}
}

// tlsMore asks for more of the client's or the server's bytes. turned says that the flow's client is TLS's server.
func tlsMore(turned bool, client, server int) flow.Step {
	client, server = min(client, flow.MaxHead), min(server, flow.MaxHead)
	if turned {
		client, server = server, client
	}
	return flow.Step{More: true, NeedClient: client, NeedServer: server}
}

// tlsNames is what a ClientHello says about where it goes.
type tlsNames struct {
	port uint16 // of the server
	sni  string
	alpn []wire.Text // on the desk
	app  string      // "dtls" or "quic" when it is not TLS over TCP
	// where the proof stands
	h       *flow.Head
	off, n  int
	present bool
}

// hello reads the ClientHello that client begins with.
func (t *tlsNames) hello(client *tlsSide, see *Sight) {
	whole := client.first.Whole
	if client.ssl2.Len > 0 {
		see.Flags |= audit.NoSNI
		t.h, t.off, t.n, t.present = client.h, 0, min(client.ssl2.Len, len(client.h.Bytes)), true
		return
	}
	hello := &see.desk.client
	err := hello.Parse(client.first.Body)
	hello.Whole = hello.Whole && client.err == nil // a hello may seem to end where it was cut
	switch {
	case client.err == nil && err != nil:
		see.Malformed(capture.Malformed, fmt.Sprintf("ClientHello: %v", err), client.h, client.first.Span(wire.Span{}).Off)
	case client.err != nil:
		see.Malformed(capture.CutShort, fmt.Sprintf("ClientHello: %d of %d bytes", len(client.first.Body), client.first.Len), client.h, whole.Off)
	}
	t.seen(hello, client.h, func(s wire.Span) []wire.Span {
		see.desk.spans = append(see.desk.spans[:0], client.first.Span(s))
		return see.desk.spans
	}, see)
	t.h, t.off, t.n, t.present = client.h, whole.Off, whole.Len, true
}

// seen adds what every kind of ClientHello says. where finds a stretch of its body in h.
func (t *tlsNames) seen(hello *wire.ClientHello, h *flow.Head, where func(wire.Span) []wire.Span, see *Sight) {
	if name := hello.ServerName; name.Value != "" {
		t.sni = lowerName(name.Value)
		see.seeAt(audit.SeenSNI, t.sni, h, where(name.At))
	} else if hello.Whole {
		see.Flags |= audit.NoSNI
	}
	t.alpn = hello.ALPN
	if len(t.alpn) > 0 {
		from, to := t.alpn[0].At, t.alpn[len(t.alpn)-1].At
		see.seeAt(audit.SeenALPN, joinALPN(t.alpn), h, where(wire.Span{Off: from.Off, Len: to.End() - from.Off}))
	}
	// 0xfe0d and its forerunner 0xffce
	for _, x := range hello.Extensions {
		value := ""
		switch {
		case x.Type == 0xfe0d && hello.ECH.Offered && !hello.ECH.Inner:
			value = "outer"
		case x.Type == 0xffce && hello.ESNI:
			value = "esni"
		default:
			continue
		}
		see.Flags |= audit.ECHOffered
		see.seeAt(audit.SeenECH, value, h, where(x.At))
	}
}

func joinALPN(list []wire.Text) string {
	if len(list) == 1 {
		return list[0].Value
	}
	var b strings.Builder
	for i, p := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p.Value)
	}
	return b.String()
}

// tlsAnswer reads the server's side. It returns how many bytes of it are needed to say more; 0 if it is done.
func tlsAnswer(client, server *tlsSide, hello bool, see *Sight) (need int) {
	if server.err != nil && !server.last {
		return wire.Need(server.err)
	}
	h, answer := server.h, &see.desk.server
	err := answer.Parse(server.first.Body)
	if err != nil {
		code := capture.Malformed
		if server.err != nil {
			code = capture.CutShort
		}
		see.Malformed(code, fmt.Sprintf("ServerHello: %v", err), h, server.first.Whole.Off)
	}
	if answer.Cipher != 0 { // it stands behind the version and the random: less than that says too little
		see.See(audit.SeenTLSVersion, tlsVersion(answer.Version), h, server.first.Whole.Off, server.first.Whole.Len)
	}
	if hello && client.err == nil {
		see.roundTrip(audit.RTTTLS, client.h, client.first.Whole.End()-1, h, server.first.Whole.Off)
	}
	if err != nil || isTLS13(answer.Version) {
		return 0
	}
	if p := answer.ALPN; p.At.Len > 0 {
		at := server.first.Span(p.At)
		see.See(audit.SeenALPN, p.Value, h, at.Off, at.Len)
	}
	return tlsCertificate(server, see)
}

// tlsCertificate reads the names of the server's certificate, behind its ServerHello. It returns what it needs, like tlsAnswer.
func tlsCertificate(server *tlsSide, see *Sight) (need int) {
	for {
		m, err := server.reader.Next()
		waiting := errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF
		if m.Record == wire.RecordHandshake && !m.Encrypted && m.Type == wire.HandshakeCertificate && (err == nil || waiting) {
			names := &see.desk.cert
			fault := names.Parse(m.Body)
			switch {
			case fault == nil:
			case err != nil && !server.last:
				return max(1, wire.Need(err))
			case err != nil:
				see.Malformed(capture.CutShort, fmt.Sprintf("Certificate: %d of %d bytes", len(m.Body), m.Len), server.h, m.Whole.Off)
			default:
				see.Malformed(capture.Malformed, fmt.Sprintf("Certificate: %v", fault), server.h, m.Whole.Off)
			}
			see.certificate(names, &m, server.h)
			return 0
		}
		switch {
		case waiting && server.last, err != nil && !waiting:
			return 0
		case err == io.EOF:
			return len(server.h.Bytes) + 1
		case err != nil:
			return max(len(server.h.Bytes)+1, wire.Need(err))
		case m.Record != wire.RecordHandshake || m.Encrypted || m.Type == wire.HandshakeServerHelloDone:
			return 0 // the session was resumed, or the server is anonymous
		}
	}
}

// certificate adds a certificate's names as one observation: those of subjectAltName, or the common name if there are none (RFC 9525,
// section 2). A name with a space in it could not be told from two and is no host name: it is left out.
func (s *Sight) certificate(names *wire.CertNames, m *wire.TLSMessage, h *flow.Head) {
	list := names.DNS
	if len(list) == 0 && names.Whole && names.CommonName.Value != "" {
		list = []wire.Text{names.CommonName}
	}
	if len(list) > maxCertNames {
		s.Malformed(capture.Limit, fmt.Sprintf("certificate with %d names: the first %d are kept", len(list), maxCertNames), h, m.Whole.Off)
		list = list[:maxCertNames]
	}
	var words []string
	from, to := len(h.Bytes), 0
	for _, name := range list {
		if name.Value == "" || strings.ContainsFunc(name.Value, unicode.IsSpace) {
			continue
		}
		words = append(words, lowerName(name.Value))
		at := m.Span(name.At)
		from, to = min(from, at.Off), max(to, at.Off+at.Len)
	}
	if len(words) > 0 {
		s.See(audit.SeenCertName, strings.Join(words, " "), h, from, to-from)
	}
}

// maxCertNames is how many names of one certificate are kept.
const maxCertNames = 300

// roundTrip adds the time from from.Bytes[sent] to to.Bytes[got], unless a packet has no time or the answer comes before the question.
func (s *Sight) roundTrip(kind audit.RTTKind, from *flow.Head, sent int, to *flow.Head, got int) {
	a, b := from.TimeAt(sent), to.TimeAt(got)
	if a == capture.NoTime || b == capture.NoTime || b < a {
		return
	}
	asked, answered := firstRef(from, sent, 1).Record, firstRef(to, got, 1).Record
	if answered < asked {
		return
	}
	s.RTT = append(s.RTT, audit.RTT{Kind: kind, NS: int64(b - a), Sent: capture.Ref{Record: asked}, Got: capture.Ref{Record: answered}})
}

func isTLS13(v uint16) bool { return v == wire.VersionTLS13 || v>>8 == 0x7f || v>>8 == 0xfb }

// tlsVersion names a version: "1.3", "1.2", "ssl3" …; drafts of TLS 1.3 wrote 0x7f and their number (RFC 8446, section 4.2.1.1 of its drafts).
func tlsVersion(v uint16) string {
	switch v {
	case wire.VersionTLS13:
		return "1.3"
	case wire.VersionTLS12, wire.VersionDTLS12:
		return "1.2"
	case wire.VersionTLS11:
		return "1.1"
	case wire.VersionTLS10, wire.VersionDTLS10:
		return "1.0"
	case wire.VersionDTLS13:
		return "1.3"
	case wire.VersionSSL3:
		return "ssl3"
	case wire.VersionSSL2:
		return "ssl2"
	case wire.VersionTLCP:
		return "tlcp"
	}
	if v>>8 == 0x7f {
		return fmt.Sprintf("1.3-draft-%d", v&0xff)
	}
	return fmt.Sprintf("0x%04x", v)
}
