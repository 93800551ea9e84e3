package dissect

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"abroad/analyze/audit"
)

// recorder is a connection whose writes are kept as packets.
type recorder struct {
	net.Conn
	server  bool
	mu      *sync.Mutex
	packets *[]packet
}

func (r recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	*r.packets = append(*r.packets, packet{server: r.server, data: string(b)})
	r.mu.Unlock()
	return r.Conn.Write(b)
}

var certificate = sync.OnceValue(func() tls.Certificate {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cn.example"}, DNSNames: []string{"WWW.example.com", "*.example.net"},
		NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
})

// handshake records a TLS handshake and a request.
func handshake(t testing.TB, client *tls.Config, max uint16) []packet {
	t.Helper()
	a, b := net.Pipe()
	var packets []packet
	var mu sync.Mutex
	client.InsecureSkipVerify = true
	server := &tls.Config{Certificates: []tls.Certificate{certificate()}, MaxVersion: max, NextProtos: client.NextProtos}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := tls.Server(recorder{b, true, &mu, &packets}, server)
		buf := make([]byte, 16)
		if _, err := s.Read(buf); err == nil {
			s.Write([]byte("answer"))
		}
		s.Read(buf)
		b.Close()
	}()
	c := tls.Client(recorder{a, false, &mu, &packets}, client)
	if _, err := c.Write([]byte("ask")); err == nil {
		c.Read(make([]byte, 16))
	}
	a.Close()
	<-done
	return packets
}

func TestTLS13(t *testing.T) {
	packets := handshake(t, &tls.Config{ServerName: "WWW.Example.com", NextProtos: []string{"h2", "http/1.1"}}, 0)
	if len(packets[0].data) < 1460 {
		t.Fatalf("hello of %d bytes: the test needs one that does not fit a segment", len(packets[0].data))
	}
	for _, n := range []int{1, 7, 100, 1460, 1 << 20} {
		r := play{proto: audit.TCP, port: 443, packets: split(packets, n)}.run(t)
		r.want(t, "tls", 0, "sni www.example.com", "alpn h2,http/1.1", "tls-version 1.3")
		if got := r.at(r.Seen[0].Refs); got != "WWW.Example.com" {
			t.Errorf("name at %q", got)
		}
		// The packets between: one hello, one answer.
		hello := (len(packets[0].data) + n - 1) / n
		if len(r.RTT) != 1 || r.RTT[0].Kind != audit.RTTTLS || r.RTT[0].Sent.Record != uint32(2+hello) || r.RTT[0].Got.Record != uint32(3+hello) || r.RTT[0].NS != 1_000_000 {
			t.Errorf("segments of %d: RTT %+v", n, r.RTT)
		}
		if len(r.Anomalies) > 0 {
			t.Errorf("anomalies %v", r.codes())
		}
	}
}

func TestTLS12(t *testing.T) {
	packets := handshake(t, &tls.Config{ServerName: "www.example.com", NextProtos: []string{"h2"}}, tls.VersionTLS12)
	for _, n := range []int{1, 100, 1 << 20} {
		r := play{proto: audit.TCP, port: 4433, packets: split(packets, n)}.run(t)
		r.want(t, "tls", 0, "sni www.example.com", "alpn h2", "tls-version 1.2", "alpn h2", "cert-name www.example.com *.example.net")
		if got := r.at(r.Seen[4].Refs); got != "WWW.example.com\x82\r*.example.net" { // from the first name to the last: the bytes between are DER
			t.Errorf("certificate names at %q", got)
		}
	}
}

func TestTLSNoName(t *testing.T) {
	packets := handshake(t, &tls.Config{}, 0)
	play{proto: audit.TCP, port: 443, packets: packets}.run(t).want(t, "tls", audit.NoSNI, "tls-version 1.3")
}

func TestTLSOneSided(t *testing.T) {
	packets := handshake(t, &tls.Config{ServerName: "www.example.com"}, tls.VersionTLS12)
	var ups, downs []packet
	for _, p := range packets {
		if p.server {
			downs = append(downs, p)
		} else {
			ups = append(ups, p)
		}
	}
	play{proto: audit.TCP, port: 443, packets: ups}.run(t).want(t, "tls", 0, "sni www.example.com")
	play{proto: audit.TCP, port: 443, packets: ups, mid: true}.run(t).want(t, "tls", 0, "sni www.example.com")
	for _, mid := range []bool{false, true} {
		play{proto: audit.TCP, port: 443, packets: downs, mid: mid}.run(t).want(t, "tls", 0, "tls-version 1.2", "cert-name www.example.com *.example.net")
	}
	// In mid-stream the first packet may be the server's.
	both := append([]packet{down("")}, packets...)
	r := play{proto: audit.TCP, port: 443, packets: both, mid: true}.run(t)
	if got := r.values(audit.SeenSNI); !slices.Equal(got, []string{"www.example.com"}) {
		t.Errorf("turned: names %q", got)
	}
}

func TestTLSMidStream(t *testing.T) {
	packets := handshake(t, &tls.Config{ServerName: "www.example.com"}, 0)
	// Something old comes first, then the handshake.
	old := []packet{up("not a message"), up("nor this")}
	r := play{proto: audit.TCP, port: 443, packets: append(old, packets...), mid: true}.run(t)
	r.want(t, "tls", 0, "sni www.example.com", "tls-version 1.3")
	// The recording begins behind the handshake.
	var late []packet
	for _, p := range packets {
		if p.data[0] == 0x17 {
			late = append(late, p)
		}
	}
	play{proto: audit.TCP, port: 4433, packets: late, mid: true}.run(t).want(t, "tls", 0)
	play{proto: audit.TCP, port: 4433, packets: late}.run(t).want(t, "", 0)
}

func TestTLSCut(t *testing.T) {
	packets := handshake(t, &tls.Config{ServerName: "www.example.com", NextProtos: []string{"h2"}}, 0)
	hello := packets[0].data
	at := strings.Index(hello, "www.example.com")
	for i := range hello {
		first := packets[0]
		first.cut = len(hello) - i
		for _, p := range []play{
			{proto: audit.TCP, port: 443, packets: []packet{up(hello[:i])}},                                            // the rest never came
			{proto: audit.TCP, port: 443, packets: append([]packet{first}, packets[1:]...)},                            // the snap length cut it
			{proto: audit.TCP, port: 443, packets: []packet{up(hello[:i]), {data: hello[i:], lost: true}, packets[1]}}, // a segment was lost
		} {
			r := p.run(t)
			names := r.values(audit.SeenSNI)
			if len(names) > 1 || len(names) == 1 && names[0] != "www.example.com" {
				t.Fatalf("cut at %d: names %q", i, names)
			}
			if i >= at+15 && len(names) == 0 {
				t.Fatalf("cut at %d: the name ends at %d, but was not seen", i, at+15)
			}
			if r.Flags.Has(audit.NoSNI) {
				t.Fatalf("cut at %d: no-sni", i)
			}
			if i >= 9 && !slices.Contains(r.codes(), "tls cut-short") {
				t.Fatalf("cut at %d: anomalies %v", i, r.codes())
			}
			if len(r.RTT) > 0 {
				t.Fatalf("cut at %d: a round trip without the end of the hello", i)
			}
		}
	}
}

func TestTLSMalformed(t *testing.T) {
	packets := handshake(t, &tls.Config{ServerName: "www.example.com"}, 0)
	twin := []byte(packets[0].data)
	at := strings.Index(string(twin), "www.example.com")
	binary.BigEndian.PutUint16(twin[at-2:], 9999) // the name's length
	r := play{proto: audit.TCP, port: 443, packets: append([]packet{up(string(twin))}, packets[1:]...)}.run(t)
	if names := r.values(audit.SeenSNI); len(names) > 0 {
		t.Errorf("names %q", names)
	}
	if !slices.Contains(r.codes(), "tls malformed") {
		t.Errorf("anomalies %v", r.codes())
	}
}

func TestTLSFor(t *testing.T) {
	for _, c := range []struct {
		port  uint16
		name  string
		alpn  []string
		app   string
		flags audit.Flags
		word  string
	}{
		{443, "dns.google", []string{"h2", "http/1.1"}, "doh", audit.EncryptedDNS, "doh"},
		{443, "abc123.dns.nextdns.io", []string{"h2"}, "doh", audit.EncryptedDNS, "doh"},
		{443, "notdns.google", []string{"h2"}, "tls", 0, ""},
		{853, "anything.example", nil, "dot", audit.EncryptedDNS, "dot"},
		{4853, "anything.example", []string{"dot"}, "dot", audit.EncryptedDNS, "dot"},
		{5228, "mtalk.google.com", nil, "tls", audit.Push, "fcm"},
		{443, "alt7-mtalk.google.com", nil, "tls", audit.Push, "fcm"},
		{5223, "12-courier.push.apple.com", []string{"apns-security-v3"}, "tls", audit.Push, "apns"},
		{443, "x-courier.push.apple.com", nil, "tls", 0, ""},
	} {
		packets := handshake(t, &tls.Config{ServerName: c.name, NextProtos: c.alpn}, 0)
		r := play{proto: audit.TCP, port: c.port, packets: packets}.run(t)
		if words := strings.Join(r.values(audit.SeenProtocol), " "); r.App != c.app || r.Flags != c.flags || words != c.word {
			t.Errorf("%s port %d: app %q, flags %v, words %q", c.name, c.port, r.App, r.Flags.Words(), words)
		}
	}
}

// echConfig makes an ECHConfigList (RFC 9849, section 4) for a public name.
func echConfig(t *testing.T, public string) []byte {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := []byte{7, 0x00, 0x20, 0, 32} // config_id, DHKEM(X25519)
	b = append(b, key.PublicKey().Bytes()...)
	b = append(b, 0, 4, 0, 1, 0, 1, 0, byte(len(public))) // HKDF-SHA256, AES-128-GCM; maximum_name_length
	b = append(b, public...)
	b = append(b, 0, 0)
	b = append([]byte{0xfe, 0x0d, 0, byte(len(b))}, b...)
	return append([]byte{0, byte(len(b))}, b...)
}

func TestTLSCoverName(t *testing.T) {
	packets := handshake(t, &tls.Config{ServerName: "secret.example", EncryptedClientHelloConfigList: echConfig(t, "cover.example"), MinVersion: tls.VersionTLS13}, 0)
	r := play{proto: audit.TCP, port: 443, packets: packets}.run(t)
	if r.Flags != audit.ECHOffered || !slices.Equal(r.values(audit.SeenSNI), []string{"cover.example"}) || !slices.Equal(r.values(audit.SeenECH), []string{"outer"}) {
		t.Errorf("flags %v, seen %q", r.Flags.Words(), r.list())
	}
}
