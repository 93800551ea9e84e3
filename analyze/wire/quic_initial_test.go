package wire

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// The vectors of RFC 9001, appendix A, and RFC 9369, appendix A. Both use one connection id and the same frames.
const (
	vectorCID    = "\x83\x94\xc8\xf0\x3e\x51\x57\x08"
	vectorClient = `060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c00000001000
		0e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024001d00209370
		b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d0002010100
		1c00024001003900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff`
	vectorServer = `02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200130100002e0033002400
		1d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304`
)

// Of the client's packets the RFCs print 1,200 bytes. The header, the sample behind it and the authentication tag decide all of them.
var vectors = []struct {
	version   uint32
	head, tag string // of the client's packet
	server    string // the server's packet
}{
	{
		version: QUICv1,
		head:    `c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b`,
		tag:     `e221af44860018ab0856972e194cd934`,
		server: `cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec249
			3a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d2039
			8c276456cbc42158407dd074ee`,
	},
	{
		version: QUICv2,
		head:    `d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071`,
		tag:     `a18b2faa745b6fe189cf772a9f84cbfc`,
		server: `dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d
			88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2
			c43edd9ce7ca84bed8521e2e140`,
	},
}

// vectorPacket makes the client's packet of a vector and checks it against what the RFC prints.
func vectorPacket(t testing.TB, version uint32, head, tag string) []byte {
	t.Helper()
	s := newSealer(version, vectorCID)
	s.numberLen = 4
	b := s.seal(t, 2, unhex(t, vectorClient), 1162)
	if len(b) != 1200 || !bytes.HasPrefix(b, unhex(t, head)) || !bytes.HasSuffix(b, unhex(t, tag)) {
		t.Fatalf("the test's own packet is not the RFC's: %x…%x", b[:38], b[len(b)-16:])
	}
	return b
}

func TestQUICVectors(t *testing.T) {
	for _, v := range vectors {
		client, server := vectorPacket(t, v.version, v.head, v.tag), unhex(t, v.server)
		var q QUIC
		if err := q.Datagram(client, 0, true, len(client)); err != nil {
			t.Fatal(err)
		}
		p := q.Packets[0]
		if !p.Opened || p.Unverified || !p.Client || p.Number != 2 || !p.Crypto || q.Version != v.version || len(q.Packets) != 1 {
			t.Fatalf("%+v", q.Packets)
		}
		m, err := q.Hello(true)
		if err != nil {
			t.Fatal(err)
		}
		var h ClientHello
		if err := h.Parse(m.Body); err != nil || h.ServerName.Value != "example.com" || !h.QUIC || texts(h.ALPN)[0] != "alpn" {
			t.Fatalf("%+v, %v", h, err)
		}
		// The name's bytes in the packet are its bytes in the plaintext, encrypted: they stand where the frame stands.
		if at := m.Where(nil, h.ServerName.At); len(at) != 1 || at[0] != (Span{22 + 4 + 4 + h.ServerName.At.Off, 11}) {
			t.Errorf("stands at %v", at)
		}
		if err := q.Datagram(server, 2000, false, len(server)); err != nil {
			t.Fatal(err)
		}
		if p := q.Packets[0]; !p.Opened || p.Client || p.Number != 1 {
			t.Fatalf("%+v", q.Packets)
		}
		m, err = q.Hello(false)
		if err != nil {
			t.Fatal(err)
		}
		var sh ServerHello
		if err := sh.Parse(m.Body); err != nil || sh.Version != VersionTLS13 || sh.Cipher != 0x1301 {
			t.Errorf("%+v, %v", sh, err)
		}
		if at := m.Where(nil, Span{0, 4}); len(at) != 1 || at[0].Off < 2000 {
			t.Errorf("stands at %v", at)
		}
	}
}

func TestQUICServerAloneOrChanged(t *testing.T) {
	client, server := vectorPacket(t, QUICv1, vectors[0].head, vectors[0].tag), unhex(t, vectors[0].server)
	var q QUIC
	if err := q.Datagram(server, 0, true, len(server)); err != nil || q.Packets[0].Opened || q.Version != 0 {
		t.Errorf("a server's packet without its client's: %v, %+v", err, q.Packets)
	}
	// The caller may take the server for the client.
	if _ = q.Datagram(client, 0, false, len(client)); !q.Packets[0].Opened || !q.Packets[0].Client {
		t.Errorf("%+v", q.Packets)
	}
	if _ = q.Datagram(server, 0, true, len(server)); !q.Packets[0].Opened || q.Packets[0].Client {
		t.Errorf("%+v", q.Packets)
	}
	if _, err := q.Hello(false); err != nil {
		t.Errorf("server's hello: %v", err)
	}
	for i := range client { // every byte is authenticated
		twin := bytes.Clone(client)
		twin[i] ^= 1
		q.Reset()
		if err := q.Datagram(twin, 0, true, len(twin)); err == nil && len(q.Packets) > 0 && q.Packets[0].Opened {
			t.Fatalf("byte %d changed, and the packet opens", i)
		}
	}
}

func TestQUICCutAtEveryByte(t *testing.T) {
	client := vectorPacket(t, QUICv1, vectors[0].head, vectors[0].tag)
	var q QUIC
	names := 0
	for n := range client {
		q.Reset()
		err := q.Datagram(client[:n:n], 0, true, len(client))
		if n > 0 && n < 18 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		m, err := q.Hello(true)
		var h ClientHello
		_ = h.Parse(m.Body)
		if h.ServerName.Value != "" {
			names++
			if h.ServerName.Value != "example.com" || !q.Packets[0].Unverified {
				t.Fatalf("cut at %d: %q, %+v", n, h.ServerName.Value, q.Packets)
			}
		}
		if want := n >= 22+4+241; (err == nil) != want {
			t.Fatalf("cut at %d: %v", n, err)
		}
		// A datagram that is shorter than its packet claims, and was not cut by the recording, is never opened.
		q.Reset()
		if _ = q.Datagram(client[:n:n], 0, true, n); len(q.Packets) > 0 && q.Packets[0].Opened {
			t.Fatalf("a lie of %d bytes was opened", n)
		}
	}
	if names < 1000 {
		t.Errorf("the name was found %d times", names)
	}
}

func TestQUICFragments(t *testing.T) {
	message := quicHello(t, "shuffled.practice.example")
	if len(message) < 1400 {
		t.Errorf("a hello of %d bytes fits one datagram", len(message))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, version := range []uint32{QUICv1, QUICv2, 0xff00001d, 0xff000017, 0xff00001b, 0xfaceb010, 0x1a2a3a4a} {
		var cuts [][2]int
		for from := 0; from < len(message); {
			to := min(len(message), from+1+random.IntN(200))
			cuts = append(cuts, [2]int{from, to})
			from = to
		}
		random.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
		s := newSealer(version, "12345678")
		var q QUIC
		var all []byte
		for len(cuts) > 0 {
			frames := []byte{0x01, 0, 0} // PING, PADDING
			for range min(4, len(cuts)) {
				frames = append(append(frames, cryptoFrame(message, cuts[0][0], cuts[0][1])...), 0)
				cuts = cuts[1:]
			}
			if _, err := q.Hello(true); err == nil {
				t.Fatal("a hello before its last fragment")
			}
			b := s.seal(t, uint64(len(all)), frames, 1100)
			if err := q.Datagram(b, len(all), true, len(b)); err != nil || !q.Packets[0].Opened {
				t.Fatalf("%s: %v, %+v", QUICVersionName(version), err, q.Packets)
			}
			all = append(all, b...)
			s.dcid = []byte("server's choice") // the keys stay those of the first id
		}
		m, err := q.Hello(true)
		var h ClientHello
		if err != nil || h.Parse(m.Body) != nil || h.ServerName.Value != "shuffled.practice.example" {
			t.Fatalf("%s: %q, %v", QUICVersionName(version), h.ServerName.Value, err)
		}
		sum := 0
		for _, s := range m.Where(nil, Span{0, m.Len}) {
			sum += s.Len
			if s.End() > len(all) {
				t.Fatalf("%v of %d", s, len(all))
			}
		}
		if sum != m.Len {
			t.Errorf("%d of %d bytes stand somewhere", sum, m.Len)
		}
	}
}

func TestQUICRetry(t *testing.T) {
	message := quicHello(t, "retry.practice.example")
	first := newSealer(QUICv1, "original")
	a := first.seal(t, 0, cryptoFrame(message, 0, 1000), 1100)
	retry := append([]byte("\xf0\x00\x00\x00\x01\x00\x08new-ciphtoken"), make([]byte, 16)...)
	second := newSealer(QUICv1, "new-ciph")
	second.token = []byte("token")
	b := second.seal(t, 1, cryptoFrame(message, 0, 1000), 1100)
	c := second.seal(t, 2, cryptoFrame(message, 1000, len(message)), 1100)
	var q QUIC
	for i, d := range [][]byte{a, retry, b, c} {
		if err := q.Datagram(d, 0, i != 1, len(d)); err != nil {
			t.Fatal(err)
		}
		if i == 1 && (!q.Retried || string(retry[q.Packets[0].Token.Off:q.Packets[0].Token.End()]) != "token") {
			t.Errorf("%+v", q.Packets)
		}
	}
	m, err := q.Hello(true)
	var h ClientHello
	if err != nil || h.Parse(m.Body) != nil || h.ServerName.Value != "retry.practice.example" {
		t.Errorf("%q, %v", h.ServerName.Value, err)
	}
	answer := newSealer(QUICv1, "new-ciph")
	answer.server, answer.dcid = true, nil
	d := answer.seal(t, 0, append([]byte{0x02, 0, 0, 0, 0}, cryptoFrame(unhex(t, rfc8448Server), 0, 90)...), 0)
	if _ = q.Datagram(d, 0, false, len(d)); !q.Packets[0].Opened || q.Packets[0].Client {
		t.Errorf("%+v", q.Packets)
	}
	if _, err := q.Hello(false); err != nil {
		t.Error(err)
	}
}

func TestQUICCompatibleVersion(t *testing.T) {
	message := quicHello(t, "versions.practice.example")
	one, two := newSealer(QUICv1, "original"), newSealer(QUICv2, "original")
	two.server, two.dcid = true, nil
	var q QUIC
	a := one.seal(t, 0, cryptoFrame(message, 0, 1000), 1100)
	b := two.seal(t, 0, cryptoFrame(unhex(t, rfc8448Server), 0, 90), 1100)
	two.server, two.dcid = false, []byte("its choice")
	c := two.seal(t, 1, cryptoFrame(message, 1000, len(message)), 1100)
	for i, d := range [][]byte{a, b, c} {
		if err := q.Datagram(d, 0, i != 1, len(d)); err != nil || !q.Packets[0].Opened {
			t.Fatalf("%d: %v, %+v", i, err, q.Packets)
		}
	}
	if _, err := q.Hello(true); err != nil {
		t.Error(err)
	}
	if _, err := q.Hello(false); err != nil {
		t.Error(err)
	}
}

func TestQUICCoalesced(t *testing.T) {
	message := quicHello(t, "coalesced.practice.example")
	s := newSealer(QUICv1, "original")
	a, b := s.seal(t, 0, cryptoFrame(message, 0, 300), 300), s.seal(t, 1, cryptoFrame(message, 300, 600), 300)
	early := append([]byte("\xd0\x00\x00\x00\x01\x08original\x00\x05"), 1, 2, 3, 4, 5)
	short := []byte{0x41, 1, 2, 3}
	d := bytes.Join([][]byte{a, early, b, short}, nil)
	var q QUIC
	if err := q.Datagram(d, 0, true, len(d)); err != nil {
		t.Fatal(err)
	}
	var types []QUICType
	end := 0
	for _, p := range q.Packets {
		types = append(types, p.Type)
		if p.Packet.Off != end {
			t.Errorf("a packet at %v behind %d", p.Packet, end)
		}
		end = p.Packet.End()
	}
	if !bytes.Equal([]byte{byte(types[0]), byte(types[1]), byte(types[2]), byte(types[3])}, []byte{byte(QUICInitial), byte(QUICZeroRTT), byte(QUICInitial), byte(QUICShort)}) || end != len(d) {
		t.Errorf("types %v", types)
	}
	if len(q.conns[0].crypto[fromClient].Bytes()) != 600 {
		t.Errorf("%d bytes of the hello", len(q.conns[0].crypto[fromClient].Bytes()))
	}
	padded := append(bytes.Clone(a), make([]byte, 100)...) // padded outside of the packet
	q.Reset()
	if err := q.Datagram(padded, 0, true, len(padded)); err != nil || len(q.Packets) != 1 || !q.Packets[0].Opened {
		t.Errorf("%v, %+v", err, q.Packets)
	}
}

func TestQUICSecondConnection(t *testing.T) {
	var q QUIC
	for i, name := range []string{"one.practice.example", "two.practice.example", "3.practice.example", "4.practice.example", "5.practice.example"} {
		message := quicHello(t, name)
		s := newSealer(QUICv1, "cid of "+name[:1])
		for _, d := range [][]byte{s.seal(t, 0, cryptoFrame(message, 0, 1000), 0), s.seal(t, 1, cryptoFrame(message, 1000, len(message)), 0)} {
			if i == 0 && len(q.conns) > 0 {
				continue // the first connection never completes its hello
			}
			if err := q.Datagram(d, 0, true, len(d)); err != nil || !q.Packets[0].Opened {
				t.Fatalf("%s: %v, %+v", name, err, q.Packets)
			}
		}
		if i == 1 {
			m, err := q.Hello(true)
			var h ClientHello
			if _ = h.Parse(m.Body); err != nil || h.ServerName.Value != name {
				t.Errorf("%q, %v", h.ServerName.Value, err)
			}
		}
	}
	if len(q.conns) != maxConns {
		t.Errorf("%d connections", len(q.conns))
	}
}

func TestQUICPacketNumber(t *testing.T) {
	cases := []struct {
		largest, short uint64
		n              int
		want           uint64
	}{
		{0xa82f30ea, 0x9b32, 2, 0xa82f9b32}, // RFC 9000, appendix A.3
		{0, 0, 1, 0},
		{0, 200, 1, 200},
		{255, 3, 1, 259},
		{260, 250, 1, 250},
	}
	for _, c := range cases {
		if got := packetNumber(c.largest, c.short, c.n); got != c.want {
			t.Errorf("%#x after %#x: %#x, want %#x", c.short, c.largest, got, c.want)
		}
	}
}

func TestQUICCloses(t *testing.T) {
	s := newSealer(QUICv1, "original")
	b := s.seal(t, 0, []byte{0x1c, 0x41, 0x28, 0x06, 0x02, 'n', 'o'}, 0)
	var q QUIC
	if err := q.Datagram(b, 0, true, len(b)); err != nil || !q.Packets[0].Opened || !q.Packets[0].Close || q.Packets[0].Crypto {
		t.Errorf("%v, %+v", err, q.Packets)
	}
	if _, err := q.Hello(true); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("no hello: %v", err)
	}
}

func TestQUICReusesMemory(t *testing.T) {
	client, server := vectorPacket(t, QUICv1, vectors[0].head, vectors[0].tag), unhex(t, vectors[0].server)
	var q QUIC
	if n := testing.AllocsPerRun(100, func() {
		q.Reset()
		_ = q.Datagram(client, 0, true, len(client))
		_ = q.Datagram(server, 0, false, len(server))
	}); n > 10 { // the ciphers of both sides
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkQUICInitial(b *testing.B) {
	client := vectorPacket(b, QUICv1, vectors[0].head, vectors[0].tag)
	var q QUIC
	b.ReportAllocs()
	for b.Loop() {
		q.Reset()
		_ = q.Datagram(client, 0, true, len(client))
	}
}

func BenchmarkQUICKeys(b *testing.B) {
	var k quicKeys
	b.ReportAllocs()
	for b.Loop() {
		k.derive(QUICv1, 0, []byte(vectorCID))
		k.of(fromClient)
	}
}

// FuzzQUIC seals frames that the fuzzer made into two Initial packets, so that it gets past the encryption, and adds raw bytes.
func FuzzQUIC(f *testing.F) {
	message := quicHello(f, "fuzz.practice.example")
	f.Add(cryptoFrame(message, 0, 800), cryptoFrame(message, 800, len(message)), []byte("\x80"), uint16(2000))
	f.Add(cryptoFrame(message, 700, 900), cryptoFrame(message, 0, 750), vectorPacket(f, QUICv1, vectors[0].head, vectors[0].tag), uint16(500))
	f.Add([]byte{0x02, 1, 2, 1, 0, 3, 4, 0x01}, []byte{0x1c, 0, 0, 1, 'x'}, unhex(f, vectors[0].server), uint16(60))
	f.Fuzz(func(t *testing.T, one, two, raw []byte, size uint16) {
		if len(one) > 8000 || len(two) > 8000 {
			return
		}
		s := newSealer(QUICv1, "12345678")
		a, b := s.seal(t, 0, one, 4), s.seal(t, 1, two, 4)
		b = b[:min(len(b), int(size))]
		all := bytes.Join([][]byte{a, b, raw}, nil)
		var q, again QUIC
		_ = again.Datagram(raw, 0, true, len(raw))
		again.Reset()
		for _, q := range []*QUIC{&q, &again} {
			if err := q.Datagram(a, 0, true, len(a)); err != nil || len(q.Packets) == 0 || !q.Packets[0].Opened {
				t.Fatalf("own packet: %v, %+v", err, q.Packets)
			}
			_ = q.Datagram(b, len(a), true, len(b)+1)
			_ = q.Datagram(raw, len(a)+len(b), false, len(raw))
			for _, p := range q.Packets {
				if p.Packet.End() > len(raw) || p.Header.End() > p.Packet.End() || p.DCID.End() > len(raw) {
					t.Fatalf("%+v of %d bytes", p, len(raw))
				}
			}
		}
		for _, client := range []bool{true, false} {
			m, err := q.Hello(client)
			n, err2 := again.Hello(client)
			if (err == nil) != (err2 == nil) || !bytes.Equal(m.Body, n.Body) {
				t.Fatalf("used memory changes the result: %v, %v", err, err2)
			}
			if len(m.Body) > m.Len || err == nil && len(m.Body) != m.Len {
				t.Fatalf("%d of %d bytes, %v", len(m.Body), m.Len, err)
			}
			sum := 0
			for _, at := range m.Where(nil, Span{0, len(m.Body)}) {
				if at.Off < 0 || at.End() > len(all) {
					t.Fatalf("%v of %d", at, len(all))
				}
				sum += at.Len
			}
			if m.conn != nil && sum != len(m.Body) {
				t.Fatalf("%d of %d bytes stand somewhere", sum, len(m.Body))
			}
		}
	})
}
