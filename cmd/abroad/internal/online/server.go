package online

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// The ways to ask.
const (
	UDP = "udp" // and TCP, when an answer does not fit
	DoT = "dot" // RFC 7858
	DoH = "doh" // RFC 8484, by POST
)

// A Server is a resolver that the user named.
type Server struct {
	Name      string // as a table cites it: "192.0.2.53:53", "192.0.2.53:853#dns.example", "https://dns.example/dns-query"
	Transport string
	address   string // host and port, or URL
	tlsName   string // whom the certificate must name
}

// ParseServer reads a resolver: ADDR or ADDR:PORT for UDP, the same and perhaps "#" with the name in its certificate for DoT, a URL or ADDR for
// DoH. Names of hosts are taken in URLs only: to ask where a resolver is, a resolver would be asked.
func ParseServer(text, transport string) (s Server, err error) {
	s.Transport = transport
	switch transport {
	case DoH:
		if a, err := netip.ParseAddr(text); err == nil {
			text = "https://" + net.JoinHostPort(a.String(), "443") + "/dns-query"
			text = strings.Replace(text, ":443/", "/", 1)
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return s, fmt.Errorf("resolver %q: want a URL like https://dns.example/dns-query", text)
		}
		s.Name, s.address = u.String(), u.String()
		return s, nil
	case UDP, DoT:
	default:
		return s, fmt.Errorf("transport %q: want udp, dot or doh", transport)
	}
	port := uint16(53)
	host, name, named := strings.Cut(text, "#")
	if transport == DoT {
		port = 853
	} else if named {
		return s, fmt.Errorf("resolver %q: a name behind # belongs to --dot", text)
	}
	at, err := netip.ParseAddrPort(host)
	if err != nil {
		a, err := netip.ParseAddr(host)
		if err != nil {
			return s, fmt.Errorf("resolver %q: want an address like 192.0.2.53 or [2001:db8::53]:53", text)
		}
		at = netip.AddrPortFrom(a, port)
	}
	s.address = at.String()
	s.Name, s.tlsName = s.address, at.Addr().WithZone("").String()
	if named {
		if name == "" || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
			return s, fmt.Errorf("resolver %q: %q is no name", text, name)
		}
		s.Name, s.tlsName = s.address+"#"+name, name
	}
	return s, nil
}

// maxMessage is the size of the largest DNS message, in bytes.
const maxMessage = 65_535

// An exchanger asks servers over the network.
type exchanger struct {
	timeout time.Duration // of one try
	tls     *tls.Config   // nil trusts what the system trusts
	http    *http.Client
}

func newExchanger(timeout time.Duration, config *tls.Config) *exchanger {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return &exchanger{timeout, config, &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: config.Clone(), ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader,
			TLSHandshakeTimeout: dialTime, MaxConnsPerHost: perServer,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
	}}
}

// exchange asks once. transport is how the answer came in the end.
func (x *exchanger) exchange(ctx context.Context, s *Server, m *dns.Msg) (r *dns.Msg, rtt time.Duration, transport string, err error) {
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	switch s.Transport {
	case DoH:
		r, rtt, err = x.post(ctx, s, m)
	case DoT:
		config := x.tls.Clone()
		config.ServerName = s.tlsName
		r, rtt, err = x.stream(ctx, s, m, "tcp-tls", config)
	default:
		r, rtt, err = x.datagram(ctx, s, m)
		if err == nil && r.Truncated {
			r, rtt, err = x.stream(ctx, s, m, "tcp", nil)
			return r, rtt, "tcp", check(m, r, err)
		}
	}
	return r, rtt, s.Transport, check(m, r, err)
}

func (x *exchanger) datagram(ctx context.Context, s *Server, m *dns.Msg) (*dns.Msg, time.Duration, error) {
	c := dns.Client{Net: "udp", Timeout: x.timeout}
	return c.ExchangeContext(ctx, m, s.address)
}

func (x *exchanger) stream(ctx context.Context, s *Server, m *dns.Msg, network string, config *tls.Config) (*dns.Msg, time.Duration, error) {
	c := dns.Client{Net: network, Timeout: x.timeout, TLSConfig: config}
	return c.ExchangeContext(ctx, m, s.address)
}

// post asks over HTTPS. The ID is zero there (RFC 8484 section 4.1).
func (x *exchanger) post(ctx context.Context, s *Server, m *dns.Msg) (*dns.Msg, time.Duration, error) {
	m = m.Copy()
	m.Id = 0
	wire, err := m.Pack()
	if err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address, bytes.NewReader(wire))
	if err != nil {
		return nil, 0, err
	}
	const kind = "application/dns-message"
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", kind)
	start := time.Now()
	res, err := x.http.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return nil, 0, err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode != http.StatusOK:
		return nil, 0, fmt.Errorf("%w %s", errStatus, res.Status)
	case res.Header.Get("Content-Type") != kind:
		return nil, 0, fmt.Errorf("content type %q, want %s", res.Header.Get("Content-Type"), kind)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxMessage+1))
	rtt := time.Since(start)
	if err != nil {
		return nil, 0, err
	}
	if len(body) > maxMessage {
		return nil, 0, tooLarge(maxMessage)
	}
	r := new(dns.Msg)
	if err := r.Unpack(body); err != nil {
		return nil, 0, fmt.Errorf("read answer: %w", err)
	}
	return r, rtt, nil
}

var errOther = errors.New("the answer is to another question")

// check holds the answer against the question.
func check(m, r *dns.Msg, err error) error {
	if err != nil {
		return err
	}
	if !r.Response || r.Opcode != dns.OpcodeQuery || len(r.Question) != 1 ||
		!strings.EqualFold(r.Question[0].Name, m.Question[0].Name) || r.Question[0].Qtype != m.Question[0].Qtype || r.Question[0].Qclass != dns.ClassINET {
		return errOther
	}
	if r.Truncated {
		return errors.New("the answer is cut short")
	}
	return nil
}
