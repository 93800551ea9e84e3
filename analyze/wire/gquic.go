package wire

import (
	"bytes"
	"encoding/binary"
)

// A CHLO is the client hello of Google QUIC (versions Q024 to Q050): a list of tags. Spans are in the packet, or in the CRYPTO stream.
type CHLO struct {
	Version    string // "Q043"
	ServerName Text   // tag SNI
	UserAgent  Text   // tag UAID
	Whole      bool   // every tag was read
}

const (
	chloTag     = "CHLO"
	maxCHLOTags = 64
)

// ParseGQUIC reads a client's packet of the versions that do not encrypt their hello (Q024 to Q046). A packet that says its version but holds no
// hello is no error: CHLO.Whole is false. It fails with ErrOther, or with io.ErrUnexpectedEOF when the hello is cut.
func ParseGQUIC(b []byte) (h CHLO, err error) {
	c := NewCursor(b)
	flags := c.Byte()
	if c.Err() != nil {
		return h, c.Err()
	}
	if flags&0x80 == 0 { // public header: up to Q043
		if flags&0x03 != 0x01 { // it gives its version, and is no reset
			return h, other(0)
		}
		if flags&0x0c != 0 {
			c.Skip(8) // connection id
		}
	}
	version := uint32(c.Uint(4))
	if c.Err() != nil {
		return h, c.Err()
	}
	if !isGoogle(version) || version>>24 != 'Q' || (version >= 0x51303434) != (flags&0x80 != 0) || version >= quicQ050 {
		return h, other(c.Off() - 4)
	}
	h.Version = QUICVersionName(version)
	i := bytes.Index(c.Rest(), []byte(chloTag)) // behind a packet number, a checksum and a STREAM frame, whose layouts changed often
	if i < 0 {
		return h, nil
	}
	c.Skip(i)
	return h, h.tags(c)
}

// CHLO returns the hello of the version of Google QUIC that encrypts it (Q050). It fails like ParseGQUIC.
func (q *QUIC) CHLO() (h CHLO, m QUICHello, err error) {
	err = cut(0, len(chloTag))
	for _, conn := range q.conns {
		b := conn.crypto[fromClient].Bytes()
		if len(b) == 0 {
			continue
		}
		if !bytes.HasPrefix(b, []byte(chloTag)) {
			return h, m, other(0)
		}
		h = CHLO{Version: QUICVersionName(conn.keys[0].version)}
		return h, QUICHello{conn: conn, side: fromClient, Body: b, Len: len(b)}, h.tags(NewCursor(b))
	}
	return h, m, err
}

// tags reads the message: its name, the number of tags, and for each tag its name and where its value ends. Numbers are little-endian.
func (h *CHLO) tags(c Cursor) error {
	c.Skip(len(chloTag))
	n := c.little(2)
	c.Skip(2)
	if n > maxCHLOTags {
		c.Fail(ErrMalformed)
	}
	index := c // forks: the values stand behind the list
	c.Skip(8 * n)
	values := c.Off()
	at := 0
	for range n {
		tag := index.Bytes(4)
		end := index.little(4)
		if index.Err() != nil {
			return index.Err()
		}
		if end < at {
			return malformed(index.Off())
		}
		value := c.Bytes(end - at)
		if c.Err() != nil {
			return c.Err()
		}
		t := Text{At: Span{values + at, end - at}}
		switch string(tag) {
		case "SNI\x00":
			t.Value = string(value)
			h.ServerName = t
		case "UAID":
			t.Value = string(value)
			h.UserAgent = t
		}
		at = end
	}
	h.Whole = c.Err() == nil
	return c.Err()
}

// little reads a little-endian number of n bytes, at most 4.
func (c *Cursor) little(n int) int {
	var b [4]byte
	copy(b[:], c.Bytes(n))
	return int(binary.LittleEndian.Uint32(b[:]))
}
