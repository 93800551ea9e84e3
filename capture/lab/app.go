package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// An App says what the program on the phone is to do.
type App struct {
	Version int           // of the practice app, 1 or 2; 0 is the operating system, alone
	UID     uint32        // user it runs as; 0 is AppUID, or SystemUID for the operating system
	Pause   time.Duration // between two steps
	Roots   []byte        // certificates that it trusts, PEM; Serve fills it in
}

// A Truth is what a program on the phone did: the key to a recording of it.
type Truth struct {
	Program string  `json:"program"` // "org.example.practice"
	Version int     `json:"version"`
	Visits  []Visit `json:"visits"`
}

// A Visit is one request and its answer.
type Visit struct {
	Step     string         `json:"step"`
	Host     string         `json:"host"`
	Address  netip.AddrPort `json:"address"` // that it reached
	Protocol string         `json:"protocol"`
	TLS      string         `json:"tls,omitempty"`
	Method   string         `json:"method"`
	Up       int64          `json:"up"`   // octets of the request's body
	Down     int64          `json:"down"` // octets of the answer's body
}

const visitTimeout = 20 * time.Second

// AppMain is the program on the phone. It reads an App from in, waits for a second line, does what it has to unless in ends, and writes a line for each step and at last a
// Truth to out. It must run in the phone's namespace.
func AppMain(in io.Reader, out io.Writer) error {
	orders := json.NewDecoder(in)
	var a App
	if err := orders.Decode(&a); err != nil {
		return fmt.Errorf("read orders: %w", err)
	}
	var begin bool
	if err := orders.Decode(&begin); err != nil || !begin {
		return errors.Join(err, errors.New("nobody said begin"))
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(a.Roots) {
		return errors.New("read orders: no certificate to trust")
	}
	p := phone{roots: roots, clients: map[string]*http.Client{}, reached: map[string]netip.AddrPort{}}
	t := Truth{Program: "org.example.practice", Version: a.Version}
	if a.Version == 0 {
		t.Program = "org.example.os"
	}
	stopped := make(chan struct{})
	go func() {
		for orders.Decode(&begin) == nil {
		}
		close(stopped)
	}()
	report := json.NewEncoder(out)
	for i, s := range script(a.Version) {
		if i > 0 {
			select {
			case <-time.After(a.Pause):
			case <-stopped:
				return errors.New("stopped")
			}
		}
		if err := report.Encode(progress{Step: s.Name}); err != nil {
			return err
		}
		for _, r := range s.requests {
			v, err := p.visit(r)
			if err != nil {
				return fmt.Errorf("%s: %w", r.host, err)
			}
			v.Step = s.Name
			t.Visits = append(t.Visits, v)
		}
	}
	for _, c := range p.clients {
		c.CloseIdleConnections()
	}
	return report.Encode(progress{Truth: &t})
}

// progress is one line of the program's output.
type progress struct {
	Step  string `json:"step,omitempty"`
	Truth *Truth `json:"truth,omitempty"`
}

// A phone keeps connections like an app does.
type phone struct {
	roots   *x509.CertPool
	clients map[string]*http.Client
	reached map[string]netip.AddrPort
}

func (p *phone) visit(r request) (v Visit, err error) {
	s, ok := serviceOf(r.host)
	if !ok {
		return v, errors.New("no such service")
	}
	scheme := "https"
	if s.speaks == speaksPlain {
		scheme = "http"
	}
	ctx, cancel := context.WithTimeout(context.Background(), visitTimeout)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, r.method, scheme+"://"+r.host+r.path, strings.NewReader(filler(r.up)))
	if err != nil {
		return v, err
	}
	q.Header.Set("User-Agent", "Practice (a rehearsal, not a real app)")
	a, err := p.client(s).Do(q)
	if err != nil {
		return v, err
	}
	defer a.Body.Close()
	down, err := io.Copy(io.Discard, a.Body)
	v = Visit{Host: r.host, Address: p.reached[r.host], Protocol: a.Proto, Method: r.method, Up: int64(r.up), Down: down}
	if a.TLS != nil {
		v.TLS = tls.VersionName(a.TLS.Version)
	}
	return v, err
}

func (p *phone) client(s service) *http.Client {
	if c := p.clients[s.host]; c != nil {
		return c
	}
	config := &tls.Config{RootCAs: p.roots, ServerName: s.host}
	if s.speaks == speaksTLS12 {
		config.MaxVersion = tls.VersionTLS12
	}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: s.speaks == speaksHTTP2,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return p.dial(ctx, network, address)
		}}}
	p.clients[s.host] = c
	return c
}

// dial asks the resolver, prefers IPv6 as phones do, and connects.
func (p *phone) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, netip.AddrPortFrom(ResolverAddr, 53).String())
	}}
	addrs, err := resolver.LookupNetIP(ctx, "ip", host+".") // whole: no search list of this machine is tried
	if err != nil {
		return nil, err
	}
	best := addrs[0].Unmap()
	for _, a := range addrs {
		if a.Is6() && !a.Is4In6() {
			best = a
		}
	}
	c, err := d.DialContext(ctx, network, net.JoinHostPort(best.String(), port))
	if err == nil {
		p.reached[host] = c.RemoteAddr().(*net.TCPAddr).AddrPort()
	}
	return c, err
}

// filler returns n octets of text that says what it is.
func filler(n int) string {
	const text = "practice data, not real. "
	return strings.Repeat(text, n/len(text)+1)[:n]
}
