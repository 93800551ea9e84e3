package source

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// A file that is cut anywhere gives the records before the cut, and says that it was cut unless that is between two of them.
func TestCut(t *testing.T) {
	ends := map[string]int{"pcap": 1 + 4, "pcapng": 16} // headers and records, or blocks
	files := samples()
	for name, o := range orders {
		files["pcapng "+name] = everything(o)
		ends["pcapng "+name] = ends["pcapng"]
	}
	for name, file := range files {
		whole, _ := dumpBytes(t, file)
		clean := 0
		for i := 4; i <= len(file); i++ {
			got, _ := dumpBytes(t, file[:i])
			n := len(got)
			switch {
			case n > 0 && strings.Contains(got[n-1], " cut-short: "):
				n--
			default:
				clean++
			}
			if n > len(whole) || !slices.Equal(got[:n], whole[:n]) {
				t.Fatalf("%s cut at %d: %q", name, i, got)
			}
			if i == len(file) && n != len(whole) {
				t.Errorf("%s: %d records of %d", name, n, len(whole))
			}
		}
		if clean != ends[name] {
			t.Errorf("%s: %d places where it can be cut unnoticed, want %d", name, clean, ends[name])
		}
	}
}

// The same inside a compression: while nothing can be inflated the format is unknown, later the damage is told, always.
func TestCutCompressed(t *testing.T) {
	for format, file := range samples() {
		whole, _ := dumpBytes(t, file)
		for name, compress := range compressions {
			if name == "" {
				continue
			}
			var stored []byte
			ends := map[int]bool{} // of members or frames: a file cut there is a good one
			for part := range slices.Chunk(file, 500) {
				stored = append(stored, compress(t, part)...)
				ends[len(stored)] = true
			}
			opened := 0
			for i := 1; i < len(stored); i++ {
				if ends[i] {
					continue
				}
				rec, err := Open("cut", bytes.NewReader(stored[:i]))
				if err != nil {
					if !errors.Is(err, ErrUnknown) || opened > 0 {
						t.Fatalf("%s in %s cut at %d: %v", format, name, i, err)
					}
					continue
				}
				opened++
				rec.Close()
				got, _ := dumpBytes(t, stored[:i])
				n := len(got) - 1
				if n < 0 || !strings.Contains(got[n], " decompress: ") || n > len(whole) || !slices.Equal(got[:n], whole[:n]) {
					t.Fatalf("%s in %s cut at %d: %q", format, name, i, got)
				}
			}
			if opened == 0 {
				t.Errorf("%s in %s: no cut leaves anything", format, name)
			}
		}
	}
}
