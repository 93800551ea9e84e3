package wire

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// unhex reads hexadecimal digits with white space between them.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// cutEverywhere gives parse every true prefix of whole. Each must end in io.ErrUnexpectedEOF and ask for more than there is, but for no more
// than the whole.
func cutEverywhere(t *testing.T, whole []byte, parse func(b []byte) error) {
	t.Helper()
	for i := range whole {
		err := parse(whole[:i:i])
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d of %d: got %v", i, len(whole), err)
		}
		if need := Need(err); need <= i || need > len(whole) {
			t.Fatalf("cut at %d of %d: needs %d", i, len(whole), need)
		}
	}
	if err := parse(whole); err != nil {
		t.Fatalf("whole: %v", err)
	}
}

// A tap is a connection that keeps what was written to it.
type tap struct {
	net.Conn
	mu  sync.Mutex
	all []byte
}

func (c *tap) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.all = append(c.all, b...)
	c.mu.Unlock()
	return c.Conn.Write(b)
}

func (c *tap) written() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.all)
}

// handshake lets crypto/tls talk to itself and returns what each side sent.
func handshake(t testing.TB, client, server *tls.Config) (fromClient, fromServer []byte) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") // a pipe has no buffer, and both sides may write at once
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ta, tb := &tap{Conn: a}, &tap{Conn: b}
	done := make(chan error, 1)
	go func() { done <- tls.Server(tb, server).Handshake() }()
	if err := tls.Client(ta, client).Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return ta.written(), tb.written()
}

// certificate makes a self-signed certificate.
func certificate(t testing.TB, commonName string, dns ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: commonName, Organization: []string{"Practice"}},
		DNSNames:     dns,
		IPAddresses:  []net.IP{net.IPv4(192, 0, 2, 1)},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// clientConfig trusts everybody.
func clientConfig(name string) *tls.Config {
	return &tls.Config{ServerName: name, NextProtos: []string{"h2", "http/1.1"}, InsecureSkipVerify: true}
}

func serverConfig(t testing.TB) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{certificate(t, "cn.practice.example", "a.practice.example", "*.practice.example")},
		NextProtos:   []string{"h2"},
	}
}

func texts(list []Text) (s []string) {
	for _, t := range list {
		s = append(s, t.Value)
	}
	return s
}

// holds fails unless b has t where t says.
func holds(t *testing.T, b []byte, text Text) {
	t.Helper()
	if text.At.Off < 0 || text.At.End() > len(b) || text.At.Len < 0 {
		t.Fatalf("%v of %q is outside of %d bytes", text.At, text.Value, len(b))
	}
	if got := string(b[text.At.Off:text.At.End()]); got != text.Value {
		t.Fatalf("%v holds %q, not %q", text.At, got, text.Value)
	}
}
