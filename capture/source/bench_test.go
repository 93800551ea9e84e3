package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"abroad/capture"
)

const benchFrames = 60000

// benchFiles are files of frames of 500 bytes, about 30 MB each.
func benchFiles() map[string][]byte {
	frame := payload(500, 1)
	frames := make([][]byte, benchFrames)
	n, noted := newNg(binary.LittleEndian).iface(1, 0), newNg(binary.LittleEndian).iface(1, 0)
	comment := n.text(1, "u-10123")
	for i := range frames {
		frames[i] = frame
		n.enhanced(0, uint64(i), frame)
		noted.enhanced(0, uint64(i), frame, comment)
	}
	return map[string][]byte{"pcap": plainPcap(frames...), "pcapng": n.b, "pcapng with comments": noted.b}
}

// BenchmarkParse is the work of the consumer's goroutine alone.
func BenchmarkParse(b *testing.B) {
	for name, file := range benchFiles() {
		b.Run(name, func(b *testing.B) {
			s := pcap
			if name != "pcap" {
				s = pcapng
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				m := readWindow(s, windowOf(file, maxChunk), func(capture.Record, *capture.Manifest) {})
				if m.Records != benchFrames {
					b.Fatal(m.Records)
				}
			}
			b.ReportMetric(float64(benchFrames)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpackets/s")
		})
	}
}

// BenchmarkOpen reads a whole recording, hash included: a large one, and one so small that starting is what it costs.
func BenchmarkOpen(b *testing.B) {
	large := benchFiles()["pcap"]
	files := map[string][]byte{
		"100 kB":  large[:24+200*516],
		"30 MB":   large,
		"gzip":    gzipped(b, large),
		"zstd":    zstded(b, large),
		"1 frame": large[:24+516],
	}
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				rec, err := Open(name, bytes.NewReader(file))
				if err != nil {
					b.Fatal(err)
				}
				for _, err := range rec.Records() {
					if err != nil {
						b.Fatal(err)
					}
				}
				if rec.Manifest().SHA256.IsZero() {
					b.Fatal(fmt.Errorf("%s was not hashed", name))
				}
			}
		})
	}
}
