package dissect

import (
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"abroad/analyze/audit"
	"abroad/capture"
)

// FuzzDriver plays arbitrary conversations. script holds them turn by turn: a zero byte ends a turn, \x01 quotes the byte behind it. What
// is seen must not depend on how the turns were cut into segments, and every proof must lie inside its packet (play.run checks that).
func FuzzDriver(f *testing.F) {
	for _, packets := range seeds(f) {
		f.Add(script(packets), uint16(443), uint16(1), false)
		f.Add(script(packets), uint16(80), uint16(100), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, port, size uint16, mid bool) {
		packets := unscript(text)
		if len(packets) == 0 || len(packets) > 50 || len(text) > 1<<16 {
			return
		}
		whole := play{proto: audit.TCP, port: port, packets: packets, mid: mid}.run(t)
		parts := play{proto: audit.TCP, port: port, packets: split(packets, int(size%2000)+1), mid: mid}.run(t)
		play{proto: audit.UDP, port: port, packets: packets}.run(t)
		if mid || whole.readOn() || parts.readOn() {
			return
		}
		if !slices.Equal(whole.list(), parts.list()) || whole.App != parts.App || whole.Flags != parts.Flags {
			t.Errorf("whole: %s %v %q\nparts: %s %v %q", whole.App, whole.Flags.Words(), whole.list(), parts.App, parts.Flags.Words(), parts.list())
		}
	})
}

// readOn reports whether bytes that made no sense were passed over up to where a packet begins.
func (r *played) readOn() bool {
	return r.strange || slices.ContainsFunc(r.Anomalies, func(a capture.Anomaly) bool { return strings.Contains(a.Detail, "belong to no request") })
}

// seeds are conversations that every dissector of streams knows.
func seeds(f *testing.F) [][]packet {
	hello := handshake(f, tlsConfig("www.example.com"), 0)
	old := handshake(f, tlsConfig("www.example.com"), 0x0303)
	quic := quicHello(f, "www.example.com", "h3")
	with := func(start ...packet) []packet { return append(start, hello...) }
	return [][]packet{
		hello, old,
		{up(getOne), down(okBody), up(post), up(chunks), up(getTwo)},
		with(up("CONNECT a.example:443 HTTP/1.1\r\n\r\n"), down("HTTP/1.1 200 OK\r\n\r\n")),
		{up(http2Requests("a.example", "b.example"))},
		{up(prefixed(askWWW, askWWW)), down(prefixed(answerWWW))},
		{up(askWWW), down(answerWWW)},
		with(down("220 me ESMTP\r\n"), up("EHLO me\r\n"), down("250 STARTTLS\r\n"), up("STARTTLS\r\n"), down("220 go\r\n")),
		with(down("* OK ready\r\n"), up("a STARTTLS\r\n"), down("a OK\r\n")),
		with(up("<?xml version='1.0'?><stream:stream to='a.example'>"), down("<stream:stream>"), up("<starttls/>"), down("<proceed/>")),
		with(up(sslRequest), down("S")),
		with(down("J\x00\x00\x00\x0a8.0.33\x00"+strings.Repeat("x", 66)), up("\x20\x00\x00\x01\x05\xae\xff\x19"+strings.Repeat("x", 28))),
		with(up("\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + ldapStartTLS)),
		with(up("\x05\x01\x00"), down("\x05\x00"), up("\x05\x01\x00\x03\x09a.example\x01\xbb"), down("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")),
		with(up("PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r\n")),
		{up(initial(f, dcid, 0, quic, cryptoFrame{0, 1000})), up(initial(f, dcid, 1, quic, cryptoFrame{1000, len(quic)})), down(serverInitial)},
		{up(gquicHello("a.example"))},
		{up(dtlsHello(f, "a.example", 5000)[0])},
		{up(stunMessage(0x0003, "")), down(stunMessage(0x0103, "\x00\x16\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x41"))},
		{up("SSH-2.0-x\r\n"), down("SSH-2.0-y\r\n")},
		{up("OPTIONS rtsp://a.example/ RTSP/1.0\r\n\r\n")},
	}
}

func script(packets []packet) []byte {
	var b []byte
	server := false
	for _, p := range packets {
		for ; server != p.server; server = !server {
			b = append(b, 0)
		}
		for _, c := range []byte(p.data) {
			if c < 2 {
				b = append(b, 1)
			}
			b = append(b, c)
		}
		b, server = append(b, 0), !server
	}
	return b
}

func unscript(b []byte) (packets []packet) {
	var data []byte
	server := false
	end := func() {
		if len(data) > 0 {
			packets = append(packets, packet{server: server, data: string(data)})
		}
		data, server = nil, !server
	}
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == 0:
			end()
		case b[i] == 1 && i+1 < len(b):
			i++
			fallthrough
		default:
			data = append(data, b[i])
		}
	}
	end()
	return packets
}

// FuzzCut cuts what a client says. A name that is seen in the rest must be one that is seen in the whole.
func FuzzCut(f *testing.F) {
	for _, packets := range seeds(f) {
		for _, p := range packets {
			f.Add([]byte(p.data), uint16(len(p.data)/2), uint16(53))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, n, port uint16) {
		if int(n) >= len(b) || len(b) > 1<<14 {
			return
		}
		cut := len(b) - int(n)
		for _, c := range []struct{ whole, part play }{
			{play{proto: audit.TCP, packets: []packet{up(string(b))}}, play{proto: audit.TCP, packets: []packet{up(string(b[:n]))}}},
			{play{proto: audit.TCP, packets: []packet{up(string(b))}}, play{proto: audit.TCP, packets: []packet{{data: string(b), cut: cut}}}},
			{play{proto: audit.UDP, packets: []packet{up(string(b))}}, play{proto: audit.UDP, packets: []packet{{data: string(b), cut: cut}}}},
		} {
			c.whole.port, c.part.port = port, port
			whole, part := c.whole.run(t), c.part.run(t)
			if whole.readOn() || part.readOn() || whole.App != part.App {
				continue // what is one protocol's name is nothing in another
			}
			if whole.App == "quic" && len(whole.list()) == 1 {
				continue // its tag is wrong, which a cut packet does not show
			}
			for _, kind := range []audit.ObservationKind{audit.SeenSNI, audit.SeenHost, audit.SeenQuery, audit.SeenCertName} {
				names := strings.Fields(strings.Join(whole.values(kind), " "))
				if kind == audit.SeenCertName && len(names) == 0 {
					continue // a broken certificate gives no names; where it is cut before the break, nobody can know
				}
				for _, name := range strings.Fields(strings.Join(part.values(kind), " ")) {
					if !slices.Contains(names, name) {
						t.Errorf("%s: %s %q is not in the whole: %q", whole.App, kind, name, names)
					}
				}
			}
			all := whole.list()
			for _, line := range part.list() {
				if strings.HasPrefix(line, "answer") && !slices.Contains(all, line) {
					t.Errorf("%s is not in the whole: %q", line, all)
				}
			}
		}
	})
}

func FuzzHints(f *testing.F) {
	f.Add(`1 a\.b.example alpn="h3,h2" ipv4hint="192.0.2.7,192.0.2.8" ech="AEX+DQA=" ipv6hint="2001:db8::7"`)
	f.Fuzz(func(t *testing.T, value string) {
		_, addrs := Hints(value)
		for _, a := range addrs {
			if !strings.Contains(value, "hint") || !a.IsValid() || a.Is4In6() {
				t.Errorf("%v", addrs)
			}
		}
	})
}

// FuzzWireName turns names of the wire into the presentation form of miekg/dns and back.
func FuzzWireName(f *testing.F) {
	f.Add([]byte("\x03www\x07Example\x03com\x00"))
	f.Add([]byte("\x05a.b\\c\x02\xff\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, end, err := dns.UnpackDomainName(b, 0)
		if err != nil || slices.ContainsFunc(b[:end], func(c byte) bool { return c >= 0xc0 }) {
			return // pointers, or bytes that look like them
		}
		var want []string
		for off := 0; b[off] != 0; off += 1 + int(b[off]) {
			label := strings.Map(func(r rune) rune { return rune(lower(byte(r))) }, latin(b[off+1:off+1+int(b[off])]))
			label = strings.ReplaceAll(strings.ReplaceAll(label, `\`, `\\`), ".", `\.`)
			want = append(want, label)
		}
		name := strings.Join(want, ".")
		if name == "" {
			name = "."
		}
		if got := latin([]byte(wireName(text))); got != name {
			t.Errorf("%q: got %q, want %q", text, got, name)
		}
	})
}

// latin writes every byte as the character of its number.
func latin(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}
