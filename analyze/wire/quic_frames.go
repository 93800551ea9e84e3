package wire

// quicFrames reads the frames of an opened Initial packet (RFC 9000, sections 12.4 and 19). crypto is called for each CRYPTO frame with its
// offset in the stream and the data's place in b. It returns whether the packet closes the connection, and ErrMalformed at the first frame
// that has no place in an Initial packet.
func quicFrames(version uint32, b []byte, crypto func(off uint64, data Span)) (closes bool, err error) {
	if version == quicQ050 || version == quicT050 || version == quicT051 {
		return gquicFrames(b, crypto)
	}
	c := NewCursor(b)
	for c.Len() > 0 {
		switch typ := c.Byte(); typ {
		case 0x00: // PADDING
			c.padding()
		case 0x01: // PING
		case 0x02, 0x03: // ACK
			c.ack(typ == 0x03)
		case 0x06: // CRYPTO
			c.crypto(crypto)
		case 0x1c, 0x1d: // CONNECTION_CLOSE
			c.varint() // error code
			if typ == 0x1c {
				c.varint() // frame type
			}
			c.Skip(c.varint()) // reason
			closes = true
		default:
			c.off--
			c.Fail(ErrMalformed)
		}
	}
	return closes, c.Err()
}

// padding passes over zeros.
func (c *Cursor) padding() {
	for rest := c.Rest(); len(rest) > 0 && rest[0] == 0; rest = rest[1:] {
		c.off++
	}
}

// crypto reads the body of a CRYPTO frame.
func (c *Cursor) crypto(found func(off uint64, data Span)) {
	off, n := c.varint(), c.varint()
	if data := c.Part(n); data.Len() > 0 {
		found(uint64(off), Span{data.Off(), data.Len()})
	}
}

// ack passes over an ACK frame (RFC 9000, section 19.3).
func (c *Cursor) ack(ecn bool) {
	c.varint() // largest acknowledged
	c.varint() // delay
	ranges := c.varint()
	c.varint() // first range
	for ; ranges > 0 && c.Len() > 0; ranges-- {
		c.varint()
		c.varint()
	}
	if ecn {
		c.varint()
		c.varint()
		c.varint()
	}
}
