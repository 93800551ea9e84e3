package dissect

import (
	"bytes"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
)

// xmpp reads the domain that a stream is opened to, and finds where the stream turns into TLS (RFC 6120, section 5).
var xmpp = &Dissector{
	Name:  "xmpp",
	Doc:   "Recognises XMPP and finds where it turns into TLS.",
	Proto: audit.TCP,
	Ports: []uint16{5222, 5269},
	First: func(b byte) bool { return b == '<' },
	Run: func(v *flow.View, see *Sight) flow.Step {
		b := v.Client.Bytes
		if !begins(b, "<?xml ") && !begins(b, "<stream:stream ") {
			return flow.Step{}
		}
		certain := bytes.Contains(b[:min(len(b), 512)], []byte("<stream:stream "))
		if !certain && (len(b) >= 512 || v.Closed) {
			return flow.Step{}
		}
		name := "xmpp starttls"
		if domain := attribute(b, "to"); domain != "" {
			name += " " + lowerName(domain)
		}
		if i := bytes.Index(b, []byte("<starttls")); i >= 0 {
			if n := bytes.IndexByte(b[i:], '>'); n >= 0 {
				end := i + n + 1
				if rest := bytes.TrimPrefix(b[end:], []byte("</starttls>")); beginsTLS(bytes.TrimLeft(rest, " \r\n")) {
					see.Flags |= audit.Plaintext
					see.See(audit.SeenUpgrade, name, v.Client, i, n+1)
					end = len(b) - len(bytes.TrimLeft(rest, " \r\n"))
					return flow.Step{Mine: true, Client: end, Server: handshakeStart(v.Server.Bytes), Restart: true, Became: "xmpp starttls"}
				}
			}
		}
		return plainUntil(v, see, certain, "xmpp", v.Client)
	},
}

// attribute returns the value of an attribute of the stream's opening tag.
func attribute(b []byte, name string) string {
	i := bytes.Index(b, []byte("<stream:stream "))
	if i < 0 {
		return ""
	}
	b = b[i:]
	if end := bytes.IndexByte(b, '>'); end >= 0 {
		b = b[:end]
	}
	for _, quote := range [...]string{`"`, `'`} {
		if _, rest, ok := bytes.Cut(b, []byte(" "+name+"="+quote)); ok {
			if value, _, ok := bytes.Cut(rest, []byte(quote)); ok {
				return string(value)
			}
		}
	}
	return ""
}

// handshakeStart returns how many bytes stand before the first TLS handshake record; all there are if there is none.
func handshakeStart(b []byte) int {
	for i := range b {
		if beginsTLS(b[i:]) {
			return i
		}
	}
	return len(b)
}

// plainUntil waits for more of a plaintext protocol until enough was seen that no upgrade will come.
func plainUntil(v *flow.View, see *Sight, certain bool, name string, h *flow.Head) flow.Step {
	if !v.Closed && !h.Gap && len(v.Client.Bytes) < maxPlainLines && len(v.Server.Bytes) < maxPlainLines {
		return flow.Step{Mine: certain, More: true}
	}
	if !certain {
		return flow.Step{}
	}
	see.Flags |= audit.Plaintext
	see.See(audit.SeenProtocol, name, h, 0, min(len(h.Bytes), 16))
	return flow.Step{Mine: true, Done: true}
}
