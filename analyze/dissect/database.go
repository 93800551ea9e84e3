package dissect

import (
	"encoding/binary"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
)

const sslRequest = "\x00\x00\x00\x08\x04\xd2\x16\x2f"

// postgres finds where a PostgreSQL connection turns into TLS (PostgreSQL documentation, "Message Flow", SSL Session Encryption): the client
// sends an SSLRequest and the server answers with one byte.
var postgres = &Dissector{
	Name:  "postgres",
	Doc:   "Recognises PostgreSQL and finds where it turns into TLS.",
	Proto: audit.TCP,
	Ports: []uint16{5432},
	First: func(b byte) bool { return b == sslRequest[0] },
	Run: func(v *flow.View, see *Sight) flow.Step {
		b := v.Client.Bytes
		if v.Client.Offset > 0 || !begins(b, sslRequest) {
			return flow.Step{}
		}
		if len(b) > len(sslRequest) && beginsTLS(b[len(sslRequest):]) {
			see.See(audit.SeenUpgrade, "postgres starttls", v.Client, 0, len(sslRequest))
			return flow.Step{Mine: true, Client: len(sslRequest), Server: min(1, len(v.Server.Bytes)), Restart: true, Became: "postgres starttls"}
		}
		if len(b) > len(sslRequest) && !v.Closed && len(b) < len(sslRequest)+3 {
			return flow.Step{Mine: true, More: true}
		}
		if len(b) > len(sslRequest) { // the server refused, and the client went on in the clear
			see.Flags |= audit.Plaintext
			see.See(audit.SeenProtocol, "postgres", v.Client, 0, len(sslRequest))
			return flow.Step{Mine: true, Done: true}
		}
		return flow.Step{Mine: len(b) == len(sslRequest), More: true, NeedClient: len(sslRequest) + 1, NeedServer: flow.MaxHead}
	},
}

// mysql finds where a MySQL connection turns into TLS (MySQL Internals, Protocol::SSLRequest): the server greets, the client answers with the
// first 32 bytes of its login, in which the flag CLIENT_SSL is set.
var mysql = &Dissector{
	Name:  "mysql",
	Doc:   "Recognises MySQL and finds where it turns into TLS.",
	Proto: audit.TCP,
	Ports: []uint16{3306},
	Run: func(v *flow.View, see *Sight) flow.Step {
		s, c := v.Server.Bytes, v.Client.Bytes
		const greeting = "?\x00\x00\x00\x0a" // length, sequence number 0, protocol 10; then the version, in digits
		for i := range min(len(s), len(greeting)) {
			if i > 0 && s[i] != greeting[i] {
				return flow.Step{}
			}
		}
		switch {
		case v.Server.Offset > 0 || len(s) == 0 || len(s) > len(greeting) && !isDigit(s[len(greeting)]):
			return flow.Step{}
		case len(s) <= len(greeting) && !v.Closed && !v.Server.Gap:
			return flow.Step{More: true, NeedClient: flow.MaxHead, NeedServer: len(greeting) + 1}
		case len(s) <= len(greeting):
			return flow.Step{}
		}
		const request = 4 + 32
		if len(c) >= request && c[0] == 32 && c[1] == 0 && c[2] == 0 && c[3] == 1 && binary.LittleEndian.Uint16(c[4:])&0x0800 != 0 {
			if beginsTLS(c[request:]) {
				see.See(audit.SeenUpgrade, "mysql starttls", v.Client, 0, request)
				return flow.Step{Mine: true, Client: request, Server: handshakeStart(s), Restart: true, Became: "mysql starttls"}
			}
			if !v.Closed && !v.Client.Gap && len(c) < request+3 {
				return flow.Step{Mine: true, More: true}
			}
		}
		if !v.Closed && !v.Client.Gap && len(c) < request {
			return flow.Step{Mine: true, More: true}
		}
		see.Flags |= audit.Plaintext
		see.See(audit.SeenProtocol, "mysql", v.Server, 0, 5)
		return flow.Step{Mine: true, Done: true}
	},
}
