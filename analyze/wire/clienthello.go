package wire

// A ClientHello is what a TLS, DTLS or QUIC client says first. Spans are in the message's body (without the handshake header).
// Slices are reused by the next Parse.
type ClientHello struct {
	Version     uint16   // legacy_version
	Random      Span     //
	SessionID   Span     //
	Cookie      Span     // DTLS only
	Ciphers     []uint16 // in order, GREASE included
	Compression []byte   // points into the body
	Extensions  []Extension
	ServerName  Text     // of the first host_name entry; not checked: strangers write here what they like
	ALPN        []Text   // in order
	Versions    []uint16 // supported_versions, in order, GREASE included
	Groups      []uint16 // supported_groups, in order, GREASE included
	ECH         ECH
	ESNI        bool // the older encrypted_server_name (0xffce), draft-ietf-tls-esni-02
	QUIC        bool // quic_transport_parameters are there (RFC 9001 or a draft)
	Whole       bool // read to the end without an error
}

// An Extension is one extension of a hello, known or not. At holds its body, as far as it is there.
type Extension struct {
	Type uint16
	At   Span
}

// ECH is what an encrypted_client_hello extension (0xfe0d, RFC 9849) shows. Clients send the same as GREASE, and nobody without the
// server's key can tell: ServerName is a cover name possibly.
type ECH struct {
	Offered    bool // the extension is there
	Inner      bool // type inner: only seen in hellos that were decrypted
	KDF, AEAD  uint16
	ConfigID   byte
	EncLen     int // of the encapsulated key, in bytes; 0 in the hello after a HelloRetryRequest
	PayloadLen int // of the encrypted inner hello, in bytes
}

// Parse reads the body of a ClientHello of TLS or QUIC (RFC 8446, section 4.1.2), whole or cut. What was read before an error stays in h.
func (h *ClientHello) Parse(body []byte) error { return other(0) }

// ParseDTLS reads the body of a ClientHello of DTLS (RFC 6347, section 4.2.1; RFC 9147, section 5.3), which has a cookie.
func (h *ClientHello) ParseDTLS(body []byte) error { return other(0) }

// IsGREASE reports whether a cipher suite, extension, group or version is one of the values that mean nothing (RFC 8701).
func IsGREASE(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }
