package online

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"abroad/analyze/locate"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// zone is what the honest servers know.
var zone = map[string][]string{
	"1.0.4.46.in-addr.arpa. PTR": {"1.0.4.46.in-addr.arpa. 60 IN PTR Host.Operator.net."},
	"host.operator.net. A":       {"host.operator.net. 60 IN A 46.4.0.1"},
	"2.0.4.46.in-addr.arpa. PTR": {"2.0.4.46.in-addr.arpa. 60 IN PTR liar.operator.net."},
	"liar.operator.net. A":       {"liar.operator.net. 60 IN A 46.4.0.9"},
	"api.app.net. A":             {"api.app.net. 30 IN CNAME front.cdn.net.", "front.cdn.net. 20 IN A 46.4.0.3"},
	"api.app.net. HTTPS":         {`api.app.net. 30 IN HTTPS 1 . alpn="h2,h3" ipv4hint=46.4.0.3`},
	"4.3.2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.a.2.ip6.arpa. PTR": {"4.3.2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.a.2.ip6.arpa. 60 IN PTR six.operator.net."},
	"six.operator.net. AAAA": {"six.operator.net. 60 IN AAAA 2a01:db8::1234"},
}

func known(m *dns.Msg) *dns.Msg {
	r := new(dns.Msg)
	r.SetReply(m)
	q := m.Question[0]
	list, ok := zone[strings.ToLower(q.Name)+" "+dns.TypeToString[q.Qtype]]
	if !ok {
		r.Rcode = dns.RcodeNameError
	}
	for _, text := range list {
		rr, err := dns.NewRR(text)
		if err != nil {
			panic(err)
		}
		r.Answer = append(r.Answer, rr)
	}
	return r
}

type asking struct {
	*dns.Msg
	network string
}

// listen starts a server on loopback, over UDP and TCP at one port, or over TLS. answer nil says nothing.
func listen(t *testing.T, config *tls.Config, answer func(asking) *dns.Msg) string {
	t.Helper()
	handler := func(network string) dns.HandlerFunc {
		return func(w dns.ResponseWriter, m *dns.Msg) {
			if r := answer(asking{m, network}); r != nil {
				w.WriteMsg(r)
			}
		}
	}
	if config != nil {
		l, err := tls.Listen("tcp", "127.0.0.1:0", config)
		if err != nil {
			t.Fatal(err)
		}
		start(t, &dns.Server{Listener: l, Net: "tcp-tls", Handler: handler("dot")})
		return l.Addr().String()
	}
	for range 10 { // until a port is free for both
		p, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", p.LocalAddr().String())
		if err != nil {
			p.Close()
			continue
		}
		start(t, &dns.Server{PacketConn: p, Handler: handler("udp")})
		start(t, &dns.Server{Listener: l, Handler: handler("tcp")})
		return p.LocalAddr().String()
	}
	t.Fatal("no port is free")
	return ""
}

func start(t *testing.T, s *dns.Server) {
	ready := make(chan struct{})
	s.NotifyStartedFunc = func() { close(ready) }
	go s.ActivateAndServe()
	<-ready
	t.Cleanup(func() { s.Shutdown() })
}

// authority is a certificate for 127.0.0.1, and a configuration that trusts it.
func authority(t *testing.T) (server, client *tls.Config) {
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
}

func doh(t *testing.T, answer http.HandlerFunc) string {
	s := httptest.NewUnstartedServer(answer)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL + "/dns-query"
}

// post answers as a DoH server does.
func post(t *testing.T, answer func(asking) *dns.Msg) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		m := new(dns.Msg)
		if err := m.Unpack(body); err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/dns-message" || m.Id != 0 {
			t.Errorf("not a question of RFC 8484: %s %v id %d", r.Method, err, m.Id)
		}
		out, err := answer(asking{m, "doh"}).Pack()
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/dns-message")
		w.Write(out)
	}
}

func server(t *testing.T, text, transport string) Server {
	t.Helper()
	s, err := ParseServer(text, transport)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func resolver(config *tls.Config, servers ...Server) *Resolver {
	r := NewResolver(servers, config)
	r.Rate = 10_000
	r.Now = func() time.Time { return time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC) }
	r.exchange.timeout = 20 * time.Second // a busy machine is no dead server
	return r
}

var (
	someAddresses = []netip.Addr{netip.MustParseAddr("46.4.0.2"), netip.MustParseAddr("46.4.0.1"), netip.MustParseAddr("2a01:db8::1234")}
	someNames     = []string{"api.app.net", "printer.local", "*.app.net", "app", "198.51.100.1", "gone.app.net"}
)

// said writes answers in lines, without times.
func said(answers []Answer, names map[string]string) string {
	var b strings.Builder
	for _, a := range answers {
		code := a.Code
		if strings.HasPrefix(code, "no answer: ") {
			code = "no answer"
		}
		fmt.Fprintf(&b, "%s %s %s %s %s", a.Name, a.Type, names[a.Server], a.Transport, code)
		for _, r := range a.Records {
			fmt.Fprintf(&b, " | %s %s %s", r.Owner, r.Type, r.Value)
		}
		if a.Dropped > 0 {
			fmt.Fprintf(&b, " (%d dropped)", a.Dropped)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const honest = `2a01:db8::1234 PTR S WAY NOERROR | 4.3.2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.a.2.ip6.arpa PTR six.operator.net
46.4.0.1 PTR S WAY NOERROR | 1.0.4.46.in-addr.arpa PTR host.operator.net
46.4.0.2 PTR S WAY NOERROR | 2.0.4.46.in-addr.arpa PTR liar.operator.net
api.app.net A S WAY NOERROR | api.app.net CNAME front.cdn.net | front.cdn.net A 46.4.0.3
api.app.net AAAA S WAY NXDOMAIN
api.app.net HTTPS S WAY NOERROR | api.app.net HTTPS 1 . alpn="h2,h3" ipv4hint="46.4.0.3"
gone.app.net A S WAY NXDOMAIN
gone.app.net AAAA S WAY NXDOMAIN
gone.app.net HTTPS S WAY NXDOMAIN
host.operator.net A S WAY NOERROR | host.operator.net A 46.4.0.1
liar.operator.net A S WAY NOERROR | liar.operator.net A 46.4.0.9
six.operator.net AAAA S WAY NOERROR | six.operator.net AAAA 2a01:db8::1234
`

// Every way of asking gives the same answers; what they say is confirmed or not.
func TestResolveWays(t *testing.T) {
	serve, trust := authority(t)
	all := func(a asking) *dns.Msg { return known(a.Msg) }
	truncating := func(a asking) *dns.Msg {
		r := known(a.Msg)
		if a.network == "udp" {
			r.Answer, r.Truncated = nil, true
		}
		return r
	}
	for _, c := range []struct {
		way string
		s   Server
	}{
		{"udp", server(t, listen(t, nil, all), UDP)},
		{"tcp", server(t, listen(t, nil, truncating), UDP)},
		{"dot", server(t, listen(t, serve, all), DoT)},
		{"doh", server(t, doh(t, post(t, all)), DoH)},
	} {
		r := resolver(trust, c.s)
		questions := Questions(someAddresses, someNames)
		answers, err := r.Run(context.Background(), questions)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(strings.ReplaceAll(honest, " S ", " s "), "WAY", c.way)
		if diff := cmp.Diff(want, said(answers, map[string]string{c.s.Name: "s"})); diff != "" {
			t.Errorf("%s: %s", c.way, diff)
		}
		if r.Asked() != int64(len(questions)+3) {
			t.Errorf("%d questions counted", r.Asked())
		}
		var table bytes.Buffer
		if err := Write(&table, answers); err != nil {
			t.Fatal(err)
		}
		day, err := locate.ResolvedDay(table.Bytes())
		if err != nil || day != "2026-05-06" {
			t.Errorf("%s: the table cannot be read: %q, %v\n%s", c.way, day, err, table.Bytes())
		}
		if !strings.Contains(table.String(), "46.4.0.1,PTR,"+c.s.Name+","+c.way+",,2026-05-06T07:08:09Z,") {
			t.Errorf("%s:\n%s", c.way, table.String())
		}
	}
}

func TestResolveSubnet(t *testing.T) {
	var seen atomic.Value
	s := server(t, listen(t, nil, func(a asking) *dns.Msg {
		text := "none"
		if o := a.IsEdns0(); o != nil {
			for _, opt := range o.Option {
				if subnet, ok := opt.(*dns.EDNS0_SUBNET); ok {
					text = fmt.Sprintf("%s/%d", subnet.Address, subnet.SourceNetmask)
				}
			}
		}
		if a.Question[0].Qtype == dns.TypePTR && text != "none" {
			t.Errorf("a reverse question tells the subnet %s", text)
		} else if a.Question[0].Qtype != dns.TypePTR {
			seen.Store(text)
		}
		return known(a.Msg)
	}), UDP)
	r := resolver(nil, s)
	r.Subnet = netip.MustParsePrefix("203.0.113.0/24")
	answers, err := r.Run(context.Background(), Questions(someAddresses[:1], someNames[:1]))
	if err != nil || seen.Load() != "203.0.113.0/24" {
		t.Errorf("told %v, %v", seen.Load(), err)
	}
	for _, a := range answers {
		if (a.Subnet == "203.0.113.0/24") != (a.Type != "PTR") {
			t.Errorf("%+v", a)
		}
	}
}

// Servers that lie, cut short, or are not there: what they do is in the table, and the honest one is heard.
func TestResolveHostile(t *testing.T) {
	serve, trust := authority(t)
	good := server(t, listen(t, nil, func(a asking) *dns.Msg { return known(a.Msg) }), UDP)
	liars := map[string]Server{
		"other question": server(t, listen(t, nil, func(a asking) *dns.Msg {
			r := known(a.Msg)
			r.Question[0].Name = "bank.net."
			return r
		}), UDP),
		"more records": server(t, listen(t, nil, func(a asking) *dns.Msg {
			r := known(a.Msg)
			for _, text := range []string{"bank.net. 60 IN A 6.6.6.6", "api.app.net. 60 IN TXT \"x\"", "loop.net. 1 IN CNAME api.app.net."} {
				rr, _ := dns.NewRR(text)
				r.Answer = append(r.Answer, rr)
			}
			return r
		}), UDP),
		"loop": server(t, listen(t, nil, func(a asking) *dns.Msg {
			r := new(dns.Msg)
			r.SetReply(a.Msg)
			for _, text := range []string{"api.app.net. 1 IN CNAME b.net.", "b.net. 1 IN CNAME api.app.net."} {
				rr, _ := dns.NewRR(text)
				r.Answer = append(r.Answer, rr)
			}
			return r
		}), UDP),
		"cut": server(t, listen(t, serve, func(a asking) *dns.Msg {
			r := known(a.Msg)
			r.Truncated = true
			return r
		}), DoT),
		"dead":     server(t, "127.0.0.1:1", DoT),
		"stranger": server(t, listen(t, serve, func(a asking) *dns.Msg { return known(a.Msg) })+"#dns.stranger.net", DoT),
		"page":     server(t, doh(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }), DoH),
		"moved": server(t, doh(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://127.0.0.1:1/", http.StatusTemporaryRedirect)
		}), DoH),
		"large":      server(t, doh(t, large), DoH),
		"wrong name": server(t, doh(t, post(t, func(a asking) *dns.Msg { r := known(a.Msg); r.Question = nil; return r })), DoH),
	}
	servers, names := []Server{good}, map[string]string{good.Name: "good"}
	for name, s := range liars {
		servers = append(servers, s)
		names[s.Name] = name
	}
	r := resolver(trust, servers...)
	answers, err := r.Run(context.Background(), []Question{{"api.app.net", "A"}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range answers {
		got[names[a.Server]] = strings.TrimSuffix(strings.TrimPrefix(said([]Answer{a}, map[string]string{a.Server: "s"}), "api.app.net A s "), "\n")
	}
	want := map[string]string{
		"good":           "udp NOERROR | api.app.net CNAME front.cdn.net | front.cdn.net A 46.4.0.3",
		"other question": "udp no answer",
		"more records":   "udp NOERROR | api.app.net CNAME front.cdn.net | front.cdn.net A 46.4.0.3 (3 dropped)",
		"loop":           "udp NOERROR | api.app.net CNAME b.net | b.net CNAME api.app.net",
		"cut":            "dot no answer",
		"dead":           "dot no answer",
		"stranger":       "dot no answer",
		"page":           "doh no answer",
		"moved":          "doh no answer",
		"large":          "doh no answer",
		"wrong name":     "doh no answer",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var table bytes.Buffer
	if err := Write(&table, answers); err != nil {
		t.Fatal(err)
	}
	if _, err := locate.ResolvedDay(table.Bytes()); err != nil {
		t.Errorf("%v\n%s", err, table.Bytes())
	}
}

func large(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/dns-message")
	w.Write(make([]byte, maxMessage+10))
}

// A server that never answers is left after a while; one that answers late on the second try is not.
func TestResolveTries(t *testing.T) {
	var dead, flaky atomic.Int64
	silent := server(t, listen(t, nil, func(asking) *dns.Msg { dead.Add(1); return nil }), UDP)
	second := server(t, listen(t, nil, func(a asking) *dns.Msg {
		if flaky.Add(1)%2 == 1 {
			return nil
		}
		return known(a.Msg)
	}), UDP)
	var questions []Question
	for n := range 60 {
		questions = append(questions, Question{fmt.Sprintf("n%02d.app.net", n), "A"})
	}
	r := resolver(nil, silent)
	r.exchange.timeout = 30 * time.Millisecond
	answers, err := r.Run(context.Background(), questions)
	if err != nil || len(answers) != len(questions) {
		t.Fatal(len(answers), err)
	}
	left := 0
	for _, a := range answers {
		if strings.HasPrefix(a.Code, "not asked: ") {
			left++
		} else if a.Code != "timeout" {
			t.Errorf("%+v", a)
		}
	}
	if n := dead.Load(); left < 40 || n > (1+questionTry)*(fallen+perServer) {
		t.Errorf("%d questions left out, %d sent", left, n)
	}
	// Nobody listens: a refusal comes back fast, and is no answer.
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := server(t, closed.LocalAddr().String(), UDP)
	closed.Close()
	answers, err = resolver(nil, gone).Run(context.Background(), questions)
	if err != nil || len(answers) != len(questions) {
		t.Fatal(len(answers), err)
	}
	for _, a := range answers {
		if a.RTT != 0 || !strings.HasPrefix(a.Code, "not asked: ") && !strings.HasPrefix(a.Code, "no answer: ") && a.Code != "timeout" {
			t.Errorf("nobody listens: %+v", a)
		}
	}
	r = resolver(nil, second)
	r.exchange.timeout = time.Second
	answers, err = r.Run(context.Background(), questions[:1])
	if err != nil || answers[0].Code != "NXDOMAIN" || flaky.Load() != 2 {
		t.Errorf("%+v after %d tries, %v", answers, flaky.Load(), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if answers, err = resolver(nil, second).Run(ctx, questions); err == nil || len(answers) != 0 {
		t.Errorf("given up: %d answers, %v", len(answers), err)
	}
	if _, err := r.Run(context.Background(), make([]Question, MaxQuestions+1)); err == nil {
		t.Error("too many questions were asked")
	}
}

func TestParseServer(t *testing.T) {
	for _, c := range []struct{ text, transport, want string }{
		{"192.0.2.53", UDP, "192.0.2.53:53"},
		{"2001:db8::53", UDP, "[2001:db8::53]:53"},
		{"[2001:db8::53]:5353", UDP, "[2001:db8::53]:5353"},
		{"192.0.2.53", DoT, "192.0.2.53:853"},
		{"192.0.2.53:8853#dns.example", DoT, "192.0.2.53:8853#dns.example"},
		{"https://dns.example/dns-query", DoH, "https://dns.example/dns-query"},
		{"192.0.2.53", DoH, "https://192.0.2.53/dns-query"},
		{"dns.example", UDP, ""}, {"dns.example", DoT, ""}, {"192.0.2.53#dns.example", UDP, ""}, {"192.0.2.53#", DoT, ""}, {"192.0.2.53#a b", DoT, ""},
		{"http://dns.example/", DoH, ""}, {"https://a:b@dns.example/", DoH, ""}, {"https://dns.example/?x=1", DoH, ""}, {"", UDP, ""}, {"192.0.2.53", "tcp", ""},
	} {
		s, err := ParseServer(c.text, c.transport)
		if (err == nil) != (c.want != "") || err == nil && s.Name != c.want {
			t.Errorf("%q over %s: %q, %v; want %q", c.text, c.transport, s.Name, err, c.want)
		}
	}
}

func TestAskable(t *testing.T) {
	for name, want := range map[string]bool{
		"api.app.net": true, "_dns.resolver.arpa": false, "a.local": false, "localhost": false, "x.example": false, "a..b.net": false, "a b.net": false,
		"1.2.3.4": false, "*.app.net": false, "host.home.arpa": false, "a.onion": false, strings.Repeat("a", 64) + ".net": false, "": false, "e.com.": false,
	} {
		if Askable(name) != want {
			t.Errorf("%q: %t", name, !want)
		}
	}
}

// FuzzRecords reads answers of strangers: what is kept belongs to the question, is bounded, and can be read in a table again.
func FuzzRecords(f *testing.F) {
	for key := range zone {
		name, kind, _ := strings.Cut(key, " ")
		m := new(dns.Msg)
		m.SetQuestion(name, dns.StringToType[kind])
		wire, err := known(m).Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, name, kind)
	}
	f.Fuzz(func(t *testing.T, wire []byte, name, kind string) {
		m := new(dns.Msg)
		typ, ok := dns.StringToType[kind]
		if m.Unpack(wire) != nil || !ok {
			return
		}
		list, dropped := records(m, dns.Question{Name: name, Qtype: typ, Qclass: dns.ClassINET})
		if len(list) > maxRecords || len(list)+dropped != len(m.Answer) {
			t.Fatalf("%d kept and %d dropped of %d", len(list), dropped, len(m.Answer))
		}
		for _, r := range list {
			if r.Type != kind && r.Type != "CNAME" || r.Value == "" || len(r.Value) > maxValue {
				t.Fatalf("%+v is no answer to %s %s", r, name, kind)
			}
		}
		q := Question{"api.app.net", "A"}
		if kind == "AAAA" || kind == "HTTPS" {
			q.Type = kind
		}
		if kind != q.Type {
			return
		}
		var table bytes.Buffer
		answers := []Answer{{Question: q, Server: "192.0.2.53:53", Transport: UDP, Time: time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC), Code: rcode(m.Rcode), Records: list}}
		if err := Write(&table, answers); err != nil {
			t.Fatal(err)
		}
		if _, err := locate.ResolvedDay(table.Bytes()); err != nil {
			t.Fatalf("%v\n%s", err, table.Bytes())
		}
	})
}
