package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"testing"

	"abroad/capture"
)

func FuzzPcap(f *testing.F) {
	f.Add(samples()["pcap"])
	for _, file := range pcapVariants() {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkSource(t, pcap, b) })
}

func FuzzPcapng(f *testing.F) {
	for _, o := range orders {
		f.Add(everything(o))
		f.Add(everyBlock(o))
		n := newNg(o)
		f.Add(n.iface(1, 0, n.option(9, []byte{0x80 | 40}), n.option(14, n.u64(1<<63))).enhanced(0, 1<<63, payload(20, 1)).b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkSource(t, pcapng, b) })
}

// checkSource reads b in pieces of different sizes, and checks that the readings agree, that numbers ascend from 1, that there is no more
// data than in the file, and that memory grows with the file and not with what it claims. It does without the goroutines of a Recording, so
// that the fuzzing engine sees the same coverage for the same input.
func checkSource(t *testing.T, s *Source, b []byte) {
	if !s.Sniff(b[:min(len(b), HeadLen)]) {
		return
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	readWindow(s, windowOf(b, len(b)), func(capture.Record, *capture.Manifest) {})
	runtime.ReadMemStats(&after)
	if grown, limit := after.TotalAlloc-before.TotalAlloc, uint64(1<<20+200*len(b)); grown > limit {
		t.Fatalf("%d bytes allocated for a file of %d", grown, len(b))
	}

	var number uint32
	data := 0
	var once, again []string
	readWindow(s, windowOf(b, len(b)), func(r capture.Record, m *capture.Manifest) {
		once = append(once, line(r))
		switch r := r.(type) {
		case *capture.Packet:
			if r.Number <= number {
				t.Fatalf("packet %d behind %d", r.Number, number)
			}
			if int(r.Iface) >= len(m.Interfaces) || m.Interfaces[r.Iface].Link != r.Link {
				t.Fatalf("packet %d of interface %d", r.Number, r.Iface)
			}
			number = r.Number
			if data += len(r.Data); data > len(b) {
				t.Fatalf("%d bytes of packets in a file of %d", data, len(b))
			}
		case *capture.Anomaly:
			if r.Code == "" || r.Stage != "source" || r.Detail == "" || r.Offset < -1 || r.Offset > int64(len(b)) || r.At.Record > number+uint32(len(b)) {
				t.Fatalf("%+v", r)
			}
		}
	})
	readWindow(s, windowOf(b, 97), func(r capture.Record, _ *capture.Manifest) { again = append(again, line(r)) })
	if !slices.Equal(once, again) {
		t.Fatalf("once %q\nagain %q", once, again)
	}
}

// windowOf is a window on b in pieces of a size.
func windowOf(b []byte, piece int) *Window {
	p := newPump(nil, 0)
	n := len(b)/piece + 1
	p.free = make(chan *chunk, n)
	p.out = append(p.out, make(chan *chunk, n))
	for part := range slices.Chunk(b, piece) {
		c := &chunk{b: part, home: p}
		c.users.Store(1)
		p.out[0] <- c
	}
	close(p.out[0])
	return newWindow(p, 0)
}

// readWindow does what Recording.Records does without a hash.
func readWindow(s *Source, w *Window, fn func(capture.Record, *capture.Manifest)) *capture.Manifest {
	m := &capture.Manifest{First: capture.NoTime, Last: capture.NoTime}
	between := meter{manifest: m, last: capture.NoTime, yield: func(r capture.Record, _ error) bool { fn(r, m); return true }}
	s.Read(w, m, between.pass)
	between.finish()
	return m
}

// FuzzOpen opens anything. There are two ways to refuse a file, a recording that is opened can be read to its end (here: for a while) without
// an error, and a bomb does not take more memory than the limits allow.
func FuzzOpen(f *testing.F) {
	for _, file := range samples() {
		f.Add(file)
		for name, compress := range compressions {
			stored := compress(f, file)
			f.Add(stored)
			f.Add(stored[:len(stored)/2])
			if name == "zstd" {
				f.Add(append([]byte{0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7}, stored...))
			}
		}
	}
	n := newNg(binary.LittleEndian).iface(1, 0)
	f.Add(gzipped(f, n.block(blockEnhanced, n.u32(0, 0, 0, 1<<20, 1<<20), make([]byte, 1<<20)).b))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rec, err := Open("fuzz", bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, ErrUnknown) {
				t.Fatal(err)
			}
			return
		}
		seen := 0
		for _, err := range rec.Records() {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen == 20000 {
				break
			}
		}
		if m := rec.Manifest(); seen < 20000 && m.SHA256 != sha256.Sum256(b) {
			t.Fatalf("manifest %+v", m)
		}
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 600<<20 {
			t.Fatalf("%d bytes allocated for a file of %d", grown, len(b))
		}
	})
}
