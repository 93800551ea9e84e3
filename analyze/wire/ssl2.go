package wire

// An SSL2Hello is a ClientHello in the form of SSL 2, which clients of TLS once sent to be understood by both (RFC 5246, appendix E.2).
// It has no extensions and therefore no server name.
type SSL2Hello struct {
	Version uint16 // the highest version the client speaks: VersionSSL2 to VersionTLS12
	Ciphers Span   // three bytes each
	Len     int    // of the whole record
}

// ParseSSL2Hello reads the first record of a stream. It fails with ErrOther when that is no hello of SSL 2, else with io.ErrUnexpectedEOF.
func ParseSSL2Hello(b []byte) (h SSL2Hello, err error) {
	c := NewCursor(b)
	if n := c.Uint16(); n>>15 == 1 {
		h.Len = 2 + int(n&0x7fff)
	} else if c.Err() == nil {
		return h, other(0)
	}
	if typ := c.Byte(); typ != HandshakeClientHello && c.Err() == nil {
		return h, other(2)
	}
	h.Version = c.Uint16()
	if h.Version != VersionSSL2 && (h.Version < VersionSSL3 || h.Version > VersionTLS12) && c.Err() == nil {
		return h, other(3)
	}
	ciphers, session, challenge := int(c.Uint16()), int(c.Uint16()), int(c.Uint16())
	if c.Err() == nil {
		fits := 2+9+ciphers+session+challenge == h.Len
		if !fits || ciphers == 0 || ciphers%3 != 0 || session != 0 && session != 16 || challenge < 16 || challenge > 32 {
			return h, other(5)
		}
	}
	list := c.Sub(ciphers)
	h.Ciphers = Span{list.Off(), list.Len()}
	c.Skip(session + challenge)
	return h, c.Err()
}
