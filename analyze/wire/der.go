package wire

// element reads a DER element with a tag of one byte and a definite length (X.690, section 8.1). Of one that the input does not hold whole it
// returns what there is.
func (c *Cursor) element() (tag byte, body Cursor) {
	tag = c.Byte()
	if tag&0x1f == 0x1f {
		c.Fail(ErrMalformed)
	}
	n := int(c.Byte())
	if n >= 0x80 {
		size := n & 0x7f
		if size == 0 || size > 4 {
			c.Fail(ErrMalformed)
		}
		n = int(c.Uint(size))
	}
	return tag, c.Part(n)
}

// der is element for an expected tag; another one is an error.
func (c *Cursor) der(want byte) Cursor {
	tag, body := c.element()
	if tag != want && c.err == nil {
		c.Fail(ErrMalformed)
		return Cursor{err: c.err}
	}
	if tag != want {
		return Cursor{err: c.err}
	}
	return body
}

// peek returns the next byte without consuming it; 0 if there is none.
func (c *Cursor) peek() byte {
	if rest := c.Rest(); len(rest) > 0 {
		return rest[0]
	}
	return 0
}
