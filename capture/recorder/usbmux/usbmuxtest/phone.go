package usbmuxtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"io"
	"math/big"
	"math/bits"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"howett.net/plist"
)

// UDID is the phone's name.
const UDID = "00008130-0000000000000001"

// A Phone is the device.
type Phone struct {
	Packets  [][]byte // what pcapd sends: header and frame
	Hold     bool     // pcapd goes on until the connection ends
	Apps     map[string]map[string]string
	Refuse   map[string]string // request or service -> lockdownd's error
	Unpaired bool
	Clock    func() time.Time // nil = this machine's
	Sent     chan struct{}    // closed when all packets are out

	mu       sync.Mutex
	gone     bool
	conns    []net.Conn
	device   tls.Certificate
	host     *x509.CertPool
	record   []byte
	services map[int]string
}

// Start begins to serve and returns the value for USBMUXD_SOCKET_ADDRESS.
func (p *Phone) Start(t testing.TB) string {
	t.Helper()
	p.Sent, p.services = make(chan struct{}), map[int]string{}
	deviceCert, _, device := certificate(t, "device")
	hostCert, hostKey, _ := certificate(t, "host")
	p.device, p.host = device, x509.NewCertPool()
	p.host.AppendCertsFromPEM(hostCert)
	var err error
	p.record, err = plist.Marshal(map[string]any{"HostID": "HOST", "SystemBUID": "BUID", "HostCertificate": hostCert, "HostPrivateKey": hostKey,
		"DeviceCertificate": deviceCert}, plist.XMLFormat)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mux")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); p.Unplug() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.conns = append(p.conns, c)
			p.mu.Unlock()
			go p.serve(c)
		}
	}()
	return "UNIX:" + path
}

// certificate signs itself.
func certificate(t testing.TB, name string) (certPEM, keyPEM []byte, pair tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	pair, err = tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return certPEM, keyPEM, pair
}

// Unplug ends every connection and takes the phone off the list.
func (p *Phone) Unplug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

// serve is usbmuxd: it answers requests until one connects to the phone.
func (p *Phone) serve(c net.Conn) {
	defer c.Close()
	for {
		var head [16]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		b := make([]byte, binary.LittleEndian.Uint32(head[:])-16)
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		var req struct {
			MessageType, PairRecordID string
			DeviceID, PortNumber      int
		}
		if _, err := plist.Unmarshal(b, &req); err != nil {
			return
		}
		p.mu.Lock()
		gone := p.gone
		p.mu.Unlock()
		answer := map[string]any{"MessageType": "Result", "Number": 0}
		port := 0
		switch {
		case req.MessageType == "ListDevices" && gone:
			answer = map[string]any{"DeviceList": []any{}}
		case req.MessageType == "ListDevices":
			one := func(id int, how string) any {
				return map[string]any{"DeviceID": id, "MessageType": "Attached", "Properties": map[string]any{"SerialNumber": UDID, "ConnectionType": how, "DeviceID": id}}
			}
			answer = map[string]any{"DeviceList": []any{one(8, "Network"), one(3, "USB")}}
		case req.MessageType == "ReadPairRecord" && req.PairRecordID == UDID && !p.Unpaired:
			answer = map[string]any{"PairRecordData": p.record}
		case req.MessageType == "Connect" && req.DeviceID == 3 && !gone:
			port = int(bits.ReverseBytes16(uint16(req.PortNumber)))
		default:
			answer["Number"] = 2
		}
		body, _ := plist.Marshal(answer, plist.XMLFormat)
		out := binary.LittleEndian.AppendUint32(nil, uint32(16+len(body)))
		if _, err := c.Write(append(append(out, head[4:]...), body...)); err != nil {
			return
		}
		if port != 0 {
			p.connected(c, port)
			return
		}
	}
}

// connected is a port of the phone.
func (p *Phone) connected(c net.Conn, port int) {
	if port == 62078 {
		p.lockdown(c)
		return
	}
	p.mu.Lock()
	name := p.services[port]
	p.mu.Unlock()
	t := tls.Server(c, p.config())
	if t.Handshake() != nil {
		return
	}
	switch name {
	case "com.apple.pcapd":
		p.pcapd(t)
	case "com.apple.mobile.installation_proxy":
		p.proxy(t)
	}
	t.Close()
}

func (p *Phone) config() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{p.device}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: p.host,
		VerifyConnection: func(tls.ConnectionState) error { return nil }}
}

func (p *Phone) lockdown(raw net.Conn) {
	c := raw
	for {
		var req struct{ Request, HostID, Service string }
		if err := receive(c, &req); err != nil {
			return
		}
		answer, secure := map[string]any{"Request": req.Request}, false
		refusal := p.Refuse[req.Request]
		if refusal == "" {
			refusal = p.Refuse[req.Service]
		}
		switch {
		case refusal != "":
			answer["Error"] = refusal
		case req.Request == "StartSession" && req.HostID == "HOST" && c == raw:
			answer["EnableSessionSSL"], answer["SessionID"], secure = true, "1", true
		case req.Request == "GetValue" && c != raw:
			now := time.Now
			if p.Clock != nil {
				now = p.Clock
			}
			answer["Value"] = map[string]any{"ProductType": "iPhone16,2", "ProductVersion": "26.1", "BuildVersion": "23B85", "DeviceName": "Jane's iPhone",
				"TimeIntervalSince1970": float64(now().UnixMilli()) / 1e3}
		case req.Request == "StartService" && c != raw:
			p.mu.Lock()
			port := 49152 + len(p.services)
			p.services[port] = req.Service
			p.mu.Unlock()
			answer["Port"], answer["EnableServiceSSL"] = port, true
		default:
			answer["Error"] = "InvalidService"
		}
		if err := send(c, answer); err != nil {
			return
		}
		if secure {
			c = tls.Server(raw, p.config())
		}
	}
}

func (p *Phone) proxy(c net.Conn) {
	var req struct {
		Command       string
		ClientOptions struct{ BundleIDs []string }
	}
	if receive(c, &req) != nil || req.Command != "Lookup" {
		return
	}
	found := map[string]any{}
	for _, id := range req.ClientOptions.BundleIDs {
		if app, ok := p.Apps[id]; ok {
			found[id] = app
		}
	}
	send(c, map[string]any{"LookupResult": found, "Status": "Complete"})
}

func (p *Phone) pcapd(c net.Conn) {
	for _, packet := range p.Packets {
		if err := send(c, packet); err != nil {
			return
		}
	}
	close(p.Sent)
	if p.Hold {
		io.Copy(io.Discard, c)
	}
}

func send(c net.Conn, v any) error {
	body, err := plist.Marshal(v, plist.BinaryFormat)
	if err != nil {
		return err
	}
	_, err = c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}

func receive(c net.Conn, v any) error {
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return err
	}
	b := make([]byte, min(binary.BigEndian.Uint32(head[:]), 1<<20))
	if _, err := io.ReadFull(c, b); err != nil {
		return err
	}
	_, err := plist.Unmarshal(b, v)
	return err
}

// An Owner is what pcapd says about a packet besides the packet.
type Owner struct {
	Interface      string
	PID, EPID      int32
	Process, EProc string
	Pre            int // bytes of link header in front of the IP packet, part of the frame
}

// Message is a packet as pcapd sends it; the header has four more bytes than those that are known.
func Message(o Owner, at time.Time, frame []byte) []byte {
	fixed := func(s string, n int) []byte { b := make([]byte, n); copy(b[:n-1], s); return b }
	kind, family := byte(6), uint32(2)
	if o.Pre == 0 {
		kind = 0xff
	}
	if len(frame) > o.Pre && frame[o.Pre]>>4 == 6 {
		family = 30
	}
	b := binary.BigEndian.AppendUint32(nil, 99)
	b = append(b, 2)
	b = binary.BigEndian.AppendUint32(b, uint32(len(frame)))
	b = append(b, kind, 0, 0, 1)
	for _, v := range [...]uint32{family, uint32(o.Pre), 0} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	b = append(b, fixed(o.Interface, 16)...)
	b = binary.LittleEndian.AppendUint32(b, uint32(o.PID))
	b = append(b, fixed(o.Process, 17)...)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(o.EPID))
	b = append(b, fixed(o.EProc, 17)...)
	b = binary.BigEndian.AppendUint32(b, uint32(at.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(at.Nanosecond()/1000))
	return append(append(b, 0, 0, 0, 0), frame...)
}
