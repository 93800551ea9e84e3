package lab

import (
	"crypto/tls"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Servers are the services behind the gateway. They run in this process; only their sockets are in the namespace.
type Servers struct {
	authority *authority
	closers   []io.Closer
}

// Serve starts every service.
func (w *World) Serve() (*Servers, error) {
	a, err := newAuthority()
	if err != nil {
		return nil, err
	}
	s := &Servers{authority: a}
	if err := s.start(w); err != nil {
		s.Close()
		return nil, fmt.Errorf("start the servers: %w", err)
	}
	return s, nil
}

func (s *Servers) start(w *World) error {
	for _, one := range services {
		for _, addr := range []netip.Addr{one.addr, one.addr6} {
			if !addr.IsValid() {
				continue
			}
			if one.speaks == speaksDNS {
				if err := s.dns(w, netip.AddrPortFrom(addr, 53)); err != nil {
					return err
				}
				continue
			}
			if err := s.http(w, one, addr); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Servers) http(w *World, one service, addr netip.Addr) error {
	port := uint16(443)
	if one.speaks == speaksPlain {
		port = 80
	}
	l, err := listen(w, netip.AddrPortFrom(addr, port))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(answer), ErrorLog: log.New(io.Discard, "", 0)}
	s.closers = append(s.closers, server)
	if one.speaks == speaksPlain {
		go server.Serve(l)
		return nil
	}
	c, err := s.authority.certificate(one.host)
	if err != nil {
		return err
	}
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*c}}
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetHTTP2(one.speaks == speaksHTTP2)
	go server.ServeTLS(l, "", "")
	return nil
}

func listen(w *World, at netip.AddrPort) (l net.Listener, err error) {
	err = w.Server.Do(func() error {
		l, err = net.Listen("tcp", at.String())
		return err
	})
	return l, err
}

// Roots is the certificate to trust, PEM.
func (s *Servers) Roots() []byte { return s.authority.pem }

// Certificate issues what a server of another protocol shows.
func (s *Servers) Certificate(host string) (*tls.Certificate, error) {
	return s.authority.certificate(host)
}

// Close ends all services.
func (s *Servers) Close() {
	for _, c := range s.closers {
		c.Close()
	}
}

// answer is every HTTP service: a body whose length follows from the path.
func answer(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Server", "practice")
	switch {
	case strings.HasSuffix(r.URL.Path, "/generate_204"):
		w.WriteHeader(http.StatusNoContent)
	case r.Method != http.MethodGet:
		io.WriteString(w, `{"ok":true,"note":"practice data, not real"}`)
	default:
		h := fnv.New32a()
		io.WriteString(h, r.URL.Path)
		n := 300 + int(h.Sum32()%1700)
		if strings.HasSuffix(r.URL.Path, ".bin") {
			n *= 50
		}
		io.WriteString(w, filler(n))
	}
}
