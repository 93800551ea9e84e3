package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

// chlo makes a hello of Google QUIC from names and values of tags.
func chlo(tags ...string) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(chloTag), uint32(len(tags)/2))
	end := 0
	for i := 0; i < len(tags); i += 2 {
		end += len(tags[i+1])
		b = binary.LittleEndian.AppendUint32(append(b, tags[i]...), uint32(end))
	}
	for i := 1; i < len(tags); i += 2 {
		b = append(b, tags[i]...)
	}
	return b
}

const (
	headerQ043 = "\x0d12345678Q043\x01ABCDEFGHIJKL\xa0\x01\x04\x00"         // public header, number, checksum, STREAM frame
	headerQ046 = "\xc3Q046\x5012345678\x00\x00\x00\x01ABCDEFGHIJKL\xa0\x01" // long header
)

func TestParseGQUIC(t *testing.T) {
	tags := chlo("PAD\x00", "---", "SNI\x00", "old.practice.example", "UAID", "Client/1")
	for version, header := range map[string]string{"Q043": headerQ043, "Q046": headerQ046} {
		b := append([]byte(header), tags...)
		h, err := ParseGQUIC(b)
		if err != nil || h.Version != version || h.ServerName.Value != "old.practice.example" || h.UserAgent.Value != "Client/1" || !h.Whole {
			t.Fatalf("%+v, %v", h, err)
		}
		holds(t, b, h.ServerName)
		holds(t, b, h.UserAgent)
		for i := range b {
			h, err := ParseGQUIC(b[:i:i])
			if i < 5 && !errors.Is(err, io.ErrUnexpectedEOF) || i > len(header)+4 && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, cut at %d: %v", version, i, err)
			}
			if h.ServerName.Value != "" && h.ServerName.Value != "old.practice.example" {
				t.Errorf("%s, cut at %d: %q", version, i, h.ServerName.Value)
			}
		}
		if h, err := ParseGQUIC([]byte(header)); err != nil || h.Version != version || h.Whole {
			t.Errorf("no hello: %+v, %v", h, err)
		}
	}
	for _, s := range []string{
		"\x0c12345678Q043", "\x0f12345678Q043", "\x0d12345678Q046", "\x0d12345678T043", "\x0d12345678\x00\x00\x00\x01", "\xc3Q043\x50", "\xc3Q050\x50",
	} {
		if h, err := ParseGQUIC([]byte(s)); !errors.Is(err, ErrOther) {
			t.Errorf("%q: %+v, %v", s, h, err)
		}
	}
	twin := append([]byte(headerQ043), chlo("SNI\x00", "first.example", "UAID", "")...)
	binary.LittleEndian.PutUint32(twin[len(headerQ043)+8+8+4:], 3) // the second value ends before the first
	if h, err := ParseGQUIC(twin); !errors.Is(err, ErrMalformed) || h.ServerName.Value != "first.example" {
		t.Errorf("%+v, %v", h, err)
	}
	twin[len(headerQ043)+4] = 255 // more tags than anybody sends
	if _, err := ParseGQUIC(twin); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
}

func TestQUICSealedCHLO(t *testing.T) {
	tags := chlo("SNI\x00", "old.practice.example")
	s := newSealer(quicQ050, "12345678")
	frame := append([]byte{0x08, 0, byte(len(tags))}, tags...)
	b := s.seal(t, 1, frame, 1000)
	var q QUIC
	if _, _, err := q.CHLO(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("nothing yet: %v", err)
	}
	if err := q.Datagram(b, 100, true, len(b)); err != nil {
		t.Fatal(err)
	}
	h, m, err := q.CHLO()
	if err != nil || h.Version != "Q050" || h.ServerName.Value != "old.practice.example" || !h.Whole {
		t.Fatalf("%+v, %v", h, err)
	}
	holds(t, m.Body, h.ServerName)
	if at := m.Where(nil, h.ServerName.At); len(at) != 1 || at[0].Off != 100+len(b)-16-1000+3+h.ServerName.At.Off {
		t.Errorf("stands at %v", at)
	}
	if _, err := q.Hello(true); !errors.Is(err, ErrOther) {
		t.Errorf("no TLS there: %v", err)
	}
}

func FuzzParseGQUIC(f *testing.F) {
	tags := chlo("PAD\x00", "---", "SNI\x00", "old.practice.example", "UAID", "Client/1")
	f.Add(append([]byte(headerQ043), tags...), 60)
	f.Add(append([]byte(headerQ046), tags...), 90)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		whole, werr := ParseGQUIC(b)
		part, perr := ParseGQUIC(b[:at:at])
		holds(t, b, whole.ServerName)
		holds(t, b, whole.UserAgent)
		if whole.Whole && werr != nil || part.Whole && (part.ServerName != whole.ServerName || !whole.Whole) {
			t.Fatalf("whole %+v, %v, part %+v, %v", whole, werr, part, perr)
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
		if part.Version != "" && !bytes.Contains(b, []byte(part.Version)) {
			t.Fatalf("version %q", part.Version)
		}
	})
}
