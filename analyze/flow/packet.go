package flow

import (
	"net/netip"

	"abroad/analyze/audit"
	"abroad/capture"
)

// A Packet is what the decoder found in a frame: the innermost IP packet and everything said around it.
// It is reused from frame to frame; its slices point into the frame (or into the fragment buffer) and are valid until the next Decode.
type Packet struct {
	Src, Dst         netip.Addr  // innermost IP; never IPv4-mapped
	SrcPort, DstPort uint16      // 0 for protocols without ports, and when the header was cut before them
	Proto            audit.Proto // innermost transport: the protocol behind all extension headers
	// IPLen is the length in bytes, as sent, of the innermost IP packet. For the fragment that completes a datagram it is the sum over all of
	// the datagram's fragments seen, so that adding up the IPLen of the packets in a flow (Incomplete ones are in none) counts every byte once.
	IPLen      uint32
	Payload    []byte // captured transport payload; of a protocol without ports, what follows the IP headers
	PayloadLen uint32 // transport payload as sent, as the headers say; never less than len(Payload)
	PayloadOff int    // offset of Payload in the frame; -1 when the payload was put together from fragments
	Truncated  bool   // fewer bytes of the innermost IP packet were captured than its headers promise

	TCP TCP // valid only if Proto is TCP, and zero if its header was cut

	Tunnels      Tunnels           // the tunnels opened, outermost first
	Fragment     bool              // the packet was, or was completed by, a fragment
	Incomplete   bool              // a fragment whose datagram is not complete yet: counted, not in a flow; it has no ports and no payload
	FirstInFrame bool              // false for the second and later IP packets of one frame (see Decoder.Next)
	SrcMAC       MAC               // outermost Ethernet or 802.11; zero if there is none
	DstMAC       MAC               //
	Dir          capture.Direction // from the link layer (SLL, PKTAP, NFLOG), else from the file (EPB flags)
	// Attribution is nil when the recording says nothing. Equal attributions share one pointer as far as the decoder's table reaches
	// (MaxAttributions), so comparing pointers first is cheap; the value never changes and may be kept.
	Attribution *Attribution
}

// A MAC is an EUI-48; the zero MAC is "none".
type MAC [6]byte

// TCP is the part of a TCP header that flows need.
type TCP struct {
	Seq, Ack           uint32
	SYN, ACK, FIN, RST bool
}

// Attribution is what the recording itself says about who owns a packet's socket.
type Attribution struct {
	By      string // "pcapdroid", "nflog", "pktap", "pcapng"; never empty
	UID     int32  // -1 if not known
	GID     int32  // -1 if not known (NFLOG only)
	PID     int32  // 0 if not known
	Process string // of PID; as it came
	EPID    int32  // the process on whose behalf PID works (PKTAP, iOS); 0 if not known
	EName   string // of EPID
	Label   string // PCAPdroid's app label, at most 19 bytes, perhaps cut inside a character
}
