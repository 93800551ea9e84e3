package flow

import (
	"net/netip"

	"abroad/analyze/audit"
)

// A View is what a dissector gets to see of a flow. Client is the side that sent the SYN, or the first packet seen: in a recording that
// begins in mid-stream it may be the server, so a dissector looks at both.
type View struct {
	Proto          audit.Proto
	ClientAddr     netip.AddrPort
	ServerAddr     netip.AddrPort
	Client, Server *Head
	Closed         bool   // no more bytes will come: say what can be said now
	MidStream      bool   // TCP without its handshake: the heads may begin inside a message
	Plain          string // after a Restart: what stood before ("smtp starttls", "http connect example.com:443")
}

// A Step is a dissector's answer. The zero Step means "not my protocol".
type Step struct {
	// Mine says that the bytes are this dissector's protocol: no other one will be asked (until a Restart).
	Mine bool
	// More says that nothing was consumed because more bytes are needed; what was seen in this call is forgotten, and the dissector is asked
	// again when the client's head holds at least NeedClient bytes or the server's NeedServer bytes (0 = any new byte), or at the end.
	// Mine may be false: the dissector cannot tell yet.
	More                   bool
	NeedClient, NeedServer int
	// Client and Server are how many bytes were consumed. They may be more than the head holds: the rest is skipped as it comes.
	// What was seen in this call is kept.
	Client, Server int
	// Done says that nothing further in this flow is of interest; its heads are let go.
	Done bool
	// Restart says that another protocol begins behind the consumed bytes (STARTTLS, CONNECT): all dissectors are asked again, and View.Plain
	// is set to Became.
	Restart bool
	Became  string
}
