package source

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// samples holds a good file of every source.
func samples() map[string][]byte {
	return map[string][]byte{
		"pcap":   plainPcap(payload(60, 1), payload(1500, 2), nil, payload(61, 3)),
		"pcapng": everything(binary.LittleEndian),
	}
}

// TestSources holds every source in the list, also those to come, to the same rules.
func TestSources(t *testing.T) {
	samples := samples()
	var names []string
	for _, s := range All {
		if s.Name == "" || s.Name != strings.ToLower(s.Name) || slices.Contains(names, s.Name) {
			t.Errorf("name %q: want lower case, not used before", s.Name)
		}
		names = append(names, s.Name)
		if !strings.HasPrefix(s.Doc, "Reads ") || !strings.HasSuffix(s.Doc, ".") || strings.Contains(s.Doc, "\n") {
			t.Errorf("%s: doc %q: want one sentence that begins with Reads", s.Name, s.Doc)
		}
		sample, ok := samples[s.Name]
		if !ok {
			t.Errorf("%s: no sample", s.Name)
		}
		for _, head := range [][]byte{nil, {0}, make([]byte, HeadLen), []byte("GET / HTTP/1.1\r\n")} {
			if s.Sniff(head) {
				t.Errorf("%s: takes a file that begins with %q", s.Name, head)
			}
		}
		for other, sample := range samples {
			if got := s.Sniff(sample[:HeadLen]); got != (other == s.Name) {
				t.Errorf("%s: Sniff of a %s file is %v", s.Name, other, got)
			}
		}
		lines, m := dumpBytes(t, sample)
		if m.Format != s.Name || m.Records == 0 || len(m.Interfaces) == 0 || m.First > m.Last {
			t.Errorf("%s: manifest %+v", s.Name, m)
		}
		if len(lines) < int(m.Records) {
			t.Errorf("%s: %d records, %d packets", s.Name, len(lines), m.Records)
		}
		if !strings.Contains(Formats(), s.Name) {
			t.Errorf("%s is not in %q", s.Name, Formats())
		}
	}
	for name := range samples {
		if !slices.Contains(names, name) {
			t.Errorf("a sample of %q, which no source is called", name)
		}
	}
}
