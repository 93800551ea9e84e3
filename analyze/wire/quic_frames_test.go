package wire

import (
	"errors"
	"io"
	"slices"
	"testing"
)

func TestQUICFrames(t *testing.T) {
	all := "\x00\x00\x01" + // PADDING, PING
		"\x02\x40\x10\x05\x01\x02\x03\x04" + // ACK of two ranges
		"\x03\x00\x00\x00\x00\x01\x02\x03" + // ACK with counts of ECN
		"\x06\x40\x64\x03abc" + // CRYPTO at 100
		"\x06\x00\x00" + // an empty one
		"\x1c\x01\x06\x02no"
	type piece struct {
		off  uint64
		data string
	}
	read := func(version uint32, s string) (got []piece, closes bool, err error) {
		closes, err = quicFrames(version, []byte(s), func(off uint64, data Span) {
			got = append(got, piece{off, s[data.Off:data.End()]})
		})
		return got, closes, err
	}
	got, closes, err := read(QUICv1, all)
	if want := []piece{{100, "abc"}}; !slices.Equal(got, want) || !closes || err != nil {
		t.Errorf("%v, closes %v, %v", got, closes, err)
	}
	got, _, err = read(QUICv1, "\x06\x05\x09abc") // cut
	if want := []piece{{5, "abc"}}; !slices.Equal(got, want) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"\x08", "\x01\x1e", "\x04\x00\x00\x00"} {
		if _, _, err := read(QUICv1, bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	google := "\x07\x40\x01\x10\x8c\x01\x00" + // PING, ACK
		"\x65\x01\x01\x00\x00\x02\x01\x01\x01\x00\x05\x05\x01\x02" + "\x02abcdefgh" + // ACK of three ranges, two time stamps
		"\x08\x00\x03abc" + "\x02\x00\x00\x00\x19\x00\x02no" + "\x00\x00"
	got, closes, err = read(quicQ050, google)
	if want := []piece{{0, "abc"}}; !slices.Equal(got, want) || !closes || err != nil {
		t.Errorf("%v, closes %v, %v", got, closes, err)
	}
}

func FuzzQUICFrames(f *testing.F) {
	f.Add([]byte("\x02\x40\x10\x05\x01\x02\x03\x04\x06\x40\x64\x03abc\x1c\x01\x06\x02no"), false)
	f.Add([]byte("\x40\x01\x10\x8c\x01\x00\x08\x00\x03abc"), true)
	f.Fuzz(func(t *testing.T, b []byte, google bool) {
		version := QUICv1
		if google {
			version = quicT051
		}
		last := 0
		_, err := quicFrames(version, b, func(_ uint64, data Span) {
			if data.Len <= 0 || data.Off < last || data.End() > len(b) {
				t.Fatalf("data at %v behind %d of %d", data, last, len(b))
			}
			last = data.End()
		})
		if errors.Is(err, io.ErrUnexpectedEOF) && Need(err) <= len(b) {
			t.Fatalf("needs %d, has %d", Need(err), len(b))
		}
	})
}
