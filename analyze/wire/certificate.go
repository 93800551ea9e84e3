package wire

// CertNames are the names in the leaf certificate of a Certificate message. Spans are in the message's body.
type CertNames struct {
	Leaf       Span   // the leaf's DER, as far as it is there
	CommonName Text   // the subject's last commonName
	DNS        []Text // dNSName entries of subjectAltName, in order
	Whole      bool   // everything up to the names was there
}

// Parse reads the body of a Certificate message of TLS 1.2 or older (RFC 5246, section 7.4.2), whole or cut. Only the names are read; nothing is verified.
func (n *CertNames) Parse(body []byte) error { return other(0) }
