package dissect

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"abroad/analyze/audit"
)

// dnsQuery packs a question.
func dnsQuery(name string, typ uint16) string {
	m := new(dns.Msg).SetQuestion(name, typ)
	m.Id = 0x1234
	b, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return string(b)
}

// dnsAnswer packs a compressed response with the records written in zone file form.
func dnsAnswer(name string, typ uint16, records ...string) string {
	m := new(dns.Msg).SetQuestion(name, typ)
	m.Id, m.Response, m.Compress = 0x1234, true, true
	for _, r := range records {
		rr, err := dns.NewRR(r)
		if err != nil {
			panic(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	b, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return string(b)
}

func prefixed(messages ...string) string {
	var b []byte
	for _, m := range messages {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(m))), m...)
	}
	return string(b)
}

var (
	askWWW    = dnsQuery("WWW.Example.com.", dns.TypeA)
	answerWWW = dnsAnswer("WWW.Example.com.", dns.TypeA,
		"www.example.com. 300 IN CNAME Edge.example.net.",
		"edge.example.net. 60 IN A 192.0.2.1",
		"edge.example.net. 60 IN AAAA 2001:db8::1",
		`edge.example.net. 60 IN HTTPS 1 . alpn="h3,h2" ipv4hint="192.0.2.7,192.0.2.8" ech="AEX+DQA=" ipv6hint="2001:db8::7"`,
		"edge.example.net. 60 IN TXT \"not kept\"")
	sawWWW = []string{
		"dns-query www.example.com A",
		"answer dns: www.example.com www.example.com CNAME edge.example.net 300",
		"answer dns: www.example.com edge.example.net A 192.0.2.1 60",
		"answer dns: www.example.com edge.example.net AAAA 2001:db8::1 60",
		`answer dns: www.example.com edge.example.net HTTPS 1 . alpn="h3,h2" ipv4hint="192.0.2.7,192.0.2.8" ech="AEX+DQA=" ipv6hint="2001:db8::7" 60`,
	}
)

func TestDNS(t *testing.T) {
	r := play{proto: audit.UDP, port: 53, packets: []packet{up(askWWW), down(answerWWW)}}.run(t)
	r.want(t, "dns", 0, sawWWW...)
	if a := r.Answers[1]; a.Resolver != netip.AddrPortFrom(serverIP, 53) || a.Client != clientIP || a.Time != 2_000_000 {
		t.Errorf("answer %+v", a)
	}
	if got := r.at(r.Seen[0].Refs); got != askWWW[12:] {
		t.Errorf("question at %q", got)
	}
	if len(r.Anomalies) > 0 {
		t.Errorf("anomalies %v", r.codes())
	}
}

func TestDNSElsewhere(t *testing.T) {
	packets := []packet{up(askWWW), down(answerWWW)}
	play{proto: audit.UDP, port: 4443, packets: packets}.run(t).want(t, "dns", 0, sawWWW...)
	play{proto: audit.UDP, port: 4443, packets: []packet{up(askWWW + "x"), down(answerWWW[:len(answerWWW)-1])}}.run(t).want(t, "", 0)
}

func TestDNSOneSided(t *testing.T) {
	// The recording has the answers only: the flow's first sender is the resolver.
	r := play{proto: audit.UDP, port: 53, packets: []packet{down(answerWWW), down(answerWWW)}}.run(t)
	r.want(t, "dns", 0, append([]string{sawWWW[0], sawWWW[0]}, slices.Concat(sawWWW[1:], sawWWW[1:])...)...)
	if a := r.Answers[0]; a.Resolver != netip.AddrPortFrom(serverIP, 53) || a.Client != clientIP {
		t.Errorf("answer %+v", a)
	}
}

func TestDNSStream(t *testing.T) {
	other := dnsQuery("b.example.", dns.TypeMX)
	packets := []packet{up(prefixed(askWWW, other)), down(prefixed(answerWWW))}
	want := append([]string{sawWWW[0], "dns-query b.example MX"}, sawWWW[1:]...)
	for n := 1; n < 200; n = n*2 + 1 {
		for _, port := range []uint16{53, 4443} {
			play{proto: audit.TCP, port: port, packets: split(packets, n)}.run(t).want(t, "dns", 0, want...)
		}
	}
}

func TestDNSCut(t *testing.T) {
	for i := range answerWWW {
		p := down(answerWWW)
		p.cut = len(answerWWW) - i
		r := play{proto: audit.UDP, port: 53, packets: []packet{up(askWWW), p}}.run(t)
		got := r.list()
		if len(got) > len(sawWWW) || !slices.Equal(got, sawWWW[:len(got)]) {
			t.Fatalf("cut at %d: %q", i, got)
		}
		// From the header on, the cut is said.
		if i > 12 && i < len(answerWWW) && !slices.Equal(r.codes(), []string{"dns cut-short"}) {
			t.Fatalf("cut at %d: anomalies %v", i, r.codes())
		}
		// In a stream the rest never came.
		r = play{proto: audit.TCP, port: 53, packets: []packet{up(prefixed(askWWW)), down(prefixed(answerWWW)[:i])}}.run(t)
		if got := r.list(); len(got) > len(sawWWW) || !slices.Equal(got, sawWWW[:len(got)]) {
			t.Fatalf("stream cut at %d: %q", i, got)
		}
	}
}

func TestDNSMalformed(t *testing.T) {
	twin := []byte(answerWWW)
	at := strings.Index(answerWWW, "\xc0\x00\x02\x01") // the A record's address
	twin[at-1] = 3                                     // its length
	r := play{proto: audit.UDP, port: 53, packets: []packet{up(askWWW), down(string(twin))}}.run(t)
	r.want(t, "dns", 0, sawWWW[:2]...)
	if !slices.Contains(r.codes(), "dns malformed") {
		t.Errorf("anomalies %v", r.codes())
	}

	loop := "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + "\xc0\x0c\x00\x01\x00\x01"
	r = play{proto: audit.UDP, port: 53, packets: []packet{up(askWWW), down(loop)}}.run(t)
	r.want(t, "dns", 0, sawWWW[0])

	many := []byte(answerWWW)
	binary.BigEndian.PutUint16(many[6:], 0xffff)
	r = play{proto: audit.UDP, port: 53, packets: []packet{up(askWWW), down(string(many))}}.run(t)
	r.want(t, "dns", 0, sawWWW[0])
}

func TestDNSFlags(t *testing.T) {
	m := new(dns.Msg).SetQuestion("example.com.", dns.TypeAAAA)
	m.Extra = append(m.Extra, &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT, Class: 1232}, Option: []dns.EDNS0{
		&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: net.IPv4(203, 0, 113, 0)},
	}})
	ask, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m.Response, m.Truncated, m.Extra = true, true, nil
	answer, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	r := play{proto: audit.UDP, port: 53, packets: []packet{up(string(ask)), down(string(answer))}}.run(t)
	r.want(t, "dns", 0, "dns-query example.com AAAA", "protocol edns-client-subnet 203.0.113.0/24", "protocol dns-truncated")
}

func TestMulticastDNS(t *testing.T) {
	for port, name := range map[uint16]string{5353: "mdns", 5355: "llmnr"} {
		answer := dnsAnswer("printer.local.", dns.TypeA, "printer.local. 120 IN A 192.168.1.9")
		binary.BigEndian.PutUint16([]byte(answer[4:]), 0)
		r := play{proto: audit.UDP, port: port, clientPort: port, packets: []packet{up(dnsQuery("printer.local.", dns.TypeA)), down(answer)}}.run(t)
		r.want(t, name, 0, "dns-query printer.local A", fmt.Sprintf("answer %s: printer.local printer.local A 192.168.1.9 120", name))
	}
	// An announcement has no question, and the cache-flush bit in its class.
	m := new(dns.Msg)
	m.Response = true
	rr, _ := dns.NewRR("tv.local. 120 IN AAAA fe80::1")
	rr.Header().Class |= 0x8000
	m.Answer = append(m.Answer, rr)
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	r := play{proto: audit.UDP, port: 5353, clientPort: 5353, packets: []packet{up(string(b))}}.run(t)
	r.want(t, "mdns", 0, "answer mdns:  tv.local AAAA fe80::1 120")
}

func TestWireName(t *testing.T) {
	for in, want := range map[string]string{
		".": ".", "": "", "Example.COM.": "example.com", `a\.b.c.`: `a\.b.c`, `a\\b.`: `a\\b`, `a\ b\"c.`: `a b"c`, `caf\195\169.fr.`: "café.fr",
		`x\000y.`: "x\x00y", `\046.`: `\.`, `www.example.com.`: "www.example.com", `a\.`: `a\.`,
	} {
		if got := wireName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestHints(t *testing.T) {
	for value, want := range map[string]string{
		`1 . alpn="h3,h2" ipv4hint="192.0.2.7,192.0.2.8" ech="AEX+DQA=" ipv6hint="2001:db8::7"`: ". [192.0.2.7 192.0.2.8 2001:db8::7]",
		`0 cdn.example`: "cdn.example []",
		`1 a\ ipv4hint\=\"192.0.2.1\".example alpn="x\" ipv4hint=\"192.0.2.2"`: `a ipv4hint="192.0.2.1".example []`,
		`1 . no-default-alpn ipv4hint="192.0.2.3"`:                             ". [192.0.2.3]",
		``: " []", `1`: " []", `1 `: " []", `1 . ipv4hint="`: ". []",
	} {
		target, addrs := Hints(value)
		if got := fmt.Sprint(target, " ", addrs); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
}
