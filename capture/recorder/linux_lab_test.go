//go:build linux

package recorder

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"abroad/capture"
	"abroad/capture/corpus"
	"abroad/capture/lab"
	"abroad/capture/lab/labtest"
	"abroad/capture/recorder/privilege"
	"abroad/capture/recorder/ring"
	"abroad/capture/session"
	"abroad/capture/source"
)

// A tray is a sink that keeps everything.
type tray struct {
	armed   chan struct{}
	mu      sync.Mutex
	links   []bool
	packets []capture.Packet
	events  []string
	ifaces  []InterfaceInfo
}

func newTray() *tray { return &tray{armed: make(chan struct{})} }

func (t *tray) Interface(i InterfaceInfo) (uint32, error) {
	t.ifaces = append(t.ifaces, i)
	return uint32(len(t.ifaces) - 1), nil
}

func (t *tray) Packet(p *capture.Packet) error {
	kept := *p
	kept.Data = slices.Clone(p.Data)
	t.packets = append(t.packets, kept)
	return nil
}

func (t *tray) Secrets(uint32, []byte) error { return nil }

func (t *tray) Event(kind string, data any) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, kind)
	if kind == session.EventLink {
		t.links = append(t.links, data.(map[string]any)["up"].(bool))
	}
	if kind == session.EventArmed {
		close(t.armed)
	}
	return nil
}

// has tells whether the link was last told to be so.
func (t *tray) has(kind string, up bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.events, kind) && t.links[len(t.links)-1] == up
}

// startLinux runs the source on the gateway. This process keeps its rights: the real program is watched dropping them in cmd/abroad.
func startLinux(t *testing.T, w *lab.World, o Options) (to *tray, info SourceInfo, stop func() (Stats, error)) {
	t.Helper()
	o.Target = lab.GatewayInterface
	s, err := newLinux(o)
	if err != nil {
		t.Fatal(err)
	}
	l := s.(*linuxSource)
	dropped := false
	l.drop = func(privilege.Owner) error { dropped = true; return nil }
	t.Cleanup(func() { l.Close() })
	if err := w.Gateway.Do(func() (err error) {
		info, err = s.Describe(t.Context())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !dropped {
		t.Fatal("privileges are kept")
	}
	to = newTray()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, to) }()
	<-to.armed
	return to, info, func() (Stats, error) {
		cancel()
		err := <-done
		return s.Stats(), err
	}
}

// startTcpdump records beside us, on the same interface, and returns its packets at the end.
func startTcpdump(t *testing.T, w *lab.World, args ...string) (stop func() []capture.Packet) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tcpdump.pcap")
	args = append([]string{"-i", lab.GatewayInterface, "-n", "-U", "-B", "32768", "-s", "0", "--time-stamp-precision=nano", "-Z", "root", "-w", path}, args...)
	c := exec.Command(corpus.Program(t, "tcpdump"), args...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := w.Gateway.Start(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) { // its file begins once it listens
		if info, err := os.Stat(path); err == nil && info.Size() >= 24 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("tcpdump does not begin: %s", stderr.String())
		}
	}
	return func() []capture.Packet {
		t.Helper()
		time.Sleep(1500 * time.Millisecond) // tcpdump reads its last block a second after it began, and drops it when it is stopped before
		c.Process.Signal(os.Interrupt)
		if err := c.Wait(); err != nil {
			t.Fatalf("tcpdump: %v: %s", err, stderr.String())
		}
		if !strings.Contains(stderr.String(), "\n0 packets dropped by kernel") {
			t.Fatalf("tcpdump: %s", stderr.String())
		}
		return readPackets(t, path)
	}
}

func readPackets(t *testing.T, path string) (list []capture.Packet) {
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
		if p, ok := r.(*capture.Packet); ok {
			kept := *p
			kept.Data = slices.Clone(p.Data)
			list = append(list, kept)
		}
	}
	return list
}

// same looks for another recorder's packets in ours: all of them, as often, with the same bytes. What we have beyond them must lie before or behind: we may
// have begun a little earlier and ended a little later. The order of packets that two processors see at the same moment is not the same for two sockets,
// nor are their time stamps.
func same(t *testing.T, ours, theirs []capture.Packet) {
	t.Helper()
	const aside = capture.Time(5 * time.Millisecond)
	key := func(p capture.Packet) string { return fmt.Sprintf("%d %s", p.OrigLen, p.Data) }
	left := map[string]int{}
	for _, p := range theirs {
		left[key(p)]++
	}
	for i, p := range ours {
		if left[key(p)] > 0 {
			left[key(p)]--
		} else if p.Time > theirs[0].Time+aside && p.Time < theirs[len(theirs)-1].Time-aside {
			t.Errorf("our packet %d of %d is not in the other recording: %s %d %.60x", i+1, len(ours), p.Time, p.OrigLen, p.Data)
		}
	}
	for k, n := range left {
		if n > 0 {
			t.Errorf("%d packets are missing from ours: %.60x", n, k)
		}
	}
}

func TestGatewayAgreesWithTcpdump(t *testing.T) {
	w := labtest.Open(t)
	servers, err := w.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	to, info, stop := startLinux(t, w, Options{MACs: []string{lab.PhoneMAC}})
	tcpdump := startTcpdump(t, w, "ether", "host", lab.PhoneMAC)
	truth := labtest.Play(t, w, servers, lab.App{Version: 2})
	theirs := tcpdump()
	stats, err := stop()
	if err != nil {
		t.Fatal(err)
	}
	if len(truth.Visits) == 0 || len(theirs) < 10*len(truth.Visits) {
		t.Fatalf("%d packets of %d visits", len(theirs), len(truth.Visits))
	}
	same(t, to.packets, theirs)
	t.Logf("%d packets, tcpdump %d", len(to.packets), len(theirs))
	if want := (Stats{Received: uint64(len(to.packets)), DroppedInterface: capture.UnknownCount}); stats != want {
		t.Errorf("counters %+v, %d packets", stats, len(to.packets))
	}
	ups := 0
	for i, p := range to.packets {
		from := fmt.Sprintf("%x", p.Data[6:12])
		if up := from == strings.ReplaceAll(lab.PhoneMAC, ":", ""); up != (p.Dir == capture.DirIn) {
			t.Fatalf("packet %d from %s has direction %d", i+1, from, p.Dir)
		} else if up {
			ups++
		}
	}
	if ups == 0 || ups == len(to.packets) {
		t.Errorf("%d of %d packets go up", ups, len(to.packets))
	}
	if info.Source.Attribution != session.AttributionDevice || info.Source.Filter != "ether host "+lab.PhoneMAC || info.Source.DirectionOf != "gateway" {
		t.Errorf("source %+v", info.Source)
	}
}

// TestNeighboursStayOut sends frames of another machine on the same network: the filter by the phone's address must keep them out of the file.
func TestNeighboursStayOut(t *testing.T) {
	w := labtest.Open(t)
	program := filepath.Join(t.TempDir(), "filter")
	listing, err := exec.Command(corpus.Program(t, "tcpdump"), "-ddd", "-s", "60", "-y", "EN10MB", "ether host "+lab.PhoneMAC).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, listing, 0o600); err != nil {
		t.Fatal(err)
	}
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	for _, o := range []Options{{MACs: []string{lab.PhoneMAC}}, {BPFFile: program}, {Addresses: []string{lab.PhoneAddr.String()}}} {
		to, info, stop := startLinux(t, w, o)
		for i := range 50 {
			send(labtest.UDP(lab.PhoneMAC, lab.PhoneAddr, fmt.Sprintf("own %d", i)))
			send(labtest.UDP("02:00:5e:00:53:99", netip.MustParseAddr("192.168.7.7"), fmt.Sprintf("neighbour %d", i)))
		}
		stats, err := stop()
		if err != nil {
			t.Fatal(err)
		}
		own, foreign := 0, 0
		for _, p := range to.packets {
			if bytes.Contains(p.Data, []byte("own")) {
				own++
			}
			if bytes.Contains(p.Data, []byte("neighbour")) {
				foreign++
			}
		}
		if own != 50 || foreign != 0 || stats.Received != uint64(len(to.packets)) {
			t.Errorf("%+v: %d own, %d foreign packets, counters %+v", o, own, foreign, stats)
		}
		if o.BPFFile != "" && info.Source.SnapLen != 60 {
			t.Errorf("snap length %d", info.Source.SnapLen)
		}
	}
}

// A stalled tray does not take a packet before it is released.
type stalled struct {
	*tray
	release chan struct{}
}

func (s stalled) Packet(p *capture.Packet) error {
	<-s.release
	return s.tray.Packet(p)
}

// A sink that is slower than the source loses packets in the kernel, which are counted, and none in here.
func TestSlowSinkLosesInTheKernel(t *testing.T) {
	w := labtest.Open(t)
	s, err := newLinux(Options{Target: lab.GatewayInterface, Ring: ring.MinSize})
	if err != nil {
		t.Fatal(err)
	}
	l := s.(*linuxSource)
	l.drop = func(privilege.Owner) error { return nil }
	t.Cleanup(func() { l.Close() })
	if err := w.Gateway.Do(func() error {
		_, err := s.Describe(t.Context())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	to := stalled{newTray(), make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, to) }()
	<-to.armed
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	for range 2 * ring.MinSize / 1400 {
		send(labtest.UDP(lab.PhoneMAC, lab.PhoneAddr, strings.Repeat("x", 1400)))
	}
	cancel()
	close(to.release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	stats := s.Stats()
	if stats.DroppedKernel == 0 || stats.Received != stats.DroppedKernel+uint64(len(to.packets)) {
		t.Errorf("counters %+v, %d packets", stats, len(to.packets))
	}
	if lost, known := stats.Document().Lost(); !known || lost != stats.DroppedKernel {
		t.Errorf("%d lost, known %v", lost, known)
	}
}

func TestLinkLossIsToldAsGap(t *testing.T) {
	w := labtest.Open(t)
	to, _, stop := startLinux(t, w, Options{MACs: []string{lab.PhoneMAC}})
	for _, state := range []string{"down", "up"} {
		if err := w.Gateway.Run("", "ip", "link", "set", lab.GatewayInterface, state); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); !to.has(session.EventLink, state == "up"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("nobody told that the link went %s: %v", state, to.events)
			}
		}
	}
	if _, err := stop(); err != nil {
		t.Fatal(err)
	}
	if want := []string{session.EventArmed, session.EventLink, session.EventLink, session.EventGap}; !slices.Equal(to.events, want) {
		t.Errorf("events %v", to.events)
	}
}

func TestLinuxRefuses(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{}, "no interface given"},
		{Options{Target: "x", MACs: []string{"x"}}, "no hardware address"},
		{Options{Target: "x", Addresses: []string{"x"}}, "no address or prefix"},
		{Options{Target: "x", BPFFile: "no-such-file"}, "no such file"},
		{Options{Target: "x", BPFFile: "x", SnapLen: 5}, "stands alone"},
		{Options{Target: "x", Set: map[string]string{"promiscuous": "perhaps"}}, "yes or no"},
		{Options{Target: "x", Set: map[string]string{"without": "host"}}, "ADDRESS:PORT"},
		{Options{Target: "x", Set: map[string]string{"y": ""}}, `no setting "y"`},
	} {
		if _, err := newLinux(c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.options, err)
		}
	}
}

func TestOtherSystemsAreToldWhatToUse(t *testing.T) {
	s := &linuxSource{options: Options{Target: "en0"}}
	err := s.hinted(fmt.Errorf("open: %w", ring.ErrUnsupported))
	hinted, ok := err.(*Hinted)
	if !ok || !strings.Contains(hinted.Hint, "tcpdump -i en0 -U -w - | abroad record -") {
		t.Errorf("%v, %+v", err, hinted)
	}
	if got := elsewhere("windows", "Wi-Fi 2"); got != `dumpcap -i "Wi-Fi 2" -w - | abroad record -` {
		t.Error(got)
	}
}
