package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"abroad/capture"
	"abroad/capture/corpus"
	"abroad/capture/session"
)

// A feed writes packets with the time of their making as fast as a busy phone, 2000 a second, until its pipe is closed.
type feed struct {
	w    io.WriteCloser
	sent []capture.Time
	done chan struct{}
}

func startFeed(w io.WriteCloser) *feed {
	f := &feed{w: w, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		head := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d) // nanoseconds
		head = append(head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0)
		if _, err := w.Write(binary.LittleEndian.AppendUint32(head, uint32(capture.LinkRaw))); err != nil {
			return
		}
		ticks := time.NewTicker(5 * time.Millisecond)
		defer ticks.Stop()
		for range ticks.C {
			var b []byte
			now := time.Now()
			for range 10 {
				data := make([]byte, 120)
				copy(data, "\x45\x00\x00\x78\x00\x00\x00\x00\x40\x3b\x00\x00\xc6\x33\x64\x01\xcb\x00\x71\x02")
				for _, v := range []uint32{uint32(now.Unix()), uint32(now.Nanosecond()), uint32(len(data)), uint32(len(data))} {
					b = binary.LittleEndian.AppendUint32(b, v)
				}
				b = append(b, data...)
			}
			if _, err := w.Write(b); err != nil {
				return
			}
			for range 10 {
				f.sent = append(f.sent, capture.Time(now.UnixNano()))
			}
		}
	}()
	return f
}

// startRecording starts "abroad record -" with a feed, and waits until packets reach the disk.
func startRecording(t *testing.T, dir string, flags ...string) (*exec.Cmd, *feed, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command("abroad", append(append([]string{"record", "--min-free", "0", "-o", dir}, flags...), "-")...)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(filepath.Dir(dir), "cache")) // where the note of a live session goes
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f := startFeed(stdin)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(filepath.Join(dir, "capture", "000001.pcapng")); err == nil && info.Size() > 1000 {
			return cmd, f, &said
		}
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			t.Fatalf("nothing reaches the disk: %s", said.String())
		}
	}
}

// readable counts the packets that tshark reads in a session, without a complaint.
func readable(t *testing.T, dir string) int {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "capture", "*.pcapng"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no segments: %v", err)
	}
	n := 0
	for _, path := range paths {
		var out, complaints bytes.Buffer
		cmd := exec.Command(corpus.Program(t, "tshark"), "-n", "-r", path, "-T", "fields", "-e", "frame.number")
		cmd.Stdout, cmd.Stderr = &out, &complaints
		err := cmd.Run()
		said := strings.ReplaceAll(complaints.String(), `Running as user "root" and group "root". This could be dangerous.`, "")
		if err != nil || strings.TrimSpace(said) != "" {
			t.Errorf("tshark: %v: %s", err, said)
		}
		n += bytes.Count(out.Bytes(), []byte("\n"))
	}
	return n
}

// Killed at any moment, a session is read by tshark as it lies, loses little, and can be closed. How much was lost is told by the packets'
// own times. One kill may come while the machine is busy with something else; half of them must show a writer that flushes: packets would wait
// longer for a buffer to fill.
func TestRecordKill(t *testing.T) {
	const flushed = 300 * time.Millisecond
	var lost []time.Duration
	for i := range 12 {
		dir := filepath.Join(t.TempDir(), fmt.Sprintf("%d.session", i))
		cmd, f, _ := startRecording(t, dir, "--quiet")
		time.Sleep(2*flushed + time.Duration(rand.IntN(300))*time.Millisecond)
		at := capture.Time(time.Now().UnixNano())
		cmd.Process.Kill()
		cmd.Wait()
		f.w.Close()
		<-f.done
		kept := readable(t, dir)
		before, _ := slices.BinarySearch(f.sent, at)
		lost = append(lost, 0)
		if kept < before && kept > 0 {
			lost[i] = time.Duration(at - f.sent[kept])
		}
		m, err := session.Recover(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := session.Verify(dir, nil); err != nil || m.Packets != uint64(kept) {
			t.Errorf("recovered %d packets, tshark read %d: %v", m.Packets, kept, err)
		}
	}
	slices.Sort(lost)
	t.Logf("at most %s lost over 12 kills, half of the time at most %s", lost[11], lost[5])
	if lost[5] > flushed {
		t.Errorf("%s lost, half of the time or more", lost[5])
	}
}

// A mark from another process finds the recording that is under way, and an audit can look at it meanwhile.
func TestRecordMark(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.session")
	plan := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(plan, []byte("steps: [{action: open_app}, {action: post, text: Post it}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, f, said := startRecording(t, dir, "--plan", plan)
	defer cmd.Process.Kill()
	for _, step := range []struct{ args, want string }{
		{"mark --next", "step 1 of 2"}, {"mark hello", "event "}, {"mark --next", "that was the last step"},
		{"session ls " + filepath.Dir(dir), "recording"}, {"audit -q --data none -o " + dir + ".audit " + dir, ""}, {"session verify " + dir, "was not closed"},
	} {
		out, err := exec.Command("abroad", strings.Fields(step.args)...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), step.want) {
			t.Errorf("abroad %s: %v: %s", step.args, err, out)
		}
	}
	if out, err := exec.Command("abroad", "session", "recover", dir).CombinedOutput(); err == nil {
		t.Errorf("a live session was recovered: %s", out)
	}
	f.w.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	<-f.done
	s, err := session.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var marks []string
	for _, m := range s.Markers() {
		marks = append(marks, m.Action+"/"+m.Text)
	}
	if got := strings.Join(marks, " "); got != "open_app/ /hello post/Post it" {
		t.Errorf("marks: %s", got)
	}
	if out, err := exec.Command("abroad", "mark", "late").CombinedOutput(); err == nil || !strings.Contains(string(out), "nothing is being recorded") {
		t.Errorf("%v: %s", err, out)
	}
}

// One signal stops in order; a second one does not wait for a source that hangs.
func TestRecordSignals(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "once.session")
	cmd, f, said := startRecording(t, dir)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		cmd.Process.Kill()
		t.Skip(err) // Windows cannot
	}
	if err := cmd.Wait(); err != nil { // whatever still comes through the pipe
		t.Errorf("%v: %s", err, said)
	}
	f.w.Close()
	<-f.done
	v, err := session.Verify(dir, nil)
	if err != nil || v.Session.State() != session.Complete || v.Packets == 0 || int(v.Packets) != readable(t, dir) {
		t.Errorf("%+v, %v", v, err)
	}

	dir = filepath.Join(t.TempDir(), "twice.session")
	cmd, f, said = startRecording(t, dir)
	cmd.Process.Signal(os.Interrupt) // the feed goes on, so the pipe is read for two seconds more
	cmd.Process.Signal(syscall.SIGTERM)
	err = cmd.Wait()
	f.w.Close()
	<-f.done
	v, broken := session.Verify(dir, nil)
	if broken != nil || v.Session.State() != session.Interrupted || err == nil || !strings.Contains(v.Session.Manifest.Reason, "asked twice") {
		t.Errorf("%v, %v: %s", broken, err, said)
	}
}
