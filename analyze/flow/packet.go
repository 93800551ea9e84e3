package flow

import (
	"net/netip"

	"abroad/analyze/audit"
	"abroad/capture"
)

// A Packet is what the decoder found in a frame: the innermost IP packet and everything said around it.
// It is reused from frame to frame; its slices point into the frame (or into the fragment buffer).
type Packet struct {
	Src, Dst         netip.Addr  // innermost IP; never IPv4-mapped
	SrcPort, DstPort uint16      // 0 for protocols without ports, and for fragments that were not completed
	Proto            audit.Proto // innermost transport
	IPLen            uint32      // bytes of the innermost IP packet at original length (for a completed datagram: this fragment's share)
	Payload          []byte      // captured transport payload
	PayloadLen       uint32      // transport payload at original length, as the headers say
	PayloadOff       int         // offset of Payload in the frame; -1 when the payload was put together from fragments
	Truncated        bool        // fewer payload bytes were captured than the headers promise

	TCP TCP // valid only if Proto is TCP

	Tunnels      []string // names of the tunnels opened, outermost first
	Fragment     bool     // the packet was, or was completed by, a fragment
	SrcMAC       MAC      // outermost Ethernet or 802.11; zero if there is none
	DstMAC       MAC
	Dir          capture.Direction // from the link layer (SLL, PKTAP) or the file (EPB flags)
	Attribution  Attribution
	Incomplete   bool // a fragment whose datagram is not complete yet: counted, not in a flow
	FirstInFrame bool // false for the second and later IP packets of one frame; always true today
}

// A MAC is an EUI-48; the zero MAC is "none".
type MAC [6]byte

// TCP is the part of a TCP header that flows need.
type TCP struct {
	Seq, Ack           uint32
	SYN, ACK, FIN, RST bool
}

// Attribution is what the recording itself says about who owns a packet's socket. By is empty when it says nothing.
type Attribution struct {
	By      string // "pcapdroid", "nflog", "pktap", "pcapng"
	UID     int32  // -1 if not known
	PID     int32  // 0 if not known
	Process string // of PID; as it came
	EPID    int32  // the process on whose behalf PID works (PKTAP); 0 if not known
	EName   string // of EPID
	Label   string // PCAPdroid's app label, at most 19 bytes, perhaps cut inside a character
}
