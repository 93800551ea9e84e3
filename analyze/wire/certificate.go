package wire

import (
	"bytes"
	"unicode/utf16"
)

// CertNames are the names in the leaf certificate of a Certificate message. Spans are in the message's body. Slices are reused by the next
// Parse.
type CertNames struct {
	Leaf       Span   // the leaf's DER, as far as it is there
	CommonName Text   // the subject's last commonName
	DNS        []Text // dNSName entries of subjectAltName, in order
	Whole      bool   // everything up to the names was there
}

// Parse reads the body of a Certificate message of TLS 1.2 or older (RFC 5246, section 7.4.2), whole or cut. Only the names are read, and
// nothing is verified: the walk skips what it does not need, so that odd certificates do not hide their names.
func (n *CertNames) Parse(body []byte) error {
	*n = CertNames{DNS: n.DNS[:0]}
	c := NewCursor(body)
	list := c.PartVector(3)
	if list.Len() == 0 && c.Err() == nil {
		return malformed(0) // a client without a certificate sends an empty list
	}
	leaf := list.PartVector(3)
	n.Leaf = Span{leaf.Off(), leaf.Len()}
	err := n.certificate(leaf)
	n.Whole = err == nil
	return err
}

// Tags of DER elements (X.690, section 8.1.2).
const (
	tagBoolean     = 0x01
	tagOctetString = 0x04
	tagOID         = 0x06
	tagSequence    = 0x30
	tagSet         = 0x31
	tagBMPString   = 0x1e
	tagVersion     = 0xa0 // [0]
	tagExtensions  = 0xa3 // [3]
	tagDNSName     = 0x82 // [2]
)

var (
	oidCommonName     = []byte{0x55, 0x04, 0x03} // 2.5.4.3
	oidSubjectAltName = []byte{0x55, 0x1d, 0x11} // 2.5.29.17
)

// certificate reads an X.509 certificate (RFC 5280, section 4.1).
func (n *CertNames) certificate(c Cursor) error {
	outer := c.der(tagSequence)
	tbs := outer.der(tagSequence)
	if tbs.peek() == tagVersion {
		tbs.der(tagVersion)
	}
	tbs.element() // serialNumber
	tbs.element() // signature
	tbs.element() // issuer
	tbs.element() // validity
	subject := tbs.der(tagSequence)
	if tbs.Err() != nil {
		return tbs.Err()
	}
	if err := n.subject(subject); err != nil {
		return err
	}
	tbs.element() // subjectPublicKeyInfo
	for tbs.Len() > 0 {
		if tag, field := tbs.element(); tag == tagExtensions {
			return n.extensions(field) // what is cut behind the names does not matter
		}
	}
	outer.adopt(tbs)
	return outer.Err()
}

// subject reads the names of a subject: a list of sets of pairs. Which commonName is the last is known only at its end.
func (n *CertNames) subject(c Cursor) error {
	var last Text
	for c.Len() > 0 {
		set := c.der(tagSet)
		for set.Len() > 0 {
			pair := set.der(tagSequence)
			oid := pair.der(tagOID)
			tag, value := pair.element()
			if pair.Err() != nil {
				return pair.Err()
			}
			if bytes.Equal(oid.Rest(), oidCommonName) {
				at := Span{value.Off(), value.Len()}
				last = Text{derString(tag, value.Rest()), at}
			}
		}
		c.adopt(set)
	}
	if c.Err() == nil {
		n.CommonName = last
	}
	return c.Err()
}

// extensions looks for subjectAltName (RFC 5280, section 4.2.1.6).
func (n *CertNames) extensions(c Cursor) error {
	list := c.der(tagSequence)
	for list.Len() > 0 {
		ext := list.der(tagSequence)
		oid := ext.der(tagOID)
		if !bytes.Equal(oid.Rest(), oidSubjectAltName) {
			continue
		}
		if ext.peek() == tagBoolean {
			ext.der(tagBoolean)
		}
		value := ext.der(tagOctetString)
		names := value.der(tagSequence)
		for names.Len() > 0 {
			if tag, name := names.element(); tag == tagDNSName && names.Err() == nil {
				n.DNS = append(n.DNS, Text{string(name.Rest()), Span{name.Off(), name.Len()}})
			}
		}
		value.adopt(names)
		return value.Err()
	}
	c.adopt(list)
	return c.Err()
}

// derString returns a string type's value as text. Of the wide types only BMPString is met; the others keep their bytes.
func derString(tag byte, b []byte) string {
	if tag != tagBMPString {
		return string(b)
	}
	var wide []uint16
	for ; len(b) >= 2; b = b[2:] {
		wide = append(wide, uint16(b[0])<<8|uint16(b[1]))
	}
	return string(utf16.Decode(wide))
}
