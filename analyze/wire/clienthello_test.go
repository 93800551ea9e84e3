package wire

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rfc8448Client is the ClientHello of RFC 8448, section 3, with its handshake header.
const rfc8448Client = `010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302010000910000000b000900
	0006736572766572ff01000100000a00140012001d0017001800190100010101020103010400230000003300260024001d002099381de560e4bd43d23d8e435a7dba
	feb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e040305030603020308040805080604010501060102010402050206020202002d00020101
	001c00024001`

// realHello returns the body of a ClientHello of crypto/tls.
func realHello(t testing.TB, config *tls.Config) []byte {
	t.Helper()
	up, _ := handshake(t, config, serverConfig(t))
	r := ReadTLS(up)
	m, err := r.Next()
	if err != nil || m.Type != HandshakeClientHello {
		t.Fatalf("type %d, %v", m.Type, err)
	}
	return m.Body
}

// extension makes an extension.
func extension(typ uint16, body ...byte) []byte {
	return append([]byte{byte(typ >> 8), byte(typ), byte(len(body) >> 8), byte(len(body))}, body...)
}

// sni makes the body of a server_name extension.
func sni(name string) []byte {
	n := len(name)
	return append([]byte{byte((n + 3) >> 8), byte(n + 3), 0, byte(n >> 8), byte(n)}, name...)
}

// hello makes the body of a ClientHello with the given extensions.
func hello(extensions ...[]byte) []byte {
	b := append([]byte{3, 3}, make([]byte, 32)...)
	b = append(b, 0, 0, 2, 0x13, 1, 1, 0)
	all := bytes.Join(extensions, nil)
	b = append(b, byte(len(all)>>8), byte(len(all)))
	return append(b, all...)
}

func TestClientHelloRFC8448(t *testing.T) {
	body := unhex(t, rfc8448Client)[4:]
	var h ClientHello
	if err := h.Parse(body); err != nil {
		t.Fatal(err)
	}
	holds(t, body, h.ServerName)
	if h.ServerName.Value != "server" || h.Version != VersionTLS12 || h.Random != (Span{2, 32}) || h.SessionID.Len != 0 || !h.Whole {
		t.Errorf("%+v", h)
	}
	if want := []uint16{0x1301, 0x1303, 0x1302}; !slices.Equal(h.Ciphers, want) {
		t.Errorf("ciphers %x", h.Ciphers)
	}
	if want := []uint16{VersionTLS13}; !slices.Equal(h.Versions, want) {
		t.Errorf("versions %x", h.Versions)
	}
	if want := []uint16{0x1d, 0x17, 0x18, 0x19, 0x100, 0x101, 0x102, 0x103, 0x104}; !slices.Equal(h.Groups, want) {
		t.Errorf("groups %x", h.Groups)
	}
	var types []uint16
	for _, e := range h.Extensions {
		types = append(types, e.Type)
	}
	if want := []uint16{0, 0xff01, 10, 35, 51, 43, 13, 45, 28}; !slices.Equal(types, want) {
		t.Errorf("extensions %v", types)
	}
}

func TestClientHelloCutAtEveryByte(t *testing.T) {
	body := realHello(t, clientConfig("a.practice.example"))
	if len(body) < 1400 { // an ML-KEM key share: more than one segment
		t.Errorf("a hello of %d bytes", len(body))
	}
	var whole ClientHello
	if err := whole.Parse(body); err != nil {
		t.Fatal(err)
	}
	holds(t, body, whole.ServerName)
	if whole.ServerName.Value != "a.practice.example" || !slices.Equal(texts(whole.ALPN), []string{"h2", "http/1.1"}) {
		t.Errorf("name %q, protocols %q", whole.ServerName.Value, texts(whole.ALPN))
	}
	for _, p := range whole.ALPN {
		holds(t, body, p)
	}
	bare := whole.Extensions[0].At.Off - 6 // a hello without extensions ends here
	found := 0
	var h ClientHello
	cutEverywhere(t, body, func(b []byte) error {
		err := h.Parse(b)
		if err == nil && len(b) == bare {
			err = cut(len(b), len(b)+2)
		}
		if len(b) < whole.ServerName.At.End() {
			if h.ServerName.Value != "" {
				t.Fatalf("cut at %d: name %q", len(b), h.ServerName.Value)
			}
			return err
		}
		found++
		if h.ServerName != whole.ServerName {
			t.Fatalf("cut at %d: name %+v", len(b), h.ServerName)
		}
		return err
	})
	if found < 10 {
		t.Errorf("a cut hello gave the name %d times", found)
	}
}

func TestClientHelloECH(t *testing.T) {
	outer := append([]byte{0, 0, 1, 0, 3, 42, 0, 4}, 1, 2, 3, 4, 0, 2, 9, 9)
	body := hello(extension(0x1a1a), extension(0, sni("cover.example")...), extension(0xfe0d, outer...))
	var h ClientHello
	if err := h.Parse(body); err != nil {
		t.Fatal(err)
	}
	want := ECH{Offered: true, KDF: 1, AEAD: 3, ConfigID: 42, EncLen: 4, PayloadLen: 2}
	if diff := cmp.Diff(want, h.ECH); diff != "" {
		t.Error(diff)
	}
	if h.ServerName.Value != "cover.example" || !IsGREASE(h.Extensions[0].Type) || IsGREASE(h.Extensions[1].Type) {
		t.Errorf("%+v", h)
	}
	if err := h.Parse(hello(extension(0xfe0d, 1), extension(0xffce, 1, 2))); err != nil || !h.ECH.Inner || !h.ESNI || h.ServerName.Value != "" {
		t.Errorf("inner: %+v, %v", h, err)
	}
}

func TestClientHelloOdd(t *testing.T) {
	bare := hello()[:41]
	long := hello(extension(0, sni("long.example")...))
	long[41]++ // the extensions claim one byte more than there is... and 256 in the next
	cases := []struct {
		name string
		body []byte
		sni  string
		err  error
	}{
		{"no extensions", bare, "", nil},
		{"empty extensions", hello(), "", nil},
		{"an empty name", hello(extension(0, sni("")...)), "", nil},
		{"an empty server_name", hello(extension(0), extension(0, sni("second.example")...)), "second.example", ErrMalformed},
		{"two names", hello(extension(0, sni("first.example")...), extension(0, sni("second.example")...)), "first.example", nil},
		{"another name type first", hello(extension(0, 0, 9, 7, 0, 1, 'x', 0, 0, 2, 'o', 'k')), "ok", nil},
		{"a list longer than its extension", hello(extension(0, 0, 99, 0, 0, 2, 'o', 'k')), "ok", ErrMalformed},
		{"a name longer than its list", hello(extension(0, 0, 5, 0, 0, 9, 'n', 'o')), "", ErrMalformed},
		{"a broken extension before the name", hello(extension(10, 0, 3, 1), extension(0, sni("behind.example")...)), "behind.example", ErrMalformed},
		{"bytes behind the extensions", append(hello(extension(0, sni("tail.example")...)), 1), "tail.example", ErrMalformed},
		{"extensions longer than the body", long, "long.example", io.ErrUnexpectedEOF},
		{"an odd list of ciphers", append(append(make([]byte, 35), 0, 3, 1, 2, 3), 1, 0), "", ErrMalformed},
	}
	for _, c := range cases {
		var h ClientHello
		if err := h.Parse(c.body); !errors.Is(err, c.err) || h.ServerName.Value != c.sni || h.Whole != (c.err == nil) {
			t.Errorf("%s: name %q, want %q, %v", c.name, h.ServerName.Value, c.sni, err)
		}
	}
}

func TestClientHelloReusesMemory(t *testing.T) {
	body := unhex(t, rfc8448Client)[4:]
	var h ClientHello
	_ = h.Parse(body)
	if n := testing.AllocsPerRun(100, func() { _ = h.Parse(body) }); n > 1 { // the name
		t.Errorf("%v allocations", n)
	}
}

func TestGREASE(t *testing.T) {
	n := 0
	for v := range 1 << 16 {
		if IsGREASE(uint16(v)) {
			n++
		}
	}
	if n != 16 || !IsGREASE(0x0a0a) || !IsGREASE(0xfafa) {
		t.Errorf("%d values", n)
	}
}

func FuzzClientHello(f *testing.F) {
	f.Add(unhex(f, rfc8448Client)[4:], 60, false)
	f.Add(realHello(f, clientConfig("a.practice.example")), 300, false)
	f.Add(hello(extension(0, sni("cover.example")...), extension(0xfe0d, 0, 0, 1, 0, 3, 42, 0, 0, 0, 0), extension(16, 0, 3, 2, 'h', '2')), 70, true)
	f.Fuzz(func(t *testing.T, b []byte, at int, dtls bool) {
		if at < 0 || at > len(b) {
			return
		}
		var part, whole ClientHello
		perr, werr := part.parse(b[:at:at], dtls), whole.parse(b, dtls)
		holds(t, b, whole.ServerName)
		for i, p := range whole.ALPN {
			holds(t, b, p)
			if i < len(part.ALPN) && part.ALPN[i] != p {
				t.Fatalf("protocol %d is %+v, in the part %+v", i, p, part.ALPN[i])
			}
		}
		for _, e := range whole.Extensions {
			if e.At.End() > len(b) {
				t.Fatalf("extension %d at %v of %d", e.Type, e.At, len(b))
			}
		}
		if part.ServerName.Value != "" && part.ServerName != whole.ServerName {
			t.Fatalf("name %+v, in the part %+v", whole.ServerName, part.ServerName)
		}
		if len(part.Ciphers) > len(whole.Ciphers) || len(part.Extensions) > len(whole.Extensions) || len(part.ALPN) > len(whole.ALPN) {
			t.Fatal("the part has more than the whole")
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
		if whole.Whole != (werr == nil) {
			t.Fatalf("whole %v, %v", whole.Whole, werr)
		}
		again := ClientHello{Ciphers: []uint16{1}, ALPN: []Text{{}}, Extensions: make([]Extension, 9)}
		if err := again.parse(b, dtls); (err == nil) != (werr == nil) || again.ServerName != whole.ServerName || !slices.Equal(again.Ciphers, whole.Ciphers) || !slices.Equal(again.ALPN, whole.ALPN) {
			t.Fatal("a second look differs")
		}
	})
}

func BenchmarkClientHello(b *testing.B) {
	body := realHello(b, clientConfig("a.practice.example"))
	stream := records(message(HandshakeClientHello, body), 1<<14)
	var h ClientHello
	b.ReportAllocs()
	for b.Loop() {
		r := ReadTLS(stream)
		m, err := r.Next()
		if err != nil || h.Parse(m.Body) != nil {
			b.Fatal(err)
		}
	}
}
