package wire

import "net/netip"

// A SOCKS is a request to a SOCKS proxy. User names and passwords are not kept. Spans are in the input.
type SOCKS struct {
	Version byte // 4 or 5
	Command byte // 1 connect, 2 bind, 3 UDP associate
	Host    Text // name or address asked for
	Port    uint16
	Len     int // of everything the client says before the tunnelled bytes
}

// ParseSOCKS reads what a client says to a SOCKS proxy up to and with its request: SOCKS 4 and 4a (in one message), or SOCKS 5 (RFC 1928:
// methods, then perhaps user name and password of RFC 1929, then the request). It fails with ErrOther, with io.ErrUnexpectedEOF (Version is set
// when nothing speaks against it so far) and with ErrMalformed.
func ParseSOCKS(b []byte) (s SOCKS, err error) {
	c := NewCursor(b)
	switch s.Version = c.Byte(); {
	case len(b) == 0:
		return s, c.Err()
	case s.Version == 4:
		err = s.four(&c)
	case s.Version == 5:
		err = s.five(&c)
	default:
		return SOCKS{}, other(0)
	}
	if err == nil {
		s.Len = c.Off()
	}
	return s, err
}

func (s *SOCKS) four(c *Cursor) error {
	s.Command = c.Byte()
	if c.Err() == nil && s.Command != 1 && s.Command != 2 {
		return other(1)
	}
	s.Port = c.Uint16()
	at := Span{c.Off(), 4}
	ip := c.Bytes(4)
	c.zeroTerminated() // user id
	if c.Err() != nil {
		return c.Err()
	}
	if ip[0] == 0 && ip[1] == 0 && ip[2] == 0 && ip[3] != 0 {
		host := c.zeroTerminated()
		if c.Err() == nil && host.At.Len == 0 {
			return malformed(host.At.Off)
		}
		s.Host = host
		return c.Err()
	}
	addr, _ := netip.AddrFromSlice(ip)
	s.Host = Text{addr.String(), at}
	return nil
}

// zeroTerminated reads a string that ends with a zero byte, of at most 255 bytes.
func (c *Cursor) zeroTerminated() Text {
	at := c.Off()
	for i, v := range c.Rest() {
		if v == 0 {
			t := Text{string(c.Bytes(i)), Span{at, i}}
			c.Skip(1)
			return t
		}
		if v < ' ' || i == 255 {
			c.Fail(ErrOther)
			return Text{}
		}
	}
	c.Skip(c.Len() + 1)
	return Text{}
}

func (s *SOCKS) five(c *Cursor) error {
	methods := c.Vector(1)
	for methods.Len() > 0 {
		if m := methods.Byte(); m > 0x09 && m < 0x80 { // IANA's list, and private ones
			return other(2)
		}
	}
	if next := c.peek(); next == 1 {
		c.Skip(1)
		c.Vector(1) // user name
		c.Vector(1) // password
	}
	at := c.Off()
	version := c.Byte()
	s.Command = c.Byte()
	reserved, kind := c.Byte(), c.Byte()
	if c.Err() != nil {
		return c.Err()
	}
	if version != 5 || s.Command < 1 || s.Command > 3 || reserved != 0 {
		return malformed(at)
	}
	host, err := c.socksAddress(kind)
	if err != nil {
		return err
	}
	s.Host, s.Port = host, c.Uint16()
	return c.Err()
}

// socksAddress reads an address of SOCKS 5 (RFC 1928, section 5).
func (c *Cursor) socksAddress(kind byte) (Text, error) {
	at := c.Off()
	switch kind {
	case 1, 4:
		b := c.Bytes(int(4 * kind))
		if c.Err() != nil {
			return Text{}, c.Err()
		}
		addr, _ := netip.AddrFromSlice(b)
		return Text{addr.String(), Span{at, len(b)}}, nil
	case 3:
		t := c.text(1)
		return t, c.Err()
	}
	return Text{}, malformed(at - 1)
}

// ParseSOCKSReply reads what a proxy answers, up to the tunnelled bytes: n bytes. granted is false when it refuses. It fails like ParseSOCKS.
func ParseSOCKSReply(b []byte, version byte) (n int, granted bool, err error) {
	c := NewCursor(b)
	first := c.Byte()
	if version == 4 {
		code := c.Byte()
		if c.Err() == nil && (first != 0 || code < 90 || code > 93) {
			return 0, false, other(0)
		}
		c.Skip(6)
		return c.Off(), code == 90 && c.Err() == nil, c.Err()
	}
	if len(b) > 0 && first != 5 {
		return 0, false, other(0)
	}
	if method := c.Byte(); c.Err() == nil && method == 0xff {
		return c.Off(), false, nil
	}
	if c.peek() == 1 { // answer to user name and password
		c.Skip(2)
	}
	at := c.Off()
	reply, code := c.Byte(), c.Byte()
	c.Skip(1)
	kind := c.Byte()
	if c.Err() != nil {
		return 0, false, c.Err()
	}
	if reply != 5 {
		return 0, false, malformed(at)
	}
	if _, err := c.socksAddress(kind); err != nil {
		return 0, false, err
	}
	c.Skip(2)
	return c.Off(), code == 0 && c.Err() == nil, c.Err()
}
