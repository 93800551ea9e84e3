package wire

// Content types of TLS and DTLS records (RFC 8446, section 5.1; RFC 6520).
const (
	RecordChangeCipherSpec byte = 20
	RecordAlert            byte = 21
	RecordHandshake        byte = 22
	RecordApplicationData  byte = 23
	RecordHeartbeat        byte = 24
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
	VersionSSL2   uint16 = 0x0002
	VersionSSL3   uint16 = 0x0300
	VersionTLS10  uint16 = 0x0301
	VersionTLS11  uint16 = 0x0302
	VersionTLS12  uint16 = 0x0303
	VersionTLS13  uint16 = 0x0304
	VersionDTLS10 uint16 = 0xfeff
	VersionDTLS12 uint16 = 0xfefd
	VersionDTLS13 uint16 = 0xfefc
)

// A TLSReader takes TLS records off the start of a stream and joins handshake messages across them. It is a value and allocates only for a
// message that spans records.
type TLSReader struct {
	b []byte
}

// ReadTLS returns a TLSReader over b, which must begin with a record.
func ReadTLS(b []byte) TLSReader { return TLSReader{b: b} }

// A TLSMessage is one plaintext handshake message, or the body of a record of another type.
type TLSMessage struct {
	Record    byte   // content type
	Version   uint16 // of the record in which the message begins
	Encrypted bool   // a handshake record behind ChangeCipherSpec, or application data: Body is ciphertext and Type is not known
	Type      byte   // handshake type; valid only for a handshake record that is not Encrypted
	Len       int    // length of the body as the sender gives it
	Body      []byte // without the handshake header; a copy when it spans records; shorter than Len when the stream ends first
	Whole     Span   // stretch of the stream from the header of the first record to the last byte of the body that is there
}

// Span returns where the stretch s of the Body stands in the stream. When s lies in several records, their headers are inside.
func (m *TLSMessage) Span(s Span) Span { return s }

// Next returns the next message. Its errors are io.EOF (the stream ends between messages), io.ErrUnexpectedEOF (the stream ends inside a
// record or message; Need tells the least length with which Next would get further; what there is of the message is returned, Record is 0
// if nothing can be said), ErrOther (no TLS record stands here) and ErrLimit (a message longer than MaxHandshake; its start is returned).
func (r *TLSReader) Next() (TLSMessage, error) { return TLSMessage{}, other(0) }

// Off returns how many bytes of the stream need not be seen again: the offset of the first record of which something is unread.
func (r *TLSReader) Off() int { return 0 }
