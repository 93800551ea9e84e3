package recorder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"abroad/capture"
	"abroad/capture/corpus"
	"abroad/capture/session"
)

// A scripted source does what a test says.
type scripted struct {
	run    func(ctx context.Context, s Sink, iface uint32) error
	rearm  func(ctx context.Context) error
	app    func() (session.App, error)
	stats  Stats
	kernel atomic.Uint64
	arms   int
	closed bool
}

func (s *scripted) Describe(context.Context) (SourceInfo, error) { return SourceInfo{}, nil }

func (s *scripted) Run(ctx context.Context, to Sink) error {
	s.arms++
	id, err := to.Interface(InterfaceInfo{Link: capture.LinkRaw, Name: fmt.Sprintf("arm %d", s.arms)})
	if err != nil {
		return err
	}
	return s.run(ctx, to, id)
}

func (s *scripted) Stats() Stats {
	stats := s.stats
	stats.DroppedKernel = s.kernel.Load()
	return stats
}

func (s *scripted) Close() error {
	s.closed = true
	return nil
}

// rearming and reading are sources that can be armed, or asked for the app, again.
type (
	rearming struct{ *scripted }
	reading  struct{ *scripted }
)

func (r rearming) Rearm(ctx context.Context) error                 { return r.scripted.rearm(ctx) }
func (r reading) ReadApp(ctx context.Context) (session.App, error) { return r.scripted.app() }

// some hands n packets over.
func some(n int) func(context.Context, Sink, uint32) error {
	return func(_ context.Context, to Sink, iface uint32) error {
		for i := range n {
			b := []byte{0x45, 0, 0, 20, 0, byte(i), 0, 0, 64, 59, 0, 0, 198, 51, 100, 1, 203, 0, 113, 2}
			p := &capture.Packet{Time: capture.Time(1_790_000_000_000_000_000 + i), Iface: iface, Data: b, OrigLen: uint32(len(b))}
			if err := to.Packet(p); err != nil {
				return err
			}
		}
		return nil
	}
}

// after runs steps one after the other until one fails.
func after(steps ...func(context.Context, Sink, uint32) error) func(context.Context, Sink, uint32) error {
	return func(ctx context.Context, to Sink, iface uint32) error {
		for _, step := range steps {
			if err := step(ctx, to, iface); err != nil {
				return err
			}
		}
		return nil
	}
}

func untilStopped(ctx context.Context, _ Sink, _ uint32) error {
	<-ctx.Done()
	return nil
}

func ends(err error) func(context.Context, Sink, uint32) error {
	return func(context.Context, Sink, uint32) error { return err }
}

// play records a source and returns the session, which must hold.
func play(t *testing.T, s Source, change func(*Config)) (Result, *session.Verified, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.session")
	c := Config{Plugin: &Plugin{Name: "scripted"}, Source: s, Dir: dir}
	c.About.App = session.App{ID: "org.example.app", Version: "1.0", Code: "10"}
	if change != nil {
		change(&c)
	}
	result, err := Run(t.Context(), c)
	v, broken := session.Verify(c.Dir, nil)
	if broken != nil {
		t.Fatalf("the session does not hold: %v", broken)
	}
	if v.Packets != result.Packets || v.Session.Manifest == nil || v.Session.State() != result.State {
		t.Errorf("result %+v, session %s with %d packets", result, v.Session.State(), v.Packets)
	}
	return result, v, err
}

// told reports whether an event of that kind holds the text.
func told(v *session.Verified, kind, text string) bool {
	for _, e := range v.Session.Events {
		if e.Kind == kind && strings.Contains(string(e.Data), text) {
			return true
		}
	}
	return false
}

func TestStop(t *testing.T) {
	s := &scripted{run: after(some(10), untilStopped, some(5))} // what is drained counts
	result, v, err := play(t, s, func(c *Config) { c.For = 50 * time.Millisecond })
	if err != nil || result.State != session.Complete || result.Packets != 15 || !s.closed {
		t.Errorf("%+v, %v", result, err)
	}
	if v.Session.Events[0].Kind != session.EventStart {
		t.Errorf("the first event is %q", v.Session.Events[0].Kind)
	}
}

// Losses are told while they happen, and in the manifest.
func TestKernelDrops(t *testing.T) {
	s := &scripted{}
	s.run = after(some(3), func(context.Context, Sink, uint32) error { s.kernel.Store(7); return nil }, untilStopped,
		func(context.Context, Sink, uint32) error { s.kernel.Store(9); return nil })
	result, v, err := play(t, s, func(c *Config) { c.For = 1500 * time.Millisecond })
	if err != nil || result.State != session.Complete {
		t.Errorf("%+v, %v", result, err)
	}
	if !told(v, session.EventDrops, `"kernel":7`) || !told(v, session.EventDrops, `"kernel":2`) {
		t.Errorf("the chain does not tell of 7 and 2 dropped packets: %+v", v.Session.Events)
	}
	if lost, known := v.Session.Counters().Lost(); lost != 9 || !known {
		t.Errorf("the manifest says %d lost", lost)
	}
}

// A source that ends by itself was interrupted, and the reason stands in the manifest.
func TestUnplugged(t *testing.T) {
	unplugged := errors.New("the device is gone")
	result, v, err := play(t, &scripted{run: after(some(4), ends(unplugged))}, nil)
	if !errors.Is(err, unplugged) || result.State != session.Interrupted || result.Packets != 4 {
		t.Errorf("%+v, %v", result, err)
	}
	if v.Session.Manifest.Reason != unplugged.Error() {
		t.Errorf("reason %q", v.Session.Manifest.Reason)
	}
}

// A finite input that ended is complete.
func TestEnd(t *testing.T) {
	result, _, err := play(t, &scripted{run: after(some(4), ends(ErrEnd))}, nil)
	if err != nil || result.State != session.Complete {
		t.Errorf("%+v, %v", result, err)
	}
}

// Nothing recorded is a session too, with a warning.
func TestNothing(t *testing.T) {
	result, v, err := play(t, &scripted{run: untilStopped}, func(c *Config) { c.For = 20 * time.Millisecond })
	if err != nil || result.State != session.Complete || len(result.Warnings) != 1 || !told(v, session.EventWarning, "no packet") {
		t.Errorf("%+v, %v", result, err)
	}
}

// What a source warns of reaches the operator, once: rules that are left on a phone are his to remove.
func TestWarnings(t *testing.T) {
	left := "the rules on the phone may still be there"
	warn := func(_ context.Context, to Sink, _ uint32) error { return to.Event(session.EventWarning, says(left)) }
	result, v, err := play(t, &scripted{run: after(some(1), warn, warn, ends(ErrEnd))}, nil)
	if err != nil || !slices.Equal(result.Warnings, []string{left}) || !told(v, session.EventWarning, left) {
		t.Errorf("%+v, %v", result, err)
	}
}

// A link that is lost and comes back is a gap in the chain; the source goes on.
func TestLinkLoss(t *testing.T) {
	event := func(kind, state string) func(context.Context, Sink, uint32) error {
		return func(_ context.Context, to Sink, _ uint32) error {
			return to.Event(kind, map[string]string{"link": state})
		}
	}
	s := &scripted{run: after(some(2), event(session.EventLink, "down"), event(session.EventGap, "down"), event(session.EventLink, "up"), some(2), untilStopped)}
	result, v, err := play(t, s, func(c *Config) { c.For = 20 * time.Millisecond })
	if err != nil || result.State != session.Complete || result.Packets != 4 || !told(v, session.EventGap, "down") {
		t.Errorf("%+v, %v", result, err)
	}
}

// With --resume a device that comes back is recorded on, and the gap is told.
func TestResume(t *testing.T) {
	s := &scripted{}
	s.run = func(ctx context.Context, to Sink, iface uint32) error {
		if s.arms == 1 {
			s.kernel.Store(3)
			return after(some(2), ends(errors.New("unplugged")))(ctx, to, iface)
		}
		return after(some(3), untilStopped)(ctx, to, iface)
	}
	s.rearm = func(context.Context) error { s.kernel.Store(0); return nil }
	result, v, err := play(t, rearming{s}, func(c *Config) { c.Resume, c.For = true, 100*time.Millisecond })
	if err != nil || result.State != session.Complete || result.Packets != 5 || !told(v, session.EventGap, "unplugged") {
		t.Errorf("%+v, %v", result, err)
	}
	if result.Stats.DroppedKernel != 3 {
		t.Errorf("%d dropped: the first arm's counters are lost", result.Stats.DroppedKernel)
	}
	unasked := &scripted{run: after(some(2), ends(errors.New("unplugged"))), rearm: func(context.Context) error {
		t.Error("armed again without being asked to")
		return errors.New("no")
	}}
	if result, _, err := play(t, rearming{unasked}, nil); err == nil || result.State != session.Interrupted {
		t.Errorf("%+v, %v", result, err)
	}
	s2 := &scripted{run: after(some(2), ends(errors.New("unplugged"))), rearm: func(context.Context) error { return errors.New("no") }}
	if result, _, err := play(t, rearming{s2}, func(c *Config) { c.Resume = true }); err == nil || result.State != session.Interrupted {
		t.Errorf("%+v, %v", result, err)
	}
}

// An app that was updated in mid-session is told.
func TestAppUpdated(t *testing.T) {
	for _, test := range []struct {
		code    string
		changed bool
	}{{"10", false}, {"11", true}} {
		s := &scripted{run: after(some(1), ends(ErrEnd)), app: func() (session.App, error) { return session.App{Version: "1.0", Code: test.code}, nil }}
		result, v, err := play(t, reading{s}, nil)
		if err != nil || told(v, session.EventApp, `"changed":true`) != test.changed || (len(result.Warnings) > 0) != test.changed {
			t.Errorf("%s: %+v, %v", test.code, result, err)
		}
	}
}

// A source that does not stop is left behind, and the session closed.
func TestDoesNotStop(t *testing.T) {
	if testing.Short() {
		t.Skip("waits 5 seconds")
	}
	release := make(chan struct{})
	late := make(chan error, 1)
	s := &scripted{run: after(some(2), func(_ context.Context, to Sink, iface uint32) error {
		<-release
		err := some(1)(context.Background(), to, iface)
		late <- err
		return err
	})}
	result, _, err := play(t, s, func(c *Config) { c.For = 20 * time.Millisecond })
	if err == nil || result.State != session.Interrupted || !strings.Contains(result.Reason, "did not stop") {
		t.Errorf("%+v, %v", result, err)
	}
	close(release)
	if err := <-late; err == nil {
		t.Error("a packet was taken behind the end")
	}
}

// A second signal does not wait.
func TestHurry(t *testing.T) {
	hurry := make(chan struct{})
	s := &scripted{run: after(some(2), func(context.Context, Sink, uint32) error { close(hurry); select {} })}
	result, _, err := play(t, s, func(c *Config) { c.Hurry = hurry })
	if err == nil || result.State != session.Interrupted || result.Packets != 2 {
		t.Errorf("%+v, %v", result, err)
	}
}

// A full disk ends the source's run.
func TestDiskFull(t *testing.T) {
	disk := corpus.SmallDisk(t, "1m")
	again := 0
	s := &scripted{run: some(1_000_000), rearm: func(context.Context) error { again++; return errors.New("no") }}
	result, v, err := play(t, rearming{s}, func(c *Config) { c.Dir, c.Resume = filepath.Join(disk, "x.session"), true })
	if again > 0 {
		t.Error("the source was armed again for a disk that is full")
	}
	if !told(v, session.EventError, "no space left") {
		t.Error("the chain does not tell of the full disk")
	}
	if err == nil || result.State != session.Interrupted || result.Packets == 0 {
		t.Errorf("%+v, %v", result, err)
	}
}

// A mark gets into the chain from outside, with the plan's steps.
func TestMarks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "x.session") // too long for a socket's address
	marked := make(chan error, 1)
	s := &scripted{run: func(ctx context.Context, to Sink, iface uint32) error {
		go func() {
			reply, err := session.Mark(dir, session.MarkRequest{Next: true})
			if err == nil && (reply.Action != "open" || reply.Step != 1 || reply.Then == nil || reply.Then.Action != "post") {
				err = fmt.Errorf("got %+v", reply)
			}
			if err == nil {
				_, err = session.Mark(dir, session.MarkRequest{Action: "post", Text: "it"})
			}
			if err == nil {
				if _, over := session.Mark(dir, session.MarkRequest{Next: true}); over == nil {
					err = errors.New("a step behind the last")
				}
			}
			if err == nil {
				if _, bad := session.Mark(dir, session.MarkRequest{Action: "Bad Key"}); bad == nil {
					err = errors.New("a bad key")
				}
			}
			marked <- err
		}()
		err := <-marked
		marked <- err
		return ErrEnd
	}}
	_, v, err := play(t, s, func(c *Config) {
		c.Dir = dir
		c.About.Plan = &session.Plan{Steps: []session.Step{{Action: "open"}, {Action: "post"}}}
	})
	if runtime.GOOS == "linux" {
		if err != nil || <-marked != nil {
			t.Fatalf("%v", err)
		}
		if m := v.Session.Markers(); len(m) != 2 || m[0].Action != "open" || m[1].Text != "it" {
			t.Errorf("marks: %+v", m)
		}
	}
	if session.Live(dir) {
		t.Error("somebody still answers")
	}
	if _, err := session.Mark(dir, session.MarkRequest{Text: "late"}); !errors.Is(err, session.ErrNotRecording) {
		t.Errorf("got %v", err)
	}
}

// Captures of every kind go in from a file, and tshark finds the same packets in the session.
func TestFile(t *testing.T) {
	tshark := corpus.Program(t, "tshark")
	frames := func(paths ...string) string {
		var all bytes.Buffer
		for _, path := range paths {
			out, err := exec.Command(tshark, "-n", "-r", path, "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len").Output()
			if err != nil {
				t.Logf("tshark %s: %v", path, err)
			}
			all.Write(out)
		}
		return all.String()
	}
	taken := 0
	for _, c := range corpus.All(t) {
		info, err := os.Stat(c.Path)
		if err != nil || info.Size() > 300_000 || taken == 12 {
			continue
		}
		s, err := newFile(Options{Target: c.Path})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Describe(t.Context()); err != nil {
			continue
		}
		result, v, err := play(t, s, func(c *Config) { c.Import = nil })
		if err != nil {
			t.Logf("%s: %v", c.Name, err)
			continue
		}
		var segments []string
		for _, path := range v.Session.Segments {
			segments = append(segments, filepath.Join(result.Dir, path))
		}
		if want, got := frames(c.Path), frames(segments...); got != want && strings.Count(want, "\n") == int(result.Packets) {
			t.Errorf("%s: tshark sees other packets", c.Name)
		}
		taken++
	}
	if taken < 10 {
		t.Errorf("only %d captures were compared", taken)
	}
}

// A pipe that breaks off in a packet was interrupted; one that is stopped was not.
func TestPipe(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "lab", "practice", "v2", "s01.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		b     []byte
		state session.State
	}{{"whole", b, session.Complete}, {"cut", b[:len(b)/2+3], session.Interrupted}, {"empty", nil, session.Interrupted}} {
		t.Run(test.name, func(t *testing.T) {
			keep := new(string)
			s, err := newFile(Options{Target: "-", Stdin: bytes.NewReader(test.b), Import: keep})
			if err != nil {
				t.Fatal(err)
			}
			result, _, _ := play(t, s, func(c *Config) { c.Import = keep })
			if result.State != test.state {
				t.Errorf("%+v", result)
			}
			original, err := os.ReadFile(filepath.Join(result.Dir, "import", "000001.capture"))
			if err != nil || !bytes.Equal(original, test.b) {
				t.Errorf("the original has %d bytes, want %d (%v)", len(original), len(test.b), err)
			}
		})
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	go w.Write(b[:len(b)/2+3])
	s, err := newFile(Options{Target: "-", Stdin: r})
	if err != nil {
		t.Fatal(err)
	}
	result, _, err := play(t, s, func(c *Config) { c.For = 500 * time.Millisecond })
	if err != nil || result.State != session.Complete || result.Packets < 100 {
		t.Errorf("%+v, %v", result, err)
	}
}

// Looking at a file's head never moves the file: a read of the look may come late, when the recording has begun.
func TestDescribeFile(t *testing.T) {
	moved := false
	for range 300 {
		s, err := newFile(Options{Target: filepath.Join("..", "lab", "practice", "baseline", "idle.pcapng")})
		if err != nil {
			t.Fatal(err)
		}
		f := s.(*fileSource)
		described := make(chan error, 1)
		go func() { _, err := f.Describe(t.Context()); described <- err }()
		for done := false; !done; {
			select {
			case err := <-described:
				if err != nil {
					t.Fatal(err)
				}
				done = true
			default:
			}
			at, err := f.in.(io.Seeker).Seek(0, io.SeekCurrent)
			moved = moved || err != nil || at != 0
		}
		f.Close()
	}
	if moved {
		t.Error("the file was read from where it is to be recorded")
	}
}
