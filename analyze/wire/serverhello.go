package wire

// A ServerHello is a TLS, DTLS or QUIC server's choice. Spans are in the message's body. Slices are reused by the next Parse.
type ServerHello struct {
	Version    uint16 // chosen: supported_versions if given, else legacy_version
	Legacy     uint16 // legacy_version
	Random     Span   //
	SessionID  Span   //
	Cipher     uint16
	Retry      bool   // a HelloRetryRequest (RFC 8446, section 4.1.3)
	Group      uint16 // of key_share; 0 if there is none
	ALPN       Text   // TLS 1.2 and older; later it is encrypted
	Extensions []Extension
	Whole      bool // read to the end without an error
}

// Parse reads the body of a ServerHello (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3), whole or cut.
func (h *ServerHello) Parse(body []byte) error { return other(0) }
