package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"abroad/capture"
)

// Packets that stand more than a second behind an earlier one are told; the manifest has the earliest and the latest time wherever they are.
func TestTimeBackwards(t *testing.T) {
	var records []pcapRecord
	for _, at := range []uint32{10_000000, 12_000000, 11_000000, 9_999999, 20_000000, 15_000000} {
		records = append(records, pcapRecord{sec: at / 1e6, fraction: at % 1e6, data: payload(10, 1)})
	}
	lines, m := dumpBytes(t, buildPcap(binary.LittleEndian, 0xa1b2c3d4, [2]uint16{2, 4}, 1, nil, records...))
	var got []string
	for _, l := range lines {
		if codes([]string{l}) != nil {
			got = append(got, l)
		}
	}
	want := []string{
		"anomaly #4 @-1 time-backwards: 1970-01-01T00:00:09.999999000Z comes behind 1970-01-01T00:00:11.000000000Z",
		"anomaly #6 @-1 time-backwards: 1970-01-01T00:00:15.000000000Z comes behind 1970-01-01T00:00:20.000000000Z",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if m.First != 9_999999_000 || m.Last != 20_000000_000 {
		t.Errorf("from %s to %s", m.First, m.Last)
	}
}

// A file of nothing but oddities is counted, not listed.
func TestManyAnomalies(t *testing.T) {
	n := newNg(binary.LittleEndian).iface(1, 0)
	const each = maxSame + 23
	for range each {
		n.block(0x80000001).enhanced(9, 0, nil)
	}
	lines, _ := dumpBytes(t, n.b)
	var want []string
	for range maxSame {
		want = append(want, "unknown-block", "unknown-interface")
	}
	if got := codes(lines); !slices.Equal(got, append(want, "limit", "limit")) {
		t.Errorf("got %q", got)
	}
	for i, code := range []string{"unknown-block", "unknown-interface"} {
		if got, want := lines[len(lines)-2+i], fmt.Sprintf("anomaly #0 @-1 limit: 23 more anomalies %q are not listed", code); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Nothing is allocated for a packet, also if it has PCAPdroid's comment.
func TestAllocations(t *testing.T) {
	const packets = 5000
	n := newNg(binary.LittleEndian).iface(1, 0)
	frames := make([][]byte, packets)
	for i := range packets {
		frames[i] = payload(500, i)
		n.enhanced(0, uint64(i), frames[i], n.text(1, fmt.Sprintf("u-%d", 10000+i%7)), n.option(2, n.u32(1)))
	}
	for name, file := range map[string][]byte{"pcap": plainPcap(frames...), "pcapng": n.b} {
		got := testing.AllocsPerRun(3, func() {
			rec, err := Open(name, bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			count := 0
			for r, err := range rec.Records() {
				if _, ok := r.(*capture.Packet); ok && err == nil {
					count++
				}
			}
			if count != packets {
				t.Errorf("%s: %d packets", name, count)
			}
		})
		if got > 200 {
			t.Errorf("%s: %.0f allocations for %d packets", name, got, packets)
		}
	}
}
