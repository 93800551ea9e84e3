package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/miekg/dns"
	"github.com/quic-go/quic-go"
)

// resolver is where plain DNS questions of the session go.
func (x *session) resolver() netip.AddrPort {
	addr := gatewayAddr
	switch {
	case x.laptop || x.version < 0:
	case x.n == publicDNSSession:
		addr = "198.18.53.53"
	case x.n == linkDNSSession:
		addr = gatewayLink
	}
	return netip.AddrPortFrom(netip.MustParseAddr(addr), 53)
}

// resolve asks for a name once a session, really, and moves the clock past the answer. It returns the addresses that came.
func (x *session) resolve(host string, kinds ...uint16) ([]netip.Addr, error) {
	if addrs, ok := x.resolved[host]; ok {
		return addrs, nil
	}
	if err := x.secureResolver(host); err != nil {
		return nil, err
	}
	at := x.clock.stamp()
	kinds = append([]uint16{dns.TypeA, dns.TypeAAAA}, kinds...)
	var questions []*dns.Msg
	for _, kind := range kinds {
		q := new(dns.Msg).SetQuestion(dns.Fqdn(host), kind)
		q.Id = uint16(x.rng.Uint32())
		q.SetEdns0(1232, false)
		questions = append(questions, q)
	}
	var answers []*dns.Msg
	var err error
	if x.secure != nil {
		for _, q := range questions {
			a, err := x.secure(q)
			if err != nil {
				return nil, err
			}
			answers = append(answers, a)
		}
	} else if answers, err = x.plain(questions); err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for _, a := range answers {
		for _, rr := range a.Answer {
			var ip net.IP
			switch rr := rr.(type) {
			case *dns.A:
				ip = rr.A.To4()
			case *dns.AAAA:
				ip = rr.AAAA
			default:
				continue
			}
			addr, _ := netip.AddrFromSlice(ip)
			addrs = append(addrs, addr)
		}
	}
	x.resolved[host] = addrs
	x.clock.settle(30 * ms)
	x.clock.set(at + 14*ms + time.Duration(x.rng.Int64N(int64(4*ms))))
	return addrs, nil
}

// plain asks all questions from one socket, then reads all answers.
func (x *session) plain(questions []*dns.Msg) ([]*dns.Msg, error) {
	uid := int32(uidDNS)
	c, err := x.dialUDP("dns", "dns", x.resolver(), uid)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	conn := &dns.Conn{Conn: c, UDPSize: dns.MaxMsgSize}
	for _, q := range questions {
		if err := conn.WriteMsg(q); err != nil {
			return nil, fmt.Errorf("ask %s: %w", q.Question[0].Name, err)
		}
	}
	var answers []*dns.Msg
	for range questions {
		a, err := conn.ReadMsg()
		if err != nil {
			return nil, fmt.Errorf("read the answer for %s: %w", questions[0].Question[0].Name, err)
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// big asks for the long record: cut short over UDP, then over TCP. The laptop's resolver takes it in one (fragmented) datagram.
func (x *session) big() error {
	q := new(dns.Msg).SetQuestion(dns.Fqdn(bigName), dns.TypeTXT)
	q.Id = uint16(x.rng.Uint32())
	if x.laptop {
		q.SetEdns0(4096, false)
	}
	a, err := x.plain([]*dns.Msg{q})
	if err != nil || !a[0].Truncated {
		return err
	}
	x.clock.settle(30 * ms)
	x.clock.set(x.clock.stamp() + 12*ms)
	c, err := x.dialTCP(context.Background(), "dns", "dns", x.resolver(), uidDNS)
	if err != nil {
		return err
	}
	defer c.Close()
	conn := &dns.Conn{Conn: c}
	if err := conn.WriteMsg(q); err != nil {
		return err
	}
	_, err = conn.ReadMsg()
	return err
}

// secureResolver opens the session's encrypted resolver, if it has one, before its first question.
func (x *session) secureResolver(host string) error {
	if x.secure != nil || x.laptop || x.version < 0 {
		return nil
	}
	for _, key := range []string{"dot", "doh", "doq"} {
		s := serviceNamed(key)
		if !s.used(x.version, x.n) || s.host == host {
			continue
		}
		addrs, err := x.resolve(s.host) // its own name is asked for in plain DNS
		if err != nil {
			return err
		}
		remote := netip.AddrPortFrom(addrs[0], s.port)
		switch s.speak {
		case dot:
			return x.openDoT(s, remote)
		case doh:
			return x.openDoH(s, remote)
		default:
			return x.openDoQ(s, remote)
		}
	}
	return nil
}

func (x *session) openDoT(s service, remote netip.AddrPort) error {
	c, err := x.dialTCP(context.Background(), s.key, dot, remote, s.uid)
	if err != nil {
		return err
	}
	conn := &dns.Conn{Conn: tls.Client(c, x.config(s.host))}
	x.closers = append(x.closers, func() { conn.Close() })
	x.secure = func(q *dns.Msg) (*dns.Msg, error) {
		if err := conn.WriteMsg(q); err != nil {
			return nil, err
		}
		return conn.ReadMsg()
	}
	return nil
}

func (x *session) openDoH(s service, remote netip.AddrPort) error {
	x.target[s.key] = remote
	client := x.client(s)
	x.secure = func(q *dns.Msg) (*dns.Msg, error) {
		q.Id = 0 // RFC 8484, section 4.1
		b, err := q.Pack()
		if err != nil {
			return nil, err
		}
		r, err := client.Post("https://"+s.host+"/dns-query", "application/dns-message", bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		defer r.Body.Close()
		if b, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		if r.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("dns over https: %s", r.Status)
		}
		a := new(dns.Msg)
		return a, a.Unpack(b)
	}
	return nil
}

func (x *session) openDoQ(s service, remote netip.AddrPort) error {
	conn, err := x.dialQUIC(context.Background(), s.key, doq, remote, s.uid, x.config(s.host, "doq"), &quic.Config{DisablePathMTUDiscovery: true})
	if err != nil {
		return err
	}
	x.secure = func(q *dns.Msg) (*dns.Msg, error) {
		q.Id = 0 // RFC 9250, section 4.2.1
		b, err := q.Pack()
		if err != nil {
			return nil, err
		}
		stream, err := conn.OpenStreamSync(context.Background())
		if err != nil {
			return nil, err
		}
		stream.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
		stream.Close()
		if b, err = io.ReadAll(stream); err != nil || len(b) < 2 {
			return nil, fmt.Errorf("read the answer over quic: %w", err)
		}
		a := new(dns.Msg)
		return a, a.Unpack(b[2:])
	}
	return nil
}
