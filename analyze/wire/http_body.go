package wire

// NoEnd is the length of a body that ends with its connection.
const NoEnd = int64(-1)

// Body returns the length of the body behind the header of a request: 0 if there is none. chunked says that it comes in chunks instead, whose
// length only SkipChunks tells.
func (r *HTTPRequest) Body() (n int64, chunked bool) {
	if r.Chunked {
		return 0, true
	}
	return max(0, r.ContentLength), false
}

// Body returns the length of the body behind the header of a response to a request with the given method (RFC 9112, section 6.3): 0 if there is
// none, NoEnd if it ends with the connection.
func (r *HTTPResponse) Body(method string) (n int64, chunked bool) {
	switch {
	case method == "HEAD", r.Status < 200, r.Status == 204, r.Status == 304, method == "CONNECT" && r.Status < 300:
		return 0, false
	case r.Chunked:
		return 0, true
	case r.ContentLength < 0:
		return NoEnd, false
	}
	return r.ContentLength, false
}

// SkipChunks passes over chunks of a body that begins, or goes on, with a chunk's size at b[0] (RFC 9112, section 7.1). It returns how many
// bytes the chunks have that begin in b, which may be more than b has: what follows them begins with a size again, unless done. It fails with
// io.ErrUnexpectedEOF when a size, or the trailer, is not there whole (n counts what is before it), and with ErrMalformed.
func SkipChunks(b []byte) (n int64, done bool, err error) {
	for n < int64(len(b)) {
		at := int(n)
		line, next := httpLine(b, at)
		if next == 0 {
			if line.Len > MaxHTTPHeader {
				return n, false, malformed(at)
			}
			return n, false, cut(at, len(b)+1)
		}
		size, digits := int64(0), 0
		for ; digits < line.Len && digits < 12; digits++ {
			v := hexDigit(b[at+digits])
			if v < 0 {
				break
			}
			size = size<<4 | int64(v)
		}
		if after := at + digits; digits == 0 || after < line.End() && b[after] != ';' && b[after] != ' ' && b[after] != '\t' {
			return n, false, malformed(at)
		}
		if size > 0 {
			n = int64(next) + size + 2
			continue
		}
		for {
			line, after := httpLine(b, next)
			if after == 0 {
				return n, false, cut(next, len(b)+1)
			}
			if line.Len == 0 {
				return int64(after), true, nil
			}
			next = after
		}
	}
	return n, false, nil
}

// hexDigit returns the value of a hexadecimal digit; -1 if c is none.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
