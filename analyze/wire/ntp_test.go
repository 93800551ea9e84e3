package wire

import (
	"errors"
	"io"
	"testing"
)

// ntpPacket makes an answer of a secondary server.
func ntpPacket() []byte {
	b := make([]byte, 48)
	b[0], b[1], b[2], b[3] = 0x24, 2, 6, 0xe9 // version 4, server; poll 64 s, precision 2^-23 s
	copy(b[12:], "\xc0\x00\x02\x01")
	copy(b[40:], "\xe9\x01\x02\x03\x04\x05\x06\x07")
	return b
}

func TestParseNTP(t *testing.T) {
	p, err := ParseNTP(ntpPacket())
	if err != nil || p != (NTP{Version: 4, Mode: 4, Stratum: 2}) {
		t.Errorf("%+v, %v", p, err)
	}
	cutEverywhere(t, ntpPacket(), func(b []byte) error {
		_, err := ParseNTP(b)
		return err
	})
	client := append([]byte{0x1b}, make([]byte, 47)...) // the least a client may send
	if p, err := ParseNTP(client); err != nil || p != (NTP{Version: 3, Mode: 3}) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := ParseNTP(append(ntpPacket(), make([]byte, 20)...)); err != nil {
		t.Errorf("with a signature: %v", err)
	}
	for name, change := range map[string]func(b []byte){
		"version 0": func(b []byte) { b[0] = 0x04 },
		"version 5": func(b []byte) { b[0] = 0x2c },
		"mode 6":    func(b []byte) { b[0] = 0x26 },
		"stratum":   func(b []byte) { b[1] = 17 },
		"poll":      func(b []byte) { b[2] = 40 },
		"precision": func(b []byte) { b[3] = 1 },
		"no time":   func(b []byte) { clear(b[40:]) },
	} {
		b := ntpPacket()
		change(b)
		if p, err := ParseNTP(b); !errors.Is(err, ErrOther) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if _, err := ParseNTP(append(ntpPacket(), 1)); !errors.Is(err, ErrOther) {
		t.Errorf("an odd length: %v", err)
	}
}

func FuzzParseNTP(f *testing.F) {
	f.Add(ntpPacket())
	f.Add(append([]byte{0x1b}, make([]byte, 47)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseNTP(b)
		if err == nil && (len(b) < 48 || len(b)%4 != 0 || p.Version < 1 || p.Version > 4 || p.Mode < 1 || p.Mode > 5 || p.Stratum > 16) {
			t.Fatalf("%+v of %d bytes", p, len(b))
		}
		if errors.Is(err, io.ErrUnexpectedEOF) && Need(err) <= len(b) {
			t.Fatalf("needs %d, has %d", Need(err), len(b))
		}
	})
}
