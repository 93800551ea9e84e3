package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"testing"
)

// rfc8448Server is the ServerHello of RFC 8448, section 3, with its handshake header.
const rfc8448Server = `020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d0020c9828876
	112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304`

func TestServerHelloRFC8448(t *testing.T) {
	body := unhex(t, rfc8448Server)[4:]
	var h ServerHello
	if err := h.Parse(body); err != nil {
		t.Fatal(err)
	}
	if h.Version != VersionTLS13 || h.Legacy != VersionTLS12 || h.Cipher != 0x1301 || h.Group != 0x1d || h.Retry || h.ALPN.Value != "" || !h.Whole {
		t.Errorf("%+v", h)
	}
	cutEverywhere(t, body, func(b []byte) error {
		err := h.Parse(b)
		if len(b) == 38 && err == nil { // a hello without extensions ends here
			return cut(38, 40)
		}
		return err
	})
}

func TestServerHelloTLS12(t *testing.T) {
	client := clientConfig("a.practice.example")
	client.MaxVersion = tls.VersionTLS12
	_, down := handshake(t, client, serverConfig(t))
	r := ReadTLS(down)
	m, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	var h ServerHello
	if err := h.Parse(m.Body); err != nil || h.Version != VersionTLS12 || h.ALPN.Value != "h2" {
		t.Fatalf("%+v, %v", h, err)
	}
	holds(t, m.Body, h.ALPN)
}

func TestServerHelloOdd(t *testing.T) {
	random := make([]byte, 32)
	draft18 := append(append([]byte{0x7f, 18}, random...), 0x13, 1, 0, 0)
	bare := append(append([]byte{3, 1}, random...), 0, 0, 0x2f, 0)
	twin := append(append([]byte{3, 3}, random...), 0, 0x13, 1, 0, 0, 5, 0, 43, 0, 1, 3)
	cases := []struct {
		name    string
		body    []byte
		version uint16
		cipher  uint16
		err     error
	}{
		{"a draft's short form", draft18, 0x7f12, 0x1301, nil},
		{"no extensions", bare, VersionTLS10, 0x2f, nil},
		{"a version of one byte", twin, VersionTLS12, 0x1301, ErrMalformed},
		{"nothing", nil, 0, 0, io.ErrUnexpectedEOF},
	}
	for _, c := range cases {
		var h ServerHello
		if err := h.Parse(c.body); !errors.Is(err, c.err) || h.Version != c.version || h.Cipher != c.cipher {
			t.Errorf("%s: %+v, %v", c.name, h, err)
		}
	}
}

func FuzzServerHello(f *testing.F) {
	f.Add(unhex(f, rfc8448Server)[4:], 50)
	f.Add(append(append([]byte{3, 3}, retryRandom...), 0, 0x13, 1, 0, 0, 12, 0, 16, 0, 5, 0, 3, 2, 'h', '2', 0, 43, 0, 2, 3, 4), 52)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		var part, whole ServerHello
		perr, werr := part.Parse(b[:at:at]), whole.Parse(b)
		holds(t, b, whole.ALPN)
		if whole.Whole != (werr == nil) || part.Retry && !whole.Retry {
			t.Fatalf("whole %+v, %v", whole, werr)
		}
		if part.ALPN.Value != "" && part.ALPN != whole.ALPN || part.Cipher != 0 && part.Cipher != whole.Cipher {
			t.Fatalf("part %+v, whole %+v", part, whole)
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
	})
}
