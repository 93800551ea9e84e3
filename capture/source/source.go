package source

import (
	"errors"
	"strings"

	"abroad/capture"
)

// HeadLen is how many bytes of a file a source gets to see before it is chosen. It is less than the shortest header, so that opening a pipe
// does not wait for the first packet.
const HeadLen = 16

// MaxRecord is the longest record that is read, in bytes: packets of every link type that carries IP are far below. A record that claims
// more is skipped if its format can prove that it ends where it says, and ends the reading otherwise.
const MaxRecord = 64 << 20

// ErrUnknown says that no source knows the format of a file.
var ErrUnknown = errors.New("no source knows this format")

// A Source reads one file format.
type Source struct {
	Name string // as it stands in Manifest.Format: "pcapng"
	Doc  string // one sentence: what it reads
	// Sniff reports whether a file that begins with head is of this format. Head is HeadLen bytes, or the whole file if that is shorter.
	Sniff func(head []byte) bool
	// Read reads all records and hands each to yield. It stops when the window has no more bytes, when yield returns false, or at damage
	// behind which nothing can be trusted, after saying so in an Anomaly. It adds interfaces and sections to m; the rest of m is not its work.
	Read func(w *Window, m *capture.Manifest, yield func(capture.Record) bool)
}

// Formats names what can be read, for a hint: "pcapng, pcap; also inside gzip or zstd".
func Formats() string {
	names := make([]string, len(All))
	for i, s := range All {
		names[i] = s.Name
	}
	return strings.Join(names, ", ") + "; also inside gzip or zstd"
}

// anomaly builds an Anomaly of this stage at a byte of the (decompressed) file.
func anomaly(code capture.Code, offset int64, detail string) *capture.Anomaly {
	return &capture.Anomaly{Offset: offset, Stage: "source", Code: code, Detail: detail}
}
