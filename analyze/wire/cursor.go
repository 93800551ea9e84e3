package wire

// A Span is a stretch of a parser's input, in bytes.
type Span struct{ Off, Len int }

// End returns the offset of the first byte behind s.
func (s Span) End() int { return s.Off + s.Len }

// A Text is a string from the input and where it stands there. The zero Text is "not given" unless a field says otherwise.
type Text struct {
	Value string
	At    Span
}

// A Cursor reads big-endian fields and remembers where it is. After the first read past the end every further read returns zero, so a
// parser checks Err once, at its end. It is a value: copying one forks it.
//
// It tells an input that ends too early (io.ErrUnexpectedEOF, with the length that would be needed) from a field that claims more than the
// field around it holds (ErrMalformed): the first can be mended by more bytes, the second cannot.
type Cursor struct {
	b      []byte
	base   int // offset of b[0] in the outermost input
	off    int
	closed bool // the end of b is the end of a field, not of the input
	err    *Error
}

// NewCursor returns a Cursor at the start of b.
func NewCursor(b []byte) Cursor { return Cursor{b: b} }

// At returns a Cursor over b[off:], whose offsets are those of b.
func At(b []byte, off int) Cursor {
	off = min(off, len(b))
	return Cursor{b: b[off:], base: off}
}

// Bytes returns the next n bytes, without copying; nil after an error.
func (c *Cursor) Bytes(n int) []byte {
	if c.err != nil {
		return nil
	}
	if uint(n) > uint(len(c.b)-c.off) {
		c.short(n)
		return nil
	}
	c.off += n
	return c.b[c.off-n : c.off : c.off]
}

// short makes the error of a read of n bytes that are not there.
func (c *Cursor) short(n int) {
	if c.closed || n < 0 {
		c.err = &Error{Off: c.Off(), Err: ErrMalformed}
		return
	}
	c.err = cut(c.Off(), c.Off()+n)
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

// Uint16 returns the next two bytes.
func (c *Cursor) Uint16() uint16 {
	if b := c.Bytes(2); b != nil {
		return uint16(b[0])<<8 | uint16(b[1])
	}
	return 0
}

// Vector returns a Cursor over a field that is preceded by its length in n bytes. Its offsets stay those of the outermost input.
func (c *Cursor) Vector(n int) Cursor { return c.Sub(int(c.Uint(n))) }

// Sub returns a Cursor over the next n bytes and passes over them.
func (c *Cursor) Sub(n int) Cursor {
	start := c.Off()
	b := c.Bytes(n)
	return Cursor{b: b, base: start, closed: true, err: c.err}
}

// Part is like Sub, but of a field that the input does not hold whole it returns what there is. c then has its error already; the Cursor
// returned meets the same one when it is read to its end.
func (c *Cursor) Part(n int) Cursor {
	start, rest := c.Off(), c.Rest()
	if b := c.Bytes(n); b != nil || c.err == nil {
		return Cursor{b: b, base: start, closed: true}
	}
	if rest == nil {
		return Cursor{base: start, err: c.err}
	}
	return Cursor{b: rest[:len(rest):len(rest)], base: start, closed: c.closed}
}

// PartVector is like Vector, but of a field that the input does not hold whole it returns what there is, as Part does.
func (c *Cursor) PartVector(n int) Cursor { return c.Part(int(c.Uint(n))) }

// span returns where the next n bytes stand and passes over them; the zero Span after an error.
func (c *Cursor) span(n int) Span {
	at := c.Off()
	if c.Bytes(n); c.err != nil {
		return Span{}
	}
	return Span{at, n}
}

// spanVector is span of a field that is preceded by its length in n bytes.
func (c *Cursor) spanVector(n int) Span { return c.span(int(c.Uint(n))) }

// text reads a string that is preceded by its length in n bytes.
func (c *Cursor) text(n int) Text {
	n = int(c.Uint(n))
	at := c.Off()
	b := c.Bytes(n)
	if c.err != nil {
		return Text{}
	}
	return Text{intern(b), Span{at, n}}
}

// intern returns b as a string. The strings that nearly every handshake holds cost no memory.
func intern(b []byte) string {
	switch string(b) {
	case "h2":
		return "h2"
	case "http/1.1":
		return "http/1.1"
	case "h3":
		return "h3"
	case "h3-29":
		return "h3-29"
	case "GET":
		return "GET"
	case "POST":
		return "POST"
	case "/":
		return "/"
	}
	return string(b)
}

// uint16s appends what is left as numbers of two bytes. An odd byte at the end is an error.
func (c *Cursor) uint16s(dst []uint16) []uint16 {
	for c.Len() > 0 {
		if v := c.Uint16(); c.err == nil {
			dst = append(dst, v)
		}
	}
	return dst
}

// adopt makes the error of a part of c its own, unless it has one.
func (c *Cursor) adopt(part Cursor) {
	if c.err == nil {
		c.err = part.err
	}
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
func (c *Cursor) Err() error {
	if c.err == nil {
		return nil
	}
	return c.err
}

// Fail makes err the Cursor's error, at its present position, unless it has one.
func (c *Cursor) Fail(err error) {
	if c.err == nil {
		c.err = &Error{Off: c.Off(), Err: err}
	}
}
