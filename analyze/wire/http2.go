package wire

import (
	"errors"
	"io"
	"strings"

	"golang.org/x/net/http2/hpack"
)

// HTTP2Preface is what a client of HTTP/2 sends first (RFC 9113, section 3.4).
const HTTP2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

const (
	maxHTTP2Requests = 64       // of one stream of bytes that are returned
	maxHTTP2Frame    = 1 << 20  // a longer frame is not HTTP/2 as it is spoken
	maxHTTP2Block    = 64 << 10 // of one header block, compressed
	maxHTTP2String   = 8 << 10  // of one field
	maxHTTP2Table    = 64 << 10 // of the table the sender may ask for
)

// Frame types and flags (RFC 9113, section 6).
const (
	frameData         = 0
	frameHeaders      = 1
	frameSettings     = 4
	frameContinuation = 9
	flagACK           = 0x01
	flagEndHeaders    = 0x04
	flagPadded        = 0x08
	flagPriority      = 0x20
)

// An HTTP2Request is the part of a request's fields that is kept. Query, cookies and every other field are not.
type HTTP2Request struct {
	Stream    uint32
	Method    string // ":method"
	Path      string // ":path" up to "?" or "#"
	PathLen   int    // of the whole ":path", in bytes
	Authority string // ":authority"
	Host      string // "host"
	At        Span   // from the header of the HEADERS frame to the end of its header block
}

// ReadHTTP2 reads what a client sends in the clear: the preface and frames. It returns the requests among them and how many bytes were read:
// the end of the last whole frame, or of a frame that is of no interest, which may be more than b has. It fails with ErrOther when b does not
// begin with the preface, with io.ErrUnexpectedEOF when b ends inside a frame that is needed (of a request whose host is there already, what
// was read is among requests), with ErrMalformed and ErrLimit. Header
// compression has a memory, so one cannot begin in the middle.
func ReadHTTP2(b []byte) (requests []HTTP2Request, n int, err error) {
	for i := range min(len(b), len(HTTP2Preface)) {
		if b[i] != HTTP2Preface[i] {
			return nil, 0, other(i)
		}
	}
	if len(b) < len(HTTP2Preface) {
		return nil, 0, cut(0, len(HTTP2Preface))
	}
	var current *HTTP2Request
	decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) { current.field(f) })
	decoder.SetAllowedMaxDynamicTableSize(maxHTTP2Table)
	decoder.SetMaxStringLength(maxHTTP2String)

	n = len(HTTP2Preface)
	for n < len(b) {
		c := At(b, n)
		f := c.http2Frame()
		if f.typ != frameHeaders || c.Err() != nil {
			if err := c.Err(); err != nil {
				return requests, n, err
			}
			if f.typ == frameContinuation || f.length > maxHTTP2Frame {
				return requests, n, malformed(n)
			}
			n = c.Off() + f.length
			continue
		}
		if len(requests) == maxHTTP2Requests {
			return requests, n, &Error{Off: n, Err: ErrLimit}
		}
		start := c // a fork
		block, err := c.http2Block(f)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return requests, n, err
		}
		requests = append(requests, HTTP2Request{Stream: f.stream, At: Span{n, c.Off() - n}})
		current = &requests[len(requests)-1]
		if err != nil { // the names stand at the front of the block, mostly
			current.At.Len = len(b) - n
			_, _ = decoder.Write(start.http2Part(f))
			if current.Authority == "" && (current.Host == "" || current.Method == "") {
				requests = requests[:len(requests)-1]
			}
			return requests, n, err
		}
		if _, err := decoder.Write(block); err != nil {
			return requests, n, malformed(n)
		}
		if err := decoder.Close(); err != nil {
			return requests, n, malformed(n)
		}
		if current.Method == "" && current.Authority == "" { // trailers
			requests = requests[:len(requests)-1]
		}
		n = c.Off()
	}
	return requests, n, nil
}

// IsHTTP2Server reports whether b may be the start of what a server of HTTP/2 sends: a SETTINGS frame that is no acknowledgement (RFC 9113,
// section 3.4). It fails with io.ErrUnexpectedEOF when b is too short to tell.
func IsHTTP2Server(b []byte) (bool, error) {
	c := NewCursor(b)
	f := c.http2Frame()
	if err := c.Err(); err != nil {
		return false, err
	}
	return f.typ == frameSettings && f.flags&flagACK == 0 && f.stream == 0 && f.length%6 == 0 && f.length <= 6*64, nil
}

type http2Frame struct {
	length     int
	typ, flags byte
	stream     uint32
}

func (c *Cursor) http2Frame() http2Frame {
	n := int(c.Uint(3))
	return http2Frame{n, c.Byte(), c.Byte(), uint32(c.Uint(4)) &^ (1 << 31)}
}

// http2Block returns the header block of the HEADERS frame whose header was read, with the CONTINUATION frames behind it.
func (c *Cursor) http2Block(f http2Frame) ([]byte, error) {
	stream := f.stream
	var block []byte
	for {
		if f.length > maxHTTP2Block {
			return nil, &Error{Off: c.Off(), Err: ErrLimit}
		}
		body := c.Sub(f.length)
		if c.Err() != nil {
			return nil, c.Err()
		}
		if f.typ == frameHeaders {
			padding := 0
			if f.flags&flagPadded != 0 {
				padding = int(body.Byte())
			}
			if f.flags&flagPriority != 0 {
				body.Skip(5)
			}
			body = body.Sub(body.Len() - padding)
			if body.Err() != nil {
				return nil, body.Err()
			}
		}
		if block == nil && f.flags&flagEndHeaders != 0 {
			return body.Rest(), nil
		}
		block = append(block, body.Rest()...)
		if len(block) > maxHTTP2Block {
			return nil, &Error{Off: c.Off(), Err: ErrLimit}
		}
		if f.flags&flagEndHeaders != 0 {
			return block, nil
		}
		at := c.Off()
		f = c.http2Frame()
		if c.Err() != nil {
			return nil, c.Err()
		}
		if f.typ != frameContinuation || f.stream != stream {
			return nil, malformed(at)
		}
	}
}

// http2Part returns what there is of the header block in the HEADERS frame whose header was read.
func (c *Cursor) http2Part(f http2Frame) []byte {
	n, padding := f.length, 0
	if f.flags&flagPadded != 0 {
		padding = int(c.Byte())
		n--
	}
	if f.flags&flagPriority != 0 {
		c.Skip(5)
		n -= 5
	}
	rest := c.Rest()
	return rest[:max(0, min(len(rest), n-padding))]
}

// field keeps the fields that name what is asked for.
func (r *HTTP2Request) field(f hpack.HeaderField) {
	switch f.Name {
	case ":method":
		r.Method = f.Value
	case ":authority":
		r.Authority = f.Value
	case "host":
		r.Host = f.Value
	case ":path":
		r.Path, r.PathLen = f.Value, len(f.Value)
		if i := strings.IndexAny(f.Value, "?#"); i >= 0 {
			r.Path = strings.Clone(f.Value[:i])
		}
	}
}
