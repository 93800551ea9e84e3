package wire

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseHTTPRequest(t *testing.T) {
	cases := []struct {
		name, in             string
		method, path         string
		authority, host      string
		upgrade              string
		length               int64
		chunked, whole, fold bool
		err                  error
	}{
		{name: "plain", in: "GET /a/b?token=secret HTTP/1.1\r\nHost: www.practice.example\r\n\r\n", method: "GET", path: "/a/b", host: "www.practice.example"},
		{name: "absolute", in: "POST http://user:pw@proxied.example:8080/p?q HTTP/1.1\r\nHOST:proxied.example:8080 \r\nContent-Length: 12\r\n\r\nbody", method: "POST", path: "/p", authority: "proxied.example:8080", host: "proxied.example:8080", length: 12},
		{name: "absolute, no path", in: "GET http://h.example?x HTTP/1.0\n\n", method: "GET", path: "", authority: "h.example"},
		{name: "connect", in: "CONNECT t.example:443 HTTP/1.1\r\nHost: t.example\r\nProxy-Authorization: Basic c2VjcmV0\r\n\r\n", method: "CONNECT", authority: "t.example:443", host: "t.example"},
		{name: "asterisk", in: "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n", method: "OPTIONS", path: "*"},
		{name: "a method of its own", in: "X-SYNC /s HTTP/1.1\nHost: s.example\nTransfer-Encoding: gzip, Chunked\n\n", method: "X-SYNC", path: "/s", host: "s.example", chunked: true},
		{name: "upgrade", in: "GET /ws HTTP/1.1\r\nUpgrade: WebSocket\r\nHost: w.example\r\n\r\n", method: "GET", path: "/ws", host: "w.example", upgrade: "websocket"},
		{name: "folded", in: "GET / HTTP/1.1\r\nX: a\r\n Host: no.example\r\nHost: yes.example\r\n\r\n", method: "GET", path: "/", host: "yes.example"},
		{name: "two hosts", in: "GET / HTTP/1.1\r\nHost: first.example\r\nHost: second.example\r\n\r\n", method: "GET", path: "/", host: "first.example"},
		{name: "space before the colon", in: "GET / HTTP/1.1\r\nHost : h.example\r\n\r\n", method: "GET", path: "/", host: "h.example"},
		{name: "broken version", in: "GET / HTTP/1.\nHost: h.example\n\n", method: "GET", path: "/", host: "h.example", err: ErrMalformed},
		{name: "version without a space", in: "POST /HTTP/1.1\nHost: h.example\n\n", method: "POST", path: "/HTTP/1.1", host: "h.example", err: ErrMalformed},
		{name: "version of another protocol", in: "OPTIONS rtsp://h.example RTSP/1.0\nHost: h.example\n\n", err: ErrOther},
		{name: "broken version without a host", in: "GET / HTTP/1.\nAccept: x\n\n", err: ErrOther},
		{name: "no target", in: "OPTIONS HTTP/1.1\nHost: h.example\n\n", method: "OPTIONS", host: "h.example", err: ErrMalformed},
		{name: "a space in the target", in: "GET /a b HTTP/1.1\r\nHost: h.example\r\n\r\n", method: "GET", path: "/a b", host: "h.example"},
		{name: "empty lines first", in: "\r\n\nGET / HTTP/1.1\r\nHost: h.example\r\n\r\n", method: "GET", path: "/", host: "h.example"},
		{name: "a line that is no header", in: "GET / HTTP/1.1\r\nnonsense\r\nHost: h.example\r\n\r\n", method: "GET", path: "/", host: "h.example", err: ErrMalformed},
		{name: "a length that is none", in: "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", method: "GET", path: "/"},
		{name: "a length that is too long", in: "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", method: "GET", path: "/"},
		{name: "cut in a header", in: "GET /x HTTP/1.1\r\nHost: h.example\r\nCook", method: "GET", path: "/x", host: "h.example", err: io.ErrUnexpectedEOF},
		{name: "cut in the host", in: "GET /x HTTP/1.1\r\nHost: h.exam", method: "GET", path: "/x", err: io.ErrUnexpectedEOF},
		{name: "cut in the target", in: "GET /x?secr", method: "GET", path: "/x", err: io.ErrUnexpectedEOF},
		{name: "cut in an unknown method's target", in: "XGET /x?secr", err: io.ErrUnexpectedEOF},
		{name: "cut in the method", in: "GE", err: io.ErrUnexpectedEOF},
		{name: "nothing", in: "", err: io.ErrUnexpectedEOF},
		{name: "no version", in: "GET /\r\n", method: "GET", err: io.ErrUnexpectedEOF},
		{name: "another protocol's version", in: "OPTIONS rtsp://x/ RTSP/1.0\r\n\r\n", err: ErrOther},
		{name: "HTTP/2", in: HTTP2Preface, err: ErrOther},
		{name: "TLS", in: "\x16\x03\x01\x02\x00", err: ErrOther},
		{name: "binary behind a word", in: "GET \x00\x01\x02", err: ErrOther},
		{name: "one long word", in: strings.Repeat("A", 40), err: ErrOther},
		{name: "SMTP", in: "EHLO me.example\r\n", err: ErrOther},
	}
	for _, c := range cases {
		r, err := ParseHTTPRequest([]byte(c.in))
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r.Method != c.method || r.Path.Value != c.path || r.Authority.Value != c.authority || r.Host.Value != c.host || r.Upgrade != c.upgrade || r.Chunked != c.chunked {
			t.Errorf("%s: %+v", c.name, r)
		}
		if n, _ := r.Body(); c.err == nil && n != c.length {
			t.Errorf("%s: a body of %d bytes", c.name, n)
		}
		for _, text := range []Text{r.Path, r.Authority, r.Host} {
			holds(t, []byte(c.in), text)
		}
	}
}

func TestParseHTTPRequestKeepsNoSecrets(t *testing.T) {
	const in = "GET http://SECRET:SECRET@h.example/p?SECRET#SECRET HTTP/1.1\r\nHost: h.example\r\nCookie: SECRET\r\nAuthorization: SECRET\r\nReferer: SECRET\r\n\r\nSECRET"
	r, err := ParseHTTPRequest([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{r.Method, r.Path.Value, r.Authority.Value, r.Host.Value, r.Upgrade} {
		if strings.Contains(s, "SECRET") {
			t.Errorf("%q", s)
		}
	}
	if r.Target.Len != len("http://SECRET:SECRET@h.example/p?SECRET#SECRET") {
		t.Errorf("target of %d bytes", r.Target.Len)
	}
}

// TestParseHTTPRequestRoundTrip reads what net/http writes.
func TestParseHTTPRequestRoundTrip(t *testing.T) {
	q, err := http.NewRequest("PUT", "http://www.practice.example:81/up/load?id=1", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := q.Write(&b); err != nil {
		t.Fatal(err)
	}
	whole, err := ParseHTTPRequest(b.Bytes())
	if err != nil || whole.Method != "PUT" || whole.Path.Value != "/up/load" || whole.Host.Value != "www.practice.example:81" || whole.ContentLength != 5 || whole.Len != b.Len()-5 || whole.Minor != '1' {
		t.Fatalf("%+v, %v", whole, err)
	}
	for i := range whole.Len {
		r, err := ParseHTTPRequest(b.Bytes()[:i:i])
		if !errors.Is(err, io.ErrUnexpectedEOF) || Need(err) <= i || Need(err) > whole.Len {
			t.Fatalf("cut at %d: %v, needs %d", i, err, Need(err))
		}
		if r.Host.Value != "" && r.Host != whole.Host || r.Path.Value != "" && r.Path != whole.Path || r.Method != "" && r.Method != whole.Method {
			t.Fatalf("cut at %d: %+v", i, r)
		}
	}
}

func TestParseHTTPRequestLimit(t *testing.T) {
	long := "GET / HTTP/1.1\r\n" + strings.Repeat("A: b\r\n", MaxHTTPHeader/6) + "Host: h.example\r\n\r\n"
	if r, err := ParseHTTPRequest([]byte(long)); !errors.Is(err, ErrLimit) || r.Host.Value != "" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := ParseHTTPRequest([]byte("GET /" + strings.Repeat("a", MaxHTTPHeader))); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
}

func TestParseHTTPResponse(t *testing.T) {
	cases := []struct {
		in     string
		status int
		want   HTTPHeader
		err    error
	}{
		{"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n1234567", 200, HTTPHeader{ContentLength: 7, Len: 38}, nil},
		{"HTTP/1.0 404\nTransfer-Encoding: chunked\n\n", 404, HTTPHeader{ContentLength: -1, Chunked: true, Len: 41}, nil},
		{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: H2C\r\n\r\n", 101, HTTPHeader{ContentLength: -1, Upgrade: "h2c", Len: 50}, nil},
		{"HTTP/1.1 200 O", 200, HTTPHeader{ContentLength: -1}, io.ErrUnexpectedEOF},
		{"HTTP/1.", 0, HTTPHeader{ContentLength: -1}, io.ErrUnexpectedEOF},
		{"HTTP/1.1 2\r\n", 0, HTTPHeader{ContentLength: -1}, ErrOther},
		{"HTTP/2 200\r\n", 0, HTTPHeader{ContentLength: -1}, ErrOther},
		{"220 mail.example ESMTP\r\n", 0, HTTPHeader{ContentLength: -1}, ErrOther},
		{"", 0, HTTPHeader{ContentLength: -1}, io.ErrUnexpectedEOF},
	}
	for _, c := range cases {
		r, err := ParseHTTPResponse([]byte(c.in))
		if diff := cmp.Diff(HTTPResponse{c.status, c.want}, r); diff != "" || !errors.Is(err, c.err) {
			t.Errorf("%q: %v, %s", c.in, err, diff)
		}
	}
}

func FuzzParseHTTPRequest(f *testing.F) {
	f.Add([]byte("POST http://u@h.example:8080/p?q HTTP/1.1\r\nHOST:h.example:8080 \r\nContent-Length: 12\r\n\r\nbody"), 40)
	f.Add([]byte("CONNECT t.example:443 HTTP/1.1\r\nHost: t.example\r\n\tfold\r\n\r\n"), 30)
	f.Add([]byte("\r\nX-SYNC /s#f HTTP/1.1\nbad\nHost: s.example\nTransfer-Encoding: gzip, Chunked\n\n"), 60)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		whole, werr := ParseHTTPRequest(b)
		part, perr := ParseHTTPRequest(b[:at:at])
		for _, text := range []Text{whole.Path, whole.Authority, whole.Host} {
			holds(t, b, text)
		}
		if strings.ContainsAny(whole.Path.Value, "?#") || strings.Contains(whole.Authority.Value, "@") {
			t.Fatalf("%+v", whole)
		}
		if werr == nil && (whole.Len <= 0 || whole.Len > len(b) || whole.Method == "") {
			t.Fatalf("%+v", whole)
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
		if errors.Is(werr, ErrOther) {
			return
		}
		if part.Host.Value != "" && part.Host != whole.Host || part.Path.Value != "" && part.Path != whole.Path || part.Method != "" && part.Method != whole.Method {
			t.Fatalf("part %+v, whole %+v, %v", part, whole, werr)
		}
		if part.Len > 0 && !cmp.Equal(part, whole, cmpopts.EquateEmpty()) {
			t.Fatalf("the header ends in the part, and differs: %+v, %+v", part, whole)
		}
	})
}

func FuzzParseHTTPResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n1234567"), 20)
	f.Add([]byte("HTTP/1.0 404\nTransfer-Encoding: chunked\nUpgrade: x\n\n"), 30)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		whole, werr := ParseHTTPResponse(b)
		part, perr := ParseHTTPResponse(b[:at:at])
		if werr == nil && (whole.Len <= 0 || whole.Len > len(b) || whole.Status > 999) {
			t.Fatalf("%+v", whole)
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
		if part.Status > 0 && !errors.Is(werr, ErrOther) && part.Status != whole.Status {
			t.Fatalf("part %+v, whole %+v", part, whole)
		}
	})
}
