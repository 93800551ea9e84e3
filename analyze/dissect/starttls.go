package dissect

import (
	"bytes"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// A lineProtocol is a protocol of text lines whose client may ask for TLS.
type lineProtocol struct {
	name   string
	ports  []uint16
	starts []string // what the client's first line begins with, in capitals; none means any text
	banner []string // what the server's first line begins with, in capitals
	ask    []string // the line that asks for TLS, in capitals
	tagged bool     // a tag stands in front of the client's words
}

// RFC 3207.
var smtp = lines(&lineProtocol{
	name: "smtp", ports: []uint16{25, 587, 2525}, starts: []string{"EHLO ", "HELO ", "LHLO "}, banner: []string{"220 ", "220-"}, ask: []string{"STARTTLS"},
})

// RFC 9051, section 6.2.1.
var imap = lines(&lineProtocol{
	name: "imap", ports: []uint16{143}, banner: []string{"* OK", "* PREAUTH"}, ask: []string{"STARTTLS"}, tagged: true,
})

// RFC 2595, section 4.
var pop3 = lines(&lineProtocol{
	name: "pop3", ports: []uint16{110}, starts: []string{"CAPA", "USER ", "STLS", "AUTH", "APOP "}, banner: []string{"+OK"}, ask: []string{"STLS"},
})

// RFC 4217.
var ftp = lines(&lineProtocol{
	name: "ftp", ports: []uint16{21}, starts: []string{"USER ", "AUTH ", "FEAT"}, banner: []string{"220 ", "220-"}, ask: []string{"AUTH TLS", "AUTH SSL"},
})

// maxPlainLines is how many bytes of a line protocol are read for a request to begin TLS.
const maxPlainLines = 8 << 10

// lines makes the dissector of a lineProtocol.
func lines(p *lineProtocol) *Dissector {
	return &Dissector{
		Name:  p.name,
		Doc:   "Recognises " + strings.ToUpper(p.name) + " and finds where it turns into TLS.",
		Proto: audit.TCP,
		Ports: p.ports,
		First: p.first,
		Run:   p.run,
	}
}

func (p *lineProtocol) first(b byte) bool {
	if len(p.starts) == 0 && b >= ' ' && b < 0x7f {
		return true
	}
	for _, list := range [...][]string{p.starts, p.banner} {
		for _, word := range list {
			if lower(b) == lower(word[0]) {
				return true
			}
		}
	}
	return false
}

func (p *lineProtocol) run(v *flow.View, see *Sight) flow.Step {
	c, s := v.Client, v.Server
	known := onAny(v, p.ports)
	if !p.fits(v, known) {
		return flow.Step{}
	}
	certain := known && (like(s.Bytes, p.banner) || like(c.Bytes, p.starts)) || like(s.Bytes, p.banner) && like(c.Bytes, p.starts)
	if off, found := p.asked(c.Bytes); found {
		if end := c.Bytes[off.End():]; beginsTLS(end) {
			see.Flags |= audit.Plaintext
			see.See(audit.SeenUpgrade, p.name+" starttls", c, off.Off, off.Len)
			return flow.Step{Mine: true, Client: off.End(), Server: tlsStart(s), Restart: true, Became: p.name + " starttls"}
		}
		certain = true
	}
	last := v.Closed || c.Gap || len(c.Bytes) >= maxPlainLines || len(s.Bytes) >= maxPlainLines
	if !last {
		return flow.Step{Mine: certain, More: true}
	}
	if !certain {
		return flow.Step{}
	}
	see.Flags |= audit.Plaintext
	h := s
	if len(s.Bytes) == 0 {
		h = c
	}
	n := bytes.IndexByte(h.Bytes, '\n') + 1
	if n == 0 {
		see.Malformed(capture.CutShort, "the first line is cut", h, 0)
		n = len(h.Bytes)
	}
	see.See(audit.SeenProtocol, p.name, h, 0, min(n, 4))
	return flow.Step{Mine: true, Done: true}
}

// fits reports whether nothing speaks against the protocol so far.
func (p *lineProtocol) fits(v *flow.View, known bool) bool {
	c, s := v.Client.Bytes, v.Server.Bytes
	switch {
	case v.Client.Offset > 0 || v.Server.Offset > 0 || len(c)+len(s) == 0:
		return false
	case len(s) > 0 && !mayBe(s, p.banner):
		return false
	case len(c) > 0 && len(p.starts) > 0 && !mayBe(c, p.starts):
		return false
	case len(p.starts) == 0 && !printable(c):
		return false
	}
	return known || len(s) > 0
}

func onAny(v *flow.View, ports []uint16) bool {
	for _, port := range ports {
		if v.ServerAddr.Port() == port || v.ClientAddr.Port() == port {
			return true
		}
	}
	return false
}

// like reports whether b begins with one of list, in any case.
func like(b []byte, list []string) bool {
	for _, want := range list {
		if len(b) >= len(want) && sameFold(b[:len(want)], want) {
			return true
		}
	}
	return false
}

// mayBe reports whether b begins with one of list, or is the beginning of one.
func mayBe(b []byte, list []string) bool {
	for _, want := range list {
		if n := min(len(b), len(want)); sameFold(b[:n], want[:n]) {
			return true
		}
	}
	return false
}

// sameFold reports whether b is s, which is in capitals, in any case.
func sameFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		if lower(b[i]) != lower(s[i]) {
			return false
		}
	}
	return true
}

// printable reports whether b, as far as its first line reaches, is text.
func printable(b []byte) bool {
	for _, c := range b[:min(len(b), 80)] {
		if c == '\n' {
			return true
		}
		if c < ' ' && c != '\r' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// asked finds the line that asks for TLS.
func (p *lineProtocol) asked(b []byte) (at wire.Span, found bool) {
	for off := 0; off < len(b); {
		n := bytes.IndexByte(b[off:], '\n')
		if n < 0 {
			return at, false
		}
		line := bytes.TrimRight(b[off:off+n], "\r ")
		if p.tagged {
			if i := bytes.IndexByte(line, ' '); i > 0 {
				line = line[i+1:]
			}
		}
		for _, want := range p.ask {
			if sameFold(line, want) {
				return wire.Span{Off: off, Len: n + 1}, true
			}
		}
		off += n + 1
	}
	return at, false
}
