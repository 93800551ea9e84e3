package session

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"abroad/capture"
	"abroad/capture/corpus"
	"abroad/capture/source"
)

// start is when packets of tests begin.
const start = capture.Time(1_790_000_000_000_000_000)

// frame is an Ethernet frame with an UDP datagram in IPv4 whose payload is n.
func frame(n uint32) []byte {
	b := make([]byte, 46+n%200)
	copy(b, "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00\x45\x00")
	binary.BigEndian.PutUint16(b[16:], uint16(len(b)-14))
	copy(b[22:], "\x40\x11\x00\x00\xc6\x33\x64\x01\xcb\x00\x71\x02\x12\x34\x56\x78")
	binary.BigEndian.PutUint16(b[38:], uint16(len(b)-34))
	binary.BigEndian.PutUint32(b[42:], n)
	return b
}

func packet(n uint32) *capture.Packet {
	b := frame(n)
	return &capture.Packet{Time: start + capture.Time(n)*1_000_000, Data: b, OrigLen: uint32(len(b))}
}

func about() About {
	return About{Tool: Tool{Name: "abroad", Version: "test"}, Role: "test", App: App{ID: "org.example.app"}, Source: Source{Kind: "file"}}
}

// create starts a session with one interface.
func create(t testing.TB, dir string, o Options) *Writer {
	t.Helper()
	w, err := Create(dir, about(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Interface(Interface{Link: capture.LinkEthernet, Name: "test0", Filter: "udp", Comments: []string{"made by a test"}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// filled makes a closed session of n packets.
func filled(t testing.TB, n uint32, o Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.session")
	w := create(t, dir, o)
	for i := range n {
		if err := w.Packet(packet(i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Event(EventMarker, MarkData{Text: "now"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tshark counts the frames of a file, and wants it to complain of nothing.
func tshark(t testing.TB, path string) int {
	t.Helper()
	var out, complaints bytes.Buffer
	cmd := exec.Command(corpus.Program(t, "tshark"), "-n", "-r", path, "-T", "fields", "-e", "frame.number")
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	said := strings.ReplaceAll(complaints.String(), `Running as user "root" and group "root". This could be dangerous.`, "")
	if err != nil || strings.TrimSpace(said) != "" {
		t.Errorf("tshark of %s: %v: %s", filepath.Base(path), err, said)
	}
	return bytes.Count(out.Bytes(), []byte("\n"))
}

func verified(t testing.TB, dir string) *Verified {
	t.Helper()
	v, err := Verify(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Packets come back with all that is said of them, over segments and interfaces, here and in tshark.
func TestWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.session")
	w := create(t, dir, Options{SegmentSize: 20_000})
	var want []capture.Packet
	for i := range uint32(1000) {
		p := packet(i)
		switch i {
		case 10:
			p.Dir, p.Process = capture.DirOut, capture.Process{PID: 7, TID: 8}
		case 20:
			p.Dir, p.Drops, p.Notes = capture.DirIn, 99, []string{"one", "twö"}
		case 30:
			p.OrigLen += 1000
		case 300:
			if _, err := w.Interface(Interface{Link: capture.LinkRaw, Name: "late", Micro: true}); err != nil {
				t.Fatal(err)
			}
		}
		if i > 300 && i%2 == 0 {
			p.Iface, p.Data, p.OrigLen = 1, p.Data[14:], p.OrigLen-14
		}
		want = append(want, *p)
		if err := w.Packet(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	v := verified(t, dir)
	if v.Packets != 1000 || v.Segments < 4 || v.Session.State() != Complete {
		t.Errorf("%d packets in %d segments, %s", v.Packets, v.Segments, v.Session.State())
	}
	seen, frames := 0, 0
	for _, path := range v.Session.Segments {
		full := filepath.Join(dir, path)
		frames += tshark(t, full)
		f, err := os.Open(full)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := source.Open(full, f)
		if err != nil {
			t.Fatal(err)
		}
		for record, err := range rec.Records() {
			if err != nil {
				t.Fatal(err)
			}
			switch r := record.(type) {
			case *capture.Anomaly:
				t.Errorf("%s: %s", path, r.Detail)
			case *capture.Packet:
				got, want := *r, want[seen]
				got.Number, got.Link = 0, 0
				if len(got.Notes) == 0 {
					got.Notes = nil
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("packet %d:\n%s", seen, diff)
				}
				seen++
			}
		}
		f.Close()
	}
	if seen != 1000 || frames != 1000 {
		t.Errorf("read %d packets, tshark %d, wrote 1000", seen, frames)
	}
	for _, path := range []string{".", "capture", "session.json", "events.jsonl", "capture/000001.pcapng", "manifest.json"} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has mode %o", path, mode)
		}
	}
}

// What a file cannot say is said in a comment, and what Wireshark would refuse is cut.
func TestOddPackets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.session")
	w := create(t, dir, Options{})
	long := make([]byte, MaxPacket+1)
	for _, p := range []capture.Packet{
		{Time: capture.NoTime, Data: frame(1), OrigLen: uint32(len(frame(1)))},
		{Time: -5, Data: frame(2), OrigLen: uint32(len(frame(2)))},
		{Time: start, Data: long, OrigLen: uint32(len(long))},
		{Time: start, Data: frame(3)},
		{Time: capture.NoTime, Data: frame(1), OrigLen: 9999, Notes: []string{strings.Repeat("x", 70_000)}},
	} {
		if err := w.Packet(&p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Packet(&capture.Packet{Iface: 1}); err == nil {
		t.Error("a packet of an interface that was never described was taken")
	}
	if _, err := w.Interface(Interface{Link: 1 << 16}); err == nil {
		t.Error("a link type of 17 bits was taken")
	}
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	if n := tshark(t, filepath.Join(dir, "capture/000001.pcapng")); n != 5 {
		t.Errorf("tshark reads %d packets, wrote 5", n)
	}
	verified(t, dir)
}

// The counters of a source stand in every segment as what was lost in that one.
func TestStatistics(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.session")
	counters := UnknownCounters
	w := create(t, dir, Options{SegmentSize: 1, Counters: func() Counters { return counters }})
	counters.Received, counters.DroppedKernel, counters.DroppedInterface = 10, 3, 0
	w.Packet(packet(0))
	counters.Received, counters.DroppedKernel = 20, 8
	w.Packet(packet(1))
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	s := verified(t, dir).Session
	if lost, known := s.Counters().Lost(); lost != 8 || !known {
		t.Errorf("the manifest says %d lost, %v", lost, known)
	}
	var lost []uint64
	for _, path := range s.Segments {
		f, _ := os.Open(filepath.Join(dir, path))
		rec, err := source.Open(path, f)
		if err != nil {
			t.Fatal(err)
		}
		for record := range rec.Records() {
			if l, ok := record.(*capture.Loss); ok {
				lost = append(lost, l.Dropped)
			}
		}
		f.Close()
	}
	if !slices.Equal(lost, []uint64{3, 5, 0}) { // the first three before the first packet came
		t.Errorf("segments say %v", lost)
	}
}

// A packet is on disk soon, without the session being closed.
func TestFlush(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.session")
	w := create(t, dir, Options{Flush: 5 * time.Millisecond})
	for i := range uint32(10) {
		w.Packet(packet(i))
	}
	path := filepath.Join(dir, "capture/000001.pcapng")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if s, err := scanFile(path); err == nil && s.counts.packets == 10 {
			if info, _ := os.Stat(path); info.Size() != s.whole {
				t.Errorf("%d bytes, %d of them whole blocks", info.Size(), s.whole)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the packets do not reach the disk")
		}
	}
	w.Close(Complete, "")
}

// A disk that stands still makes the source wait; memory does not grow.
func TestSlowDisk(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "x.session"), Options{})
	w.chain.mu.Lock() // the disk's goroutine needs it to tell that a segment is open
	w.Packet(packet(0))
	done := make(chan int)
	go func() {
		n := 1
		for ; n < 100_000; n++ {
			if w.Packet(packet(uint32(n))) != nil {
				break
			}
		}
		done <- n
	}()
	for last, deadline := -1, time.Now().Add(20*time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if n := len(w.segs.jobs); n == last && len(w.segs.free) == 0 {
			break
		} else {
			last = n
		}
	}
	taken := -1
	select {
	case taken = <-done:
		t.Errorf("%d packets were taken while nothing could be written", taken)
	default:
	}
	w.chain.mu.Unlock()
	if taken < 0 {
		taken = <-done
	}
	if taken != 100_000 {
		t.Errorf("%d packets were taken, want 100000", taken)
	}
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	if v := verified(t, w.dir); v.Packets != 100_000 {
		t.Errorf("%d packets were kept", v.Packets)
	}
}

// What was written reaches the disk itself also when nothing comes after it, packets and marks: a loss of power takes no more than the last seconds.
func TestSync(t *testing.T) {
	synced := make(chan string, 1000)
	w := create(t, filepath.Join(t.TempDir(), "x.session"), Options{Flush: 5 * time.Millisecond, syncEvery: 50 * time.Millisecond, sync: func(f *os.File) error {
		select {
		case synced <- filepath.Base(f.Name()):
		default:
		}
		return f.Sync()
	}})
	wait := func(name string) {
		t.Helper()
		for deadline := time.After(20 * time.Second); ; {
			select {
			case got := <-synced:
				if got == name {
					return
				}
			case <-deadline:
				t.Fatalf("%s was not synced", name)
			}
		}
	}
	w.Packet(packet(0))
	wait("000001.pcapng")
	w.Event(EventMarker, MarkData{Text: "now"})
	for len(synced) > 0 {
		<-synced
	}
	wait(eventsFile)
	wait(eventsFile)
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	verified(t, w.dir)
}

// A bit that is turned wherever one looks is found, but for the text of a signature's first line, which nobody signs; and the message shows a difference.
func TestVerifyEveryByte(t *testing.T) {
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	dir := filled(t, 4, Options{Key: key})
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b := read(t, path)
		free := len(untrusted)
		if d.Name() == signatureFile {
			free = bytes.IndexByte(b, '\n')
			b = b[:len(b)-1] // the last line may end or not
		}
		for i := 0; i < len(b); i += 1 + len(b)/500 {
			b[i] ^= 1
			if err := os.WriteFile(path, b, 0o600); err != nil {
				return err
			}
			_, err := Verify(dir, key.Public())
			if (err == nil) != (i >= len(untrusted) && i < free) {
				t.Errorf("%s: byte %d turned to %q: %v", d.Name(), i, b[i], err)
			}
			if m := twoDigests.FindStringSubmatch(fmt.Sprint(err)); m != nil && m[1] == m[2] {
				t.Errorf("%s: byte %d: %v", d.Name(), i, err)
			}
			b[i] ^= 1
		}
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	verified(t, dir)
}

var twoDigests = regexp.MustCompile(`SHA-256 (?:is )?(\w+), .* (\w+)$`)

// Wherever a session is touched, the first broken link is named.
func TestVerifyNamesTheLink(t *testing.T) {
	edit := func(path, from, to string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			full := filepath.Join(dir, path)
			b, err := os.ReadFile(full)
			if err != nil || !bytes.Contains(b, []byte(from)) {
				t.Fatalf("%q is not in %s (%v)", from, path, err)
			}
			if err := os.WriteFile(full, bytes.Replace(b, []byte(from), []byte(to), 1), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(path string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		do   func(t *testing.T, dir string)
		file string
		line uint32
	}{
		{"nothing", func(*testing.T, string) {}, "", 0},
		{"session.json changed", edit("session.json", "org.example.app", "org.example.bpp"), "events.jsonl", 1},
		{"a mark changed", edit("events.jsonl", `"text":"now"`, `"text":"not"`), "events.jsonl", 0},
		{"an event left out", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "events.jsonl")
			b, _ := os.ReadFile(path)
			lines := bytes.SplitAfter(b, []byte("\n"))
			os.WriteFile(path, bytes.Join(append(lines[:1:1], lines[2:]...), nil), 0o600)
		}, "events.jsonl", 2},
		{"the last event cut off", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "events.jsonl")
			b, _ := os.ReadFile(path)
			lines := bytes.SplitAfter(b, []byte("\n"))
			os.WriteFile(path, bytes.Join(lines[:len(lines)-2], nil), 0o600)
		}, "events.jsonl", 0},
		{"half an event behind", func(t *testing.T, dir string) {
			f, _ := os.OpenFile(filepath.Join(dir, "events.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
			f.WriteString(`{"n":`)
			f.Close()
		}, "events.jsonl", 0},
		{"a packet changed", edit("capture/000002.pcapng", "\x12\x34\x56\x78", "\x12\x34\x56\x79"), "capture/000002.pcapng", 0},
		{"a segment gone", remove("capture/000002.pcapng"), "capture/000002.pcapng", 0},
		{"the last segment gone", remove("capture/000003.pcapng"), "capture/000003.pcapng", 0},
		{"two events changed places", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "events.jsonl")
			b, _ := os.ReadFile(path)
			lines := bytes.SplitAfter(b, []byte("\n"))
			lines[1], lines[2] = lines[2], lines[1]
			os.WriteFile(path, bytes.Join(lines, nil), 0o600)
		}, "events.jsonl", 2},
		{"a link to elsewhere", func(t *testing.T, dir string) {
			if err := os.Symlink("manifest.json", filepath.Join(dir, "capture", "more")); err != nil {
				t.Skip(err) // Windows asks for a privilege
			}
		}, "capture/more", 0},
		{"a file too many", func(t *testing.T, dir string) { os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600) }, "notes.txt", 0},
		{"the manifest changed", edit("manifest.json", `"complete"`, `"recovered"`), "manifest.json.minisig", 0},
		{"the signature gone", remove("manifest.json.minisig"), "manifest.json.minisig", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filled(t, 300, Options{SegmentSize: 20_000, Key: key})
			test.do(t, dir)
			v, err := Verify(dir, key.Public())
			link, _ := err.(*BrokenLink)
			switch {
			case test.file == "" && err == nil:
				if v.Signer != key.Public().ID() || !v.Trusted {
					t.Errorf("signed by %q", v.Signer)
				}
			case link == nil:
				t.Errorf("got %v, want a broken link in %s", err, test.file)
			case link.File != test.file || test.line > 0 && link.Line != test.line:
				t.Errorf("got %v, want %s, line %d", link, test.file, test.line)
			}
		})
	}
}

// A signature of somebody else's key is not accepted for ours.
func TestVerifyOtherKey(t *testing.T) {
	ours, _ := NewKey()
	theirs, _ := NewKey()
	dir := filled(t, 1, Options{Key: theirs})
	if _, err := Verify(dir, ours.Public()); err == nil || !strings.Contains(err.Error(), "made with key") {
		t.Errorf("got %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := filled(t, 1, Options{})
	if _, err := Create(dir, about(), Options{}); err == nil {
		t.Error("a session was written over")
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("an empty folder is a session")
	}
}

// Nothing can be written behind the end.
func TestClosed(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "x.session"), Options{})
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	if w.Packet(packet(0)) == nil || w.Secrets(tlsKeyLog, nil) == nil || w.Close(Complete, "") == nil {
		t.Error("a closed session was written to")
	}
	if _, err := w.Event("x", nil); err == nil {
		t.Error("an event was written behind the end")
	}
	v := verified(t, w.dir)
	if v.Packets != 0 || v.Segments != 1 {
		t.Errorf("an empty session has %d segments", v.Segments)
	}
	if n := tshark(t, filepath.Join(w.dir, "capture/000001.pcapng")); n != 0 {
		t.Errorf("%d packets", n)
	}
}

// IDs sort by time and are what they say.
func TestID(t *testing.T) {
	last := ""
	for i := range 100 {
		id := newID(start + capture.Time(i)*1_000_000)
		if err := checkID(id); err != nil {
			t.Error(err)
		}
		if id <= last {
			t.Errorf("%s comes behind %s", id, last)
		}
		last = id
	}
	// The time of the example in the ULID specification: 01ARZ3NDEK is 1469922850259 ms.
	if id := newID(1469922850259 * 1_000_000); !strings.HasPrefix(id, "01ARZ3NDEK") {
		t.Errorf("got %s", id)
	}
	for _, bad := range []string{"", "01ARZ3NDEKTSV4RRFFQ69G5FAI", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FA"} {
		if checkID(bad) == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// capinfos reads in the segment who made it and how many packets it holds.
func TestCapinfos(t *testing.T) {
	dir := filled(t, 5, Options{})
	out, err := exec.Command(corpus.Program(t, "capinfos"), filepath.Join(dir, "capture/000001.pcapng")).Output()
	if err != nil {
		t.Fatal(err)
	}
	s, _ := Open(dir)
	for _, want := range []string{"abroad test", "abroad session " + s.About.ID + ", segment 1, first", "Name = test0", "made by a test", "Number of packets = 5"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// The monotonic time of events never goes back, their numbers are lines.
func TestEvents(t *testing.T) {
	s, err := Open(filled(t, 2, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	last := int64(-1)
	for i, e := range s.Events {
		kinds = append(kinds, e.Kind)
		if e.N != uint32(i+1) || e.Mono < last {
			t.Errorf("event %d is numbered %d, %d ns behind %d", i+1, e.N, e.Mono, last)
		}
		last = e.Mono
		if len(e.Data) > 0 && !json.Valid(e.Data) {
			t.Errorf("event %d: %s", e.N, e.Data)
		}
	}
	for _, want := range []string{EventSegmentOpen, EventMarker, EventSegmentClose, EventStop} {
		if !slices.Contains(kinds, want) {
			t.Errorf("no event %q among %s", want, strings.Join(kinds, " "))
		}
	}
	if m := s.Markers(); len(m) != 1 || m[0].Text != "now" {
		t.Errorf("marks: %v", m)
	}
}
