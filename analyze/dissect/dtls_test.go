package dissect

import (
	"crypto/tls"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// dtlsHello turns the ClientHello of TLS into one of DTLS 1.2 (RFC 6347, section 4.2.1), in fragments of n bytes, one record each.
func dtlsHello(t testing.TB, name string, n int) (datagrams []string) {
	body := handshake(t, &tls.Config{ServerName: name, MaxVersion: tls.VersionTLS12}, 0)[0].data[5+4:]
	session := 1 + int(body[34])
	hello := "\xfe\xfd" + body[2:34+session] + "\x00" + body[34+session:] // without a cookie
	for off := 0; off < len(hello); off += n {
		part := hello[off:min(len(hello), off+n)]
		head := []byte{1}
		head = append(head, 0, byte(len(hello)>>8), byte(len(hello)), 0, 0, 0, byte(off>>8), byte(off), 0, byte(len(part)>>8), byte(len(part)))
		record := []byte("\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00")
		record = append(record, byte(off/n))
		record = binary.BigEndian.AppendUint16(record, uint16(len(head)+len(part)))
		datagrams = append(datagrams, string(record)+string(head)+part)
	}
	return datagrams
}

func TestDTLS(t *testing.T) {
	for _, n := range []int{60, 100, 5000} {
		var packets []packet
		for _, d := range dtlsHello(t, "Turn.example.com", n) {
			packets = append(packets, up(d))
		}
		slices.Reverse(packets)
		r := play{proto: audit.UDP, port: 5684, packets: packets}.run(t)
		r.want(t, "dtls", 0, "sni turn.example.com")
		if got := r.at(r.Seen[0].Refs); got != "Turn.example.com" {
			t.Errorf("fragments of %d: name at %q", n, got)
		}
	}
}

func TestDTLSCut(t *testing.T) {
	whole := dtlsHello(t, "turn.example.com", 5000)[0]
	for i := range whole {
		r := play{proto: audit.UDP, port: 5684, packets: []packet{{data: whole, cut: len(whole) - i}}}.run(t)
		if names := r.values(audit.SeenSNI); len(names) > 1 || len(names) == 1 && names[0] != "turn.example.com" {
			t.Fatalf("cut at %d: %q", i, names)
		}
		if r.Flags.Has(audit.NoSNI) {
			t.Fatalf("cut at %d: no-sni", i)
		}
	}
	twin := []byte(whole)
	binary.BigEndian.PutUint16(twin[strings.Index(whole, "turn.")-2:], 9999)
	r := play{proto: audit.UDP, port: 5684, packets: []packet{up(string(twin))}}.run(t)
	if len(r.values(audit.SeenSNI)) > 0 || !slices.Contains(r.codes(), "dtls malformed") {
		t.Errorf("seen %q, anomalies %v", r.list(), r.codes())
	}
}
