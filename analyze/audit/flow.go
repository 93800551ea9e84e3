package audit

import (
	"net/netip"

	"abroad/capture"
)

// A Flow is one conversation between two sockets, innermost addresses.
//
// A is the device's side when the device is known, else the sender of the SYN or of the first packet seen. Up is A to B.
type Flow struct {
	ID          ID             `json:"id"`
	Recording   ID             `json:"recording"`
	Proto       Proto          `json:"proto"`
	A           netip.AddrPort `json:"a"` // port 0 for protocols without ports
	B           netip.AddrPort `json:"b"`
	Device      bool           `json:"device,omitempty"`  // A is the device under test
	Endpoint    ID             `json:"endpoint,omitzero"` // of B
	First       capture.Time   `json:"first"`
	Last        capture.Time   `json:"last"`
	Packet      capture.Ref    `json:"packet"`     // the flow's first packet
	PacketsUp   uint32         `json:"packets_up"` //
	PacketsDown uint32         `json:"packets_down"`
	BytesUp     uint64         `json:"bytes_up"` // IP bytes at original length
	BytesDown   uint64         `json:"bytes_down"`
	PayloadUp   uint64         `json:"payload_up"` // transport payload bytes at original length, retransmissions included
	PayloadDown uint64         `json:"payload_down"`
	State       State          `json:"state,omitempty"`
	App         string         `json:"app,omitempty"`     // application protocol: a dissector's word, "tls", "quic", "dns" …
	Tunnels     []string       `json:"tunnels,omitempty"` // outermost first: "gre", "vxlan" …
	Flags       Flags          `json:"flags,omitempty"`
	Names       []Name         `json:"names,omitempty"` // strongest first
	Attribution *Attribution   `json:"attribution,omitempty"`
	RTT         []RTT          `json:"rtt,omitempty"`
	Step        string         `json:"step,omitempty"` // step of the test scenario in which the flow began
}

// Bytes returns the flow's IP bytes in both directions.
func (f *Flow) Bytes() uint64 { return f.BytesUp + f.BytesDown }

// A Name is bound to a flow by what the same recording shows, or, weakest, by a resolve dataset.
type Name struct {
	Name    string   `json:"name"` // lower case, without a final dot; otherwise as it came
	How     How      `json:"how"`
	Because []ID     `json:"because"`       // observations or answers
	Via     []string `json:"via,omitempty"` // CNAME chain, from the name asked for down to the one that had the address
}

// How says how a name was learned.
type How string

// The ways to learn a name, strongest first.
const (
	BySNI  How = "sni"  // TLS or QUIC server_name of the flow itself
	ByHTTP How = "http" // Host or :authority of the flow itself
	ByDNS  How = "dns"  // the answer in this recording that gave this address to this device most recently before the flow
	ByMDNS How = "mdns" // an mDNS or LLMNR answer
	ByCert How = "cert" // names in the server's certificate (TLS 1.2 and older)
	ByPTR  How = "ptr"  // reverse look-up made later, from a resolve dataset
)

// Strong reports whether the way shows the name that the client used for this very flow or address.
func (h How) Strong() bool { return h == BySNI || h == ByHTTP || h == ByDNS }

// Rank orders ways, strongest first; an unknown way comes last.
func (h How) Rank() int {
	for i, v := range [...]How{BySNI, ByHTTP, ByDNS, ByMDNS, ByCert, ByPTR} {
		if v == h {
			return i
		}
	}
	return 6
}

// A State says how much of a TCP connection was seen.
type State string

// The states; other protocols have none.
const (
	StateOpen       State = "open"       // SYN and SYN/ACK seen, no end
	StateClosed     State = "closed"     // ended by FIN on both sides
	StateReset      State = "reset"      // ended by RST
	StateUnanswered State = "unanswered" // SYN without answer
	StateMidStream  State = "mid-stream" // the recording begins after the handshake
)

// An Attribution says which app sent a flow, and how well that is known.
type Attribution struct {
	Grade   AttributionGrade `json:"grade"`
	UID     int32            `json:"uid"` // -1 if not known
	PID     int32            `json:"pid,omitempty"`
	Process string           `json:"process,omitempty"` // name of the process that owns the socket
	App     string           `json:"app,omitempty"`     // the app's label
	Package string           `json:"package,omitempty"` // package name or bundle id
	By      string           `json:"by"`                // "pcapdroid", "nflog", "pktap", "pcapng"
	Because []ID             `json:"because"`           // observations
}

// An AttributionGrade is "A0" to "A3" (architecture section 5); the empty grade counts as A0.
type AttributionGrade string

// The attribution grades.
const (
	A0 AttributionGrade = "A0" // none
	A1 AttributionGrade = "A1" // the name belongs to the app's declared first party
	A2 AttributionGrade = "A2" // isolated device, and the name is in no baseline
	A3 AttributionGrade = "A3" // mapped to the app by the operating system
)

// An RTT is one round-trip sample between the recording point and whatever answered.
type RTT struct {
	Kind RTTKind     `json:"kind"`
	NS   int64       `json:"ns"`   // nanoseconds
	Sent capture.Ref `json:"sent"` // the packet that asked
	Got  capture.Ref `json:"got"`  // the packet that answered
}

// An RTTKind says which exchange was timed. Only TLS and QUIC can exclude a country: mobile operators split TCP.
type RTTKind string

// The kinds of samples. Ambiguous ones (a retransmission in between) are not kept.
const (
	RTTSYN  RTTKind = "syn"  // SYN -> SYN/ACK
	RTTTLS  RTTKind = "tls"  // last byte of the ClientHello -> first byte of the ServerHello
	RTTQUIC RTTKind = "quic" // client Initial -> first server packet
)
