package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// dtlsRecord makes a record of DTLS 1.2.
func dtlsRecord(typ byte, epoch byte, body []byte) []byte {
	h := []byte{typ, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 1, byte(len(body) >> 8), byte(len(body))}
	return append(h, body...)
}

// fragment makes a fragment of a handshake message of DTLS.
func fragment(typ byte, seq byte, body []byte, from, to int) []byte {
	three := func(n int) []byte { return []byte{byte(n >> 16), byte(n >> 8), byte(n)} }
	b := append([]byte{typ}, three(len(body))...)
	b = append(b, 0, seq)
	b = append(b, three(from)...)
	b = append(b, three(to-from)...)
	return append(b, body[from:to]...)
}

// dtlsHello makes the body of a ClientHello with a cookie.
func dtlsHello() []byte {
	b := hello(extension(0, sni("call.practice.example")...))
	b[0], b[1] = 0xfe, 0xfd
	return bytes.Join([][]byte{b[:35], {3, 'c', 'k', 'e'}, b[35:]}, nil)
}

func TestDTLS(t *testing.T) {
	body := dtlsHello()
	var d DTLS
	for range 2 { // the second time in the memory of the first
		d.Reset()
		second := dtlsRecord(RecordHandshake, 0, fragment(HandshakeClientHello, 1, body, 30, len(body)))
		first := dtlsRecord(RecordHandshake, 0, fragment(HandshakeClientHello, 1, body, 0, 40))
		if err := d.Datagram(second, 1000); err != nil {
			t.Fatal(err)
		}
		if m := d.Messages(); len(m) != 1 || m[0].Err() == nil {
			t.Fatalf("%+v", m)
		}
		sealed := dtlsRecord(RecordApplicationData, 1, []byte{1, 2, 3})
		if err := d.Datagram(append(first, sealed...), 5000); err != nil {
			t.Fatal(err)
		}
		m := d.Messages()
		if len(m) != 1 || m[0].Err() != nil || m[0].Seq != 1 || !bytes.Equal(m[0].Body, body) || d.Version != VersionDTLS12 || !d.Encrypted {
			t.Fatalf("%+v", m)
		}
		var h ClientHello
		if err := h.ParseDTLS(m[0].Body); err != nil || h.ServerName.Value != "call.practice.example" || h.Cookie != (Span{36, 3}) {
			t.Fatalf("%+v, %v", h, err)
		}
		if at := d.Where(nil, 0, h.ServerName.At); len(at) != 1 || at[0].Off != 1000+25+h.ServerName.At.Off-30 {
			t.Errorf("stands at %v", at)
		}
		if at := d.Where(nil, 0, Span{0, len(body)}); len(at) != 2 || at[0] != (Span{1000 + 25, len(body) - 30}) && at[0] != (Span{5000 + 25, 30}) {
			t.Errorf("stands at %v", at)
		}
	}
}

func TestDTLSCutAtEveryByte(t *testing.T) {
	body := dtlsHello()
	b := dtlsRecord(RecordHandshake, 0, fragment(HandshakeClientHello, 0, body, 0, len(body)))
	var d DTLS
	cutEverywhere(t, b, func(b []byte) error {
		d.Reset()
		err := d.Datagram(b, 0)
		for _, m := range d.Messages() {
			if !bytes.HasPrefix(body, m.Body) {
				t.Fatalf("cut at %d: %x", len(b), m.Body)
			}
		}
		if len(b) == 0 {
			return cut(0, 13)
		}
		return err
	})
}

func TestDTLSOther(t *testing.T) {
	body := dtlsHello()
	good := dtlsRecord(RecordHandshake, 0, fragment(HandshakeClientHello, 0, body, 0, len(body)))
	var d DTLS
	for _, b := range [][]byte{[]byte("\x16\x03\x03\x00\x05"), []byte("GET"), {0x2c, 1, 2}, {0x40}} {
		if err := d.Datagram(b, 0); !errors.Is(err, ErrOther) {
			t.Errorf("%q: %v", b, err)
		}
	}
	twin := bytes.Clone(good)
	twin[13+3]-- // the fragment is longer than its message
	if err := d.Datagram(twin, 0); !errors.Is(err, ErrMalformed) {
		t.Errorf("a fragment past its message: %v", err)
	}
	d.Reset()
	if err := d.Datagram(append(bytes.Clone(good), 99), 0); !errors.Is(err, ErrMalformed) || len(d.Messages()) != 1 {
		t.Errorf("garbage behind a record: %v", err)
	}
	if err := d.Datagram([]byte{0x2f, 1, 2, 3}, 0); err != nil || !d.Encrypted { // a unified header
		t.Errorf("%v", err)
	}
	var err error
	for seq := range byte(maxDTLSMessages + 1) {
		err = d.Datagram(dtlsRecord(RecordHandshake, 0, fragment(HandshakeClientHello, seq, body, 0, 1)), 0)
	}
	if !errors.Is(err, ErrLimit) {
		t.Errorf("too many messages: %v", err)
	}
}

func FuzzDTLS(f *testing.F) {
	body := dtlsHello()
	first := dtlsRecord(RecordHandshake, 0, fragment(HandshakeClientHello, 1, body, 0, 40))
	second := dtlsRecord(RecordHandshake, 0, fragment(HandshakeClientHello, 1, body, 30, len(body)))
	f.Add(first, second)
	f.Add(append(bytes.Clone(first), dtlsRecord(RecordApplicationData, 1, []byte{9})...), []byte{0x2f, 1})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		all := append(bytes.Clone(a), b...)
		var d DTLS
		for i, p := range [][]byte{a, b} {
			err := d.Datagram(p, i*len(a))
			if errors.Is(err, io.ErrUnexpectedEOF) && Need(err) <= len(p) {
				t.Fatalf("needs %d, has %d", Need(err), len(p))
			}
		}
		last := -1
		for i, m := range d.Messages() {
			if int(m.Seq) <= last || len(m.Body) > m.Len {
				t.Fatalf("message %d: %d after %d, %d of %d bytes", i, m.Seq, last, len(m.Body), m.Len)
			}
			last = int(m.Seq)
			var joined []byte
			for _, s := range d.Where(nil, i, Span{0, len(m.Body)}) {
				joined = append(joined, all[s.Off:s.End()]...)
			}
			if !bytes.Equal(joined, m.Body) {
				t.Fatalf("%x stands where %x is said to be", joined, m.Body)
			}
		}
	})
}
