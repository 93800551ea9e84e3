package wire

import (
	"bytes"
	"errors"
	"io"
	"net/http/httputil"
	"testing"
)

func TestHTTPBody(t *testing.T) {
	cases := []struct {
		status  int
		header  HTTPHeader
		method  string
		n       int64
		chunked bool
	}{
		{200, HTTPHeader{ContentLength: 5}, "GET", 5, false},
		{200, HTTPHeader{ContentLength: 5}, "HEAD", 0, false},
		{200, HTTPHeader{ContentLength: 5, Chunked: true}, "GET", 0, true},
		{200, HTTPHeader{ContentLength: -1}, "GET", NoEnd, false},
		{200, HTTPHeader{ContentLength: -1}, "CONNECT", 0, false},
		{407, HTTPHeader{ContentLength: 3}, "CONNECT", 3, false},
		{304, HTTPHeader{ContentLength: 5}, "GET", 0, false},
		{101, HTTPHeader{ContentLength: -1}, "GET", 0, false},
	}
	for _, c := range cases {
		r := HTTPResponse{c.status, c.header}
		if n, chunked := r.Body(c.method); n != c.n || chunked != c.chunked {
			t.Errorf("%d to %s: %d, %v", c.status, c.method, n, chunked)
		}
	}
}

func TestSkipChunks(t *testing.T) {
	var body bytes.Buffer
	w := httputil.NewChunkedWriter(&body)
	for _, s := range []string{"one", "twenty-three bytes long", "3"} {
		_, _ = w.Write([]byte(s))
	}
	_ = w.Close()
	body.WriteString("Trailer: x\r\n\r\n")
	whole := body.Bytes()
	for i := range len(whole) + 1 {
		// Read up to i, then go on where the first look ended.
		n, done, err := SkipChunks(whole[:i:i])
		if err != nil && (!errors.Is(err, io.ErrUnexpectedEOF) || Need(err) <= i) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		if done != (i == len(whole)) || n > int64(len(whole)) {
			t.Fatalf("cut at %d: %d bytes, done %v", i, n, done)
		}
		if rest, done, err := SkipChunks(whole[n:]); i < len(whole) && (err != nil || !done || n+rest != int64(len(whole))) {
			t.Fatalf("cut at %d, behind %d: %d, %v, %v", i, n, rest, done, err)
		}
	}
	if n, done, err := SkipChunks([]byte("a;name=value\r\n0123456789\r\n0\n\nGET /")); err != nil || !done || n != 29 {
		t.Errorf("%d, %v, %v", n, done, err)
	}
	for _, s := range []string{"xyz\r\n", "\r\n", "5z\r\n", "ffffffffffffffff\r\n"} {
		if n, _, err := SkipChunks([]byte(s)); !errors.Is(err, ErrMalformed) || n != 0 {
			t.Errorf("%q: %d, %v", s, n, err)
		}
	}
}

func FuzzSkipChunks(f *testing.F) {
	f.Add([]byte("a;name=value\r\n0123456789\r\n0\n\nGET /"), 12)
	f.Add([]byte("3\r\nabc\r\n0\r\nT: x\r\n\r\n"), 9)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		n, done, err := SkipChunks(b)
		if n < 0 || done && (err != nil || n > int64(len(b))) {
			t.Fatalf("%d of %d, %v, %v", n, len(b), done, err)
		}
		first, early, perr := SkipChunks(b[:at:at])
		if early && (!done || first != n) {
			t.Fatalf("%d and %d, %v and %v", first, n, early, done)
		}
		if perr == nil && !early && first <= int64(len(b)) { // going on gives the same end
			rest, again, err2 := SkipChunks(b[first:])
			if first+rest != n || again != done || (err2 == nil) != (err == nil) {
				t.Fatalf("%d + %d, %v, %v; at once %d, %v, %v", first, rest, again, err2, n, done, err)
			}
		}
	})
}
