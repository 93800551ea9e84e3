package wire

import "io"

// Content types of TLS and DTLS records (RFC 8446, section 5.1; RFC 6520; RFC 9147, section 4).
const (
	RecordChangeCipherSpec byte = 20
	RecordAlert            byte = 21
	RecordHandshake        byte = 22
	RecordApplicationData  byte = 23
	RecordHeartbeat        byte = 24
	RecordACK              byte = 26 // DTLS 1.3
)

// Handshake types of TLS and DTLS (RFC 8446, section 4; RFC 5246, section 7.4; RFC 6347, section 4.3.2).
const (
	HandshakeHelloRequest       byte = 0
	HandshakeClientHello        byte = 1
	HandshakeServerHello        byte = 2
	HandshakeHelloVerifyRequest byte = 3
	HandshakeCertificate        byte = 11
	HandshakeServerKeyExchange  byte = 12
	HandshakeServerHelloDone    byte = 14
	HandshakeClientKeyExchange  byte = 16
	HandshakeCertificateStatus  byte = 22
)

// Versions as TLS and DTLS write them.
const (
	VersionSSL2    uint16 = 0x0002
	VersionTLCP    uint16 = 0x0101 // GB/T 38636: TLS 1.1 with other ciphers
	VersionSSL3    uint16 = 0x0300
	VersionTLS10   uint16 = 0x0301
	VersionTLS11   uint16 = 0x0302
	VersionTLS12   uint16 = 0x0303
	VersionTLS13   uint16 = 0x0304
	VersionDTLSBad uint16 = 0x0100 // DTLS before RFC 4347, still spoken by a VPN client
	VersionDTLS10  uint16 = 0xfeff
	VersionDTLS12  uint16 = 0xfefd
	VersionDTLS13  uint16 = 0xfefc
)

const (
	maxRecord    = 1<<14 + 2048 // RFC 5246, section 6.2.3
	maxHandshake = 1 << 18      // a handshake message that claims more is taken for ciphertext
)

// A TLSReader takes TLS records off the start of a stream and joins handshake messages across them. It is a value and allocates only for a
// message that spans records.
type TLSReader struct {
	b      []byte
	off    int // the header of the record that holds pos, or of the next record
	pos    int // next unread byte of the record's body
	end    int // end of the record's body as the header says; pos == end: no record is open
	header recordHeader
	sealed bool // a ChangeCipherSpec went by
}

type recordHeader struct {
	typ     byte
	version uint16
}

// ReadTLS returns a TLSReader over b, which must begin with a record.
func ReadTLS(b []byte) TLSReader { return TLSReader{b: b} }

// A TLSMessage is one plaintext handshake message, or the body of a record of another type.
type TLSMessage struct {
	Record    byte   // content type
	Version   uint16 // of the record in which the message begins
	Encrypted bool   // Body is ciphertext and Type is not known: application data, or a record behind ChangeCipherSpec
	Type      byte   // handshake type; valid only for a handshake record that is not Encrypted
	Len       int    // length of the body as the sender gives it
	Body      []byte // without the handshake header; a copy when it spans records; shorter than Len when the stream ends first
	Whole     Span   // stretch of the stream from the header of the first record to the last byte of the body that is there
	at        int    // where Body stands in the stream; valid if runs is empty
	runs      []run  // where its parts stand
}

// A run says that n bytes at off of one string of bytes stand at at in another.
type run struct{ off, n, at int }

// Span returns where the stretch s of the Body stands in the stream. When s lies in several records, their headers are inside.
func (m *TLSMessage) Span(s Span) Span {
	if len(m.runs) == 0 {
		return Span{m.at + s.Off, s.Len}
	}
	from, to := -1, 0
	for _, r := range m.runs {
		first, last := max(s.Off, r.off), min(s.End(), r.off+r.n)
		if first >= last && (s.Len > 0 || first != last) {
			continue
		}
		if from < 0 {
			from = r.at + first - r.off
		}
		to = r.at + last - r.off
	}
	if from < 0 {
		return Span{}
	}
	return Span{from, to - from}
}

// Off returns how many bytes of the stream need not be seen again: the offset of the first record of which something is unread.
func (r *TLSReader) Off() int { return r.off }

// Next returns the next message. Its errors are io.EOF (the stream ends between records), io.ErrUnexpectedEOF (the stream ends inside a
// record or message; Need tells the least length with which Next would get further; what there is of the message is returned, with Record 0
// if nothing can be said), ErrOther (no TLS record stands here) and ErrMalformed (a message is interrupted by another type of record).
// After an error it makes no sense to call Next again.
func (r *TLSReader) Next() (TLSMessage, error) {
	if r.pos == r.end {
		if err := r.open(); err != nil {
			return TLSMessage{}, err
		}
	}
	if r.header.typ == RecordHandshake {
		if plain, err := r.plaintext(); err != nil {
			return TLSMessage{}, err
		} else if plain {
			return r.handshake()
		}
	}
	return r.record()
}

// open reads the header of the record at r.off.
func (r *TLSReader) open() error {
	if r.off == len(r.b) {
		return io.EOF
	}
	h := r.b[r.off:min(len(r.b), r.off+5)]
	for i, v := range h {
		ok := true
		switch i {
		case 0:
			ok = v >= RecordChangeCipherSpec && v <= RecordHeartbeat
		case 1:
			ok = v == 3 || v == 1
		case 2:
			ok = h[1] == 3 && v <= 4 || h[1] == 1 && v == 1
		case 3:
			ok = int(v)<<8 <= maxRecord
		case 4:
			n := int(h[3])<<8 | int(v)
			ok = n <= maxRecord && (n > 0 || h[0] == RecordApplicationData)
		}
		if !ok {
			return other(r.off + i)
		}
	}
	if len(h) < 5 {
		return cut(r.off, r.off+5)
	}
	r.header = recordHeader{h[0], uint16(h[1])<<8 | uint16(h[2])}
	r.pos = r.off + 5
	r.end = r.pos + int(h[3])<<8 + int(h[4])
	return nil
}

// record returns what is left of the open record as one message.
func (r *TLSReader) record() (TLSMessage, error) {
	n := r.end - r.pos
	body := r.b[r.pos:min(r.end, len(r.b))]
	m := TLSMessage{Record: r.header.typ, Version: r.header.version, Len: n, Body: body, at: r.pos, Whole: Span{r.off, r.pos + len(body) - r.off}}
	m.Encrypted = r.sealed && r.header.typ != RecordChangeCipherSpec
	switch r.header.typ {
	case RecordChangeCipherSpec:
		r.sealed = true
	case RecordAlert:
		m.Encrypted = m.Encrypted || n != 2
	case RecordHandshake, RecordApplicationData:
		m.Encrypted = true
	}
	if len(body) < n {
		return m, cut(r.pos, r.end)
	}
	r.close()
	return m, nil
}

// close ends the open record.
func (r *TLSReader) close() { r.off, r.pos = r.end, r.end }

// plaintext reports whether the open handshake record holds a message in the clear. Behind a ChangeCipherSpec only a hello can: a client
// answers a HelloRetryRequest in this way (RFC 8446, appendix D.4).
func (r *TLSReader) plaintext() (bool, error) {
	if r.pos != r.off+5 {
		return true, nil // behind another message of the same record
	}
	want := 4
	if r.sealed {
		want = 5
	}
	b := r.b[min(r.pos, len(r.b)):min(r.end, len(r.b))]
	if want = min(want, r.end-r.pos); len(b) < want {
		return false, cut(r.pos, r.pos+want)
	}
	c := NewCursor(b)
	typ, n, major := c.Byte(), int(c.Uint(3)), c.Byte()
	switch {
	case n > maxHandshake:
		return false, nil
	case r.sealed:
		return major == 3 && (typ == HandshakeClientHello || typ == HandshakeServerHello), nil
	}
	return typ <= 26 || typ == 67 || typ == 254, nil // IANA's list; 67 next_protocol, 254 message_hash
}

// handshake returns the handshake message at r.pos.
func (r *TLSReader) handshake() (TLSMessage, error) {
	m := TLSMessage{Record: RecordHandshake, Version: r.header.version}
	start := r.off
	c := At(r.b[:min(len(r.b), r.end)], r.pos)
	typ, n := c.Byte(), int(c.Uint(3))
	if c.Err() != nil || r.pos+4+n > r.end {
		return r.join(m, start)
	}
	m.Type, m.Len, m.at = typ, n, r.pos+4
	m.Body = c.Rest()
	if len(m.Body) < n {
		m.Whole = Span{start, len(r.b) - start}
		return m, cut(r.pos, m.at+n)
	}
	m.Body = m.Body[:n:n]
	r.pos = m.at + n
	m.Whole = Span{start, r.pos - start}
	if r.pos == r.end {
		r.close()
	}
	return m, nil
}

// join reads a handshake message that does not end in the record in which it begins.
func (r *TLSReader) join(m TLSMessage, start int) (TLSMessage, error) {
	var head [4]byte
	have, want := 0, 4 // bytes of the message, header included
	m.Whole.Off = start
	for {
		part := r.b[min(r.pos, len(r.b)):min(len(r.b), r.end)]
		for len(part) > 0 && have < want {
			k := min(len(part), want-have)
			if have < 4 {
				copy(head[have:], part[:k])
			} else {
				m.runs = append(m.runs, run{have - 4, k, r.pos})
				m.Body = append(m.Body, part[:k]...)
			}
			have, r.pos, part = have+k, r.pos+k, part[k:]
			if have == 4 && want == 4 {
				m.Type, m.Len = head[0], int(head[1])<<16|int(head[2])<<8|int(head[3])
				want += m.Len
			}
		}
		m.Whole.Len = r.pos - start
		if have == want {
			if r.pos == r.end {
				r.close()
			}
			return m, nil
		}
		missing := want - have
		if r.pos < r.end { // the stream ends inside this record
			need := r.pos + missing
			if need > r.end {
				need += 5
			}
			return r.partial(m, have, cut(start, need))
		}
		r.close()
		if err := r.open(); err != nil {
			if err != io.EOF && Need(err) == 0 {
				return r.partial(m, have, malformed(r.off))
			}
			return r.partial(m, have, cut(start, r.off+5+missing))
		}
		if r.header.typ != RecordHandshake {
			return r.partial(m, have, malformed(r.off))
		}
	}
}

// partial returns what is known of a message of which have bytes were read.
func (r *TLSReader) partial(m TLSMessage, have int, err error) (TLSMessage, error) {
	r.off = m.Whole.Off
	if have < 4 {
		return TLSMessage{}, err
	}
	return m, err
}
