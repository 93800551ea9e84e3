package main

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// An authority issues the certificates of the fiction and holds the keys of the ECH front. Its keys die with the run.
type authority struct {
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
	roots *x509.CertPool
	ech   []tls.EncryptedClientHelloKey
	list  []byte // ECHConfigList, as in the HTTPS record

	mu     sync.Mutex
	issued map[string]*tls.Certificate
	serial int64
}

// validFrom and validTo bound every certificate; sessions lie between.
var (
	validFrom = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	validTo   = time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
)

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the authority's key: %w", err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Practice CA (not real)"},
		NotBefore: validFrom, NotAfter: validTo, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the authority's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the authority's certificate: %w", err)
	}
	a := &authority{key: key, cert: cert, roots: x509.NewCertPool(), issued: map[string]*tls.Certificate{}, serial: 1}
	a.roots.AddCert(cert)
	front, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the ech key: %w", err)
	}
	config := echConfig(front.PublicKey().Bytes())
	a.ech = []tls.EncryptedClientHelloKey{{Config: config, PrivateKey: front.Bytes(), SendAsRetry: true}}
	a.list = append(binary.BigEndian.AppendUint16(nil, uint16(len(config))), config...)
	return a, nil
}

// echConfig writes one ECHConfig (RFC 9849, section 4) for DHKEM(X25519), HKDF-SHA256 and AES-128-GCM.
func echConfig(public []byte) []byte {
	var c []byte
	c = append(c, 7)                           // config_id
	c = binary.BigEndian.AppendUint16(c, 0x20) // DHKEM(X25519, HKDF-SHA256)
	c = binary.BigEndian.AppendUint16(c, uint16(len(public)))
	c = append(c, public...)
	c = append(c, 0, 4, 0, 1, 0, 1) // one cipher suite: HKDF-SHA256, AES-128-GCM
	c = append(c, 64)               // maximum_name_length
	c = append(c, byte(len(coverName)))
	c = append(c, coverName...)
	c = append(c, 0, 0) // no extensions
	whole := binary.BigEndian.AppendUint16(nil, 0xfe0d)
	whole = binary.BigEndian.AppendUint16(whole, uint16(len(c)))
	return append(whole, c...)
}

// certificate issues, once a name, what a server shows.
func (a *authority) certificate(name string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.issued[name]; c != nil {
		return c, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a.serial++
	template := &x509.Certificate{SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: validFrom, NotAfter: validTo, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if name == gatewayName {
		template.DNSNames = append(template.DNSNames, "*.hearth.example")
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	a.issued[name] = c
	return c, nil
}

// gatewayName is what a server shows to a client that names nobody.
const gatewayName = "gw.hearth.example"

// config returns a server's side for exactly one version.
func (a *authority) config(version uint16, protocols ...string) *tls.Config {
	return &tls.Config{MinVersion: version, MaxVersion: version, NextProtos: protocols,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName == "" {
				return a.certificate(gatewayName)
			}
			return a.certificate(hello.ServerName)
		}}
}

func (a *authority) echConfig() *tls.Config {
	c := a.config(tls.VersionTLS13, "http/1.1")
	c.EncryptedClientHelloKeys = a.ech
	return c
}
