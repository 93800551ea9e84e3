package usbmux

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"net"

	"howett.net/plist"
)

// lockdownPort is where lockdownd listens on every device.
const lockdownPort = 62078

// A Lockdown is a session with the daemon that lets computers in.
type Lockdown struct {
	mux     Mux
	device  Device
	ctx     context.Context
	conn    net.Conn
	record  *pairRecord
	strange bool
}

// A LockdownError is lockdownd's refusal, in its own word: "PasswordProtected", "InvalidHostID" …
type LockdownError struct{ Request, Word string }

func (e *LockdownError) Error() string {
	return fmt.Sprintf("ask the device for %s: it says %q", e.Request, e.Word)
}

// Hint says what mends it, if that is known.
func (e *LockdownError) Hint() string {
	switch e.Word {
	case "PasswordProtected":
		return "unlock the device"
	case "InvalidHostID", "InvalidPairRecord", "PairingDialogResponsePending", "UserDeniedPairing":
		return "idevicepair unpair; idevicepair pair, then tap Trust on the device"
	case "InvalidService":
		return "this version of iOS does not offer the service over the cable"
	}
	return ""
}

// Lockdown opens a session, with the pairing that usbmuxd keeps. It ends with ctx or Close.
func (m Mux) Lockdown(ctx context.Context, d Device) (*Lockdown, error) {
	record, err := m.pairRecord(ctx, d.UDID)
	if err != nil {
		return nil, err
	}
	c, err := m.connect(ctx, d, lockdownPort)
	if err != nil {
		return nil, err
	}
	l := &Lockdown{mux: m, device: d, ctx: ctx, conn: c, record: record}
	var answer struct{ EnableSessionSSL bool }
	if err := l.ask("StartSession", map[string]any{"HostID": record.HostID, "SystemBUID": record.SystemBUID}, &answer); err != nil {
		l.Close()
		return nil, err
	}
	if answer.EnableSessionSSL {
		if l.conn, err = l.secure(c); err != nil {
			c.Close()
			return nil, err
		}
	}
	return l, nil
}

// Close ends the session. Services that it started go on.
func (l *Lockdown) Close() error { return l.conn.Close() }

// Strange says that a certificate came that is not the one of the pairing. No other program looks, so this is told and not refused.
func (l *Lockdown) Strange() bool { return l.strange }

// secure makes the TLS handshake, with the certificate of the pairing as the client's. There is no authority to ask about the device's.
func (l *Lockdown) secure(c net.Conn) (net.Conn, error) {
	certificate, err := tls.X509KeyPair(l.record.HostCertificate, l.record.HostPrivateKey)
	if err != nil {
		return nil, fmt.Errorf("read pair record: its certificate: %w", err)
	}
	t := tls.Client(c, &tls.Config{
		Certificates: []tls.Certificate{certificate}, InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			l.strange = l.strange || len(s.PeerCertificates) == 0 || !sameKey(s.PeerCertificates[0], l.record.DeviceCertificate)
			return nil
		},
	})
	if err := t.HandshakeContext(l.ctx); err != nil {
		return nil, fmt.Errorf("secure the connection to the device: %w", err)
	}
	return t, nil
}

// sameKey says whether a certificate has the public key of the one in PEM.
func sameKey(got *x509.Certificate, want []byte) bool {
	block, _ := pem.Decode(want)
	if block == nil {
		return false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	return err == nil && string(c.RawSubjectPublicKeyInfo) == string(got.RawSubjectPublicKeyInfo)
}

// ask makes a request to lockdownd; answer takes what is wanted of what it says.
func (l *Lockdown) ask(request string, more map[string]any, answer any) error {
	message := map[string]any{"Label": "abroad", "Request": request}
	for k, v := range more {
		message[k] = v
	}
	if err := Send(l.conn, message); err != nil {
		return fmt.Errorf("ask the device for %s: %w", request, err)
	}
	b, err := Receive(l.conn, nil)
	if err != nil {
		return fmt.Errorf("ask the device for %s: %w", request, noEOF(err))
	}
	var refusal struct{ Error string }
	if err := decode(b, &refusal); err != nil {
		return fmt.Errorf("ask the device for %s: %w", request, err)
	}
	if refusal.Error != "" {
		return &LockdownError{request, refusal.Error[:min(len(refusal.Error), 200)]}
	}
	return decode(b, answer)
}

// Facts are what lockdownd says about the device. Its name, which is often its owner's, is not kept.
type Facts struct {
	Model   string  // "iPhone16,2"
	Version string  // of iOS
	Build   string  // of iOS
	Clock   float64 // seconds since 1970, by the device; 0 if it does not say
}

// Facts reads what the device says about itself.
func (l *Lockdown) Facts() (f Facts, err error) {
	var answer struct{ Value map[string]any }
	if err := l.ask("GetValue", nil, &answer); err != nil {
		return f, err
	}
	text := func(key string) string { s, _ := answer.Value[key].(string); return s }
	f = Facts{Model: text("ProductType"), Version: text("ProductVersion"), Build: text("BuildVersion")}
	switch v := answer.Value["TimeIntervalSince1970"].(type) {
	case float64:
		f.Clock = v
	case uint64:
		f.Clock = float64(v)
	}
	return f, nil
}

// StartService starts a service and connects to it. The connection ends with the session's context or Close.
func (l *Lockdown) StartService(name string) (net.Conn, error) {
	var answer struct {
		Port             int
		EnableServiceSSL bool
	}
	if err := l.ask("StartService", map[string]any{"Service": name}, &answer); err != nil {
		return nil, err
	}
	if answer.Port <= 0 || answer.Port > 0xffff {
		return nil, fmt.Errorf("start %s: the device offers port %d", name, answer.Port)
	}
	c, err := l.mux.connect(l.ctx, l.device, answer.Port)
	if err != nil {
		return nil, err
	}
	if !answer.EnableServiceSSL {
		return c, nil
	}
	t, err := l.secure(c)
	if err != nil {
		c.Close()
		return nil, err
	}
	return t, nil
}

// Send writes one property list behind its length.
func Send(w io.Writer, message any) error {
	body, err := plist.Marshal(message, plist.XMLFormat)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}

// Receive reads one property list behind its length into buf, if it is large enough. The error is io.EOF between messages.
func Receive(r io.Reader, buf []byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > MaxMessage {
		return nil, fmt.Errorf("read from the device: a message of %d bytes", n)
	}
	if uint32(cap(buf)) < n {
		buf = make([]byte, n)
	}
	if _, err := io.ReadFull(r, buf[:n]); err != nil {
		return nil, noEOF(err)
	}
	return buf[:n], nil
}
