package ring

import (
	"errors"

	"golang.org/x/net/bpf"

	"abroad/capture"
)

// Limits of the ring, in octets.
const (
	DefaultSize = 16 << 20 // 0 drops at 1 Gbit/s of full frames
	MinSize     = 2 * blockSize
	MaxSize     = 1 << 30
	blockSize   = 1 << 20 // what the kernel hands over at once; more than the largest frame that offloading can build
)

// Errors that callers ask for.
var (
	ErrGone        = errors.New("the interface was deleted")
	ErrUnsupported = errors.New("recording an interface works on Linux only; use tcpdump -i INTERFACE -U -w - | abroad record -")
)

// A Config says what to take from where.
type Config struct {
	Interface   string
	Size        int                  // of the ring in octets, rounded up to whole blocks of 1 MiB; 0 is DefaultSize
	Filter      []bpf.RawInstruction // decides on each frame and how much of it to keep; empty takes everything whole
	Promiscuous bool                 // also take frames that are addressed to other machines
}

// An Interface describes what the ring listens to, as it was when the ring was opened.
type Interface struct {
	Name         string
	Index        int
	Link         capture.LinkType // LinkEthernet or LinkRaw
	HardwareAddr []byte           // nil if it has none
	MTU          int
	Loopback     bool
	Up           bool
	Offloads     []string // what joins frames before they are seen or leaves checksums to the hardware: "gro", "tso" …
}

// A Frame is one frame. The ring reuses it: it and its Data are valid only during the call that hands it over.
type Frame struct {
	Time          capture.Time // the kernel's software stamp
	Data          []byte       // from the link layer on, VLAN tag included
	Len           uint32       // on the wire
	Dir           capture.Direction
	Checksumless  bool // checksums are left to the hardware and not in Data
	OtherReceiver bool // addressed to another machine: only in promiscuous mode
}

// Stats are counters since Open.
type Stats struct {
	Received  uint64 // frames that passed the filter, with the dropped ones, as the kernel counts
	Dropped   uint64 // of these, frames for which the ring had no room
	Delivered uint64 // frames given to the handler; after an orderly Run it is Received - Dropped - Doubled
	Doubled   uint64 // frames of the loopback interface on their way out: they are seen again on their way in
	Truncated uint64 // of the delivered, frames of which the filter kept a part
	Freezes   uint64 // how often the ring was full
}

// A Handler is given what happens, from one goroutine. An error it returns ends Run at once.
type Handler interface {
	Frame(*Frame) error
	Link(up bool) error // the interface went down or came up again
}
