package wire

import "strconv"

// A QUICType is the kind of a QUIC packet.
type QUICType byte

// The kinds of packets (RFC 9000, section 17).
const (
	QUICUnknown            QUICType = iota // a long header of a version we do not know
	QUICInitial                            //
	QUICZeroRTT                            //
	QUICHandshake                          //
	QUICRetry                              //
	QUICVersionNegotiation                 //
	QUICShort                              // 1-RTT: nothing else can be said of it
)

// Versions that differ from version 1 in more than their number, or that other code asks about.
const (
	QUICv1   uint32 = 0x00000001
	QUICv2   uint32 = 0x6b3343cf // RFC 9369
	quicQ050 uint32 = 0x51303530
	quicT050 uint32 = 0x54303530
	quicT051 uint32 = 0x54303531
)

// A QUICHeader is the clear part of one packet. Spans are in the datagram.
type QUICHeader struct {
	Type       QUICType
	Version    uint32 // 0 for QUICVersionNegotiation and QUICShort
	DCID, SCID Span   // empty for QUICShort
	Token      Span   // of Initial and Retry
	Versions   Span   // of QUICVersionNegotiation: four bytes each
	Header     Span   // up to the packet number, as far as there is one
	Packet     Span   // the whole packet, as far as it is there
	Len        int    // length of the packet as the sender gives it; the rest of the datagram for types without a length
}

// ParseQUIC reads the header of the packet that begins at b[off] (RFC 8999; RFC 9000, section 17). Of a short header only the form and the
// fixed bit are known: that the bytes are QUIC must be known otherwise. It fails with ErrOther, or with io.ErrUnexpectedEOF when the header
// is cut; a packet that is cut behind its header is not an error (Packet is shorter than Len).
func ParseQUIC(b []byte, off int) (h QUICHeader, err error) {
	c := At(b, off)
	first := c.Byte()
	h.Packet, h.Len = Span{off, c.Len() + 1}, c.Len()+1
	if first&0x80 == 0 {
		if c.Err() != nil {
			return QUICHeader{}, c.Err()
		}
		if first&0x40 == 0 {
			return QUICHeader{}, other(off)
		}
		h.Type, h.Header = QUICShort, Span{off, 1}
		return h, nil
	}
	h.Version = uint32(c.Uint(4))
	h.DCID = c.spanVector(1)
	h.SCID = c.spanVector(1)
	if c.Err() != nil {
		return h, c.Err()
	}
	h.Header = Span{off, c.Off() - off}
	if h.Version == 0 {
		h.Type, h.Versions = QUICVersionNegotiation, Span{c.Off(), c.Len()}
		if c.Len() == 0 || c.Len()%4 != 0 {
			return h, other(c.Off())
		}
		return h, nil
	}
	if quicSalts(h.Version) == nil {
		return h, nil
	}
	if h.DCID.Len > maxCID || h.SCID.Len > maxCID {
		return h, other(off + 5)
	}
	h.Type = quicType(first, h.Version)
	switch h.Type {
	case QUICRetry:
		h.Token = Span{c.Off(), max(0, c.Len()-16)} // the integrity tag follows
		return h, nil
	case QUICInitial:
		h.Token = c.span(c.varint())
	}
	n := c.varint()
	h.Header.Len = c.Off() - off
	h.Len = h.Header.Len + n
	h.Packet.Len = min(h.Packet.Len, h.Len)
	return h, c.Err()
}

const maxCID = 20 // RFC 9000, section 17.2; later versions may have longer ones

// quicType returns the type of a long header (RFC 9000, section 17.2; RFC 9369, section 3.2).
func quicType(first byte, version uint32) QUICType {
	t := first >> 4 & 3
	if version == QUICv2 {
		t-- // Retry is 0, the others are one more
	}
	switch t & 3 {
	case 0:
		return QUICInitial
	case 1:
		return QUICZeroRTT
	case 2:
		return QUICHandshake
	}
	return QUICRetry
}

// varint reads a variable-length integer (RFC 9000, section 16). One that cannot be a length in memory is an error.
func (c *Cursor) varint() int {
	first := c.peek()
	n := 1 << (first >> 6)
	v := c.Uint(n) & (1<<(8*n-2) - 1)
	if v > 1<<31 {
		c.Fail(ErrMalformed)
		return 0
	}
	return int(v)
}

// QUICVersionName returns "1", "2", "draft-29", "mvfst-2", "Q046" …, or "0x1a2a3a4a" for one that has no name.
func QUICVersionName(v uint32) string {
	switch {
	case v == QUICv1:
		return "1"
	case v == QUICv2:
		return "2"
	case v>>8 == 0xff0000:
		return "draft-" + strconv.Itoa(int(v&0xff))
	case v>>8 == 0xfaceb0:
		return "mvfst-" + strconv.FormatUint(uint64(v&0xff), 16)
	case isGoogle(v):
		return string([]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
	}
	const digits = "0123456789abcdef"
	name := []byte("0x00000000")
	for i := range 8 {
		name[2+i] = digits[v>>(28-4*i)&15]
	}
	return string(name)
}

// isGoogle reports whether v is "Q0nn" or "T0nn", the versions of Google QUIC.
func isGoogle(v uint32) bool {
	digit := func(b byte) bool { return b >= '0' && b <= '9' }
	return (v>>24 == 'Q' || v>>24 == 'T') && byte(v>>16) == '0' && digit(byte(v>>8)) && digit(byte(v))
}
