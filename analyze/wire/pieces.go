package wire

import (
	"bytes"
	"slices"
)

const (
	// MaxPieces is how many bytes of one stream are joined.
	MaxPieces = 64 << 10
	// maxRuns is how many pieces of one stream are kept apart.
	maxRuns = 4096
)

// A Pieces joins a byte stream whose pieces come in any order, twice, or overlapping: QUIC CRYPTO frames, DTLS fragments. Of bytes that come
// twice the first are kept. The zero Pieces is empty and ready.
type Pieces struct {
	Conflict bool   // bytes came twice and differed
	buf      []byte // buf[off] is valid where a run says so
	runs     []run  // sorted by off, not overlapping
	whole    int    // the stream is there up to here
}

// Reset empties p and keeps its memory.
func (p *Pieces) Reset() { *p = Pieces{buf: p.buf[:0], runs: p.runs[:0]} }

// Add puts a copy of data at offset off of the stream. at is where data stands in the caller's bytes. It fails with ErrLimit when bytes lie
// past MaxPieces, or when there are too many pieces; those are dropped.
func (p *Pieces) Add(off uint64, data []byte, at int) error {
	var err error
	if off > MaxPieces {
		return &Error{Off: at, Err: ErrLimit}
	}
	start := int(off)
	if start+len(data) > MaxPieces {
		data, err = data[:MaxPieces-start], &Error{Off: at, Err: ErrLimit}
	}
	if end := start + len(data); end > len(p.buf) {
		p.buf = slices.Grow(p.buf, end-len(p.buf))[:end]
	}
	i, _ := slices.BinarySearchFunc(p.runs, start, func(r run, off int) int {
		if r.off+r.n <= off {
			return -1
		}
		return 1
	})
	for len(data) > 0 { // runs[i] is the first that ends behind start
		n := len(data)
		if i < len(p.runs) {
			r := p.runs[i]
			if start >= r.off { // already there
				n = min(n, r.off+r.n-start)
				p.Conflict = p.Conflict || !bytes.Equal(p.buf[start:start+n], data[:n])
				start, at, data, i = start+n, at+n, data[n:], i+1
				continue
			}
			n = min(n, r.off-start)
		}
		if len(p.runs) == maxRuns {
			err = &Error{Off: at, Err: ErrLimit}
			break
		}
		copy(p.buf[start:], data[:n])
		p.runs = slices.Insert(p.runs, i, run{start, n, at})
		start, at, data, i = start+n, at+n, data[n:], i+1
	}
	p.advance()
	return err
}

// advance moves whole to the first hole.
func (p *Pieces) advance() {
	i, _ := slices.BinarySearchFunc(p.runs, p.whole, func(r run, off int) int { return r.off - off })
	for ; i < len(p.runs) && p.runs[i].off == p.whole; i++ {
		p.whole += p.runs[i].n
	}
}

// Bytes returns the stream from its start to its first hole. It is valid until the next Add or Reset.
func (p *Pieces) Bytes() []byte { return p.buf[:p.whole] }

// Missing reports whether something lies behind the first hole.
func (p *Pieces) Missing() bool {
	return len(p.runs) > 0 && p.runs[len(p.runs)-1].off >= p.whole
}

// Where appends to dst where the stretch s of the stream stands in the caller's bytes, in the stream's order: one Span a piece.
func (p *Pieces) Where(dst []Span, s Span) []Span {
	for _, r := range p.runs {
		if from, to := max(s.Off, r.off), min(s.End(), r.off+r.n); from < to {
			dst = append(dst, Span{r.at + from - r.off, to - from})
		}
	}
	return dst
}
