package wire

import "io"

// maxDTLSMessages is how many handshake messages of one direction are kept.
const maxDTLSMessages = 16

// A DTLS joins the plaintext handshake messages of one direction of a DTLS association (RFC 6347, RFC 9147). The zero DTLS is ready.
type DTLS struct {
	Version   uint16 // of the first record
	Encrypted bool   // a record of a later epoch was seen
	messages  []dtlsMessage
	list      []DTLSMessage
}

type dtlsMessage struct {
	typ    byte
	seq    uint16
	n      int
	pieces Pieces
}

// A DTLSMessage is a handshake message, as far as it came.
type DTLSMessage struct {
	Type byte
	Seq  uint16 // message_seq
	Len  int    // length of the body as the sender gives it
	Body []byte // up to the first hole; valid until the next Datagram
}

// Reset makes d ready for another direction and keeps its memory.
func (d *DTLS) Reset() {
	old := d.messages
	*d = DTLS{messages: old[:0], list: d.list[:0]}
}

// Datagram reads one UDP payload. base is where it stands in the caller's bytes. It fails with ErrOther when the datagram is not DTLS, with
// io.ErrUnexpectedEOF when its last record is cut, with ErrMalformed, and with ErrLimit; what could be read is kept.
func (d *DTLS) Datagram(b []byte, base int) error {
	c := NewCursor(b)
	for first := true; c.Len() > 0; first = false {
		start := c.Off()
		typ := c.Byte()
		if typ>>5 == 1 && (!first || d.Version != 0) { // unified header: ciphertext of DTLS 1.3 (RFC 9147, section 4)
			d.Encrypted = true
			return nil // up to the end, unless it gives a length: nothing plain comes behind it
		}
		fits := typ >= RecordChangeCipherSpec && typ <= RecordACK
		version := c.Uint16()
		if c.Err() == nil {
			fits = fits && (version == VersionDTLSBad || version == VersionDTLS10 || version == VersionDTLS12 || version == VersionDTLS13)
		}
		epoch := c.Uint16()
		c.Skip(6) // sequence number
		n := int(c.Uint16())
		switch {
		case fits && n <= maxRecord:
		case first:
			return other(start)
		default:
			return malformed(start)
		}
		body := c.Part(n)
		if body.Err() != nil {
			return body.Err()
		}
		if d.Version == 0 {
			d.Version = version
		}
		if epoch > 0 {
			d.Encrypted = true
		} else if typ == RecordHandshake {
			if err := d.record(body, base); err != nil {
				return err
			}
		}
	}
	return c.Err()
}

// record reads the fragments in the body of a handshake record.
func (d *DTLS) record(c Cursor, base int) error {
	for c.Len() > 0 {
		start := c.Off()
		typ, n, seq, off := c.Byte(), int(c.Uint(3)), c.Uint16(), int(c.Uint(3))
		size := int(c.Uint(3))
		data := c.Part(size)
		if data.Err() != nil {
			return data.Err()
		}
		if off+size > n || n > maxHandshake {
			return malformed(start)
		}
		m := d.message(typ, seq, n)
		if m == nil {
			return &Error{Off: start, Err: ErrLimit}
		}
		if m.typ != typ || m.n != n {
			return malformed(start)
		}
		if err := m.pieces.Add(uint64(off), data.Rest(), base+data.Off()); err != nil {
			return err
		}
	}
	return c.Err()
}

// message returns the message with a sequence number, a new one if there is none; nil if there are too many.
func (d *DTLS) message(typ byte, seq uint16, n int) *dtlsMessage {
	i := 0
	for ; i < len(d.messages) && d.messages[i].seq <= seq; i++ {
		if d.messages[i].seq == seq {
			return &d.messages[i]
		}
	}
	if len(d.messages) == maxDTLSMessages {
		return nil
	}
	var fresh Pieces
	if k := len(d.messages); k < cap(d.messages) {
		fresh = d.messages[:k+1][k].pieces // memory of an earlier direction
		fresh.Reset()
	}
	d.messages = append(d.messages, dtlsMessage{})
	copy(d.messages[i+1:], d.messages[i:])
	d.messages[i] = dtlsMessage{typ, seq, n, fresh}
	return &d.messages[i]
}

// Messages returns the messages in order of their sequence numbers. The slice is valid until the next call.
func (d *DTLS) Messages() []DTLSMessage {
	d.list = d.list[:0]
	for i := range d.messages {
		m := &d.messages[i]
		d.list = append(d.list, DTLSMessage{m.typ, m.seq, m.n, m.pieces.Bytes()})
	}
	return d.list
}

// Err returns io.ErrUnexpectedEOF while a message is incomplete, else nil.
func (m *DTLSMessage) Err() error {
	if len(m.Body) < m.Len {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// Where appends to dst where the stretch s of the body of the i-th of Messages stands in the caller's bytes: one Span a fragment.
func (d *DTLS) Where(dst []Span, i int, s Span) []Span { return d.messages[i].pieces.Where(dst, s) }
