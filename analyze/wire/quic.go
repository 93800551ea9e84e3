package wire

// A QUICType is the kind of a QUIC packet.
type QUICType byte

// The kinds of packets (RFC 9000, section 17).
const (
	QUICUnknown            QUICType = iota // a long header of a version we do not know
	QUICInitial                            //
	QUICZeroRTT                            //
	QUICHandshake                          //
	QUICRetry                              //
	QUICVersionNegotiation                 //
	QUICShort                              // 1-RTT: nothing else can be said of it
)

// A QUICHeader is the clear part of one packet. Spans are in the datagram.
type QUICHeader struct {
	Type       QUICType
	Version    uint32 // 0 for QUICVersionNegotiation and QUICShort
	DCID, SCID Span   // empty for QUICShort
	Token      Span   // of Initial and Retry
	Versions   Span   // of QUICVersionNegotiation: four bytes each
	Header     Span   // up to the packet number
	Packet     Span   // the whole packet, as far as it is there
	Len        int    // length of the packet as the sender gives it; the rest of the datagram for types without a length
}

// ParseQUIC reads the header of the packet that begins at b[off] (RFC 8999, RFC 9000 section 17). Only the fixed bit and the form are known
// of a short header: that the bytes are QUIC must be known otherwise. It fails with ErrOther, or with io.ErrUnexpectedEOF.
func ParseQUIC(b []byte, off int) (QUICHeader, error) { return QUICHeader{}, other(off) }

// QUICVersionName returns "1", "2", "draft-29", "mvfst-2", "Q046" …, "0x1a2a3a4a" for one that is not known.
func QUICVersionName(v uint32) string { return "" }

// A QUICPacket is a packet and what came of it.
type QUICPacket struct {
	QUICHeader
	Opened     bool   // an Initial that was decrypted
	Unverified bool   // it was cut, so its authentication tag could not be checked: Frames may be nonsense
	Number     uint64 // packet number; only if Opened
	Crypto     bool   // it carries CRYPTO frames
	Close      bool   // it carries CONNECTION_CLOSE
}

// A QUIC follows the Initial packets of one flow: it opens them (their keys follow from the client's first connection id, RFC 9001 section
// 5.2, and change after a Retry) and joins the CRYPTO frames of both sides. Reset makes it ready for another flow and keeps its memory.
type QUIC struct {
	Version uint32       // of the first Initial that was opened; 0 before
	Packets []QUICPacket // of the last datagram
	Retried bool         // a Retry was seen
}

// Reset makes q ready for another flow and keeps its memory.
func (q *QUIC) Reset() {}

// Datagram reads one UDP payload of the flow, in the order of the recording. base is where it stands in the caller's bytes, client says who sent it
// and full is its length on the wire. It fails with ErrOther when b does not begin with a QUIC long header; an Initial that cannot be
// opened is not an error (see Packets).
func (q *QUIC) Datagram(b []byte, base int, client bool, full int) error { return other(0) }

// Hello returns the first handshake message of a side: its type, its body up to the first hole and its length as the sender gives it.
// It fails with io.ErrUnexpectedEOF while something is missing (Need is in bytes of the message, header included), and with ErrOther when a
// CRYPTO stream does not begin with a ClientHello or ServerHello.
func (q *QUIC) Hello(client bool) (m QUICHello, err error) { return QUICHello{}, cut(0, 4) }

// A QUICHello is the ClientHello or ServerHello of a QUIC connection, as far as it came.
type QUICHello struct {
	Type byte
	Len  int
	Body []byte
}

// Where appends to dst where the stretch s of a hello's body stands in the caller's bytes: one Span a CRYPTO frame. The bytes there are
// encrypted; the ciphers of Initial packets keep positions.
func (q *QUIC) Where(dst []Span, client bool, s Span) []Span { return dst }
