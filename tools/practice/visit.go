package main

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/smtp"
	"strings"
	"time"

	"github.com/miekg/dns"
	"github.com/quic-go/quic-go"
	quich3 "github.com/quic-go/quic-go/http3"
)

// visit uses one service at a moment of the fiction.
func (x *session) visit(v visit, at time.Duration) error {
	if v.service == "big" {
		return x.big()
	}
	s := x.service(v.service)
	if s.key == "api" && x.version >= 0 && x.n == bigAnswerSession && x.resolved[s.host] == nil {
		if err := x.big(); err != nil {
			return err
		}
		x.clock.settle(30 * ms)
		x.clock.set(at + 60*ms)
	}
	remote, err := x.reach(s)
	if err != nil {
		return err
	}
	x.target[s.key] = remote
	switch s.speak {
	case dead:
		x.open(s.key, true, remote, s.uid).unanswered = true
		return nil
	case push:
		return x.push(s, remote)
	case mailTLS:
		return x.mail(s, remote)
	case stun:
		return x.call(s, remote)
	case ntp:
		return x.askTime(s, remote)
	case caster:
		x.discover(at)
		x.clock.set(at + 400*ms)
	}
	return x.ask(s, v.asks)
}

// service returns what a key of the script stands for in this session.
func (x *session) service(key string) service {
	if !strings.HasPrefix(key, cdn) {
		s := serviceNamed(key)
		if x.laptop {
			s.uid = -1
		}
		return s
	}
	i := int(key[len(cdn)] - '0')
	s := service{key: key, host: x.cdn[i], port: 443, speak: http3, uid: uidApp}
	if i != 0 {
		s.speak = http1
	}
	return s
}

// reach finds the address of a service as the app does.
func (x *session) reach(s service) (netip.AddrPort, error) {
	var addrs []netip.Addr
	switch {
	case s.host == "" || s.speak == caster || x.version >= 0 && s.pinned[x.version]:
		addrs = s.addrs(max(x.version, 0), false)
	default:
		kinds := []uint16{}
		if s.https != "" {
			kinds = append(kinds, dns.TypeHTTPS)
		}
		var err error
		if addrs, err = x.resolve(s.host, kinds...); err != nil {
			return netip.AddrPort{}, err
		}
	}
	if len(addrs) == 0 {
		return netip.AddrPort{}, fmt.Errorf("no address for %s", s.host)
	}
	// IPv6 in every third session, where the service has it; always by way of NAT64.
	best := addrs[0]
	for _, a := range addrs {
		if a.Is6() && !x.laptop && (x.n%3 == 1 || x.nat64 == s.host) {
			best = a
		}
	}
	return netip.AddrPortFrom(best, s.port), nil
}

// client returns the session's HTTP client for a service: it keeps connections, so later requests use the first one.
func (x *session) client(s service) *http.Client {
	if c := x.clients[s.key]; c != nil {
		return c
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return x.dialTCP(ctx, s.key, s.speak, x.target[s.key], s.uid)
	}
	var rt http.RoundTripper
	switch s.speak {
	case http3:
		rt = x.transport3(s)
	case plainHTTP, caster:
		rt = &http.Transport{DialContext: dial}
	case plainH2:
		t := &http.Transport{DialContext: dial, Protocols: new(http.Protocols)}
		t.Protocols.SetUnencryptedHTTP2(true)
		rt = t
	default:
		config := x.config(s.host)
		switch s.speak {
		case echTLS:
			config.EncryptedClientHelloConfigList = x.servers.authority.list
		case tls12NoSNI, tlsNoSNI:
			config.InsecureSkipVerify = true // the certificate names somebody else: that is the point
		}
		rt = &http.Transport{DialContext: dial, TLSClientConfig: config, ForceAttemptHTTP2: s.speak == http2 || s.speak == doh}
	}
	c := &http.Client{Transport: rt, Timeout: 10 * time.Second}
	x.clients[s.key] = c
	return c
}

// transport3 is an HTTP/3 client that keeps one connection.
func (x *session) transport3(s service) http.RoundTripper {
	p := http3
	config := &quic.Config{DisablePathMTUDiscovery: true, Versions: []quic.Version{quic.Version1}}
	if s.key == "tiles" {
		p = retry
	}
	if s.key == "feed" && x.n == quic2Session {
		config.Versions = []quic.Version{quic.Version2}
	}
	t := &quich3.Transport{TLSClientConfig: x.config(s.host, quich3.NextProtoH3), QUICConfig: config,
		Dial: func(ctx context.Context, _ string, tc *tls.Config, qc *quic.Config) (*quic.Conn, error) {
			return x.dialQUIC(ctx, s.key, p, x.target[s.key], s.uid, tc, qc)
		}}
	x.closers = append(x.closers, func() { t.Close() })
	return t
}

// dialQUIC connects over a tapped socket.
func (x *session) dialQUIC(ctx context.Context, key string, p protocol, remote netip.AddrPort, uid int32, tc *tls.Config, qc *quic.Config) (*quic.Conn, error) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	real, err := net.ResolveUDPAddr("udp", x.servers.addr[p])
	if err != nil {
		return nil, err
	}
	transport := &quic.Transport{Conn: &tapPackets{c, x.open(key, false, remote, uid).tape}}
	conn, err := transport.Dial(ctx, real, tc, qc)
	if err != nil {
		return nil, err
	}
	x.closers = append(x.closers, func() {
		conn.CloseWithError(0, "")
		time.Sleep(20 * ms)
		transport.Close()
		c.Close()
	})
	return conn, nil
}

// ask sends HTTP requests, a little apart.
func (x *session) ask(s service, asks []ask) error {
	scheme, host := "https", s.host
	if s.speak == plainHTTP || s.speak == plainH2 || s.speak == caster {
		scheme = "http"
	}
	if host == "" || s.speak == caster {
		host = x.target[s.key].Addr().String()
	}
	if s.port != 443 && s.port != 80 {
		host = fmt.Sprintf("%s:%d", host, s.port)
	}
	for i, a := range asks {
		if i > 0 {
			x.clock.settle(40 * ms)
			x.clock.set(x.clock.stamp() + 500*ms + time.Duration(x.rng.Int64N(int64(400*ms))))
		}
		var body io.Reader
		if a.up > 0 {
			body = strings.NewReader(filler(a.up))
		}
		r, err := http.NewRequest(a.method, scheme+"://"+host+a.path, body)
		if err != nil {
			return err
		}
		r.Header.Set("User-Agent", x.agent(s))
		r.Header.Set("Accept-Encoding", "identity")
		for _, h := range a.header {
			r.Header.Set(h[0], h[1])
		}
		answer, err := x.client(s).Do(r)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *session) agent(s service) string {
	if s.uid != uidApp {
		return "Practice-OS/1.0"
	}
	return fmt.Sprintf("Practice/%d.0", x.version+1)
}

func (x *session) push(s service, remote netip.AddrPort) error {
	c, err := x.dialTCP(context.Background(), s.key, push, remote, s.uid)
	if err != nil {
		return err
	}
	conn := tls.Client(c, x.config(s.host))
	if _, err := io.WriteString(conn, "practice push: hello"); err != nil {
		return err
	}
	if _, err := conn.Read(make([]byte, 256)); err != nil {
		return err
	}
	x.closers = append(x.closers, func() { conn.Close() })
	return nil
}

func (x *session) mail(s service, remote netip.AddrPort) error {
	c, err := x.dialTCP(context.Background(), s.key, mailTLS, remote, s.uid)
	if err != nil {
		return err
	}
	m, err := smtp.NewClient(c, s.host)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.Hello("phone.practice.example"); err != nil {
		return err
	}
	if err := m.StartTLS(x.config(s.host)); err != nil {
		return err
	}
	if err := m.Mail("someone@practice.example"); err != nil {
		return err
	}
	if err := m.Rcpt("feedback@practice.example"); err != nil {
		return err
	}
	w, err := m.Data()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Subject: feedback\r\n\r\n%s\r\n", filler(300))
	if err := w.Close(); err != nil {
		return err
	}
	return m.Quit()
}

// call asks for the line's outer address and for a relay.
func (x *session) call(s service, remote netip.AddrPort) error {
	c, err := x.dialUDP(s.key, stun, remote, s.uid)
	if err != nil {
		return err
	}
	defer c.Close()
	buf := make([]byte, 512)
	for i, kind := range []uint16{stunBinding, stunAllocate} {
		var id [12]byte
		for j := range id {
			id[j] = byte(x.rng.Uint32())
		}
		attrs := []any{attrSoftware, []byte("practice")}
		if i == 1 {
			attrs = append([]any{attrTransport, []byte{17, 0, 0, 0}}, attrs...)
			x.clock.set(x.clock.stamp() + 200*ms)
		}
		if _, err := c.Write(stunMessage(kind, id, attrs...)); err != nil {
			return err
		}
		if _, err := c.Read(buf); err != nil {
			return err
		}
	}
	return nil
}

func (x *session) askTime(s service, remote netip.AddrPort) error {
	c, err := x.dialUDP(s.key, ntp, remote, s.uid)
	if err != nil {
		return err
	}
	defer c.Close()
	q := make([]byte, 48)
	q[0] = 0x23 // version 4, client
	now := x.start.Add(x.clock.stamp())
	const since1900 = 2208988800
	binary.BigEndian.PutUint32(q[40:], uint32(now.Unix()+since1900))
	binary.BigEndian.PutUint32(q[44:], uint32(uint64(now.Nanosecond())<<32/1e9))
	if _, err := c.Write(q); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 48))
	return err
}

// discover looks for the television: mDNS question and answer, and a broadcast that nobody answers.
func (x *session) discover(at time.Duration) {
	const kind, instance, host = "_practicecast._tcp.local.", "Living room._practicecast._tcp.local.", "livingroom-tv.local."
	group, tv := netip.MustParseAddrPort("224.0.0.251:5353"), netip.MustParseAddrPort("192.168.50.40:5353")
	phone := netip.MustParseAddrPort(phoneAddr + ":5353")
	q := new(dns.Msg).SetQuestion(kind, dns.TypePTR)
	q.Id, q.RecursionDesired = 0, false
	r := new(dns.Msg)
	r.Response, r.Authoritative = true, true
	h := func(name string, t uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: t, Class: dns.ClassINET, Ttl: 120}
	}
	r.Answer = []dns.RR{&dns.PTR{Hdr: h(kind, dns.TypePTR), Ptr: instance}}
	r.Extra = []dns.RR{&dns.SRV{Hdr: h(instance, dns.TypeSRV), Port: 8088, Target: host}, &dns.TXT{Hdr: h(instance, dns.TypeTXT), Txt: []string{"note=practice data"}},
		&dns.A{Hdr: h(host, dns.TypeA), A: net.IPv4(192, 168, 50, 40)}}
	question, err1 := q.Pack()
	reply, err2 := r.Pack()
	if err1 != nil || err2 != nil {
		panic("pack mdns") // constants above
	}
	x.strays = append(x.strays,
		stray{at, true, phone, group, question, uidSystem},
		stray{at + 31*ms, false, tv, group, reply, uidSystem},
		stray{at + 140*ms, true, x.local(netip.MustParseAddr(gatewayAddr)), netip.MustParseAddrPort("255.255.255.255:8010"), []byte("practice discovery: who is there?"), uidApp})
}
