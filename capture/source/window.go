package source

import (
	"io"
	"math"
)

// keepCarry is how much memory a window keeps for records that lie across chunks; a longer record gets memory of its own.
const keepCarry = maxChunk

// A Window shows the bytes of a (decompressed) file, piece by piece, without copying them where a piece lies in one chunk.
type Window struct {
	buf   []byte // the bytes in view; buf[pos:] is unread. They lie in chunk or in carry
	pos   int
	off   int64  // position in the file of buf[pos]
	rest  []byte // when buf is carry: what comes behind it in chunk
	carry []byte
	chunk *chunk // nil, or the chunk that buf or rest lie in
	in    <-chan *chunk
	from  *pump
	ended bool // there is nothing behind buf

	inflating bool // from inflates a compressed file
}

func newWindow(from *pump, reader int) *Window { return &Window{in: from.out[reader], from: from} }

// Peek returns the next n bytes, fewer only at the end of the file. They are valid until the next call of Peek, SkipFar or Rest.
func (w *Window) Peek(n int) []byte {
	if end := w.pos + n; end <= len(w.buf) {
		return w.buf[w.pos:end:end]
	}
	return w.gather(n)
}

// Skip moves on by n bytes, which Peek has shown.
func (w *Window) Skip(n int) {
	w.pos += n
	w.off += int64(n)
}

// Offset is the position of the next unread byte in the (decompressed) file.
func (w *Window) Offset() int64 { return w.off }

// Broken reports whether the window ended because of something else than the end of the file: the medium failed or the compressed stream is
// damaged. Whoever opened the window says so; a source need not. It is meaningful only when Peek has returned less than it was asked for.
func (w *Window) Broken() bool { return w.ended && w.from.err != nil }

// gather is Peek for bytes that do not lie in one piece.
func (w *Window) gather(n int) []byte {
	if w.pos == len(w.buf) && w.advance() {
		return w.Peek(n)
	}
	carried := w.rest != nil
	w.carry = append(w.carry[:0], w.buf[w.pos:]...) // buf may itself be carry: append moves it then
	if !carried {
		w.next()
	}
	for len(w.carry) < n && !w.ended {
		if len(w.rest) == 0 {
			w.next()
			continue
		}
		k := min(n-len(w.carry), len(w.rest))
		w.carry = append(w.carry, w.rest[:k]...) // grows with what is there, not with n
		w.rest = w.rest[k:]
	}
	w.buf, w.pos = w.carry, 0
	return w.buf[:min(n, len(w.buf)):len(w.buf)]
}

// advance moves the view, whose bytes are all read, to what comes behind it; it reports whether there is anything.
func (w *Window) advance() bool {
	if len(w.rest) == 0 && !w.ended {
		w.next()
	}
	w.buf, w.pos, w.rest = w.rest, 0, nil
	if cap(w.carry) > keepCarry {
		w.carry = nil
	}
	return len(w.buf) > 0
}

// next lets the current chunk go and makes the next one the rest.
func (w *Window) next() {
	if w.chunk != nil {
		w.chunk.release()
	}
	w.rest = nil
	if w.chunk = <-w.in; w.chunk == nil {
		w.ended = true
		return
	}
	w.rest = w.chunk.b
}

// SkipFar moves on by n bytes and returns by how many it did: fewer only at the end of the file.
func (w *Window) SkipFar(n int64) int64 {
	var done int64
	for done < n {
		if w.pos == len(w.buf) && !w.advance() {
			break
		}
		k := int(min(n-done, int64(len(w.buf)-w.pos)))
		w.Skip(k)
		done += int64(k)
	}
	return done
}

// Rest gives up on what has not been read. It returns how many bytes that is; ok is false if nobody knows, because they are compressed and
// inflating them for nothing would be the work a bomb asks for.
func (w *Window) Rest() (n int64, ok bool) {
	if w.inflating && !w.ended {
		w.from.halt()
		return 0, false
	}
	return w.SkipFar(math.MaxInt64), true
}

// A mediumError is an error of the file under a compressed stream, as opposed to one of the stream.
type mediumError struct{ error }

func (e mediumError) Unwrap() error { return e.error }

// Read implements io.Reader, for the decompressors.
func (w *Window) Read(b []byte) (int, error) {
	if w.pos == len(w.buf) && !w.advance() {
		if w.from.err != nil {
			return 0, mediumError{w.from.err}
		}
		return 0, io.EOF
	}
	n := copy(b, w.buf[w.pos:])
	w.Skip(n)
	return n, nil
}
