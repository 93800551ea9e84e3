package wire

// An NTP is the header of an NTP or SNTP packet (RFC 5905, section 7.3).
type NTP struct {
	Version byte // 1 to 4
	Mode    byte // 1 symmetric active … 3 client, 4 server, 5 broadcast
	Stratum byte // 0 unspecified or kiss-o'-death, 1 primary, 2-15 secondary, 16 not synchronised
}

// ParseNTP reads a UDP payload. Forty-eight bytes without a magic number prove little, so it checks what real packets keep to: lengths,
// stratum, poll interval, precision, and that a time of transmission is given. It fails with ErrOther or io.ErrUnexpectedEOF.
func ParseNTP(b []byte) (p NTP, err error) {
	c := NewCursor(b)
	flags := c.Byte()
	p = NTP{Version: flags >> 3 & 7, Mode: flags & 7, Stratum: c.Byte()}
	poll, precision := int8(c.Byte()), int8(c.Byte())
	c.Skip(36)
	sent := c.Uint(8)
	if c.Err() == nil && sent == 0 && p.Mode != 3 { // some clients leave it empty
		return p, other(40)
	}
	switch extra := len(b) - 48; {
	case len(b) > 0 && (p.Version < 1 || p.Version > 4 || p.Mode < 1 || p.Mode > 5):
		return p, other(0)
	case len(b) > 1 && p.Stratum > 16:
		return p, other(1)
	case len(b) > 3 && (poll < 0 || poll > 17 || precision > 0):
		return p, other(2)
	case extra > 0 && extra%4 != 0:
		return p, other(48)
	}
	return p, c.Err()
}
