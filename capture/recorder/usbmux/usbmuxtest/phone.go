package usbmuxtest

import (
	"crypto/rand"
	"crypto/rsa"
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
	// As usbmuxd makes them when it pairs: one authority signs the computer's certificate and the device's.
	ids, err := identities()
	if err != nil {
		t.Fatal(err)
	}
	root, host, device := ids[0], ids[1], ids[2]
	p.device, p.host = device.pair, x509.NewCertPool()
	p.host.AppendCertsFromPEM(root.cert)
	p.record, err = plist.Marshal(map[string]any{"HostID": "HOST", "SystemBUID": "BUID", "HostCertificate": host.cert, "HostPrivateKey": host.key,
		"RootCertificate": root.cert, "RootPrivateKey": root.key, "DeviceCertificate": device.cert}, plist.XMLFormat)
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

// identity is a certificate and its key, as PEM and ready for use.
type identity struct {
	cert, key []byte
	pair      tls.Certificate
}

// identities are made once: RSA keys, as a pairing has, take their time. The first one signs the others.
var identities = sync.OnceValues(func() (ids []*identity, err error) {
	var root *identity
	for _, name := range [...]string{"root", "host", "device"} {
		id, err := newIdentity(name, root)
		if err != nil {
			return nil, err
		}
		if root == nil {
			root = id
		}
		ids = append(ids, id)
	}
	return ids, nil
})

// newIdentity makes an identity that by signs, or that signs itself.
func newIdentity(name string, by *identity) (*identity, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: by == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	parent, signer := template, any(key)
	if by != nil {
		template.KeyUsage = x509.KeyUsageDigitalSignature
		parent, signer = by.pair.Leaf, by.pair.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	id := &identity{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	}
	id.pair, err = tls.X509KeyPair(id.cert, id.key)
	return id, err
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
				about := map[string]any{"SerialNumber": UDID, "ConnectionType": how, "DeviceID": id, "ProductID": 0x12a8, "LocationID": 0}
				if how == "Network" { // sockaddr_in of Darwin: its length, family 2, port, address
					about["EscapedFullServiceName"], about["NetworkAddress"] = "phone", append([]byte{16, 2, 0, 0, 198, 51, 100, 7}, make([]byte, 8)...)
				}
				return map[string]any{"DeviceID": id, "MessageType": "Attached", "Properties": about}
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
		var req struct{ Request, HostID, Service, Key string }
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
		case req.Request == "QueryType":
			answer["Type"] = "com.apple.mobile.lockdown"
		case req.Request == "StopSession" && c != raw:
		case req.Request == "GetValue" && (c != raw || req.Key == "ProductVersion"): // strangers may know little
			now := time.Now
			if p.Clock != nil {
				now = p.Clock
			}
			values := map[string]any{"ProductType": "iPhone16,2", "ProductVersion": "26.1", "BuildVersion": "23B85", "DeviceName": "Jane's iPhone",
				"TimeIntervalSince1970": float64(now().UnixMilli()) / 1e3}
			if answer["Value"] = any(values); req.Key != "" {
				answer["Value"] = values[req.Key]
			}
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
