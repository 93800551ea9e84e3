package capture

// A Record is one thing a recording yields: *Packet, *Anomaly, *Loss, *Secrets, *Names or *Note.
type Record interface {
	// Pos says where in the recording the record stands. Its Recording is 0 until the audit gives the recording its ordinal.
	Pos() Ref
}

// A Packet is one captured frame. A source reuses the Packet and its Data: both are valid only until the next record is asked for.
type Packet struct {
	Number  uint32 // as Wireshark counts: 1-based; a few pcapng blocks that hold no packet have numbers too (capture/source)
	Time    Time   // NoTime if the file gives none
	Link    LinkType
	Iface   uint32 // index into Manifest.Interfaces
	Data    []byte // the captured bytes, at most OrigLen of them unless the file lies
	OrigLen uint32 // length on the wire, in bytes
	Dir     Direction
	Process Process  // pcapng epb_processid_threadid, when given
	Drops   uint64   // packets lost between the previous packet of the interface and this one (pcapng epb_dropcount), when given
	Notes   []string // comments on this packet; nil for most
}

// Pos implements Record.
func (p *Packet) Pos() Ref { return Ref{Record: p.Number} }

// Truncated reports whether the recorder kept fewer bytes than were on the wire.
func (p *Packet) Truncated() bool { return uint64(len(p.Data)) < uint64(p.OrigLen) }

// Direction is what the file itself says about a packet's direction at the recording interface. It is seen from the machine that recorded:
// on a gateway, In may be "from the device".
type Direction uint8

// The directions; the zero Direction is "not said".
const (
	DirUnknown Direction = iota
	DirIn
	DirOut
)

// A Process is what a pcapng packet block says about the process that owns a packet; the zero Process is "not said".
type Process struct{ PID, TID uint32 }

// An Anomaly is a place where a recording, or a packet in it, is not what its format says. It is data: it travels in the record stream,
// ends up in the audit and is counted in every report.
type Anomaly struct {
	At     Ref    // valid when the anomaly belongs to a packet
	Offset int64  // byte offset in the (decompressed) file; -1 if not known
	Stage  string // "source", "link", "network", "transport" or the dissector's name
	Code   Code
	Detail string // in our words, with numbers; anything from the file is quoted with %q
}

// Pos implements Record.
func (a *Anomaly) Pos() Ref { return a.At }

// A Loss says that the recorder did not get every packet: drop counters of a pcapng Interface Statistics Block.
type Loss struct {
	Iface    uint32 // index into Manifest.Interfaces
	Time     Time
	Received uint64 // packets received by the interface since the start; Unknown if not said
	Dropped  uint64 // dropped by the interface (isb_ifdrop) and by the operating system (isb_osdrop) together; Unknown if not said
	At       Ref
}

// UnknownCount is a counter that the file does not give.
const UnknownCount = ^uint64(0)

// Pos implements Record.
func (l *Loss) Pos() Ref { return l.At }

// Secrets is a decryption secrets block (pcapng DSB). It is read and kept in memory, never printed: it opens other people's traffic.
type Secrets struct {
	Type uint32 // 0x544c534b = TLS key log
	Data []byte
	At   Ref
}

// Pos implements Record.
func (s *Secrets) Pos() Ref { return s.At }

// Names is one entry of a pcapng Name Resolution Block: what the recording machine believed, not what was seen on the wire.
type Names struct {
	Address string // as text, IPv4 or IPv6
	Names   []string
	At      Ref
}

// Pos implements Record.
func (n *Names) Pos() Ref { return n.At }

// A Note is a comment in the file that belongs to no packet. Comments of packets are in Packet.Notes.
type Note struct {
	On   string // "section", "interface", "statistics", "names", "secrets"
	Text string
	At   Ref
}

// Pos implements Record.
func (n *Note) Pos() Ref { return n.At }

// An App is one entry of an app table in the file (PCAPdroid's UID map).
type App struct {
	UID     int32
	Package string
	Label   string
	At      Ref
}

// Pos implements Record.
func (a *App) Pos() Ref { return a.At }
