package wire

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestParseSOCKS(t *testing.T) {
	cases := []struct {
		name, in string
		version  byte
		host     string
		port     uint16
		err      error
	}{
		{"4", "\x04\x01\x01\xbb\xc0\x00\x02\x01me\x00", 4, "192.0.2.1", 443, nil},
		{"4a", "\x04\x01\x00\x50\x00\x00\x00\x01\x00proxy.example\x00", 4, "proxy.example", 80, nil},
		{"5, a name", "\x05\x02\x00\x02\x05\x01\x00\x03\x0dproxy.example\x01\xbb", 5, "proxy.example", 443, nil},
		{"5, a password", "\x05\x01\x02\x01\x02me\x06secret\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50", 5, "192.0.2.1", 80, nil},
		{"5, IPv6", "\x05\x01\x00\x05\x03\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x35", 5, "2001:db8::1", 53, nil},
	}
	for _, c := range cases {
		s, err := ParseSOCKS([]byte(c.in))
		if err != nil || s.Version != c.version || s.Host.Value != c.host || s.Port != c.port || s.Len != len(c.in) {
			t.Errorf("%s: %+v, %v", c.name, s, err)
		}
		if strings.Contains(c.name, "name") || c.name == "4a" {
			holds(t, []byte(c.in), s.Host)
		}
		if strings.Contains(s.Host.Value, "secret") {
			t.Errorf("%s: %+v", c.name, s)
		}
		for i := range c.in {
			p, err := ParseSOCKS([]byte(c.in[:i]))
			if !errors.Is(err, io.ErrUnexpectedEOF) || Need(err) <= i {
				t.Errorf("%s, cut at %d: %+v, %v", c.name, i, p, err)
			}
		}
	}
	for _, s := range []string{"\x03", "\x04\x09", "\x05\x01\x42", "\x04\x01\x01\xbb\xc0\x00\x02\x01\x01", "\x04\x01\x01\xbb\xc0\x00\x02\x01" + strings.Repeat("x", 300)} {
		if got, err := ParseSOCKS([]byte(s)); !errors.Is(err, ErrOther) {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"\x05\x01\x00\x05\x04\x00\x01", "\x05\x01\x00\x05\x01\x00\x02", "\x05\x01\x00\x04\x01\x00\x01", "\x04\x01\x01\xbb\x00\x00\x00\x01me\x00\x00"} {
		if got, err := ParseSOCKS([]byte(s)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
}

func TestParseSOCKSReply(t *testing.T) {
	cases := []struct {
		in      string
		version byte
		n       int
		granted bool
		err     error
	}{
		{"\x00\x5a\x00\x00\x00\x00\x00\x00TLS", 4, 8, true, nil},
		{"\x00\x5b\x00\x00\x00\x00\x00\x00", 4, 8, false, nil},
		{"\x05\x00\x05\x00\x00\x01\xc0\x00\x02\x01\x00\x50TLS", 5, 12, true, nil},
		{"\x05\x02\x01\x00\x05\x02\x00\x03\x01x\x00\x00", 5, 12, false, nil},
		{"\x05\xff", 5, 2, false, nil},
		{"\x05\x00\x05\x00", 5, 0, false, io.ErrUnexpectedEOF},
		{"\x04\x00", 5, 0, false, ErrOther},
		{"\x00\x10", 4, 0, false, ErrOther},
		{"\x05\x00\x06\x00\x00\x01", 5, 0, false, ErrMalformed},
	}
	for _, c := range cases {
		n, granted, err := ParseSOCKSReply([]byte(c.in), c.version)
		if n != c.n || granted != c.granted || !errors.Is(err, c.err) {
			t.Errorf("%q: %d, %v, %v", c.in, n, granted, err)
		}
	}
}

func FuzzParseSOCKS(f *testing.F) {
	f.Add([]byte("\x04\x01\x00\x50\x00\x00\x00\x01\x00proxy.example\x00"), 12)
	f.Add([]byte("\x05\x01\x02\x01\x02me\x06secret\x05\x01\x00\x03\x0dproxy.example\x01\xbb"), 20)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		whole, werr := ParseSOCKS(b)
		if s := whole.Host.At; s.End() > len(b) || werr == nil && (whole.Len == 0 || whole.Len > len(b) || s.End() > whole.Len) {
			t.Fatalf("%+v", whole)
		}
		part, perr := ParseSOCKS(b[:at:at])
		if perr == nil && part != whole {
			t.Fatalf("part %+v, whole %+v", part, whole)
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
		for _, version := range []byte{4, 5} {
			if n, granted, err := ParseSOCKSReply(b, version); n > len(b) || granted && (err != nil || n == 0) {
				t.Fatalf("%d, %v, %v", n, granted, err)
			}
		}
	})
}
