package wire

import (
	"crypto/cipher"
	"errors"
	"slices"
)

const (
	maxConns    = 4  // connections of one flow that are followed
	maxUnopened = 16 // Initial packets of one flow that could not be opened, after which no new keys are tried
	tagLen      = 16 // of AES-GCM
)

// A QUICPacket is a packet and what came of it.
type QUICPacket struct {
	QUICHeader
	Opened     bool   // an Initial that was decrypted
	Unverified bool   // it was cut, so its authentication tag could not be checked
	Client     bool   // the client sent it: by its keys if it was opened, else as the caller says
	Number     uint64 // packet number; only if Opened
	Crypto     bool   // it carries CRYPTO frames; only if Opened
	Close      bool   // it carries CONNECTION_CLOSE; only if Opened
}

// A QUIC follows the Initial packets of one flow: it opens them (their keys follow from the client's first connection id, RFC 9001 section
// 5.2, and change after a Retry) and joins the CRYPTO frames of both sides. Who is the client is decided by the keys, not by the caller.
// Reset makes it ready for another flow and keeps its memory. The zero QUIC is ready.
type QUIC struct {
	Version  uint32       // of the first Initial that was opened; 0 before
	Packets  []QUICPacket // of the last datagram, in order
	Retried  bool         // a Retry was seen
	conns    []*quicConn
	free     []*quicConn
	unopened int
	header   []byte // of the packet being opened, without protection
	plain    []byte // its payload
}

// A quicConn is one connection: normally the only one of its flow, or its second attempt after a Retry.
type quicConn struct {
	keys    [2]quicKeys // the second for another version that the two agreed on (RFC 9368)
	nkeys   int
	largest [2]uint64 // packet numbers seen, by side
	crypto  [2]Pieces // by side
}

// The sides of a connection, as indexes.
const (
	fromClient = 0
	fromServer = 1
)

// Reset makes q ready for another flow and keeps its memory.
func (q *QUIC) Reset() {
	q.free = append(q.free, q.conns...)
	*q = QUIC{Packets: q.Packets[:0], conns: q.conns[:0], free: q.free, header: q.header, plain: q.plain}
}

// Datagram reads one UDP payload of the flow. base is where it stands in the caller's bytes, client says who sent it, as far as is known, and
// full is its length on the wire. Of two datagrams the one sent first should come first, and a client's before the server's answers. It
// fails with ErrOther when b does not begin with a long header, nor with a short one behind an opened Initial; with io.ErrUnexpectedEOF when
// it ends inside its first header. A packet that cannot be opened is no error: see Packets. Nobody but the Opened flag of a packet, or the
// Version of a header that is known, says that the flow is QUIC: one byte in two begins a long header.
func (q *QUIC) Datagram(b []byte, base int, client bool, full int) error {
	q.Packets = q.Packets[:0]
	for off := 0; off < len(b); {
		h, err := ParseQUIC(b, off)
		if err == nil && h.Type == QUICShort && q.Version == 0 && off == 0 {
			return other(0)
		}
		if err != nil {
			if off > 0 {
				break // padding, or a coalesced packet that is cut
			}
			return err
		}
		p := QUICPacket{QUICHeader: h, Client: client}
		switch h.Type {
		case QUICInitial:
			if q.open(b, base, &p, full > len(b)); !p.Opened {
				q.unopened++
			} else if q.Version == 0 {
				q.Version = h.Version
			}
		case QUICRetry:
			q.Retried = true
		}
		q.Packets = append(q.Packets, p)
		if h.Len <= 0 || h.Packet.Len < h.Len {
			break
		}
		off += h.Len
	}
	return nil
}

// open tries the keys that may fit, the likeliest first, and reads the frames.
func (q *QUIC) open(b []byte, base int, p *QUICPacket, cutShort bool) {
	if p.Packet.Len < p.Len && !cutShort {
		return // the sender lies about the length
	}
	cid := b[p.DCID.Off:p.DCID.End()]
	sides := [2]int{fromClient, fromServer}
	if !p.Client {
		sides = [2]int{fromServer, fromClient}
	}
	for _, side := range sides {
		for i := len(q.conns) - 1; i >= 0; i-- {
			if q.try(q.conns[i], side, b, base, p) {
				return
			}
		}
	}
	if q.unopened > maxUnopened {
		return
	}
	for salt := range quicSalts(p.Version) {
		conn := q.fresh()
		conn.keys[0].derive(p.Version, salt, cid)
		conn.nkeys = 1
		if q.try(conn, fromClient, b, base, p) {
			if len(q.conns) == maxConns {
				q.free = append(q.free, q.conns[0])
				q.conns = slices.Delete(q.conns, 0, 1)
			}
			q.conns = append(q.conns, conn)
			return
		}
		q.free = append(q.free, conn)
	}
}

// fresh returns an empty quicConn.
func (q *QUIC) fresh() *quicConn {
	n := len(q.free)
	if n == 0 {
		return new(quicConn)
	}
	conn := q.free[n-1]
	q.free = q.free[:n-1]
	conn.nkeys, conn.largest = 0, [2]uint64{}
	conn.crypto[0].Reset()
	conn.crypto[1].Reset()
	return conn
}

// try opens p with a connection's keys of one side, and on success reads its frames.
func (q *QUIC) try(conn *quicConn, side int, b []byte, base int, p *QUICPacket) bool {
	keys := conn.version(p.Version)
	if keys == nil {
		return false
	}
	s := keys.of(side)
	numberAt := p.Header.End()
	if p.Packet.End() < numberAt+4+16 {
		return false // no sample to remove the header's protection with
	}
	var mask [16]byte
	s.header.Encrypt(mask[:], b[numberAt+4:numberAt+20])
	first := b[p.Packet.Off] ^ mask[0]&0x0f
	n := int(first&3) + 1
	q.header = append(q.header[:0], b[p.Packet.Off:numberAt+n]...)
	q.header[0] = first
	var short uint64
	for i := range n {
		at := len(q.header) - n + i
		q.header[at] ^= mask[1+i]
		short = short<<8 | uint64(q.header[at])
	}
	number := packetNumber(conn.largest[side], short, n)
	nonce := s.iv
	for i := range 8 {
		nonce[4+i] ^= byte(number >> (56 - 8*i))
	}
	start := numberAt + n
	whole := p.Packet.Len == p.Len
	if whole {
		if p.Packet.End() < start+tagLen {
			return false
		}
		plain, err := s.aead.Open(q.plain[:0], nonce[:], b[start:p.Packet.End()], q.header)
		if err != nil {
			return false
		}
		q.plain = plain
	} else if !q.unverified(p.Version, s, first, nonce, b[start:min(p.Packet.End(), p.Packet.Off+p.Len-tagLen)]) {
		return false
	}
	conn.largest[side] = max(conn.largest[side], number)
	p.Opened, p.Unverified, p.Client, p.Number = true, !whole, side == fromClient, number
	p.Close, _ = quicFrames(p.Version, q.plain, func(off uint64, data Span) {
		p.Crypto = true
		_ = conn.crypto[side].Add(off, q.plain[data.Off:data.End()], base+start+data.Off) // past the limit there is no hello
	})
	return true
}

// unverified decrypts the part of a packet that is there. Without the tag nothing proves that the keys are right, so the result must look
// like frames.
func (q *QUIC) unverified(version uint32, s *quicSide, first byte, nonce [12]byte, sealed []byte) bool {
	const least = 8 // bytes, below which anything looks like frames
	if first&0x0c != 0 || len(sealed) < least {
		return false
	}
	var counter [16]byte
	copy(counter[:], nonce[:])
	counter[15] = 2 // of GCM's first block (NIST SP 800-38D, section 7.1)
	q.plain = append(q.plain[:0], sealed...)
	cipher.NewCTR(s.payload, counter[:]).XORKeyStream(q.plain, q.plain)
	good := true
	_, err := quicFrames(version, q.plain, func(off uint64, data Span) {
		typ := q.plain[data.Off]
		good = good && (off > 0 || typ == HandshakeClientHello || typ == HandshakeServerHello || typ == chloTag[0])
	})
	return good && !errors.Is(err, ErrMalformed)
}

// version returns the connection's keys for a version; nil if it has none and cannot have one more.
func (conn *quicConn) version(v uint32) *quicKeys {
	for i := range conn.nkeys {
		if conn.keys[i].version == v {
			return &conn.keys[i]
		}
	}
	if conn.nkeys == len(conn.keys) {
		return nil
	}
	salts := quicSalts(v)
	if len(salts) != 1 {
		return nil
	}
	k := &conn.keys[conn.nkeys]
	k.derive(v, 0, conn.keys[0].cid[:conn.keys[0].cidLen])
	conn.nkeys++
	return k
}

// packetNumber completes a packet number of which n bytes were sent (RFC 9000, appendix A.3).
func packetNumber(largest, short uint64, n int) uint64 {
	expected := largest + 1
	window := uint64(1) << (8 * n)
	number := expected&^(window-1) | short
	switch {
	case number+window/2 <= expected && number < 1<<62-window:
		return number + window
	case number > expected+window/2 && number >= window:
		return number - window
	}
	return number
}

// A QUICHello is the ClientHello or ServerHello of a QUIC connection, as far as it came.
type QUICHello struct {
	Type byte
	Len  int    // length of the body as the sender gives it
	Body []byte // up to the first hole; valid until the next Datagram or Reset
	conn *quicConn
	side int
	skip int // where Body begins in the CRYPTO stream
}

// Hello returns the first handshake message of a side. It fails with io.ErrUnexpectedEOF while something is missing (Need is in bytes of the
// message, header included; what there is is returned), and with ErrOther when the CRYPTO stream does not begin with a hello. Of several
// connections the first with a whole hello counts, else the first with the start of one.
func (q *QUIC) Hello(client bool) (m QUICHello, err error) {
	err = cut(0, 4)
	for _, conn := range q.conns {
		found, e := conn.hello(client)
		if e == nil {
			return found, nil
		}
		if m.conn == nil && (found.conn != nil || e.Err == ErrOther) {
			m, err = found, e
		}
	}
	return m, err
}

func (conn *quicConn) hello(client bool) (m QUICHello, err *Error) {
	want := HandshakeServerHello
	m.side = fromServer
	if client {
		want, m.side = HandshakeClientHello, fromClient
	}
	b := conn.crypto[m.side].Bytes()
	c := NewCursor(b)
	m.Type, m.Len = c.Byte(), int(c.Uint(3))
	if len(b) > 0 && m.Type != want || m.Len > maxHandshake {
		return QUICHello{}, other(0)
	}
	if c.err != nil {
		return QUICHello{}, c.err
	}
	m.conn, m.skip = conn, 4
	body := c.Part(m.Len)
	m.Body = body.Rest()
	return m, c.err
}

// Where appends to dst where the stretch s of the body stands in the caller's bytes: one Span a CRYPTO frame. The bytes there are encrypted;
// the ciphers of Initial packets keep positions.
func (m *QUICHello) Where(dst []Span, s Span) []Span {
	if m.conn == nil {
		return dst
	}
	return m.conn.crypto[m.side].Where(dst, Span{s.Off + m.skip, s.Len})
}
