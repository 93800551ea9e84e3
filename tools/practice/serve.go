package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"net"
	"net/http"
	"strings"

	"github.com/miekg/dns"
	"github.com/quic-go/quic-go"
	quich3 "github.com/quic-go/quic-go/http3"
)

// servers are all real servers of a run, on loopback ports of their own. Each speaks for every service of its protocol.
type servers struct {
	authority *authority
	zone      *zone
	addr      map[protocol]string
	closers   []io.Closer
}

var quiet = log.New(io.Discard, "", 0)

func serve(a *authority, z *zone) (*servers, error) {
	s := &servers{authority: a, zone: z, addr: map[protocol]string{}}
	handler := http.HandlerFunc(answer)
	start := []func() error{
		func() error { return s.https(http1, a.config(tls.VersionTLS13, "http/1.1"), handler) },
		func() error { return s.https(http2, a.config(tls.VersionTLS13, "h2", "http/1.1"), handler) },
		func() error { return s.https(tls12, a.config(tls.VersionTLS12, "http/1.1"), handler) },
		func() error { return s.https(tls12NoSNI, a.config(tls.VersionTLS12), handler) },
		func() error { return s.https(tlsNoSNI, a.config(tls.VersionTLS13), handler) },
		func() error { return s.https(echTLS, a.echConfig(), handler) },
		func() error {
			return s.https(doh, a.config(tls.VersionTLS13, "h2", "http/1.1"), http.HandlerFunc(z.serveHTTP))
		},
		func() error { return s.http(plainHTTP, handler) },
		func() error { return s.http(caster, handler) },
		func() error { return s.clearHTTP2(handler) },
		func() error { return s.http3(handler) },
		func() error { return s.doq() },
		func() error { return s.dns() },
		func() error { return s.stream(push, s.pushTalk) },
		func() error { return s.stream(mailTLS, s.mailTalk) },
		func() error { return s.datagram(stun, stunAnswer) },
		func() error { return s.datagram(ntp, ntpAnswer) },
	}
	for _, f := range start {
		if err := f(); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

// Close stops every server.
func (s *servers) Close() {
	for _, c := range s.closers {
		c.Close()
	}
}

// retry is the address of the HTTP/3 server that validates addresses first.
const retry protocol = "h3 with retry"

func (s *servers) listen(p protocol) (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", p, err)
	}
	s.addr[p] = l.Addr().String()
	return l, nil
}

func (s *servers) packets(p protocol) (net.PacketConn, error) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", p, err)
	}
	s.addr[p] = c.LocalAddr().String()
	s.closers = append(s.closers, c)
	return c, nil
}

func (s *servers) https(p protocol, config *tls.Config, h http.Handler) error {
	l, err := s.listen(p)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, TLSConfig: config, ErrorLog: quiet}
	s.closers = append(s.closers, server)
	go server.ServeTLS(l, "", "")
	return nil
}

func (s *servers) http(p protocol, h http.Handler) error {
	l, err := s.listen(p)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ErrorLog: quiet}
	s.closers = append(s.closers, server)
	go server.Serve(l)
	return nil
}

func (s *servers) clearHTTP2(h http.Handler) error {
	l, err := s.listen(plainH2)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ErrorLog: quiet, Protocols: new(http.Protocols)}
	server.Protocols.SetUnencryptedHTTP2(true)
	s.closers = append(s.closers, server)
	go server.Serve(l)
	return nil
}

func (s *servers) http3(h http.Handler) error {
	for _, p := range []protocol{http3, retry} {
		c, err := s.packets(p)
		if err != nil {
			return err
		}
		validate := p == retry
		transport := &quic.Transport{Conn: c, VerifySourceAddress: func(net.Addr) bool { return validate }}
		l, err := transport.ListenEarly(quich3.ConfigureTLSConfig(s.authority.config(tls.VersionTLS13)), &quic.Config{
			Versions: []quic.Version{quic.Version1, quic.Version2}, DisablePathMTUDiscovery: true})
		if err != nil {
			return fmt.Errorf("listen for %s: %w", p, err)
		}
		server := &quich3.Server{Handler: h}
		s.closers = append(s.closers, server)
		go server.ServeListener(l)
	}
	return nil
}

func (s *servers) doq() error {
	c, err := s.packets(doq)
	if err != nil {
		return err
	}
	transport := &quic.Transport{Conn: c}
	l, err := transport.Listen(s.authority.config(tls.VersionTLS13, "doq"), &quic.Config{DisablePathMTUDiscovery: true})
	if err != nil {
		return fmt.Errorf("listen for doq: %w", err)
	}
	go func() {
		for {
			conn, err := l.Accept(context.Background())
			if err != nil {
				return
			}
			go func() {
				for {
					stream, err := conn.AcceptStream(context.Background())
					if err != nil {
						return
					}
					s.zone.serveStream(stream)
				}
			}()
		}
	}()
	return nil
}

func (s *servers) dns() error {
	c, err := s.packets("dns")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", s.addr["dns"])
	if err != nil {
		return fmt.Errorf("listen for dns over tcp: %w", err)
	}
	secure, err := s.listen(dot)
	if err != nil {
		return err
	}
	for _, server := range []*dns.Server{
		{PacketConn: c, Handler: s.zone}, {Listener: l, Handler: s.zone},
		{Listener: tls.NewListener(secure, s.authority.config(tls.VersionTLS13)), Handler: s.zone},
	} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go server.ActivateAndServe()
		<-started
		s.closers = append(s.closers, closerFunc(server.Shutdown))
	}
	return nil
}

type closerFunc func() error

func (f closerFunc) Close() error { return f() }

func (s *servers) stream(p protocol, talk func(net.Conn)) error {
	l, err := s.listen(p)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, l)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go talk(c)
		}
	}()
	return nil
}

func (s *servers) datagram(p protocol, reply func([]byte) []byte) error {
	c, err := s.packets(p)
	if err != nil {
		return err
	}
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			if b := reply(buf[:n]); b != nil {
				c.WriteTo(b, from)
			}
		}
	}()
	return nil
}

// fixedDate is what every server takes the time to be.
const fixedDate = "Tue, 01 Sep 2026 12:00:00 GMT"

// answer is every HTTP service: a body whose length follows from the path, in the fiction's words.
func answer(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Server", "practice")
	w.Header().Set("Date", fixedDate)
	switch {
	case strings.HasSuffix(r.URL.Path, "/generate_204"):
		w.WriteHeader(http.StatusNoContent)
		return
	case r.Method == http.MethodPut || r.Method == http.MethodPost:
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"ok":true,"note":"practice data, not real"}`)
		return
	}
	size := bodySize(r.URL.Path)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", fmt.Sprint(size))
	io.WriteString(w, filler(size))
}

// bodySize derives a length from a path: mostly short, media a little longer.
func bodySize(path string) int {
	h := fnv.New32a()
	io.WriteString(h, path)
	n := 300 + int(h.Sum32()%1700)
	if strings.HasSuffix(path, ".bin") {
		n += 3500
	}
	return n
}

// filler returns n bytes of text that says what it is.
func filler(n int) string {
	const text = "practice data, not real. "
	return strings.Repeat(text, n/len(text)+1)[:n]
}
