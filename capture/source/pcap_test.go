package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/capture"
	"abroad/capture/corpus"
)

// pcapVariants is one file of every kind that is told apart, each with the same three packets (of which the second has its end cut off).
func pcapVariants() map[string][]byte {
	files := map[string][]byte{}
	for name, o := range orders {
		records := func(unit uint32, more int) []pcapRecord {
			return []pcapRecord{
				{sec: 1600000000, fraction: 123456000 / unit, data: payload(60, 1), more: payload(more, 0)},
				{sec: 1600000001, fraction: 0, data: payload(61, 2), length: 1500, more: payload(more, 0)},
				{sec: 1600000002, fraction: 1000 / unit, data: payload(62, 3), more: payload(more, 0)},
			}
		}
		swapped := records(1000, 0)
		for i := range swapped {
			r := &swapped[i]
			r.captured, r.length = or(r.length, len(r.data)), uint32(len(r.data))
		}
		v24 := [2]uint16{2, 4}
		size := []byte{1, 2, 3, 4}
		files[name+" micro"] = buildPcap(o, 0xa1b2c3d4, v24, 1, nil, records(1000, 0)...)
		files[name+" nano"] = buildPcap(o, 0xa1b23c4d, v24, 1, nil, records(1, 0)...)
		files[name+" 1999-10-29"] = buildPcap(o, 0xa1b2cd34, v24, 1, nil, records(1000, 8)...)
		files[name+" 1999-09-15"] = buildPcap(o, 0xa1b2cd34, v24, 1, nil, records(1000, 12)...)
		files[name+" ixia hardware"] = buildPcap(o, 0x1c0001ac, v24, 1, size, records(1, 0)...)
		files[name+" ixia software"] = buildPcap(o, 0x1c0001ab, v24, 1, size, records(1000, 0)...)
		files[name+" 2.2"] = buildPcap(o, 0xa1b2c3d4, [2]uint16{2, 2}, 1, nil, swapped...)
		files[name+" 2.3"] = buildPcap(o, 0xa1b2c3d4, [2]uint16{2, 3}, 1, nil, records(1000, 0)...)
		files[name+" 2.3 swapped"] = buildPcap(o, 0xa1b2c3d4, [2]uint16{2, 3}, 1, nil, swapped...)
		files[name+" 543.0"] = buildPcap(o, 0xa1b2c3d4, [2]uint16{543, 0}, 1, nil, swapped...)
		files[name+" frame check"] = buildPcap(o, 0xa1b2c3d4, v24, 1|0x24000000, nil, records(1000, 0)...)
	}
	return files
}

func TestPcapVariants(t *testing.T) {
	want := []string{
		fmt.Sprintf("packet 1 2020-09-13T12:26:40.123456000Z ethernet if0 60/60 dir0 {0 0} drops 0 [] %x", payload(60, 1)),
		fmt.Sprintf("packet 2 2020-09-13T12:26:41.000000000Z ethernet if0 61/1500 dir0 {0 0} drops 0 [] %x", payload(61, 2)),
		fmt.Sprintf("packet 3 2020-09-13T12:26:42.000001000Z ethernet if0 62/62 dir0 {0 0} drops 0 [] %x", payload(62, 3)),
	}
	for name, file := range pcapVariants() {
		got, m := dumpBytes(t, file)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff([]capture.Interface{{Link: capture.LinkEthernet, SnapLen: 65535}}, m.Interfaces); diff != "" || m.Records != 3 {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// tshark reads the variants in the same way, but for Ixia's hardware captures, which it took for microseconds up to version 4.0.
func TestPcapVariantsLikeTshark(t *testing.T) {
	corpus.Program(t, "tshark")
	dir := t.TempDir()
	for name, file := range pcapVariants() {
		if strings.HasSuffix(name, "ixia hardware") {
			continue
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		compareWithTshark(t, path, name)
	}
}

func TestPcapOdd(t *testing.T) {
	le := binary.LittleEndian
	v24 := [2]uint16{2, 4}
	good := pcapRecord{sec: 1, data: payload(60, 1)}
	for name, c := range map[string]struct {
		file    []byte
		packets uint32
		want    []string
	}{
		"no packets":        {buildPcap(le, 0xa1b2c3d4, v24, 1, nil), 0, nil},
		"empty packet":      {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, pcapRecord{length: 100}, good), 2, nil},
		"captured > length": {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, pcapRecord{data: payload(60, 1), length: 20}, good), 2, nil},
		"past the snaplen":  {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, pcapRecord{data: payload(70000, 1)}, good), 2, nil},
		"longest":           {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, pcapRecord{data: payload(maxCaptured, 1)}, good), 2, nil},
		"too long":          {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, good, pcapRecord{data: payload(maxCaptured+1, 1)}), 1, []string{"bad-block"}},
		"long on D-Bus":     {buildPcap(le, 0xa1b2c3d4, v24, 231, nil, pcapRecord{data: payload(maxCaptured+1, 1)}), 1, nil},
		"version 1.0":       {buildPcap(le, 0xa1b2c3d4, [2]uint16{1, 0}, 1, nil, good), 1, []string{"odd-format"}},
		"reserved bits":     {buildPcap(le, 0xa1b2c3d4, v24, 1|0x00010000, nil, good), 1, []string{"odd-format"}},
		"fraction":          {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, pcapRecord{fraction: 1e6, data: payload(60, 1)}, good), 2, []string{"odd-format"}},
		"claims 4 GB":       {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, good, pcapRecord{captured: 0xffffffff, data: payload(60, 1)}, good), 1, []string{"bad-block"}},
		"claims 1 GB":       {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, pcapRecord{captured: 0x3fffffff, data: payload(60, 1)}), 0, []string{"bad-block"}},
		"claims more":       {buildPcap(le, 0xa1b2c3d4, v24, 1, nil, good, pcapRecord{captured: 61, data: payload(60, 1)}), 1, []string{"cut-short"}},
		"garbage behind":    {append(plainPcap(payload(60, 1)), bytes.Repeat([]byte("garbage! "), 50)...), 1, []string{"bad-block"}},
		"no snaplen":        {zeroSnap(plainPcap(payload(1500, 1))), 1, nil},
	} {
		lines, m := dumpBytes(t, c.file)
		if got := codes(lines); !slices.Equal(got, c.want) || m.Records != c.packets {
			t.Errorf("%s: %d packets, %q; want %d, %q", name, m.Records, got, c.packets, c.want)
		}
	}
}

func zeroSnap(file []byte) []byte {
	copy(file[16:20], make([]byte, 4))
	return file
}

func TestPcapPositions(t *testing.T) {
	file := buildPcap(binary.LittleEndian, 0xa1b2c3d4, [2]uint16{2, 4}, 0x10101, nil, pcapRecord{sec: 5, fraction: 2e6, data: payload(10, 1)},
		pcapRecord{captured: 1 << 30, data: payload(10, 1)})
	got, _ := dumpBytes(t, file)
	want := []string{
		"anomaly #0 @20 odd-format: link type field 0x00010101 has reserved bits set, read as 257",
		fmt.Sprintf("packet 1 1970-01-01T00:00:07.000000000Z link-257 if0 10/10 dir0 {0 0} drops 0 [] %x", payload(10, 1)),
		"anomaly #1 @24 odd-format: the fraction of a second is 2000000 units of 1000 ns",
		"anomaly #0 @50 bad-block: a record header claims 1073741824 captured bytes; it and what follows, 26 bytes, were not read",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
