package wire

// A DTLS joins the plaintext handshake messages of one direction of a DTLS association (RFC 6347, RFC 9147). The zero DTLS is ready.
type DTLS struct {
	Version   uint16 // of the first record
	Encrypted bool   // a record of a later epoch was seen
}

// Reset makes d ready for another direction and keeps its memory.
func (d *DTLS) Reset() {}

// Datagram reads one UDP payload. base is where it stands in the caller's bytes. It fails with ErrOther when the datagram is not DTLS, and
// with io.ErrUnexpectedEOF when its last record is cut; what could be read is kept.
func (d *DTLS) Datagram(b []byte, base int) error { return other(0) }

// A DTLSMessage is a handshake message, as far as it came.
type DTLSMessage struct {
	Type byte
	Seq  uint16
	Len  int    // length of the body as the sender gives it
	Body []byte // up to the first hole
}

// Messages returns the messages in order of their sequence numbers.
func (d *DTLS) Messages() []DTLSMessage { return nil }

// Where returns where the stretch s of the i-th message's body stands in the caller's bytes: one Span a fragment.
func (d *DTLS) Where(i int, s Span) []Span { return nil }
