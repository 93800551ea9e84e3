package wire

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
)

// MaxHTTPHeader is how long a request or response may be up to its empty line, in bytes.
const MaxHTTPHeader = 64 << 10

const maxMethod = 32 // bytes of a method's name

// An HTTPRequest is the part of an HTTP/1 request that is kept. The query, user names, cookies and every other header are not: they are
// other people's secrets.
type HTTPRequest struct {
	Method    string
	Minor     byte // of the version: '0' or '1'
	Target    Span // the whole request target, query included
	Path      Text // up to "?" or "#"; empty for CONNECT
	Authority Text // of a target in absolute or authority form, without user name: "example.com:443"
	Host      Text // value of the first Host header, as it stands
	HTTPHeader
}

// An HTTPResponse is the part of an HTTP/1 response that is kept.
type HTTPResponse struct {
	Status int
	HTTPHeader
}

// An HTTPHeader says how a message goes on behind its header.
type HTTPHeader struct {
	Upgrade       string // value of Upgrade, lower case: "websocket", "h2c"
	ContentLength int64  // -1 if not given, or not as a number
	Chunked       bool   // the last transfer coding is chunked
	Len           int    // bytes up to and with the empty line; 0 if that was not reached
}

// ParseHTTPRequest reads the request that begins at b[0] (RFC 9112), whole or cut: a single line feed ends a line, empty lines before the
// request are passed over, methods may be any token. It fails with ErrOther when no request begins here, with io.ErrUnexpectedEOF when b ends
// inside the header, with ErrLimit past MaxHTTPHeader, and with ErrMalformed when the target is missing, the version is broken (which is believed
// only with a Host in the next line) or some header line is not one (the rest was read). Method is set as soon as there is one that is
// registered, or a whole request line.
func ParseHTTPRequest(b []byte) (r HTTPRequest, err error) {
	r.ContentLength = -1
	start := blankLines(b)
	line, next := httpLine(b, start)
	method := token(b[start:line.End()], maxMethod)
	after := start + method
	if method == 0 || after < line.End() && b[after] != ' ' {
		if start+method == len(b) && method < maxMethod {
			return r, cut(start, len(b)+1)
		}
		return r, other(start + method)
	}
	if next == 0 { // the line is cut
		return r, r.cutLine(b, start, method)
	}
	if i := control(b[after:line.End()]); i >= 0 {
		return r, other(after + i)
	}
	r.Method = intern(b[start:after])
	version := bytes.LastIndexByte(b[start:line.End()], ' ') + start + 1
	target := Span{after + 1, max(0, version-1-after-1)}
	word, bad := b[version:line.End()], target.Len == 0
	switch {
	case httpVersion(word):
		r.Minor = word[7]
	case !registeredMethods[r.Method] && !bytes.HasPrefix(word, []byte("HTTP/")) || otherVersion(word):
		return HTTPRequest{}, other(version)
	default:
		if err := hostFollows(b, next, version); err != nil {
			r = HTTPRequest{HTTPHeader: r.HTTPHeader}
			if name := string(b[start:after]); errors.Is(err, io.ErrUnexpectedEOF) && registeredMethods[name] {
				r.Method = name
			}
			return r, err
		}
		if !bytes.HasPrefix(word, []byte("HTTP/")) {
			target.Len = line.End() - target.Off
		}
		bad = true
	}
	r.Target = Span{after, 0}
	if target.Len > 0 {
		r.target(b, target)
	}
	if err = r.HTTPHeader.read(b, next, &r.Host); err == nil && bad {
		err = malformed(after)
	}
	return r, err
}

// control returns where the first control character is that no request line has; -1 if there is none.
func control(line []byte) int {
	return bytes.IndexFunc(line, func(c rune) bool { return c < ' ' && c != '\r' && c != '\t' })
}

// hostFollows fails unless the line at next is a Host: that tells a request with a broken version from other protocols with such lines.
func hostFollows(b []byte, next, version int) error {
	const name = "host:"
	line := b[next:min(len(b), next+len(name))]
	switch {
	case !equalFold(line, name[:len(line)]):
		return other(version)
	case len(line) < len(name):
		return cut(next, next+len(name))
	}
	return nil
}

// otherVersion reports whether a word is the version of another protocol with the same lines: "RTSP/1.0", "SIP/2.0".
func otherVersion(word []byte) bool {
	name, number, found := bytes.Cut(word, []byte("/"))
	return found && string(name) != "HTTP" && len(number) == len("1.0") && number[1] == '.' && len(name) > 0 && token(name, len(name)) == len(name)
}

// cutLine says what can be said of a request line that ends before its version.
func (r *HTTPRequest) cutLine(b []byte, start, method int) error {
	if len(b)-start > MaxHTTPHeader {
		return &Error{Off: len(b), Err: ErrLimit}
	}
	rest := b[min(len(b), start+method+1):]
	if i := control(rest); i >= 0 {
		return other(start + method + 1 + i)
	}
	if name := string(b[start : start+method]); registeredMethods[name] && start+method < len(b) {
		r.Method = name
		if i := bytes.IndexAny(rest, "?#"); i > 0 && rest[0] == '/' && name != "CONNECT" {
			at := Span{start + method + 1, i}
			r.Path = Text{string(rest[:i]), at}
		}
	}
	return cut(start, len(b)+1)
}

// target reads the four forms of a request target (RFC 9112, section 3.2).
func (r *HTTPRequest) target(b []byte, at Span) {
	r.Target = at
	path := at
	if r.Method == "CONNECT" {
		r.authority(b, at)
		return
	}
	if i := bytes.Index(b[at.Off:at.End()], []byte("://")); i > 0 && token(b[at.Off:at.Off+i], i) == i {
		from := at.Off + i + 3
		n := bytes.IndexAny(b[from:at.End()], "/?#")
		if n < 0 {
			n = at.End() - from
		}
		r.authority(b, Span{from, n})
		path = Span{from + n, at.End() - from - n}
	}
	if i := bytes.IndexAny(b[path.Off:path.End()], "?#"); i >= 0 {
		path.Len = i
	}
	r.Path = Text{intern(b[path.Off:path.End()]), path}
}

func (r *HTTPRequest) authority(b []byte, at Span) {
	if i := bytes.LastIndexByte(b[at.Off:at.End()], '@'); i >= 0 {
		at = Span{at.Off + i + 1, at.Len - i - 1}
	}
	r.Authority = Text{string(b[at.Off:at.End()]), at}
}

// ParseHTTPResponse reads the response that begins at b[0] (RFC 9112, section 4); it fails like ParseHTTPRequest.
func ParseHTTPResponse(b []byte) (r HTTPResponse, err error) {
	r.ContentLength = -1
	line, next := httpLine(b, 0)
	for i, c := range b[:min(len(b), len("HTTP/1.1 200"))] {
		const like = "HTTP/1.d ddd"
		switch want := like[i]; {
		case want == 'd' && (c < '0' || c > '9'), want != 'd' && want != c:
			return r, other(i)
		}
	}
	if line.Len < len("HTTP/1.1 200") {
		if next > 0 {
			return r, other(line.End())
		}
		return r, cut(0, len("HTTP/1.1 200\n"))
	}
	r.Status = int(b[9]-'0')*100 + int(b[10]-'0')*10 + int(b[11]-'0')
	if next == 0 {
		if len(b) > MaxHTTPHeader {
			return r, &Error{Off: len(b), Err: ErrLimit}
		}
		return r, cut(0, len(b)+1)
	}
	err = r.HTTPHeader.read(b, next, nil)
	return r, err
}

// read reads header lines up to the empty one. host, if not nil, gets the first Host.
func (h *HTTPHeader) read(b []byte, at int, host *Text) (first error) {
	seenHost := false
	for {
		line, next := httpLine(b, at)
		if line.End() > MaxHTTPHeader {
			return &Error{Off: at, Err: ErrLimit}
		}
		if next == 0 {
			return cut(at, len(b)+1)
		}
		if line.Len == 0 {
			h.Len = next
			return first
		}
		at = next
		if c := b[line.Off]; c == ' ' || c == '\t' {
			continue // obsolete folding: more of a value that is not kept
		}
		n := token(b[line.Off:line.End()], line.Len)
		name := b[line.Off : line.Off+n]
		colon := line.Off + n
		for colon < line.End() && (b[colon] == ' ' || b[colon] == '\t') {
			colon++ // a server must refuse this, a listener need not
		}
		if n == 0 || colon == line.End() || b[colon] != ':' {
			if first == nil {
				first = malformed(line.Off)
			}
			continue
		}
		value := trim(b, Span{colon + 1, line.End() - colon - 1})
		h.field(name, b[value.Off:value.End()])
		if host != nil && !seenHost && equalFold(name, "host") {
			seenHost = true
			*host = Text{string(b[value.Off:value.End()]), value}
		}
	}
}

// field keeps what says where the message ends.
func (h *HTTPHeader) field(name, value []byte) {
	switch {
	case equalFold(name, "content-length"):
		h.ContentLength = decimal(value)
	case equalFold(name, "transfer-encoding"):
		if i := bytes.LastIndexByte(value, ','); i >= 0 {
			value = bytes.TrimLeft(value[i+1:], " \t")
		}
		h.Chunked = equalFold(value, "chunked")
	case equalFold(name, "upgrade"):
		h.Upgrade = strings.ToLower(string(value))
	}
}

// decimal returns a number written in digits; -1 if b is none, or too large.
func decimal(b []byte) (n int64) {
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	if len(b) == 0 {
		return -1
	}
	return n
}

// httpLine returns the line that begins at b[at] without its end, and where the next one begins; 0 if the line's end is not there.
func httpLine(b []byte, at int) (line Span, next int) {
	n := bytes.IndexByte(b[at:], '\n')
	if n < 0 {
		return Span{at, len(b) - at}, 0
	}
	line, next = Span{at, n}, at+n+1
	if n > 0 && b[at+n-1] == '\r' {
		line.Len--
	}
	return line, next
}

// blankLines returns where the first line that is not empty begins (RFC 9112, section 2.2).
func blankLines(b []byte) (n int) {
	const most = 8
	for n < len(b) && n < most && (b[n] == '\r' || b[n] == '\n') {
		n++
	}
	return n
}

// trim takes white space off both ends of s.
func trim(b []byte, s Span) Span {
	for s.Len > 0 && (b[s.Off] == ' ' || b[s.Off] == '\t') {
		s.Off, s.Len = s.Off+1, s.Len-1
	}
	for s.Len > 0 && (b[s.End()-1] == ' ' || b[s.End()-1] == '\t' || b[s.End()-1] == '\r') {
		s.Len--
	}
	return s
}

// token returns how many bytes at the start of b belong to a token (RFC 9110, section 5.6.2), at most most.
func token(b []byte, most int) (n int) {
	for n < len(b) && n < most && isToken[b[n]] {
		n++
	}
	return n
}

var isToken = tokenTable()

func tokenTable() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}

// httpVersion reports whether b is "HTTP/1." and a digit.
func httpVersion(b []byte) bool {
	return len(b) == len("HTTP/1.1") && string(b[:7]) == "HTTP/1." && b[7] >= '0' && b[7] <= '9'
}

// equalFold reports whether b is s, which is in lower case, in any case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != s[i] {
			return false
		}
	}
	return true
}

// registeredMethods are the ones that are believed before the whole request line was seen (IANA, HTTP Method Registry, and UPnP's).
var registeredMethods = map[string]bool{
	"GET": true, "POST": true, "PUT": true, "HEAD": true, "DELETE": true, "OPTIONS": true, "CONNECT": true, "PATCH": true, "TRACE": true,
	"PROPFIND": true, "PROPPATCH": true, "MKCOL": true, "COPY": true, "MOVE": true, "LOCK": true, "UNLOCK": true, "REPORT": true,
	"SEARCH": true, "M-SEARCH": true, "NOTIFY": true, "SUBSCRIBE": true, "UNSUBSCRIBE": true,
}
