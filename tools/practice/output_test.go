package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// blocks walks a little-endian pcapng file and returns the types of its blocks.
func blocks(b []byte) (kinds []uint32, err error) {
	for len(b) > 0 {
		if len(b) < 12 {
			return kinds, errors.New("torn block")
		}
		total := binary.LittleEndian.Uint32(b[4:])
		if total%4 != 0 || int(total) > len(b) || total < 12 || binary.LittleEndian.Uint32(b[total-4:]) != total {
			return kinds, fmt.Errorf("block %d of type %x has length %d", len(kinds), binary.LittleEndian.Uint32(b), total)
		}
		kinds = append(kinds, binary.LittleEndian.Uint32(b))
		b = b[total:]
	}
	return kinds, nil
}

// digests reads the list of recordings.
func digests(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, datasetsDir, digestsFile))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for line := range strings.Lines(string(b)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("line %q", line)
		}
		list[name] = sum
	}
	return list
}

// The committed recordings are those of the list, all of them, whole, and not more than 5 MB.
func TestRecordingsAreThoseOfTheList(t *testing.T) {
	list := digests(t)
	size := 0
	dir := filepath.Join(root, recordingsDir)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		name := filepath.ToSlash(rel)
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		size += len(b)
		if name == "README.md" || name == "truth.csv" {
			return nil
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != list[name] {
			t.Errorf("%s: digest %s, the list says %q", name, got, list[name])
		}
		delete(list, name)
		if strings.HasSuffix(name, ".pcapng") {
			if _, err := blocks(b); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !bytes.Contains(b[:300], []byte(practiceMark)) || !bytes.Contains(b[:300], []byte(practiceComment)) {
				t.Errorf("%s does not say that it is practice data", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range list {
		t.Errorf("%s is in the list only", name)
	}
	if size > 5_000_000 {
		t.Errorf("%d bytes, want at most 5 MB", size)
	}
}

// The committed tables are what the world gives today.
func TestTablesAreThoseOfTheWorld(t *testing.T) {
	want := map[string][]byte{recordingsDir + "/README.md": readme(), recordingsDir + "/truth.csv": truth()}
	list := datasets()
	for i := range list {
		b, err := list[i].bytes()
		if err != nil {
			t.Fatal(err)
		}
		want[datasetsDir+"/"+list[i].file] = b
	}
	b, err := index(list)
	if err != nil {
		t.Fatal(err)
	}
	want[datasetsDir+"/datasets.csv"] = b
	for name, b := range want {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, b) {
			t.Errorf("%s is not what the generator writes: run go run . -only tables", name)
		}
	}
}

// The recorder of one session says how many packets it dropped, at the end and at each gap, and both agree.
func TestDropCounters(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, recordingsDir, "v2/s08.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	var gaps, end uint64
	for len(b) > 0 {
		kind, total := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		options := b[total-4 : total-4]
		switch kind {
		case blockPacket:
			options = b[28+(binary.LittleEndian.Uint32(b[20:])+3)&^3 : total-4]
		case blockStatistics:
			options = b[20 : total-4]
		}
		for len(options) >= 4 {
			code, n := binary.LittleEndian.Uint16(options), int(binary.LittleEndian.Uint16(options[2:]))
			switch {
			case kind == blockPacket && code == epbDropCount:
				gaps += binary.LittleEndian.Uint64(options[4:])
			case kind == blockStatistics && code == isbOSDrop:
				end = binary.LittleEndian.Uint64(options[4:])
			}
			options = options[4+(n+3)&^3:]
		}
		b = b[total:]
	}
	if end == 0 || gaps != end {
		t.Errorf("%d packets dropped at the gaps, %d at the end", gaps, end)
	}
}
