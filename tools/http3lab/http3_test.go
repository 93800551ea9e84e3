//go:build linux

package http3lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"abroad/capture"
	"abroad/capture/corpus"
	"abroad/capture/lab"
	"abroad/capture/lab/labtest"
	"abroad/capture/source"
)

const (
	host   = "video.practice.example"
	asks   = 3
	answer = 200_000 // octets
)

var addresses = []string{"203.0.113.10:443", "[2001:db8:2::10]:443"} // of a machine of the lab that speaks TCP only

// TestMain is the phone's client when the test starts itself in the phone's namespace.
func TestMain(m *testing.M) {
	os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true")
	if os.Getenv("HTTP3LAB_CLIENT") == "" {
		os.Exit(m.Run())
	}
	if err := client(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// client asks at every address. It reads the certificate to trust from in.
func client(in io.Reader) error {
	pem, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no certificate in %d octets", len(pem))
	}
	for _, address := range addresses {
		transport := &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: host},
			Dial: func(ctx context.Context, _ string, t *tls.Config, q *quic.Config) (*quic.Conn, error) {
				return quic.DialAddrEarly(ctx, address, t, q)
			}}
		c := http.Client{Transport: transport, Timeout: 20 * time.Second}
		for i := range asks {
			r, err := c.Get(fmt.Sprintf("https://%s/part/%d", host, i))
			if err != nil {
				return err
			}
			n, err := io.Copy(io.Discard, r.Body)
			r.Body.Close()
			if err != nil || n != answer || r.ProtoMajor != 3 {
				return fmt.Errorf("%s: %d octets, %v", r.Proto, n, err)
			}
		}
		if err := transport.Close(); err != nil {
			return err
		}
	}
	return nil
}

// serve answers HTTP/3 in the servers' namespace.
func serve(t *testing.T, w *lab.World, s *lab.Servers) {
	t.Helper()
	certificate, err := s.Certificate(host)
	if err != nil {
		t.Fatal(err)
	}
	server := &http3.Server{TLSConfig: http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{*certificate}}),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, answer)) })}
	t.Cleanup(func() { server.Close() })
	for _, address := range addresses {
		var c net.PacketConn
		if err := w.Server.Do(func() (err error) {
			c, err = net.ListenPacket("udp", address)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		go server.Serve(c)
	}
}

// start starts a recorder on the gateway and returns once it has begun; stop ends it in order.
func start(t *testing.T, w *lab.World, begun func() bool, name string, args ...string) (stop func()) {
	t.Helper()
	c := exec.Command(name, args...)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := w.Gateway.Start(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	for deadline := time.Now().Add(30 * time.Second); !begun(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.Process.Kill()
			c.Wait()
			t.Fatalf("%s does not begin: %s", name, said.String())
		}
	}
	return func() {
		t.Helper()
		c.Process.Signal(syscall.SIGINT)
		if err := c.Wait(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, said.String())
		}
	}
}

// udp returns the datagrams of a recording that carry HTTP/3, sorted: two recorders may see two processors' packets in another order.
func udp(t *testing.T, path string) (list []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := source.Open(path, f)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range rec.Records() {
		if err != nil {
			t.Fatal(err)
		}
		p, ok := r.(*capture.Packet)
		if !ok || len(p.Data) < 62 {
			continue
		}
		if v4 := p.Data[12] == 0x08 && p.Data[13] == 0 && p.Data[23] == 17; v4 || p.Data[12] == 0x86 && p.Data[20] == 17 {
			list = append(list, string(p.Data))
		}
	}
	slices.Sort(list)
	return list
}

func TestHTTP3OnTheGateway(t *testing.T) {
	w := labtest.Open(t)
	tcpdump := corpus.Program(t, "tcpdump")
	dir := t.TempDir()
	abroad := filepath.Join(dir, "abroad")
	build := exec.Command("go", "build", "-C", filepath.Join("..", ".."), "-o", abroad, "./cmd/abroad")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	servers, err := w.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	serve(t, w, servers)
	session, other := filepath.Join(dir, "x.session"), filepath.Join(dir, "tcpdump.pcap")
	stopOurs := start(t, w, func() bool {
		b, err := os.ReadFile(filepath.Join(session, "events.jsonl"))
		return err == nil && bytes.Contains(b, []byte(`"kind":"start"`))
	}, abroad, "record", "--quiet", "--no-ui", "--mac", lab.PhoneMAC, "-o", session, "linux", lab.GatewayInterface)
	stopTheirs := start(t, w, func() bool {
		info, err := os.Stat(other)
		return err == nil && info.Size() >= 24
	}, tcpdump, "-i", lab.GatewayInterface, "-n", "-U", "-B", "32768", "-s", "0", "-Z", "root", "-w", other, "ether", "host", lab.PhoneMAC)

	phone := exec.Command(os.Args[0])
	phone.Env = append(os.Environ(), "HTTP3LAB_CLIENT=1")
	phone.Stdin = bytes.NewReader(servers.Roots())
	var said strings.Builder
	phone.Stderr = &said
	if err := w.Phone.Start(phone); err != nil {
		t.Fatal(err)
	}
	if err := phone.Wait(); err != nil {
		t.Fatalf("the client: %v: %s", err, said.String())
	}
	time.Sleep(1500 * time.Millisecond) // tcpdump reads its last block a second after it began, and drops it when it is stopped before
	stopTheirs()
	stopOurs()

	ours, theirs := udp(t, filepath.Join(session, "capture", "000001.pcapng")), udp(t, other)
	octets := 0
	for _, p := range theirs {
		octets += len(p)
	}
	t.Logf("%d datagrams, %d octets", len(theirs), octets)
	if octets < len(addresses)*asks*answer || !slices.Equal(ours, theirs) {
		t.Errorf("%d datagrams, tcpdump has %d; equal: %v", len(ours), len(theirs), slices.Equal(ours, theirs))
	}
	out := filepath.Join(dir, "audit")
	if b, err := exec.Command(abroad, "audit", "--quiet", "--data", "none", "-o", out, session).CombinedOutput(); err != nil {
		t.Fatalf("audit: %v: %s", err, b)
	}
	b, err := os.ReadFile(filepath.Join(out, "audit.json"))
	if err != nil || !json.Valid(b) {
		t.Fatal(err)
	}
	for _, word := range []string{`"` + host + `"`, `"quic"`} {
		if !bytes.Contains(b, []byte(word)) {
			t.Errorf("the audit does not hold %s", word)
		}
	}
}
