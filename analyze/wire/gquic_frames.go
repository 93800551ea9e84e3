package wire

// gquicFrames is quicFrames for the Initial packets of Q050, T050 and T051, which still hold frames of Google QUIC, with a CRYPTO frame added
// (seen in recordings; the other frames: QUIC Wire Layout Specification of 2016, chromium.org).
func gquicFrames(b []byte, crypto func(off uint64, data Span)) (closes bool, err error) {
	c := NewCursor(b)
	for c.Len() > 0 {
		switch typ := c.Byte(); {
		case typ == 0x00: // PADDING
			c.padding()
		case typ == 0x02: // CONNECTION_CLOSE
			c.Skip(4)
			c.Skip(int(c.Uint16()))
			closes = true
		case typ == 0x07: // PING
		case typ == 0x08: // CRYPTO
			c.crypto(crypto)
		case typ&0xc0 == 0x40: // ACK
			c.gquicACK(typ)
		default:
			c.off--
			c.Fail(ErrMalformed)
		}
	}
	return closes, c.Err()
}

// gquicACK passes over an ACK frame whose type byte says how long its numbers are.
func (c *Cursor) gquicACK(typ byte) {
	lengths := [4]int{1, 2, 4, 6}
	block := lengths[typ&3]
	c.Skip(lengths[typ>>2&3]) // largest seen
	c.Skip(2)                 // delay
	more := 0
	if typ&0x20 != 0 {
		more = int(c.Byte())
	}
	c.Skip(block)
	c.Skip(more * (1 + block))
	if stamps := int(c.Byte()); stamps > 0 {
		c.Skip(5 + 3*(stamps-1))
	}
}
