package wire

// MaxPieces is how many bytes of one stream are joined.
const MaxPieces = 64 << 10

// A Pieces joins a byte stream whose pieces come in any order, twice, or overlapping: QUIC CRYPTO frames, DTLS fragments. Of bytes that come
// twice the first are kept. The zero Pieces is empty and ready.
type Pieces struct {
	buf []byte
}

// Reset empties p and keeps its memory.
func (p *Pieces) Reset() {}

// Add puts data at offset off of the stream. at is where data stands in the caller's bytes. Bytes past MaxPieces are dropped with ErrLimit.
func (p *Pieces) Add(off uint64, data []byte, at int) error { return nil }

// Bytes returns the stream from its start to its first hole.
func (p *Pieces) Bytes() []byte { return nil }

// Missing reports whether something lies behind the first hole.
func (p *Pieces) Missing() bool { return false }

// Where appends to dst where the stretch s of the stream stands in the caller's bytes, in the stream's order: one Span a piece.
func (p *Pieces) Where(dst []Span, s Span) []Span { return dst }
