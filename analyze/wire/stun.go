package wire

import "net/netip"

const (
	stunCookie      = 0x2112a442                         // the magic cookie of STUN (RFC 8489, section 5)
	microsoftCookie = "\x00\x0f\x00\x04\x72\xc6\x4b\xc6" // the first attribute of Microsoft's TURN ([MS-TURN], section 2.2.2.1)
)

// A STUNClass is the class of a STUN message (RFC 8489, section 5).
type STUNClass byte

// The classes.
const (
	STUNRequest STUNClass = iota
	STUNIndication
	STUNSuccess
	STUNError
)

// Methods of STUN and TURN (RFC 8489, section 18.2; RFC 8656, section 17).
const (
	STUNBinding          uint16 = 0x001
	TURNAllocate         uint16 = 0x003
	TURNRefresh          uint16 = 0x004
	TURNSend             uint16 = 0x006
	TURNData             uint16 = 0x007
	TURNCreatePermission uint16 = 0x008
	TURNChannelBind      uint16 = 0x009
	TURNConnect          uint16 = 0x00a
)

// Attributes that are looked into.
const (
	stunMapped         = 0x0001
	stunRealm          = 0x0014
	stunXORPeer        = 0x0012
	stunXORRelayed     = 0x0016
	stunXORMapped      = 0x0020
	stunXORMappedDraft = 0x8020 // as servers before RFC 5389 wrote it
	stunSoftware       = 0x8022
	stunAlternate      = 0x8023
)

// A STUN is a message of STUN or TURN. Spans are in the input. User names, passwords and nonces are not kept.
type STUN struct {
	Class     STUNClass
	Method    uint16
	Classic   bool           // without the magic cookie of RFC 5389: RFC 3489, or Microsoft's older TURN
	Mapped    netip.AddrPort // the address the server saw
	Relayed   netip.AddrPort // the address a TURN server lends
	Alternate netip.AddrPort // another server to ask
	Peers     []Peer         // whom data is sent to, or comes from
	Realm     Text
	Software  Text
	Len       int // of the message, in bytes
}

// A Peer is an XOR-PEER-ADDRESS and where it stands.
type Peer struct {
	Addr netip.AddrPort
	At   Span
}

// ParseSTUN reads the message at the start of b. A message without the magic cookie is believed only if it fills b to the last byte and its
// attributes fit it exactly, and if it is a binding request or answer (RFC 3489) or has Microsoft's cookie. It fails with ErrOther, with
// io.ErrUnexpectedEOF, and with ErrMalformed when an attribute does not fit (what was read before is kept).
func ParseSTUN(b []byte) (m STUN, err error) {
	c := NewCursor(b)
	typ, n := c.Uint16(), int(c.Uint16())
	cookie := uint32(c.Uint(4))
	if len(b) > 0 && b[0]&0xc0 != 0 || c.Err() == nil && cookie != stunCookie && 20+n != len(b) {
		return m, other(0)
	}
	if c.Err() != nil {
		return m, c.Err()
	}
	m.Method = typ&0x000f | typ&0x00e0>>1 | typ&0x3e00>>2
	m.Class = STUNClass(typ>>4&1 | typ>>7&2)
	m.Len = 20 + n
	microsoft := len(b) >= 28 && string(b[20:28]) == microsoftCookie
	padded := n%4 == 0 // messages of Teams and WhatsApp are not always, and then none of their attributes is
	if cookie != stunCookie {
		m.Classic = true
		binding := m.Method == STUNBinding && m.Class != STUNIndication
		if !binding && !microsoft || !attributesFit(b[20:], padded) {
			return STUN{}, other(4)
		}
		switch typ { // as drafts of TURN had it
		case 0x0004:
			m.Method = TURNSend
		case 0x0115:
			m.Class, m.Method = STUNIndication, TURNData
		}
	} else if !padded && m.Len < len(b) {
		return STUN{}, other(2)
	}
	transaction := c.Bytes(12)
	attributes := c.Part(n)
	for attributes.Len() > 0 {
		typ, size := attributes.Uint16(), int(attributes.Uint16())
		value := attributes.Sub(size)
		if padded {
			attributes.Skip(min((4-size&3)&3, attributes.Len()))
		}
		if attributes.Err() != nil {
			break
		}
		at := Span{value.Off(), value.Len()}
		switch typ {
		case stunMapped:
			if !m.Mapped.IsValid() {
				m.Mapped = value.stunAddress(nil)
			}
		case stunXORMapped, stunXORMappedDraft:
			m.Mapped = value.stunAddress(transaction)
		case stunXORRelayed:
			m.Relayed = value.stunAddress(transaction)
		case stunXORPeer:
			m.peer(value, transaction, microsoft)
		case stunAlternate:
			m.Alternate = value.stunAddress(nil)
		case stunRealm:
			m.Realm = Text{string(value.Rest()), at}
		case stunSoftware:
			m.Software = Text{string(value.Rest()), at}
		}
	}
	if err := attributes.Err(); err != nil {
		return m, err
	}
	return m, c.Err()
}

// peer keeps a peer's address. Microsoft's older TURN does not hide it; what the newer one does was not seen, so it is left out.
func (m *STUN) peer(value Cursor, transaction []byte, microsoft bool) {
	at := Span{value.Off(), value.Len()}
	switch {
	case microsoft && m.Classic:
		transaction = nil
	case microsoft:
		return
	}
	if a := value.stunAddress(transaction); a.IsValid() {
		m.Peers = append(m.Peers, Peer{a, at})
	}
}

// attributesFit reports whether b is a list of attributes, or is empty.
func attributesFit(b []byte, padded bool) bool {
	c := NewCursor(b)
	for c.Len() > 0 {
		typ, size := c.Uint16(), int(c.Uint16())
		if typ == 0 {
			return false
		}
		c.Skip(size)
		if padded {
			c.Skip((4 - size&3) & 3)
		}
	}
	return c.Err() == nil
}

// stunAddress reads an address, hidden by the cookie and the transaction id if that is given (RFC 8489, sections 14.1 and 14.2); the zero
// AddrPort if it is none.
func (c *Cursor) stunAddress(transaction []byte) (a netip.AddrPort) {
	c.Skip(1)
	family, port := c.Byte(), c.Uint16()
	mask := [16]byte{stunCookie >> 24, stunCookie >> 16 & 0xff, stunCookie >> 8 & 0xff, stunCookie & 0xff}
	if transaction == nil {
		mask = [16]byte{}
	} else {
		port ^= stunCookie >> 16
		copy(mask[4:], transaction)
	}
	size := 0
	switch family {
	case 1:
		size = 4
	case 2:
		size = 16
	}
	raw := c.Bytes(size)
	var ip [16]byte
	for i, v := range raw {
		ip[i] = v ^ mask[i]
	}
	addr, _ := netip.AddrFromSlice(ip[:len(raw)])
	if !addr.IsValid() {
		return a
	}
	return netip.AddrPortFrom(addr, port)
}

// ParseChannelData reads the header of a TURN ChannelData message (RFC 8656, section 12.4): its channel and the length of its data, which
// begins at b[4]. Over TCP the message is padded to four bytes. It fails with ErrOther or io.ErrUnexpectedEOF. Two bytes prove little: the
// flow must be known as TURN otherwise.
func ParseChannelData(b []byte) (channel uint16, n int, err error) {
	c := NewCursor(b)
	channel, n = c.Uint16(), int(c.Uint16())
	if len(b) > 0 && (b[0] < 0x40 || b[0] > 0x4f) {
		return 0, 0, other(0)
	}
	return channel, n, c.Err()
}
