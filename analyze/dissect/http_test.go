package dissect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"abroad/analyze/audit"
)

const (
	getOne = "GET /v1/log?user=alice HTTP/1.1\r\nHost: API.Example.com:8080\r\nCookie: secret=1\r\nAuthorization: Basic c2VjcmV0\r\n\r\n"
	post   = "POST /up HTTP/1.1\r\nhost: up.example\r\nContent-Length: 11\r\n\r\nGET / HTTP/1"
	chunks = "PUT /big HTTP/1.1\r\nHost: big.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
	getTwo = "GET / HTTP/1.1\r\nHost: two.example\r\n\r\n"
	okBody = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
)

func TestHTTP(t *testing.T) {
	packets := []packet{up(getOne), down(okBody), up(strings.TrimSuffix(post, "1")), down(okBody), up(chunks), down(okBody), up(getTwo), down(okBody)}
	for _, port := range []uint16{80, 4321} {
		for _, n := range []int{1, 3, 17, 64, 1 << 20} {
			r := play{proto: audit.TCP, port: port, packets: split(packets, n)}.run(t)
			r.want(t, "http", audit.Plaintext,
				"http-request GET /v1/log (18 bytes)", "http-host api.example.com",
				"http-request POST /up (3 bytes)", "http-host up.example",
				"http-request PUT /big (4 bytes)", "http-host big.example",
				"http-request GET / (1 bytes)", "http-host two.example")
			if got := r.at(r.Seen[0].Refs); got != "GET /v1/log" {
				t.Errorf("request at %q", got)
			}
			if got := r.at(r.Seen[1].Refs); got != "API.Example.com:8080" {
				t.Errorf("host at %q", got)
			}
			if len(r.Anomalies) > 0 {
				t.Errorf("segments of %d: anomalies %v", n, r.codes())
			}
			for _, s := range r.list() {
				if strings.Contains(s, "secret") || strings.Contains(s, "alice") || strings.Contains(s, "c2Vj") {
					t.Errorf("told a secret: %s", s)
				}
			}
		}
	}
}

func TestHTTPLongBody(t *testing.T) {
	body := strings.Repeat("x", 100_000)
	packets := []packet{up(fmt.Sprintf("POST /up HTTP/1.1\r\nHost: a.example\r\nContent-Length: %d\r\n\r\n", len(body)) + body), down(okBody), up(getTwo)}
	r := play{proto: audit.TCP, port: 80, packets: split(packets, 1000)}.run(t)
	r.want(t, "http", audit.Plaintext, "http-request POST /up (3 bytes)", "http-host a.example", "http-request GET / (1 bytes)", "http-host two.example")
	if r.steps > 10 {
		t.Errorf("asked %d times for 100 segments of a body", r.steps)
	}
}

func TestHTTPResync(t *testing.T) {
	want := []string{"http-request GET /v1/log (18 bytes)", "http-host api.example.com", "http-request GET / (1 bytes)", "http-host two.example"}
	// Bytes that belong to nothing, in a packet of their own.
	r := play{proto: audit.TCP, port: 80, packets: []packet{up(getOne), up("what is this?"), up(getTwo)}}.run(t)
	r.want(t, "http", audit.Plaintext, want...)
	if !slices.Equal(r.codes(), []string{"http malformed"}) {
		t.Errorf("anomalies %v", r.codes())
	}
	// A segment of a body was lost, then one between.
	lost := packet{data: strings.Repeat("y", 500), lost: true}
	long := "POST /up HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1500\r\n\r\n" + strings.Repeat("x", 500)
	r = play{proto: audit.TCP, port: 80, packets: []packet{up(long), lost, up(strings.Repeat("z", 500)), up(getTwo)}}.run(t)
	r.want(t, "http", audit.Plaintext, "http-request POST /up (3 bytes)", "http-host a.example", "http-request GET / (1 bytes)", "http-host two.example")
	// The recording begins inside a body.
	r = play{proto: audit.TCP, port: 80, mid: true, packets: []packet{up("rest of a body"), up("more"), up(getTwo), down(okBody)}}.run(t)
	r.want(t, "http", audit.Plaintext, want[2:]...)
}

func TestHTTPAnswersOnly(t *testing.T) {
	for _, mid := range []bool{false, true} {
		play{proto: audit.TCP, port: 80, mid: mid, packets: []packet{down(okBody), down(okBody)}}.run(t).want(t, "http", audit.Plaintext)
	}
	// The flow's first packet is the server's, the requests come from the other side.
	r := play{proto: audit.TCP, port: 80, mid: true, packets: []packet{down(okBody), up(getTwo), down(okBody)}}.run(t)
	r.want(t, "http", audit.Plaintext, "http-request GET / (1 bytes)", "http-host two.example")
}

func TestHTTPCut(t *testing.T) {
	whole := []string{"http-request GET /v1/log (18 bytes)", "http-host api.example.com"}
	for i := range getOne {
		p := up(getOne)
		p.cut = len(getOne) - i
		for _, packets := range [][]packet{{up(getOne[:i])}, {p, up(getTwo)}} {
			r := play{proto: audit.TCP, port: 80, packets: packets}.run(t)
			for _, host := range r.values(audit.SeenHost) {
				if host != "api.example.com" && host != "two.example" {
					t.Fatalf("cut at %d: host %q", i, host)
				}
			}
			if i > strings.Index(getOne, "Cookie") && !slices.Equal(r.list()[:2], whole) {
				t.Fatalf("cut at %d: %q", i, r.list())
			}
			for _, s := range r.list() {
				if strings.Contains(s, "alice") {
					t.Fatalf("cut at %d: told a secret: %s", i, s)
				}
			}
		}
	}
}

func TestHTTPProxy(t *testing.T) {
	hello := handshake(t, tlsConfig("inner.example"), 0)
	connect := "CONNECT inner.example:443 HTTP/1.1\r\nHost: inner.example:443\r\nProxy-Authorization: Basic c2VjcmV0\r\n\r\n"
	said := []string{"http-request CONNECT (17 bytes)", "http-host inner.example", "upgrade http connect inner.example:443"}
	secure := []string{"sni inner.example", "tls-version 1.3"}
	packets := append([]packet{up(connect), down("HTTP/1.1 200 Connection established\r\n\r\n")}, hello...)
	for _, n := range []int{1, 50, 1 << 20} {
		r := play{proto: audit.TCP, port: 3128, packets: split(packets, n)}.run(t)
		r.want(t, "tls", audit.Plaintext|audit.Proxied|audit.Upgraded, slices.Concat(said, secure)...)
		if len(r.RTT) != 1 {
			t.Errorf("RTT %+v", r.RTT)
		}
	}
	// Refused first, then granted.
	refusal := "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nsay!"
	packets = append([]packet{up(connect), down(refusal), up(connect), down("HTTP/1.1 200 OK\r\n\r\n")}, hello...)
	r := play{proto: audit.TCP, port: 8080, packets: packets}.run(t)
	r.want(t, "tls", audit.Plaintext|audit.Proxied|audit.Upgraded, slices.Concat(said, said, secure)...)
	// Only the client's side was recorded.
	packets = []packet{up(connect)}
	for _, p := range hello {
		if !p.server {
			packets = append(packets, p)
		}
	}
	r = play{proto: audit.TCP, port: 8080, packets: packets}.run(t)
	r.want(t, "tls", audit.Plaintext|audit.Proxied|audit.Upgraded, slices.Concat(said, secure[:1])...)
	// The absolute form.
	r = play{proto: audit.TCP, port: 8080, packets: []packet{up("GET http://user:pw@Origin.example:81/a?b HTTP/1.1\r\nHost: origin.example\r\n\r\n"), down(okBody)}}.run(t)
	r.want(t, "http", audit.Plaintext|audit.Proxied, "http-request GET /a (36 bytes)", "http-host origin.example")
}

func TestWebSocket(t *testing.T) {
	ask := "GET /chat HTTP/1.1\r\nHost: ws.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
	r := play{proto: audit.TCP, port: 80, packets: []packet{up(ask), down("HTTP/1.1 101 Switching Protocols\r\n\r\n"), up("\x81\x85frame"), up(getTwo)}}.run(t)
	r.want(t, "websocket", audit.Plaintext, "http-request GET /chat (5 bytes)", "http-host ws.example", "protocol websocket")
}

// http2Requests writes what a client of HTTP/2 sends.
func http2Requests(hosts ...string) string {
	var out, block strings.Builder
	out.WriteString(http2.ClientPreface)
	f := http2.NewFramer(&out, nil)
	f.WriteSettings()
	h := hpack.NewEncoder(&block)
	for i, host := range hosts {
		block.Reset()
		for _, field := range []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: host}, {Name: ":path", Value: "/p?q=secret"}, {Name: "cookie", Value: "secret"}} {
			h.WriteField(field)
		}
		f.WriteHeaders(http2.HeadersFrameParam{StreamID: uint32(2*i + 1), BlockFragment: []byte(block.String()), EndHeaders: true, EndStream: true})
	}
	return out.String()
}

func TestHTTP2(t *testing.T) {
	want := []string{"http-request GET /p (11 bytes)", "http-host a.example", "http-request GET /p (11 bytes)", "http-host b.example"}
	whole := http2Requests("A.example:80", "b.example")
	for _, n := range []int{1, 10, 1 << 20} {
		play{proto: audit.TCP, port: 8080, packets: split([]packet{up(whole)}, n)}.run(t).want(t, "http2", audit.Plaintext, want...)
	}
	for i := range whole {
		for _, host := range (play{proto: audit.TCP, port: 80, packets: []packet{up(whole[:i])}}).run(t).values(audit.SeenHost) {
			if host != "a.example" && host != "b.example" {
				t.Fatalf("cut at %d: host %q", i, host)
			}
		}
	}
	// Upgraded from HTTP/1 (RFC 7540, section 3.2).
	ask := "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
	r := play{proto: audit.TCP, port: 80, packets: []packet{up(ask), down("HTTP/1.1 101 Switching Protocols\r\n\r\n"), up(whole)}}.run(t)
	r.want(t, "http2", audit.Plaintext, append([]string{"http-request GET / (1 bytes)", "http-host a.example"}, want...)...)
}

func TestHostOf(t *testing.T) {
	for in, want := range map[string]string{
		"A.example": "a.example", "a.example.:80": "a.example", "[2001:DB8::1]:80": "2001:db8::1", "2001:db8::1": "2001:db8::1", "": "", ":80": "", "[": "[", "a.example\x00b": "a.example", "192.0.2.1:8": "192.0.2.1",
	} {
		if got := hostOf(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestHTTP2DNS plays DNS over HTTPS whose encryption was taken off.
func TestHTTP2DNS(t *testing.T) {
	var ask, answer, block strings.Builder
	ask.WriteString(http2.ClientPreface)
	h := hpack.NewEncoder(&block)
	for _, field := range []hpack.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":authority", Value: "dns.example"}, {Name: ":path", Value: "/dns-query"}} {
		h.WriteField(field)
	}
	f := http2.NewFramer(&ask, nil)
	f.WriteSettings()
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte(block.String()), EndHeaders: true})
	f.WriteData(1, true, []byte(askWWW))
	f = http2.NewFramer(&answer, nil)
	f.WriteSettings()
	f.WriteDataPadded(1, true, []byte(answerWWW), make([]byte, 5))
	r := play{proto: audit.TCP, port: 80, packets: []packet{up(ask.String()[:50]), down(answer.String()[:9]), up(ask.String()[50:]), down(answer.String()[9:])}}.run(t)
	r.want(t, "http2", audit.Plaintext, append([]string{"http-request POST /dns-query (10 bytes)", "http-host dns.example"}, sawWWW...)...)
}
