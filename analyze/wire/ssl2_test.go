package wire

import (
	"errors"
	"io"
	"testing"
)

// ssl2Hello is a hello of SSL 2 that offers TLS 1.0 and two cipher suites.
const ssl2Hello = "\x80\x1f\x01\x03\x01\x00\x06\x00\x00\x00\x10\x00\x00\x2f\x01\x00\x80ABCDEFGHIJKLMNOP"

func TestSSL2Hello(t *testing.T) {
	h, err := ParseSSL2Hello([]byte(ssl2Hello))
	if err != nil || h != (SSL2Hello{VersionTLS10, Span{11, 6}, len(ssl2Hello)}) {
		t.Errorf("%+v, %v", h, err)
	}
	cutEverywhere(t, []byte(ssl2Hello), func(b []byte) error {
		_, err := ParseSSL2Hello(b)
		return err
	})
	for i := range 11 { // every field of the header matters
		twin := []byte(ssl2Hello)
		twin[i] ^= 0x44
		if _, err := ParseSSL2Hello(twin); !errors.Is(err, ErrOther) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
}

func FuzzSSL2Hello(f *testing.F) {
	f.Add([]byte(ssl2Hello))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseSSL2Hello(b)
		if err == nil && (h.Ciphers.Len == 0 || h.Ciphers.Len%3 != 0 || h.Ciphers.End() > h.Len || h.Len > len(b)) {
			t.Fatalf("%+v of %d bytes", h, len(b))
		}
		if errors.Is(err, io.ErrUnexpectedEOF) && Need(err) <= len(b) {
			t.Fatalf("needs %d, has %d", Need(err), len(b))
		}
	})
}
