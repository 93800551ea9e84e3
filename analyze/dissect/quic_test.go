package dissect

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// quicHello returns the ClientHello that a QUIC client sends, handshake header included.
func quicHello(t testing.TB, name string, alpn ...string) string {
	t.Helper()
	c := tls.QUICClient(&tls.QUICConfig{TLSConfig: &tls.Config{ServerName: name, NextProtos: alpn, InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}})
	c.SetTransportParameters([]byte{0x01, 0x02, 0x67, 0x10})
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var hello []byte
	for e := c.NextEvent(); e.Kind != tls.QUICNoEvent; e = c.NextEvent() {
		if e.Kind == tls.QUICWriteData && e.Level == tls.QUICEncryptionLevelInitial {
			hello = append(hello, e.Data...)
		}
	}
	return string(hello)
}

// A cryptoFrame is a stretch of a hello.
type cryptoFrame struct{ from, to int }

// initial seals an Initial packet of version 1 (RFC 9001, section 5) of 1200 bytes that carries frames of hello.
func initial(t testing.TB, dcid string, number byte, hello string, frames ...cryptoFrame) string {
	t.Helper()
	const numberLen, tag = 1, 16
	var plain []byte
	for _, f := range frames {
		plain = append(plain, 0x06)
		plain = binary.BigEndian.AppendUint16(plain, uint16(f.from)|0x4000)
		plain = binary.BigEndian.AppendUint16(plain, uint16(f.to-f.from)|0x4000)
		plain = append(plain, hello[f.from:f.to]...)
	}
	header := []byte{0xc0, 0, 0, 0, 1, byte(len(dcid))}
	header = append(append(header, dcid...), 0, 0) // no source id, no token
	for len(header)+2+numberLen+len(plain)+tag < 1200 {
		plain = append(plain, 0) // PADDING
	}
	header = binary.BigEndian.AppendUint16(header, uint16(numberLen+len(plain)+tag)|0x4000)
	header = append(header, number)

	salt, _ := hex.DecodeString("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
	secret, err := hkdf.Extract(sha256.New, []byte(dcid), salt)
	if err != nil {
		t.Fatal(err)
	}
	label := func(secret []byte, name string, n int) []byte {
		info := append([]byte{0, byte(n), byte(len("tls13 " + name))}, "tls13 "+name+"\x00"...)
		out, err := hkdf.Expand(sha256.New, secret, string(info), n)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	secret = label(secret, "client in", 32)
	block, _ := aes.NewCipher(label(secret, "quic key", 16))
	aead, _ := cipher.NewGCM(block)
	nonce := label(secret, "quic iv", 12)
	nonce[11] ^= number
	sealed := aead.Seal(nil, nonce, plain, header)
	protect, _ := aes.NewCipher(label(secret, "quic hp", 16))
	var mask [16]byte
	protect.Encrypt(mask[:], sealed[4-numberLen:][:16])
	header[0] ^= mask[0] & 0x0f
	header[len(header)-1] ^= mask[1]
	return string(header) + string(sealed)
}

const (
	dcid = "\x83\x94\xc8\xf0\x3e\x51\x57\x08"
	// The start of a server's Initial; it cannot be opened, and need not be.
	serverInitial = "\xc0\x00\x00\x00\x01\x00\x08abcdefgh\x00\x40\x20................................"
)

func TestQUIC(t *testing.T) {
	hello := quicHello(t, "WWW.Example.com", "h3")
	n := len(hello)
	if n < 1200 {
		t.Fatalf("hello of %d bytes: the test needs one that does not fit a datagram", n)
	}
	want := []string{"quic-version 1", "sni www.example.com", "alpn h3"}
	a := initial(t, dcid, 0, hello, cryptoFrame{0, 1000})
	b := initial(t, dcid, 1, hello, cryptoFrame{1000, n})
	chaos := []string{
		initial(t, dcid, 0, hello, cryptoFrame{900, 1200}, cryptoFrame{100, 150}, cryptoFrame{0, 50}),
		initial(t, dcid, 1, hello, cryptoFrame{150, 900}, cryptoFrame{40, 110}),
		initial(t, dcid, 2, hello, cryptoFrame{1200, n}),
	}
	for name, c := range map[string]struct {
		packets []packet
		rtt     int
	}{
		"in order":         {[]packet{up(a), up(b), down(serverInitial)}, 1},
		"reordered":        {[]packet{up(b), up(a), down(serverInitial)}, 1},
		"twice":            {[]packet{up(a), up(b), up(a), up(b), down(serverInitial)}, 0},
		"unanswered":       {[]packet{up(a), up(b)}, 0},
		"early answer":     {[]packet{up(a), down(serverInitial), up(b)}, 1},
		"chaos protection": {[]packet{up(chaos[1]), up(chaos[0]), up(chaos[2]), down(serverInitial)}, 1},
	} {
		r := play{proto: audit.UDP, port: 443, packets: c.packets}.run(t)
		r.want(t, "quic", 0, want...)
		if len(r.RTT) != c.rtt || len(r.Anomalies) > 0 {
			t.Errorf("%s: RTT %+v, anomalies %v", name, r.RTT, r.codes())
		}
		if c.rtt > 0 && r.RTT[0].Sent.Record != 1 {
			t.Errorf("%s: RTT %+v", name, r.RTT)
		}
		if length := 0; true {
			for _, ref := range r.Seen[1].Refs {
				length += int(ref.Len)
			}
			if length != len("www.example.com") {
				t.Errorf("%s: name in %v", name, r.Seen[1].Refs)
			}
		}
	}
	// The flow's first packet may be the server's.
	r := play{proto: audit.UDP, port: 443, packets: []packet{down(serverInitial), up(a), up(b)}}.run(t)
	if got := r.values(audit.SeenSNI); !slices.Equal(got, want[1:2]) && got[0] != "www.example.com" {
		t.Errorf("turned: %q", r.list())
	}
	if len(r.RTT) != 0 {
		t.Errorf("turned: RTT %+v", r.RTT)
	}
}

func TestQUICCut(t *testing.T) {
	hello := quicHello(t, "www.example.com", "h3")
	at := strings.Index(hello, "www.example.com")
	a := initial(t, dcid, 0, hello, cryptoFrame{0, 1000})
	b := initial(t, dcid, 1, hello, cryptoFrame{1000, len(hello)})
	seen := false
	for i := 0; i < len(a); i += 3 {
		r := play{proto: audit.UDP, port: 443, packets: []packet{{data: a, cut: len(a) - i}, up(b), down(serverInitial)}}.run(t)
		names := r.values(audit.SeenSNI)
		if len(names) > 1 || len(names) == 1 && names[0] != "www.example.com" {
			t.Fatalf("cut at %d: names %q", i, names)
		}
		seen = seen || len(names) > 0
		if r.Flags.Has(audit.NoSNI) {
			t.Fatalf("cut at %d: no-sni", i)
		}
	}
	if !seen {
		t.Errorf("the name stands at byte %d of the hello, but was never seen", at)
	}
	// The second datagram is missing.
	r := play{proto: audit.UDP, port: 443, packets: []packet{up(a), down(serverInitial)}}.run(t)
	if !slices.Contains(r.codes(), "quic cut-short") {
		t.Errorf("anomalies %v", r.codes())
	}
}

func TestQUICMalformed(t *testing.T) {
	hello := []byte(quicHello(t, "www.example.com", "h3"))
	binary.BigEndian.PutUint16(hello[strings.Index(string(hello), "www.example.com")-2:], 9999)
	a := initial(t, dcid, 0, string(hello), cryptoFrame{0, 1000})
	b := initial(t, dcid, 1, string(hello), cryptoFrame{1000, len(hello)})
	r := play{proto: audit.UDP, port: 443, packets: []packet{up(a), up(b), down(serverInitial)}}.run(t)
	if names := r.values(audit.SeenSNI); len(names) > 0 || !slices.Contains(r.codes(), "quic malformed") {
		t.Errorf("names %q, anomalies %v", names, r.codes())
	}
	// A packet whose tag is wrong is not believed.
	bad := []byte(a)
	bad[len(bad)-1] ^= 1
	r = play{proto: audit.UDP, port: 443, packets: []packet{up(string(bad)), down(serverInitial)}}.run(t)
	r.want(t, "quic", 0, "quic-version 1")
}

func TestQUICFor(t *testing.T) {
	for _, c := range []struct {
		port uint16
		name string
		alpn string
		app  string
	}{{853, "dns.example", "doq", "doq"}, {784, "dns.example", "doq", "doq"}, {443, "dns.google", "h3", "doh3"}} {
		hello := quicHello(t, c.name, c.alpn)
		a, b := initial(t, dcid, 0, hello, cryptoFrame{0, 1000}), initial(t, dcid, 1, hello, cryptoFrame{1000, len(hello)})
		r := play{proto: audit.UDP, port: c.port, packets: []packet{up(a), up(b), down(serverInitial)}}.run(t)
		r.want(t, c.app, audit.EncryptedDNS, "quic-version 1", "sni "+c.name, "alpn "+c.alpn, "protocol "+c.app)
	}
}

// TestQUICOther plays flows that are QUIC, or look like it, and say nothing.
func TestQUICOther(t *testing.T) {
	negotiation := "\x80\x00\x00\x00\x00\x00\x08abcdefgh\x00\x00\x00\x01\x6b\x33\x43\xcf"
	greased := "\xc0\x1a\x2a\x3a\x4a\x08abcdefgh\x00" + strings.Repeat("\x00", 1200)
	hello := quicHello(t, "www.example.com", "h3")
	a, b := initial(t, dcid, 0, hello, cryptoFrame{0, 1000}), initial(t, dcid, 1, hello, cryptoFrame{1000, len(hello)})
	play{proto: audit.UDP, port: 443, packets: []packet{up(greased), down(negotiation), up(a), up(b), down(serverInitial)}}.run(t).
		want(t, "quic", 0, "quic-version 1", "sni www.example.com", "alpn h3")
	play{proto: audit.UDP, port: 443, packets: []packet{up(greased), down(negotiation)}}.run(t).want(t, "quic", 0, "quic-version 0x1a2a3a4a")
	play{proto: audit.UDP, port: 9999, packets: []packet{up(greased[:500]), down(negotiation)}}.run(t).want(t, "", 0)
	var many []packet
	for range 100 {
		many = append(many, up(serverInitial), down(serverInitial))
	}
	r := play{proto: audit.UDP, port: 443, packets: many}.run(t)
	r.want(t, "quic", 0, "quic-version 1")
	if r.steps > 20 {
		t.Errorf("asked %d times", r.steps)
	}
}

// gquicHello is a client's first packet of Q043 with the tags SNI and UAID (layout in wire/gquic.go).
func gquicHello(name string) string {
	tags := "CHLO\x02\x00\x00\x00" + "SNI\x00" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(name)))) +
		"UAID" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(name)+4))) + name + "test"
	return "\x0912345678Q043\x01" + strings.Repeat("\xaa", 12) + "\xa0\x01\x00\x04" + tags
}

func TestGoogleQUIC(t *testing.T) {
	whole := gquicHello("WWW.example.com")
	play{proto: audit.UDP, port: 443, packets: []packet{up(whole)}}.run(t).want(t, "quic", 0, "quic-version Q043", "sni www.example.com")
	for i := range whole {
		r := play{proto: audit.UDP, port: 443, packets: []packet{{data: whole, cut: len(whole) - i}}}.run(t)
		if names := r.values(audit.SeenSNI); len(names) > 1 || len(names) == 1 && names[0] != "www.example.com" {
			t.Fatalf("cut at %d: %q", i, names)
		}
	}
}
