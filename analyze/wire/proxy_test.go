package wire

import (
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
)

func TestParseProxy(t *testing.T) {
	v2 := proxyV2 + "\x21\x11\x00\x0f\xc0\x00\x02\x01\xc6\x33\x64\x02\x12\x34\x01\xbb\x04\x00\x00"
	v6 := proxyV2 + "\x21\x21\x00\x24" + "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01" + "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02" + "\x12\x34\x01\xbb"
	src, dst := netip.MustParseAddrPort("192.0.2.1:4660"), netip.MustParseAddrPort("198.51.100.2:443")
	src6, dst6 := netip.MustParseAddrPort("[2001:db8::1]:4660"), netip.MustParseAddrPort("[2001:db8::2]:443")
	cases := []struct {
		in   string
		want Proxy
	}{
		{"PROXY TCP4 192.0.2.1 198.51.100.2 4660 443\r\n", Proxy{1, src, dst, 44}},
		{"PROXY TCP6 2001:db8::1 2001:db8::2 4660 443\r\n", Proxy{1, src6, dst6, 45}},
		{"PROXY UNKNOWN\r\n", Proxy{Version: 1, Len: 15}},
		{v2, Proxy{2, src, dst, len(v2)}},
		{v6, Proxy{2, src6, dst6, len(v6)}},
		{proxyV2 + "\x20\x00\x00\x00", Proxy{Version: 2, Len: 16}},
	}
	for _, c := range cases {
		if p, err := ParseProxy([]byte(c.in + "GET /")); err != nil || p != c.want {
			t.Errorf("%q: %+v, %v", c.in, p, err)
		}
		cutEverywhere(t, []byte(c.in), func(b []byte) error {
			_, err := ParseProxy(b)
			return err
		})
	}
	for in, want := range map[string]error{
		"GET / HTTP/1.1\r\n":                                 ErrOther,
		"PROXY " + strings.Repeat("x", 200):                  ErrOther,
		"PROXY \r\n":                                         ErrOther,
		"PROXY TCP4 192.0.2.1 198.51.100.2 4660\r\n":         ErrMalformed,
		"PROXY TCP4 192.0.2.1 198.51.100.2 4660 99999\r\n":   ErrMalformed,
		"PROXY TCP4 192.0.2.256 198.51.100.2 4660 443\r\n":   ErrMalformed,
		proxyV2 + "\x31\x11\x00\x00":                         ErrOther,
		proxyV2 + "\x21\x11\x00\x04\x01\x02\x03\x04":         ErrMalformed,
		proxyV2 + "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33": io.ErrUnexpectedEOF,
	} {
		if p, err := ParseProxy([]byte(in)); !errors.Is(err, want) || p.Src.IsValid() {
			t.Errorf("%q: %+v, %v", in, p, err)
		}
	}
}

func FuzzParseProxy(f *testing.F) {
	f.Add([]byte("PROXY TCP4 192.0.2.1 198.51.100.2 4660 443\r\n"), 20)
	f.Add([]byte(proxyV2+"\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x02\x12\x34\x01\xbb"), 20)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		whole, werr := ParseProxy(b)
		if werr == nil && (whole.Len == 0 || whole.Len > len(b) || whole.Src.IsValid() != whole.Dst.IsValid()) {
			t.Fatalf("%+v of %d bytes", whole, len(b))
		}
		part, perr := ParseProxy(b[:at:at])
		if perr == nil && part != whole {
			t.Fatalf("part %+v, whole %+v", part, whole)
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
	})
}
