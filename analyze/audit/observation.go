package audit

import (
	"net/netip"

	"abroad/capture"
)

// An Observation is something a recording shows.
type Observation struct {
	ID    ID              `json:"id"`
	Flow  ID              `json:"flow,omitzero"`
	Kind  ObservationKind `json:"kind"`
	Value string          `json:"value"` // as it came from the wire, names lower-cased; escaped only by reports
	By    string          `json:"by"`    // the dissector or source that saw it
	Time  capture.Time    `json:"time"`
	Seen  []capture.Ref   `json:"seen"` // the bytes, in stream order
}

// An ObservationKind is a stable word for what was seen.
type ObservationKind string

// The kinds of observations.
const (
	SeenSNI         ObservationKind = "sni"          // server_name of a ClientHello (RFC 6066)
	SeenALPN        ObservationKind = "alpn"         // one offered or chosen protocol, in order, joined by ","
	SeenTLSVersion  ObservationKind = "tls-version"  // negotiated version: "1.3", "1.2" …
	SeenECH         ObservationKind = "ech"          // encrypted_client_hello offered; value "outer": the SNI is a cover name possibly
	SeenCertName    ObservationKind = "cert-name"    // the names in the server's leaf certificate, separated by spaces
	SeenQUICVersion ObservationKind = "quic-version" // "1", "2", "draft-29" …
	SeenHost        ObservationKind = "http-host"    // Host header or :authority
	SeenRequest     ObservationKind = "http-request" // method, path up to "?", and length of the target: "GET /v1/log (37 bytes)"
	SeenQuery       ObservationKind = "dns-query"    // a name asked for, "example.com AAAA"
	SeenUpgrade     ObservationKind = "upgrade"      // plaintext start that turned into TLS: "smtp starttls", "http connect example.com:443"
	SeenProtocol    ObservationKind = "protocol"     // a protocol recognised without a name to learn: "stun", "ntp", "dot", "fcm" …
	SeenApp         ObservationKind = "app"          // the app or process that the recording names as owner of the flow
	SeenRelay       ObservationKind = "relay"        // an address named inside STUN/TURN: the peer or relay, not the endpoint
)

// An Answer is one resource record of a DNS, mDNS or LLMNR response.
type Answer struct {
	ID       ID             `json:"id"`
	Flow     ID             `json:"flow"`
	Time     capture.Time   `json:"time"`
	Resolver netip.AddrPort `json:"resolver"` // who answered
	Client   netip.Addr     `json:"client"`   // who was answered
	Question string         `json:"question"` // name asked for; lower case, without final dot
	Type     string         `json:"type"`     // of this record: "A", "AAAA", "CNAME", "HTTPS", "SVCB"
	Name     string         `json:"name"`     // owner of this record
	Value    string         `json:"value"`    // address, target name, or the service parameters in presentation form
	TTL      uint32         `json:"ttl"`      // seconds
	By       string         `json:"by"`       // "dns", "mdns", "llmnr"
	Seen     capture.Ref    `json:"seen"`
}
