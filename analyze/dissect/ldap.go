package dissect

import (
	"bytes"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
)

// ldapStartTLS is the object identifier in the extended request (RFC 4511, section 4.14).
const ldapStartTLS = "1.3.6.1.4.1.1466.20037"

// ldap finds where an LDAP connection turns into TLS.
var ldap = &Dissector{
	Name:  "ldap",
	Doc:   "Finds where an LDAP connection turns into TLS.",
	Proto: audit.TCP,
	Ports: []uint16{389, 3268},
	First: func(b byte) bool { return b == 0x30 },
	Run: func(v *flow.View, see *Sight) flow.Step {
		b := v.Client.Bytes
		if v.Client.Offset > 0 || !onAny(v, []uint16{389, 3268}) || len(b) == 0 || b[0] != 0x30 {
			return flow.Step{}
		}
		// A message is a SEQUENCE that begins with an INTEGER (RFC 4511, section 4.1.1).
		head, body := 2, 0
		if len(b) >= 2 {
			body = int(b[1])
		}
		if body > 0x80 && body <= 0x84 {
			head, body = 2+body&0x0f, 64
		}
		if len(b) > head && b[head] != 0x02 {
			return flow.Step{}
		}
		if i := bytes.Index(b[:min(len(b), 64)], []byte(ldapStartTLS)); i >= 0 {
			end := i + len(ldapStartTLS)
			if beginsTLS(b[end:]) {
				see.See(audit.SeenUpgrade, "ldap starttls", v.Client, i, len(ldapStartTLS))
				return flow.Step{Mine: true, Client: end, Server: handshakeStart(v.Server.Bytes), Restart: true, Became: "ldap starttls"}
			}
			if !v.Closed && !v.Client.Gap && len(b) < end+3 {
				return flow.Step{Mine: true, More: true}
			}
		}
		if need := min(head+body, 64); len(b) < max(need, 7) {
			if v.Closed || v.Client.Gap {
				return flow.Step{}
			}
			return flow.Step{More: true, NeedClient: max(need, 7), NeedServer: flow.MaxHead}
		}
		see.Flags |= audit.Plaintext
		see.See(audit.SeenProtocol, "ldap", v.Client, 0, 7)
		return flow.Step{Mine: true, Done: true}
	},
}
