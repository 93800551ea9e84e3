package wire

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"slices"
	"testing"
)

// chain makes the body of a Certificate message.
func chain(ders ...[]byte) (b []byte) {
	for _, der := range ders {
		n := len(der)
		b = append(append(b, byte(n>>16), byte(n>>8), byte(n)), der...)
	}
	n := len(b)
	return append([]byte{byte(n >> 16), byte(n >> 8), byte(n)}, b...)
}

func TestCertNames(t *testing.T) {
	der := certificate(t, "cn.practice.example", "a.practice.example", "*.practice.example").Certificate[0]
	body := chain(der, []byte{1, 2, 3})
	var n CertNames
	if err := n.Parse(body); err != nil {
		t.Fatal(err)
	}
	if n.CommonName.Value != "cn.practice.example" || !slices.Equal(texts(n.DNS), []string{"a.practice.example", "*.practice.example"}) || !n.Whole {
		t.Errorf("%+v", n)
	}
	holds(t, body, n.CommonName)
	for _, name := range n.DNS {
		holds(t, body, name)
	}
	if !bytes.Equal(body[n.Leaf.Off:n.Leaf.End()], der) {
		t.Errorf("leaf at %v", n.Leaf)
	}
	end := n.DNS[1].At.End() + 6 // an address follows
	whole := slices.Clone(n.DNS)
	cutEverywhere(t, body[:end], func(b []byte) error {
		err := n.Parse(b)
		if len(n.DNS) > len(whole) || !slices.Equal(n.DNS, whole[:len(n.DNS)]) {
			t.Fatalf("cut at %d: %q", len(b), texts(n.DNS))
		}
		return err
	})
}

func TestCertNamesOfAHandshake(t *testing.T) {
	client := clientConfig("a.practice.example")
	client.MaxVersion = tls.VersionTLS12
	_, down := handshake(t, client, serverConfig(t))
	r := ReadTLS(down)
	for {
		m, err := r.Next()
		if err != nil {
			t.Fatalf("no certificate: %v", err)
		}
		if m.Type != HandshakeCertificate || m.Encrypted {
			continue
		}
		var n CertNames
		if err := n.Parse(m.Body); err != nil || n.CommonName.Value != "cn.practice.example" || len(n.DNS) != 2 {
			t.Fatalf("%+v, %v", n, err)
		}
		at := m.Span(n.DNS[0].At)
		if got := string(down[at.Off:at.End()]); got != "a.practice.example" {
			t.Errorf("the stream has %q", got)
		}
		return
	}
}

func TestCertNamesOdd(t *testing.T) {
	der := func(tag byte, parts ...[]byte) []byte {
		body := bytes.Join(parts, nil)
		return append([]byte{tag, byte(len(body))}, body...)
	}
	cn := func(tag byte, s string) []byte {
		return der(tagSet, der(tagSequence, der(tagOID, oidCommonName), der(tag, []byte(s))))
	}
	tbs := func(subject []byte, rest ...[]byte) []byte {
		return der(tagSequence, der(tagSequence, der(2), der(tagSequence), der(tagSequence), der(tagSequence), subject, der(tagSequence), bytes.Join(rest, nil)))
	}
	cases := []struct {
		name string
		leaf []byte
		cn   string
		err  error
	}{
		{"version 1, no extensions", tbs(der(tagSequence, cn(0x0c, "old.example"))), "old.example", nil},
		{"two common names", tbs(der(tagSequence, cn(0x0c, "Practice"), cn(0x13, "last.example"))), "last.example", nil},
		{"a wide string", tbs(der(tagSequence, cn(tagBMPString, "\x00\xe4\x00.\x00x"))), "ä.x", nil},
		{"an empty subject", tbs(der(tagSequence)), "", nil},
		{"an indefinite length", []byte{tagSequence, 0x80, 0, 0}, "", ErrMalformed},
		{"a length of five bytes", []byte{tagSequence, 0x85, 0, 0, 0, 0, 1, 0}, "", ErrMalformed},
		{"a subject that is no list", tbs(der(4)), "", ErrMalformed},
		{"no leaf", nil, "", io.ErrUnexpectedEOF},
		{"extensions that are none", tbs(der(tagSequence, cn(0x0c, "twin.example")), der(tagExtensions, []byte{1, 2, 3})), "twin.example", ErrMalformed},
	}
	for _, c := range cases {
		var n CertNames
		err := n.Parse(chain(c.leaf))
		if c.leaf == nil {
			err = n.Parse(nil)
		}
		if !errors.Is(err, c.err) || n.CommonName.Value != c.cn {
			t.Errorf("%s: %q, %v", c.name, n.CommonName.Value, err)
		}
	}
	var n CertNames
	if err := n.Parse([]byte{0, 0, 0}); !errors.Is(err, ErrMalformed) {
		t.Errorf("an empty list: %v", err)
	}
}

func FuzzCertNames(f *testing.F) {
	der := certificate(f, "cn.practice.example", "a.practice.example", "*.practice.example").Certificate[0]
	f.Add(chain(der), 200)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		var part, whole CertNames
		perr, werr := part.Parse(b[:at:at]), whole.Parse(b)
		if whole.Whole != (werr == nil) || whole.Leaf.End() > len(b) {
			t.Fatalf("%+v, %v", whole, werr)
		}
		if s := whole.CommonName.At; s.End() > len(b) {
			t.Fatalf("common name at %v", s)
		}
		for i, name := range whole.DNS {
			holds(t, b, name)
			if i < len(part.DNS) && part.DNS[i] != name {
				t.Fatalf("name %d: %+v, in the part %+v", i, name, part.DNS[i])
			}
		}
		if len(part.DNS) > len(whole.DNS) || part.CommonName.Value != "" && part.CommonName != whole.CommonName {
			t.Fatalf("part %+v, whole %+v", part, whole)
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
	})
}
