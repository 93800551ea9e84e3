package ring

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/bpf"

	"abroad/capture"
	"abroad/capture/lab"
	"abroad/capture/lab/labtest"
)

// A notebook is a handler that keeps everything.
type notebook struct {
	frames []Frame
	last   Stats // once the ring has stopped
	links  chan bool
	heard  chan uint32 // gets the number in each frame
	fail   error
}

func newNotebook() *notebook {
	return &notebook{links: make(chan bool, 16), heard: make(chan uint32, 1<<20)}
}

func (n *notebook) Frame(f *Frame) error {
	kept := *f
	kept.Data = slices.Clone(f.Data)
	n.frames = append(n.frames, kept)
	number := uint32(0)
	if len(f.Data) >= 18 {
		number = binary.BigEndian.Uint32(f.Data[14:])
	}
	n.heard <- number
	return n.fail
}
func (n *notebook) Link(up bool) error { n.links <- up; return nil }

// record opens a ring in a namespace and runs it; stop ends it and returns what Run returned.
func record(t *testing.T, in *lab.Namespace, c Config, n *notebook) (r *Ring, stop func() error) {
	t.Helper()
	err := in.Do(func() (err error) {
		r, err = Open(c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, n) }()
	t.Cleanup(func() { r.Close() })
	return r, func() error {
		cancel()
		err := <-done
		n.last = r.Stats()
		return err
	}
}

const testType = 0x88b5 // EtherType for experiments (IEEE 802)

// numbered is a frame from the phone to the gateway that carries a number.
func numbered(n int, size int) []byte {
	b := make([]byte, max(size, 18))
	to, _ := net.ParseMAC(lab.GatewayMAC)
	from, _ := net.ParseMAC(lab.PhoneMAC)
	copy(b, to)
	copy(b[6:], from)
	binary.BigEndian.PutUint16(b[12:], testType)
	binary.BigEndian.PutUint32(b[14:], uint32(n))
	return b
}

var onlyTests = assemble([]bpf.Instruction{
	bpf.LoadAbsolute{Off: 12, Size: 2}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: testType, SkipFalse: 1}, bpf.RetConstant{Val: 96}, bpf.RetConstant{}})

func assemble(p []bpf.Instruction) []bpf.RawInstruction {
	raw, err := bpf.Assemble(p)
	if err != nil {
		panic(err)
	}
	return raw
}

func TestEveryFrameOnce(t *testing.T) {
	w := labtest.Open(t)
	n := newNotebook()
	r, stop := record(t, w.Gateway, Config{Interface: lab.GatewayInterface, Filter: onlyTests, Size: MinSize}, n)
	if got := r.Interface(); got.Link != capture.LinkEthernet || got.MTU != 1500 || !got.Up || net.HardwareAddr(got.HardwareAddr).String() != lab.GatewayMAC {
		t.Errorf("interface %+v", got)
	}
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	reply := labtest.Sender(t, w.Gateway, lab.GatewayInterface)
	const count = 3000
	before := time.Now()
	for i := range count {
		send(numbered(i, 60+i%1400))
	}
	reply(numbered(count, 64))
	if err := stop(); err != nil { // at once: the last frames are still in a block that the kernel has not handed over
		t.Fatal(err)
	}
	if len(n.frames) != count+1 {
		t.Fatalf("%d frames, want %d", len(n.frames), count+1)
	}
	for i, f := range n.frames {
		want, dir := 60+i%1400, capture.DirIn
		if i == count {
			want, dir = 64, capture.DirOut
		}
		if got := binary.BigEndian.Uint32(f.Data[14:]); int(got) != i || int(f.Len) != want || len(f.Data) != min(want, 96) || f.Dir != dir {
			t.Fatalf("frame %d: number %d, length %d, kept %d, direction %d", i, got, f.Len, len(f.Data), f.Dir)
		}
		if at := int64(f.Time); at < before.UnixNano()-int64(time.Second) || at > time.Now().UnixNano() {
			t.Fatalf("frame %d: time %s", i, f.Time)
		}
	}
	want := Stats{Received: count + 1, Delivered: count + 1, Truncated: n.last.Truncated}
	if n.last != want || n.last.Truncated == 0 {
		t.Errorf("counters %+v", n.last)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if got := r.Stats(); got != want {
		t.Errorf("counters after closing %+v", got)
	}
	if err := r.Run(t.Context(), n); !errors.Is(err, errClosed) {
		t.Errorf("run after closing: %v", err)
	}
}

func TestForget(t *testing.T) {
	w := labtest.Open(t)
	var r *Ring
	if err := w.Gateway.Do(func() (err error) {
		r, err = Open(Config{Interface: lab.GatewayInterface, Filter: onlyTests, Size: MinSize})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	for i := range 20000 { // at 144 octets each they fill the ring
		send(numbered(i, 60))
	}
	before := r.Stats()
	if before.Dropped == 0 {
		t.Fatalf("the ring is not full: %+v", before)
	}
	for !r.ready() {
		time.Sleep(retireAfter * time.Millisecond / 4)
	}
	r.Forget()
	n := newNotebook()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Run(ctx, n) }()
	send(numbered(77777, 60))
	for <-n.heard != 77777 { // what was in no finished block yet comes first
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	n.last = r.Stats()
	if n.last.Dropped != 0 || n.last.Received != n.last.Delivered || n.last.Delivered != uint64(len(n.frames)) || len(n.frames) > 15000 {
		t.Errorf("%d frames, counters %+v", len(n.frames), n.last)
	}
}

// slow lets the ring overflow.
type slow struct {
	*notebook
	release chan struct{}
}

func (s slow) Frame(f *Frame) error {
	<-s.release
	return s.notebook.Frame(f)
}

func TestDropsAreCounted(t *testing.T) {
	w := labtest.Open(t)
	var r *Ring
	if err := w.Gateway.Do(func() (err error) {
		r, err = Open(Config{Interface: lab.GatewayInterface, Filter: assemble([]bpf.Instruction{bpf.RetConstant{Val: 1 << 16}}), Size: MinSize})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := slow{newNotebook(), make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Run(ctx, s) }()
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	const count = 4000 // of 1514 octets: three times the ring
	for i := range count {
		send(numbered(i, 1514))
	}
	cancel()
	close(s.release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	s.last = r.Stats()
	if s.last.Dropped == 0 || s.last.Freezes == 0 || s.last.Received < count || s.last.Delivered != s.last.Received-s.last.Dropped {
		t.Errorf("counters %+v", s.last)
	}
	if uint64(len(s.frames)) != s.last.Delivered {
		t.Errorf("%d frames, %d counted", len(s.frames), s.last.Delivered)
	}
	for i := range s.frames { // what is left is in order and whole
		if i > 0 && s.frames[i].Len == 1514 && s.frames[i-1].Len == 1514 &&
			bytes.Compare(s.frames[i].Data[14:18], s.frames[i-1].Data[14:18]) <= 0 {
			t.Fatalf("frame %d does not follow", i)
		}
	}
}

func TestLinkDownAndUp(t *testing.T) {
	w := labtest.Open(t)
	n := newNotebook()
	_, stop := record(t, w.Gateway, Config{Interface: lab.GatewayInterface, Filter: onlyTests}, n)
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	send(numbered(1, 60))
	<-n.heard
	link := func(in *lab.Namespace, name, to string, want bool) {
		t.Helper()
		if err := in.Run("", "ip", "link", "set", name, to); err != nil {
			t.Fatal(err)
		}
		select {
		case up := <-n.links:
			if up != want {
				t.Fatalf("link told as up=%v", up)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("nobody told that %s went %s", name, to)
		}
	}
	link(w.Gateway, lab.GatewayInterface, "down", false)
	link(w.Gateway, lab.GatewayInterface, "up", true)
	send(numbered(2, 60))
	<-n.heard
	link(w.Phone, lab.PhoneInterface, "down", false) // only the carrier is lost
	link(w.Phone, lab.PhoneInterface, "up", true)
	send(numbered(3, 60))
	<-n.heard
	// Down and up again before anybody can look.
	if err := w.Gateway.Run("link set gwp down\nlink set gwp up\n", "ip", "-batch", "-"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{false, true} {
		select {
		case up := <-n.links:
			if up != want {
				t.Fatalf("link told as up=%v", up)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("nobody told that the link was down for a moment")
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if len(n.frames) != 3 || n.last.Delivered != 3 {
		t.Errorf("%d frames, counters %+v", len(n.frames), n.last)
	}
}

func TestDeletedInterfaceEndsRun(t *testing.T) {
	w := labtest.Open(t)
	for _, down := range []bool{false, true} {
		if err := w.Gateway.Run("", "ip", "link", "add", "gone0", "type", "veth", "peer", "name", "gone1"); err != nil {
			t.Fatal(err)
		}
		if err := w.Gateway.Run("link set gone0 up\nlink set gone1 up\n", "ip", "-batch", "-"); err != nil {
			t.Fatal(err)
		}
		var r *Ring
		if err := w.Gateway.Do(func() (err error) { r, err = Open(Config{Interface: "gone0"}); return err }); err != nil {
			t.Fatal(err)
		}
		if down {
			if err := w.Gateway.Run("", "ip", "link", "set", "gone0", "down"); err != nil {
				t.Fatal(err)
			}
		}
		if !down {
			labtest.Sender(t, w.Gateway, "gone0")(numbered(1, 60))
		}
		if err := w.Gateway.Run("", "ip", "link", "del", "gone0"); err != nil {
			t.Fatal(err)
		}
		n := newNotebook()
		if err := r.Run(t.Context(), n); !errors.Is(err, ErrGone) {
			t.Errorf("down=%v: %v", down, err)
		}
		n.last = r.Stats()
		if sent := !down; sent && (len(n.frames) == 0 || n.last.Delivered != uint64(len(n.frames))) {
			t.Errorf("%d frames from before the end, counters %+v", len(n.frames), n.last)
		}
		r.Close()
	}
}

// TestNothingLeaksIn opens rings on a quiet interface while another is busy, with a filter that takes nothing that is sent.
func TestNothingLeaksIn(t *testing.T) {
	w := labtest.Open(t)
	if err := w.Gateway.Run("", "ip", "link", "add", "quiet0", "type", "veth", "peer", "name", "quiet1"); err != nil {
		t.Fatal(err)
	}
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				send(numbered(i, 60))
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	refused := assemble([]bpf.Instruction{bpf.LoadAbsolute{Off: 12, Size: 2}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: testType + 1, SkipFalse: 1},
		bpf.RetConstant{Val: 96}, bpf.RetConstant{}})
	for i := range 40 {
		c := Config{Interface: "quiet0", Filter: onlyTests, Size: MinSize}
		if i%2 == 1 {
			c = Config{Interface: lab.GatewayInterface, Filter: refused, Size: MinSize}
		}
		n := newNotebook()
		_, stop := record(t, w.Gateway, c, n)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if len(n.frames) != 0 || n.last.Received != 0 {
			t.Fatalf("open %d: %d foreign frames, counters %+v", i, len(n.frames), n.last)
		}
	}
}

// TestTagIsPutBack sends tagged frames. The kernel takes the outer tag off and hands it over beside the frame, as hardware does.
func TestTagIsPutBack(t *testing.T) {
	w := labtest.Open(t)
	n := newNotebook()
	_, stop := record(t, w.Gateway, Config{Interface: lab.GatewayInterface, Filter: onlyTests}, n)
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	var sent [][]byte
	for i, tag := range [][]byte{{0x81, 0x00, 0x20, 7}, {0x88, 0xa8, 0, 9}, {0x81, 0x00, 0, 0}} {
		frame := numbered(i, 60)
		sent = append(sent, slices.Concat(frame[:12], tag, frame[12:]))
		send(sent[i])
		<-n.heard
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for i, want := range sent {
		if got := n.frames[i]; !bytes.Equal(got.Data, want) || int(got.Len) != len(want) {
			t.Errorf("frame of %d octets %x\nwant %x", got.Len, got.Data, want)
		}
	}
}

func TestHandlerErrorEndsRun(t *testing.T) {
	w := labtest.Open(t)
	n := newNotebook()
	n.fail = syscall.ENOSPC
	r, stop := record(t, w.Gateway, Config{Interface: lab.GatewayInterface, Filter: onlyTests}, n)
	send := labtest.Sender(t, w.Phone, lab.PhoneInterface)
	send(numbered(1, 60))
	<-n.heard
	if err := stop(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("run: %v", err)
	}
	if got := r.Stats().Delivered; got != 1 {
		t.Errorf("%d delivered", got)
	}
}

// TestPromiscuousModeEnds asks for frames to other machines, and leaves the interface as it was.
func TestPromiscuousModeEnds(t *testing.T) {
	w := labtest.Open(t)
	n := newNotebook()
	r, stop := record(t, w.Gateway, Config{Interface: lab.GatewayInterface, Filter: onlyTests, Promiscuous: true}, n)
	counted := func() string {
		t.Helper()
		var out []byte
		if err := w.Gateway.Do(func() (err error) {
			out, err = exec.Command("ip", "-d", "link", "show", lab.GatewayInterface).Output()
			return err
		}); err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(out), "promiscuity ")
		return strings.Fields(rest + " ?")[0]
	}
	if got := counted(); got != "1" {
		t.Errorf("promiscuity %s", got)
	}
	frame := numbered(1, 60)
	frame[5] ^= 0xff // to another machine
	labtest.Sender(t, w.Phone, lab.PhoneInterface)(frame)
	<-n.heard
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if !n.frames[0].OtherReceiver {
		t.Error("a frame for another machine is not told as one")
	}
	r.Close()
	if got := counted(); got != "0" {
		t.Errorf("promiscuity %s after the end", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	w := labtest.Open(t)
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Interface: "nowhere0"}, `"nowhere0": find interface: no such device`},
		{Config{Interface: ""}, "no interface has this name"},
		{Config{Interface: strings.Repeat("x", 40)}, "no interface has this name"},
		{Config{Interface: lab.GatewayInterface, Size: 1}, "a ring of 1 octets"},
		{Config{Interface: lab.GatewayInterface, Filter: make([]bpf.RawInstruction, 5000)}, "5000 instructions"},
		{Config{Interface: lab.GatewayInterface, Filter: []bpf.RawInstruction{{Op: 0xffff}}}, "attach filter: invalid argument"},
	} {
		err := w.Gateway.Do(func() error {
			_, err := Open(c.config)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.config.Interface, err)
		}
	}
}

// TestLoopback sees each packet once, though the kernel shows it on its way out and on its way in.
func TestLoopback(t *testing.T) {
	w := labtest.Open(t)
	n := newNotebook()
	_, stop := record(t, w.Gateway, Config{Interface: "lo"}, n)
	if err := w.Gateway.Do(func() error {
		c, err := net.Dial("udp", "127.0.0.1:9")
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Write([]byte("once"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	<-n.heard
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	once := 0
	for _, f := range n.frames {
		if f.Len == 14+20+8+4 {
			once++
		}
	}
	if once != 1 || n.last.Doubled == 0 || n.last.Received != n.last.Delivered+n.last.Doubled {
		t.Errorf("%d copies, counters %+v", once, n.last)
	}
}
