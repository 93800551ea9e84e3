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

// retryRandom is the Random that makes a ServerHello a HelloRetryRequest: the SHA-256 of "HelloRetryRequest".
const retryRandom = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

// Drafts of TLS 1.3 wrote 0x7f00 + the number of the draft. Up to 21 their ServerHello had no session id and no compression method.
const (
	draftTLS13     uint16 = 0x7f00
	lastShortDraft uint16 = 0x7f15
)

// Parse reads the body of a ServerHello (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3), whole or cut. What was read before an error
// stays in h.
func (h *ServerHello) Parse(body []byte) error {
	*h = ServerHello{Extensions: h.Extensions[:0]}
	c := NewCursor(body)
	h.Legacy = c.Uint16()
	h.Version = h.Legacy
	h.Random = c.span(32)
	if r := h.Random; r.Len > 0 {
		h.Retry = string(body[r.Off:r.End()]) == retryRandom
	}
	short := h.Legacy >= draftTLS13 && h.Legacy <= lastShortDraft
	if !short {
		h.SessionID = c.spanVector(1)
	}
	h.Cipher = c.Uint16()
	if !short {
		c.Skip(1) // compression
	}
	if c.Err() != nil {
		return c.Err()
	}
	var err error
	if c.Len() > 0 {
		all := c.PartVector(2)
		err = h.extensions(&all)
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

func (h *ServerHello) extensions(all *Cursor) (first error) {
	for all.Len() > 0 {
		typ, ext := all.Uint16(), all.PartVector(2)
		if all.Err() != nil && ext.Len() == 0 {
			break
		}
		h.Extensions = append(h.Extensions, Extension{typ, Span{ext.Off(), ext.Len()}})
		switch typ {
		case extSupportedVersions:
			if v := ext.Uint16(); v != 0 {
				h.Version = v
			}
		case extKeyShare:
			h.Group = ext.Uint16()
		case extALPN:
			list := ext.PartVector(2)
			if h.ALPN.At.Len == 0 {
				h.ALPN = list.text(1)
			}
			ext.adopt(list)
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
