package wire

import (
	"errors"
	"io"
	"testing"
)

func TestParseQUIC(t *testing.T) {
	negotiation := "\xca\x00\x00\x00\x00\x02ab\x01c\x00\x00\x00\x01\x6b\x33\x43\xcf"
	handshake := "\xe0\x00\x00\x00\x01\x02ab\x00\x40\x03xyz\x40rest"
	unknown := "\xe0\x12\x34\x56\x78\x02ab\x15ABCDEFGHIJKLMNOPQRSTU..."
	cases := []struct {
		name, in string
		want     QUICHeader
	}{
		{"version negotiation", negotiation, QUICHeader{Type: QUICVersionNegotiation, DCID: Span{6, 2}, SCID: Span{9, 1}, Versions: Span{10, 8}, Header: Span{0, 10}, Packet: Span{0, 18}, Len: 18}},
		{"handshake", handshake, QUICHeader{Type: QUICHandshake, Version: 1, DCID: Span{6, 2}, SCID: Span{9, 0}, Header: Span{0, 11}, Packet: Span{0, 14}, Len: 14}},
		{"unknown version, long id", unknown, QUICHeader{Type: QUICUnknown, Version: 0x12345678, DCID: Span{6, 2}, SCID: Span{9, 21}, Header: Span{0, 30}, Packet: Span{0, 33}, Len: 33}},
		{"short", "\x45abc", QUICHeader{Type: QUICShort, Header: Span{0, 1}, Packet: Span{0, 4}, Len: 4}},
	}
	for _, c := range cases {
		if h, err := ParseQUIC([]byte(c.in), 0); err != nil || h != c.want {
			t.Errorf("%s: %+v, %v", c.name, h, err)
		}
		b := append([]byte("ahead"), c.in...)
		if h, err := ParseQUIC(b, 5); err != nil || h.Packet.Off != 5 || h.Len != c.want.Len || h.Header.End() != c.want.Header.End()+5 {
			t.Errorf("%s, further on: %+v, %v", c.name, h, err)
		}
		for i := range c.want.Header.Len {
			if i == 0 || c.want.Type == QUICShort {
				continue
			}
			if _, err := ParseQUIC([]byte(c.in[:i]), 0); !errors.Is(err, io.ErrUnexpectedEOF) || Need(err) <= i {
				t.Errorf("%s, cut at %d: %v", c.name, i, err)
			}
		}
	}
	for _, s := range []string{
		"\x00abc",                               // neither form nor fixed bit
		"\xc0\x00\x00\x00\x01\x15",              // an id of 21 bytes in version 1 …
		"\x80\x00\x00\x00\x00\x00\x00\x00\x00a", // versions that do not divide by four
		"\x80\x00\x00\x00\x00\x00\x00",          // no versions
	} {
		if s[1] == 0 && len(s) == 6 {
			s += "ABCDEFGHIJKLMNOPQRSTU\x00\x00\x00"
		}
		if h, err := ParseQUIC([]byte(s), 0); !errors.Is(err, ErrOther) {
			t.Errorf("%q: %+v, %v", s, h, err)
		}
	}
}

func TestQUICTypes(t *testing.T) {
	for typ, want := range map[byte]QUICType{0xc0: QUICInitial, 0xd0: QUICZeroRTT, 0xe0: QUICHandshake, 0xf0: QUICRetry} {
		if got := quicType(typ, QUICv1); got != want {
			t.Errorf("version 1, %#x: %d", typ, got)
		}
	}
	for typ, want := range map[byte]QUICType{0xd0: QUICInitial, 0xe0: QUICZeroRTT, 0xf0: QUICHandshake, 0xc0: QUICRetry} {
		if got := quicType(typ, QUICv2); got != want {
			t.Errorf("version 2, %#x: %d", typ, got)
		}
	}
}

func TestQUICVersionName(t *testing.T) {
	for v, want := range map[uint32]string{
		1: "1", QUICv2: "2", 0xff00001d: "draft-29", 0xfaceb001: "mvfst-1", 0xfaceb00e: "mvfst-e", 0x51303433: "Q043", quicT051: "T051", 0x1a2a3a4a: "0x1a2a3a4a", 0: "0x00000000",
	} {
		if got := QUICVersionName(v); got != want {
			t.Errorf("%#x: %q, want %q", v, got, want)
		}
	}
}

func TestVarint(t *testing.T) {
	// RFC 9000, appendix A.1; the first is too long for a length.
	for s, want := range map[string]int{"\x9d\x7f\x3e\x7d": 494878333, "\x7b\xbd": 15293, "\x25": 37, "\x40\x25": 37} {
		c := NewCursor([]byte(s))
		if got := c.varint(); got != want || c.Len() != 0 || c.Err() != nil {
			t.Errorf("%x: %d, %v", s, got, c.Err())
		}
	}
	c := NewCursor([]byte("\xc2\x19\x7c\x5e\xff\x14\xe8\x8c"))
	if got := c.varint(); got != 0 || !errors.Is(c.Err(), ErrMalformed) {
		t.Errorf("%d, %v", got, c.Err())
	}
}

func FuzzParseQUIC(f *testing.F) {
	f.Add([]byte("\xca\x00\x00\x00\x00\x02ab\x01c\x00\x00\x00\x01\x6b\x33\x43\xcf"), 0)
	f.Add(unhex(f, vectors[1].server), 0)
	f.Fuzz(func(t *testing.T, b []byte, off int) {
		if off < 0 || off > len(b) {
			return
		}
		h, err := ParseQUIC(b, off)
		if errors.Is(err, io.ErrUnexpectedEOF) && Need(err) <= len(b) {
			t.Fatalf("needs %d, has %d", Need(err), len(b))
		}
		if err != nil {
			return
		}
		for _, s := range []Span{h.DCID, h.SCID, h.Token, h.Versions, h.Header, h.Packet} {
			if s.Len < 0 || s.Len > 0 && (s.Off < off || s.End() > len(b)) {
				t.Fatalf("%v in %+v", s, h)
			}
		}
		if h.Len <= 0 || h.Packet.Len > h.Len || h.Header.Len > h.Len {
			t.Fatalf("%+v", h)
		}
		if h.Version != 0 && QUICVersionName(h.Version) == "" {
			t.Fatal("no name")
		}
	})
}
