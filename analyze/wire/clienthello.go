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

// Parse reads the body of a ClientHello of TLS or QUIC (RFC 8446, section 4.1.2), whole or cut. What was read before an error stays in h;
// the name in particular, since it stands near the start. io.ErrUnexpectedEOF for a body that is whole means that the sender is wrong.
func (h *ClientHello) Parse(body []byte) error { return h.parse(body, false) }

// ParseDTLS reads the body of a ClientHello of DTLS (RFC 6347, section 4.2.1; RFC 9147, section 5.3), which has a cookie.
func (h *ClientHello) ParseDTLS(body []byte) error { return h.parse(body, true) }

func (h *ClientHello) parse(body []byte, dtls bool) error {
	*h = ClientHello{
		Ciphers: h.Ciphers[:0], Extensions: h.Extensions[:0], ALPN: h.ALPN[:0], Versions: h.Versions[:0], Groups: h.Groups[:0],
	}
	c := NewCursor(body)
	h.Version = c.Uint16()
	h.Random = c.span(32)
	h.SessionID = c.spanVector(1)
	if dtls {
		h.Cookie = c.spanVector(1)
	}
	ciphers := c.PartVector(2)
	h.Ciphers = ciphers.uint16s(h.Ciphers)
	compression := c.Vector(1)
	h.Compression = compression.Rest()
	if c.Err() != nil {
		return c.Err()
	}
	err := ciphers.Err()
	if c.Len() > 0 { // SSL 3 and some TLS 1.0 clients send no extensions at all
		all := c.PartVector(2)
		if e := h.extensions(&all); err == nil {
			err = e
		}
		if c.Err() == nil && c.Len() > 0 {
			c.Fail(ErrMalformed)
		}
	}
	if err == nil {
		err = c.Err()
	}
	h.Whole = err == nil
	return err
}

// Extension types that are looked into (IANA, TLS ExtensionType Values).
const (
	extServerName        = 0
	extSupportedGroups   = 10
	extALPN              = 16
	extSupportedVersions = 43
	extKeyShare          = 51
	extQUICParameters    = 57
	extQUICDraft         = 0xffa5
	extECH               = 0xfe0d
	extESNI              = 0xffce
)

// extensions reads a list of extensions. A fault inside one extension does not hide the others; the first fault is returned.
func (h *ClientHello) extensions(all *Cursor) (first error) {
	for all.Len() > 0 {
		typ, ext := all.Uint16(), all.PartVector(2)
		if all.Err() != nil && ext.Len() == 0 {
			break
		}
		h.Extensions = append(h.Extensions, Extension{typ, Span{ext.Off(), ext.Len()}})
		switch typ {
		case extServerName:
			if h.ServerName.At.Len == 0 {
				h.ServerName = serverName(&ext)
			}
		case extALPN:
			h.ALPN = protocols(h.ALPN, &ext)
		case extSupportedVersions:
			list := ext.PartVector(1)
			h.Versions = list.uint16s(h.Versions)
			ext.adopt(list)
		case extSupportedGroups:
			list := ext.PartVector(2)
			h.Groups = list.uint16s(h.Groups)
			ext.adopt(list)
		case extECH:
			h.ECH = ech(&ext)
		case extESNI:
			h.ESNI = true
		case extQUICParameters, extQUICDraft:
			h.QUIC = true
		}
		if first == nil {
			first = ext.Err()
		}
	}
	if first == nil {
		first = all.Err()
	}
	return first
}

// serverName reads the first host_name of a server_name extension (RFC 6066, section 3).
func serverName(ext *Cursor) (name Text) {
	list := ext.PartVector(2)
	for list.Len() > 0 && name.At.Len == 0 {
		typ := list.Byte()
		if t := list.text(2); typ == 0 {
			name = t
		}
	}
	ext.adopt(list)
	return name
}

// protocols reads a list of protocol names (RFC 7301, section 3.1).
func protocols(dst []Text, ext *Cursor) []Text {
	list := ext.PartVector(2)
	for list.Len() > 0 {
		if t := list.text(1); list.Err() == nil {
			dst = append(dst, t)
		}
	}
	ext.adopt(list)
	return dst
}

// ech reads the body of an encrypted_client_hello extension in a ClientHello (RFC 9849, section 5).
func ech(ext *Cursor) (e ECH) {
	e.Offered = true
	if e.Inner = ext.Byte() == 1; e.Inner {
		return e
	}
	e.KDF, e.AEAD, e.ConfigID = ext.Uint16(), ext.Uint16(), ext.Byte()
	e.EncLen = int(ext.Uint16())
	ext.Skip(e.EncLen)
	e.PayloadLen = int(ext.Uint16())
	ext.Skip(e.PayloadLen)
	return e
}

// IsGREASE reports whether a cipher suite, extension, group or version is one of the values that mean nothing (RFC 8701).
func IsGREASE(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }
