package main

import (
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// A zone answers for every name of the fiction, as one session sees them.
type zone struct {
	ech []byte // ECHConfigList of the front

	mu      sync.Mutex
	version int
	cdn     map[string][]netip.Addr // this session's CDN hosts
	nat64   string                  // host that has an AAAA made from its A; empty: none
}

// session sets what the answers depend on.
func (z *zone) session(version int, cdn map[string][]netip.Addr, nat64 string) {
	z.mu.Lock()
	z.version, z.cdn, z.nat64 = version, cdn, nat64
	z.mu.Unlock()
}

// nat64Of makes the address that a NAT64 under the well-known prefix gives (RFC 6052).
func nat64Of(a netip.Addr) netip.Addr {
	b := [16]byte{0x00, 0x64, 0xff, 0x9b}
	v4 := a.As4()
	copy(b[12:], v4[:])
	return netip.AddrFrom16(b)
}

// lookup returns the addresses of a name and the name they really belong to.
func (z *zone) lookup(name string) (addrs []netip.Addr, canonical string, s *service) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if list, ok := z.cdn[name]; ok {
		return list, name, nil
	}
	for i := range services {
		s := &services[i]
		if s.host != name && s.cname != name || s.host == "" || s.speak == caster {
			continue
		}
		for _, v6 := range []bool{false, true} {
			addrs = append(addrs, s.addrs(z.version, v6)...)
		}
		if z.nat64 == name {
			addrs = append(addrs, nat64Of(addrs[0]))
		}
		canonical = name
		if s.cname != "" {
			canonical = s.cname
		}
		return addrs, canonical, s
	}
	return nil, name, nil
}

// reply answers one message.
func (z *zone) reply(q *dns.Msg, overUDP bool) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	m.RecursionAvailable = true
	if q.IsEdns0() != nil {
		m.SetEdns0(1232, false)
	}
	if len(q.Question) != 1 {
		m.Rcode = dns.RcodeFormatError
		return m
	}
	name, kind := q.Question[0].Name, q.Question[0].Qtype
	if lower(name) == bigName && kind == dns.TypeTXT {
		for range 8 {
			m.Answer = append(m.Answer, &dns.TXT{Hdr: header(name, dns.TypeTXT), Txt: []string{filler(220)}})
		}
		m.Truncate(limit(q, overUDP))
		return m
	}
	addrs, canonical, s := z.lookup(lower(name))
	if addrs == nil {
		m.Rcode = dns.RcodeNameError
		return m
	}
	if lower(canonical) != lower(name) {
		m.Answer = append(m.Answer, &dns.CNAME{Hdr: header(name, dns.TypeCNAME), Target: dns.Fqdn(canonical)})
	}
	for _, a := range addrs {
		switch {
		case kind == dns.TypeA && a.Is4():
			m.Answer = append(m.Answer, &dns.A{Hdr: header(dns.Fqdn(canonical), kind), A: net.IP(a.AsSlice())})
		case kind == dns.TypeAAAA && a.Is6():
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: header(dns.Fqdn(canonical), kind), AAAA: net.IP(a.AsSlice())})
		}
	}
	if kind == dns.TypeHTTPS && s != nil && s.https != "" {
		m.Answer = append(m.Answer, &dns.HTTPS{SVCB: dns.SVCB{Hdr: header(dns.Fqdn(canonical), kind), Priority: 1, Target: ".", Value: z.parameters(s, addrs)}})
	}
	m.Truncate(limit(q, overUDP))
	return m
}

// bigName has an answer that fits no ordinary datagram.
const bigName = "_config.practice.example"

func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: 300}
}

// limit is how long an answer may be, in bytes.
func limit(q *dns.Msg, overUDP bool) int {
	if !overUDP {
		return dns.MaxMsgSize
	}
	if opt := q.IsEdns0(); opt != nil {
		return int(opt.UDPSize())
	}
	return dns.MinMsgSize
}

// parameters are those of an HTTPS record (RFC 9460).
func (z *zone) parameters(s *service, addrs []netip.Addr) []dns.SVCBKeyValue {
	if s.https == "ech" {
		return []dns.SVCBKeyValue{&dns.SVCBAlpn{Alpn: []string{"h2", "http/1.1"}}, &dns.SVCBECHConfig{ECH: z.ech}}
	}
	hints, hints6 := &dns.SVCBIPv4Hint{}, &dns.SVCBIPv6Hint{}
	for _, a := range addrs {
		if a.Is4() {
			hints.Hint = append(hints.Hint, net.IP(a.AsSlice()))
		} else {
			hints6.Hint = append(hints6.Hint, net.IP(a.AsSlice()))
		}
	}
	return []dns.SVCBKeyValue{&dns.SVCBAlpn{Alpn: []string{"h3", "h2"}}, hints, hints6}
}

// ServeDNS implements dns.Handler over UDP, TCP and TLS.
func (z *zone) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	_, udp := w.RemoteAddr().(*net.UDPAddr)
	w.WriteMsg(z.reply(q, udp))
}

// serveHTTP answers DNS over HTTPS (RFC 8484).
func (z *zone) serveHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, dns.MaxMsgSize))
	q := new(dns.Msg)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/dns-query") || q.Unpack(body) != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	out, err := z.reply(q, false).Pack()
	if err != nil {
		http.Error(w, "no answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Date", fixedDate)
	w.Header().Set("Content-Type", "application/dns-message")
	w.Write(out)
}

// serveStream answers one query of DNS over QUIC (RFC 9250).
func (z *zone) serveStream(stream io.ReadWriteCloser) {
	defer stream.Close()
	var length [2]byte
	if _, err := io.ReadFull(stream, length[:]); err != nil {
		return
	}
	b := make([]byte, binary.BigEndian.Uint16(length[:]))
	q := new(dns.Msg)
	if _, err := io.ReadFull(stream, b); err != nil || q.Unpack(b) != nil {
		return
	}
	out, err := z.reply(q, false).Pack()
	if err != nil {
		return
	}
	stream.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
}
