package wire

import (
	"fmt"
	"io"
)

// A Span is a stretch of a parser's input, in bytes.
type Span struct{ Off, Len int }

// A Cursor reads big-endian fields and remembers where it is. After the first read past the end every further read returns zero, so a
// parser checks Err once, at its end. It is a value: copying one forks it.
type Cursor struct {
	b    []byte
	base int // offset of b[0] in the outermost input
	off  int
	err  error
}

// NewCursor returns a Cursor at the start of b.
func NewCursor(b []byte) Cursor { return Cursor{b: b} }

// Bytes returns the next n bytes, without copying; nil after an error.
func (c *Cursor) Bytes(n int) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > len(c.b)-c.off {
		c.err = &Error{c.Off(), io.ErrUnexpectedEOF}
		return nil
	}
	c.off += n
	return c.b[c.off-n : c.off : c.off]
}

// Skip passes over n bytes.
func (c *Cursor) Skip(n int) { c.Bytes(n) }

// Uint returns the next n bytes, at most 8, as a big-endian number.
func (c *Cursor) Uint(n int) (v uint64) {
	for _, b := range c.Bytes(n) {
		v = v<<8 | uint64(b)
	}
	return v
}

// Byte returns the next byte.
func (c *Cursor) Byte() byte {
	if b := c.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// Vector returns a Cursor over a field that is preceded by its length in n bytes. Its offsets stay those of the outermost input.
func (c *Cursor) Vector(n int) Cursor { return c.Sub(int(c.Uint(n))) }

// Sub returns a Cursor over the next n bytes and passes over them.
func (c *Cursor) Sub(n int) Cursor {
	start := c.Off()
	b := c.Bytes(n)
	return Cursor{b: b, base: start, err: c.err}
}

// Rest returns what is left, without consuming it.
func (c *Cursor) Rest() []byte {
	if c.err != nil {
		return nil
	}
	return c.b[c.off:]
}

// Off returns the position in the outermost input, in bytes.
func (c *Cursor) Off() int { return c.base + c.off }

// Len returns how many bytes are left; 0 after an error.
func (c *Cursor) Len() int {
	if c.err != nil {
		return 0
	}
	return len(c.b) - c.off
}

// Err returns the first error, an *Error.
func (c *Cursor) Err() error { return c.err }

// Fail makes err the Cursor's error, at its present position, unless it has one.
func (c *Cursor) Fail(err error) {
	if c.err == nil {
		c.err = &Error{c.Off(), err}
	}
}

// An Error says at which byte the input stopped making sense. It wraps io.ErrUnexpectedEOF when the input ended too early.
type Error struct {
	Off int
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("at byte %d: %v", e.Off, e.Err) }
func (e *Error) Unwrap() error { return e.Err }
