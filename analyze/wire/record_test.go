package wire

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"testing"
)

// records wraps a handshake message into records of at most n bytes.
func records(message []byte, n int) (b []byte) {
	for len(message) > 0 {
		k := min(n, len(message))
		b = append(b, RecordHandshake, 3, 1, byte(k>>8), byte(k))
		b = append(b, message[:k]...)
		message = message[k:]
	}
	return b
}

// message makes a handshake message.
func message(typ byte, body []byte) []byte {
	n := len(body)
	return append([]byte{typ, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

func TestTLSReaderJoinsRecords(t *testing.T) {
	body := make([]byte, 300)
	for i := range body {
		body[i] = byte(i)
	}
	for _, n := range []int{1, 2, 3, 4, 5, 7, 100, 303, 304, 1000} {
		b := records(message(HandshakeClientHello, body), n)
		r := ReadTLS(b)
		m, err := r.Next()
		if err != nil || m.Type != HandshakeClientHello || m.Len != 300 || !bytes.Equal(m.Body, body) || m.Whole != (Span{0, len(b)}) || r.Off() != len(b) {
			t.Fatalf("records of %d: %v, type %d, %d bytes, %v, read to %d of %d", n, err, m.Type, m.Len, m.Whole, r.Off(), len(b))
		}
		for off := range body {
			if at := m.Span(Span{off, 1}); at.Len != 1 || b[at.Off] != body[off] {
				t.Fatalf("records of %d: byte %d stands at %v", n, off, at)
			}
		}
		if at := m.Span(Span{0, 300}); at.End() != len(b) {
			t.Errorf("records of %d: the body stands at %v of %d", n, at, len(b))
		}
		if _, err := r.Next(); err != io.EOF {
			t.Errorf("behind it: %v", err)
		}
		cutEverywhere(t, b, func(b []byte) error {
			r := ReadTLS(b)
			m, err := r.Next()
			if !bytes.HasPrefix(body, m.Body) {
				t.Fatalf("records of %d, cut at %d: body of %d bytes is no prefix", n, len(b), len(m.Body))
			}
			if err == io.EOF && len(b) == 0 {
				return cut(0, 5)
			}
			if err != nil && r.Off() != 0 {
				t.Fatalf("records of %d, cut at %d: lets go of %d bytes", n, len(b), r.Off())
			}
			return err
		})
	}
}

func TestTLSReaderNeedIsReached(t *testing.T) {
	b := records(message(HandshakeClientHello, make([]byte, 100)), 30)
	steps := 0
	for n := 1; ; steps++ {
		r := ReadTLS(b[:n])
		_, err := r.Next()
		if err == nil {
			break
		}
		n = Need(err)
	}
	if steps > 5 { // the header, then once for each record at most
		t.Errorf("asked %d times", steps)
	}
}

func TestTLSReaderManyInOneRecord(t *testing.T) {
	b := records(append(message(HandshakeServerHello, []byte{1, 2}), append(message(HandshakeCertificate, []byte{3}), message(HandshakeServerHelloDone, nil)...)...), 1000)
	r := ReadTLS(b)
	for i, want := range []byte{HandshakeServerHello, HandshakeCertificate, HandshakeServerHelloDone} {
		m, err := r.Next()
		if err != nil || m.Type != want {
			t.Fatalf("message %d: type %d, %v", i, m.Type, err)
		}
		if wantOff := map[bool]int{true: len(b)}[i == 2]; r.Off() != wantOff {
			t.Errorf("message %d: lets go of %d bytes, want %d", i, r.Off(), wantOff)
		}
	}
}

func TestTLSReaderRealHandshakes(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client := clientConfig("a.practice.example")
		client.MaxVersion = version
		up, down := handshake(t, client, serverConfig(t))
		type seen struct {
			record, typ byte
			encrypted   bool
		}
		list := func(b []byte) (all []seen) {
			r := ReadTLS(b)
			for {
				m, err := r.Next()
				if err == io.EOF {
					return all
				}
				if err != nil {
					t.Fatalf("%#x: at %d of %d: %v", version, r.Off(), len(b), err)
				}
				all = append(all, seen{m.Record, m.Type, m.Encrypted})
			}
		}
		hello := seen{RecordHandshake, HandshakeClientHello, false}
		if got := list(up); got[0] != hello {
			t.Errorf("%#x: client began with %v", version, got)
		}
		got := list(down)
		if got[0] != (seen{RecordHandshake, HandshakeServerHello, false}) {
			t.Errorf("%#x: server began with %v", version, got)
		}
		if last := got[len(got)-1]; !last.encrypted {
			t.Errorf("%#x: server ended with %v", version, last)
		}
		if version == tls.VersionTLS12 && got[1] != (seen{RecordHandshake, HandshakeCertificate, false}) {
			t.Errorf("no certificate: %v", got)
		}
	}
}

func TestTLSReaderSecondHelloBehindChangeCipherSpec(t *testing.T) {
	client, server := clientConfig("a.practice.example"), serverConfig(t)
	client.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP384}
	server.CurvePreferences = []tls.CurveID{tls.CurveP384} // forces a HelloRetryRequest
	up, down := handshake(t, client, server)
	r := ReadTLS(up)
	hellos := 0
	for m, err := r.Next(); err == nil; m, err = r.Next() {
		if m.Record == RecordHandshake && !m.Encrypted && m.Type == HandshakeClientHello {
			hellos++
		}
	}
	if hellos != 2 {
		t.Errorf("%d hellos", hellos)
	}
	r = ReadTLS(down)
	m, _ := r.Next()
	var sh ServerHello
	if err := sh.Parse(m.Body); err != nil || !sh.Retry || sh.Version != VersionTLS13 {
		t.Errorf("retry %v, version %#x, %v", sh.Retry, sh.Version, err)
	}
}

func TestTLSReaderOther(t *testing.T) {
	for _, s := range []string{"GET / HTTP/1.1", "\x16\x02\x00", "\x16\x03\x05", "\x16\x03\x01\x00\x00", "\x16\x03\x01\xff", "\x00", "\x19\x03"} {
		r := ReadTLS([]byte(s))
		if m, err := r.Next(); !errors.Is(err, ErrOther) || m.Record != 0 {
			t.Errorf("%q: %v", s, err)
		}
	}
	r := ReadTLS(append(records(message(HandshakeClientHello, make([]byte, 9)), 5)[:10], RecordAlert, 3, 1, 0, 2, 1, 0))
	if _, err := r.Next(); !errors.Is(err, ErrMalformed) {
		t.Errorf("an alert inside a message: %v", err)
	}
	r = ReadTLS(records([]byte{99, 1, 2, 3, 4, 5}, 100))
	if m, err := r.Next(); err != nil || !m.Encrypted || m.Len != 6 {
		t.Errorf("a handshake type nobody knows: %+v, %v", m, err)
	}
}

func TestTLSReaderAllocatesNothing(t *testing.T) {
	b := records(message(HandshakeClientHello, make([]byte, 300)), 1000)
	if n := testing.AllocsPerRun(100, func() {
		r := ReadTLS(b)
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzTLSReader(f *testing.F) {
	f.Add(records(message(HandshakeClientHello, make([]byte, 40)), 7), 20)
	f.Add([]byte("\x14\x03\x03\x00\x01\x01\x16\x03\x03\x00\x05\x01\x00\x00\x01\x03\x17\x03\x03\x00\x02\x00\x00"), 9)
	f.Add([]byte("\x15\x03\x01\x00\x02\x01\x00\x16\x01\x01\x00\x04\x0e\x00\x00\x00"), 11)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		part, whole := ReadTLS(b[:at:at]), ReadTLS(b)
		for {
			p, perr := part.Next()
			if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
				t.Fatalf("needs %d, has %d", Need(perr), at)
			}
			if part.Off() > at {
				t.Fatalf("let go of %d of %d", part.Off(), at)
			}
			if perr != nil && p.Record == 0 {
				return
			}
			w, werr := whole.Next()
			if perr == nil && (werr != nil || p.Record != w.Record || p.Type != w.Type || p.Encrypted != w.Encrypted || !bytes.Equal(p.Body, w.Body)) {
				t.Fatalf("part %+v, whole %+v, %v", p, w, werr)
			}
			if w.Record == p.Record && w.Encrypted == p.Encrypted && !bytes.HasPrefix(w.Body, p.Body) {
				t.Fatalf("part %x is no prefix of %x", p.Body, w.Body)
			}
			for off := range p.Body {
				if s := p.Span(Span{off, 1}); s.Len != 1 || b[s.Off] != p.Body[off] {
					t.Fatalf("byte %d stands at %v", off, s)
				}
			}
			if perr != nil {
				return
			}
		}
	})
}
