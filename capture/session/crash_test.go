package session

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"abroad/capture"
	"abroad/capture/corpus"
)

// abandoned makes a session whose recorder is gone: what it wrote stays, nothing is closed.
func abandoned(t testing.TB, n uint32, events ...any) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.session")
	w := create(t, dir, Options{SegmentSize: 20_000})
	for i := range n {
		w.Packet(packet(i))
	}
	w.mu.Lock()
	done := make(chan error, 1)
	w.hand(job{done: done})
	w.mu.Unlock()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		switch e := e.(type) {
		case Drops:
			w.Event(EventDrops, e)
		case Counted:
			w.Event(EventStats, map[string]any{"counters": e})
		}
	}
	// As a kill does it: no goroutine goes on, and the lock is gone.
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	close(w.stop)
	w.flusher.Wait()
	w.segs.syncs.Wait()
	w.segs.file.Close()
	w.chain.file.Close()
	return dir
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// copyFolder copies a session.
func copyFolder(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.session")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// A killed session is closed at any place where the last segment can end: no whole block is lost, and the rest is kept beside.
func TestRecoverCut(t *testing.T) {
	dir := abandoned(t, 220)
	s, err := Open(dir)
	if err != nil || s.State() != Unclosed {
		t.Fatalf("%v, %s", err, s.State())
	}
	last := s.Segments[len(s.Segments)-1]
	whole := read(t, filepath.Join(dir, last))
	full, err := scanSegment(bytes.NewReader(whole))
	if err != nil || full.whole != int64(len(whole)) {
		t.Fatalf("%d of %d bytes are whole blocks: %v", full.whole, len(whole), err)
	}
	for _, cut := range []int{0, 1, 11, 27, 28, 200, len(whole) / 2, len(whole) - 4, len(whole) - 1, len(whole)} {
		dir := copyFolder(t, dir)
		path := filepath.Join(dir, last)
		if err := os.Truncate(path, int64(cut)); err != nil {
			t.Fatal(err)
		}
		if v, err := Verify(dir, nil); err != nil {
			t.Errorf("cut at %d: a torn end of an unclosed session is no broken link: %v, %d packets", cut, err, v.Packets)
		}
		want, _ := scanSegment(bytes.NewReader(whole[:cut]))
		m, err := Recover(dir, nil)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		before := 220 - full.counts.packets
		if m.State != Recovered || m.Packets != before+want.counts.packets {
			t.Errorf("cut at %d: %s with %d packets, want %d", cut, m.State, m.Packets, before+want.counts.packets)
		}
		v := verified(t, dir)
		if v.Packets != m.Packets {
			t.Errorf("cut at %d: %d packets are there, the manifest says %d", cut, v.Packets, m.Packets)
		}
		tail := strings.TrimSuffix(path, ".pcapng") + ".tail"
		if cut > int(want.whole) && !bytes.Equal(read(t, tail), whole[want.whole:cut]) {
			t.Errorf("cut at %d: the tail is not kept", cut)
		}
		if info, err := os.Stat(path); want.whole > 0 && (err != nil || info.Size() != want.whole) {
			t.Errorf("cut at %d: the torn end is still there", cut)
		}
		if want.whole > 0 && cut%3 == 0 {
			if n := tshark(t, path); n != int(want.counts.packets) {
				t.Errorf("cut at %d: tshark reads %d packets, want %d", cut, n, want.counts.packets)
			}
		}
		if _, err := Recover(dir, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("recovered twice: %v", err)
		}
	}
}

// What was lost after the last statistics of a killed recorder is not forgotten.
func TestRecoverDrops(t *testing.T) {
	counted := func(n uint64) Counted {
		return Counters{Received: 9, DroppedKernel: n, DroppedInterface: capture.UnknownCount}.Document()
	}
	for _, test := range []struct {
		name   string
		events []any
		lost   uint64
		known  bool
	}{
		{"nothing counted", nil, 0, false},
		{"statistics", []any{Drops{Kernel: 3}, counted(3)}, 3, true},
		{"drops after them", []any{Drops{Kernel: 3}, counted(3), Drops{Kernel: 2, Interface: 4}, Drops{Kernel: 1}}, 10, true},
		{"drops alone", []any{Drops{Kernel: 2}}, 2, true},
	} {
		dir := abandoned(t, 3, test.events...)
		m, err := Recover(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if lost, known := m.Counters.Lost(); lost != test.lost || known != test.known {
			t.Errorf("%s: %d lost, known: %v", test.name, lost, known)
		}
	}
}

// A torn last event is moved aside wherever it is cut, and the chain goes on.
func TestRecoverTornEvent(t *testing.T) {
	dir := abandoned(t, 30)
	b := read(t, filepath.Join(dir, eventsFile))
	last := bytes.LastIndexByte(b[:len(b)-1], '\n') + 1
	for _, cut := range []int{last, last + 1, last + 30, len(b) - 1, len(b)} {
		dir := copyFolder(t, dir)
		if err := os.Truncate(filepath.Join(dir, eventsFile), int64(cut)); err != nil {
			t.Fatal(err)
		}
		if _, err := Recover(dir, nil); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		verified(t, dir)
		_, err := os.Stat(filepath.Join(dir, "events.tail"))
		if torn := cut != last && cut != len(b); torn != (err == nil) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
}

// A session that is being recorded is left alone, and so is one whose chain is broken.
func TestRecoverRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.session")
	w := create(t, dir, Options{})
	w.Packet(packet(0))
	if runtime.GOOS == "linux" {
		if _, err := Recover(dir, nil); !errors.Is(err, ErrRecording) {
			t.Errorf("a live session was recovered: %v", err)
		}
	}
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	dir = abandoned(t, 30)
	path := filepath.Join(dir, eventsFile)
	b := read(t, path)
	b[5] ^= 1
	os.WriteFile(path, b, 0o600)
	var link *BrokenLink
	if _, err := Recover(dir, nil); !errors.As(err, &link) {
		t.Errorf("got %v, want the broken link", err)
	}
	if !bytes.Equal(b, read(t, path)) {
		t.Error("a broken chain was changed")
	}
}

// fill writes a file until nothing more fits on its disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for b := make([]byte, 4096); err == nil; {
		_, err = f.Write(b)
	}
	if !strings.Contains(err.Error(), "no space left") {
		t.Fatal(err)
	}
}

// On a full disk the segment ends with a whole block, the chain says why, and the manifest is there.
func TestDiskFull(t *testing.T) {
	disk := corpus.SmallDisk(t, "1m")
	dir := filepath.Join(disk, "x.session")
	w := create(t, dir, Options{})
	var failed error
	n := uint32(0)
	for ; failed == nil && n < 100_000; n++ {
		failed = w.Packet(packet(n))
	}
	if failed == nil {
		t.Fatal("the disk never filled up")
	}
	fill(t, filepath.Join(disk, "other")) // what cutting back the segment gave free is taken by somebody else
	// Events still fit, for they have room of their own; the manifest has its own too, and does not need what they leave.
	for w.chain.size < 50<<10 || w.chain.reserved-w.chain.size > 3000 {
		if _, err := w.Event(EventWarning, strings.Repeat("x", 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(Complete, ""); err == nil {
		t.Error("the session was closed as if nothing had happened")
	}
	v := verified(t, dir)
	m := v.Session.Manifest
	if m == nil || m.State != Interrupted || !strings.Contains(m.Reason, "no space left") {
		t.Fatalf("the manifest says %+v", m)
	}
	path := filepath.Join(dir, "capture/000001.pcapng")
	if got := tshark(t, path); got != int(m.Packets) || got == 0 {
		t.Errorf("tshark reads %d packets, the manifest says %d of %d", got, m.Packets, n)
	}
	told := false
	for _, e := range v.Session.Events {
		told = told || e.Kind == EventError && strings.Contains(string(e.Data), "no space left")
	}
	if !told {
		t.Error("the chain does not tell of the full disk")
	}
}

// Scanning finds no more than is there, and finds the same again in what it found.
func FuzzScan(f *testing.F) {
	dir := filled(f, 5, Options{})
	whole, err := os.ReadFile(filepath.Join(dir, "capture/000001.pcapng"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := scanSegment(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if s.whole > int64(len(b)) || s.whole != 0 && wholeBlocks(b[:s.whole]) != int(s.whole) {
			t.Fatalf("%d of %d bytes are whole blocks", s.whole, len(b))
		}
		again, err := scanSegment(bytes.NewReader(b[:s.whole]))
		if err != nil || again != s {
			t.Fatalf("%+v, and again %+v (%v)", s, again, err)
		}
	})
}

// A chain that is read is one whose every line can be followed; what is torn is never counted.
func FuzzChain(f *testing.F) {
	dir := filled(f, 1, Options{})
	s, err := Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	first := s.aboutSum
	b, _ := os.ReadFile(filepath.Join(dir, eventsFile))
	f.Add(b)
	f.Add(b[:len(b)-5])
	f.Fuzz(func(t *testing.T, b []byte) {
		events, whole, _, err := readChain(bytes.NewReader(b), first)
		if whole > int64(len(b)) || len(events) != bytes.Count(b[:whole], []byte("\n")) {
			t.Fatalf("%d events in %d bytes", len(events), whole)
		}
		again, same, _, err2 := readChain(bytes.NewReader(b[:whole]), first)
		if err2 != nil || same != whole || len(again) != len(events) {
			t.Fatalf("%d events, and again %d: %v, %v", len(events), len(again), err, err2)
		}
	})
}
