package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"abroad/capture/session"
)

// A shownTerminal remembers everything that a program wrote to it.
type shownTerminal struct {
	mu   sync.Mutex
	text bytes.Buffer
	ours *os.File
	end  chan struct{}
}

// all returns what was written since byte from.
func (s *shownTerminal) all(from int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.text.Bytes()[from:])
}

func (s *shownTerminal) len() int { return len(s.all(0)) }

// wait waits until text was written behind byte from.
func (s *shownTerminal) wait(t *testing.T, from int, text string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(s.all(from), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%q is never shown: %q", text, s.all(from))
		}
	}
}

// recordOn starts "abroad record -" on a terminal of its own, with a feed. It returns what ends the feed.
func recordOn(t *testing.T, dir string, env []string, flags ...string) (*exec.Cmd, *shownTerminal, *os.File, *feed) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(filepath.Dir(dir), "cache"))
	ours, theirs := openTerminal(t)
	cmd := exec.Command("abroad", append(append([]string{"record", "--min-free", "0", "-o", dir}, flags...), "-")...)
	cmd.Env = append(append(os.Environ(), "TERM=xterm", "LANG=C.UTF-8", "LC_ALL=", "NO_COLOR=", "ABROAD_DATA=none"), env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = theirs, theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1} // keys come from its terminal, for stdin is the pipe
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	s := &shownTerminal{ours: ours, end: make(chan struct{})}
	go func() {
		defer close(s.end)
		b := make([]byte, 4096)
		for {
			n, err := ours.Read(b)
			s.mu.Lock()
			s.text.Write(b[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return cmd, s, theirs, startFeed(stdin)
}

func attributes(t *testing.T, f *os.File) unix.Termios {
	t.Helper()
	a, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *a
}

// views lists what the chain of events says about the live view.
func views(t *testing.T, dir string) (list []string) {
	t.Helper()
	s, err := session.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Broken != nil {
		t.Errorf("the chain is broken: %v", s.Broken)
	}
	for _, e := range s.Events {
		var v struct{ What, Says string }
		if e.Kind == session.EventView && json.Unmarshal(e.Data, &v) == nil {
			list = append(list, v.What+": "+v.Says)
		}
	}
	return list
}

// tableChild finds the process that makes tables for a recorder.
func tableChild(t *testing.T, parent int) int {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		list, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, path := range list {
			b, _ := os.ReadFile(path)
			_, rest, _ := strings.Cut(string(b), ") ")
			fields := strings.Fields(rest)
			if len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
				continue
			}
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			if bytes.Contains(line, []byte(liveCommand)) {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
				return pid
			}
		}
	}
	t.Fatal("no child makes tables")
	return 0
}

// As a person records: the table comes, marks and steps are kept by keys, another size is used, a killed child comes back, Ctrl-C ends it in order, and
// the terminal is as it was.
func TestLiveView(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	plan := filepath.Join(filepath.Dir(dir), "plan.yaml")
	steps := "app: {id: org.example.app}\nsteps:\n  - {action: open_app, text: \"Start \\e]0;it\\a\"}\n  - {action: log_in}\n"
	if err := os.WriteFile(plan, []byte(steps), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, s, theirs, f := recordOn(t, dir, nil, "--plan", plan)
	s.wait(t, 0, screenBegin)
	s.wait(t, 0, "203.0.113.2")
	raw := attributes(t, theirs)
	if raw.Lflag&(unix.ECHO|unix.ICANON) != 0 {
		t.Error("the terminal is not raw")
	}
	from := s.len()
	s.ours.WriteString("n")
	s.wait(t, from, "step 1 of 2")
	s.ours.WriteString("m")
	s.wait(t, from, "mark: ")
	s.ours.WriteString("uploadedx\x7f \x1b[A\r")
	s.wait(t, from, "last mark")
	s.wait(t, from, "uploaded")
	s.ours.WriteString("mnot this\x1b")

	from = s.len()
	small := unix.Winsize{Row: 12, Col: 50}
	if err := unix.IoctlSetWinsize(int(theirs.Fd()), unix.TIOCSWINSZ, &small); err != nil {
		t.Fatal(err)
	}
	s.wait(t, from, "\x1b[2J")
	from += strings.Index(s.all(from), "\x1b[2J") // before that, a frame of the old size may still come
	s.wait(t, from, "\x1b[12;1H")
	if strings.Contains(s.all(from), "\x1b[13;1H") {
		t.Error("a line below the screen is drawn")
	}

	from = s.len()
	syscall.Kill(tableChild(t, cmd.Process.Pid), syscall.SIGKILL)
	s.wait(t, from, "made anew")
	tableChild(t, cmd.Process.Pid)

	select {
	case <-f.done:
		t.Error("the recorder takes nothing any more")
	default:
	}
	s.ours.WriteString("\x03") // what Ctrl-C gives on a raw terminal
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	f.w.Close()
	<-f.done
	s.wait(t, 0, "next     abroad audit")
	got := attributes(t, theirs)
	if got.Lflag&(unix.ECHO|unix.ICANON|unix.ISIG) != unix.ECHO|unix.ICANON|unix.ISIG || got.Oflag&unix.OPOST == 0 {
		t.Errorf("the terminal is not as it was: %+v", got)
	}
	text := s.all(0)
	if strings.Count(text, screenEnd) != 1 || !strings.Contains(text[strings.Index(text, screenEnd):], "complete") {
		t.Errorf("the end is %q", text[max(0, len(text)-500):])
	}
	if i := strings.Index(text, "\x1b]"); i >= 0 {
		t.Errorf("what a plan says acts on the terminal: %q", text[i:min(len(text), i+40)])
	}
	if list := views(t, dir); len(list) != 1 || !strings.HasPrefix(list[0], "restarted: signal: killed") {
		t.Errorf("the chain says %q", list)
	}
	recorded, err := session.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	marks := recorded.Markers()
	if len(marks) != 2 || marks[0].Action != "open_app" || marks[1].Text != "uploaded" {
		t.Errorf("marks: %+v", marks)
	}
	if recorded.State() != session.Complete || recorded.Manifest.Packets == 0 {
		t.Errorf("state %s", recorded.State())
	}
}

// Whatever ends a recording, the terminal is given back, and a session is closed in order where that can be done.
func TestLiveSignals(t *testing.T) {
	for _, test := range []struct {
		signal syscall.Signal
		closed bool
	}{{syscall.SIGINT, true}, {syscall.SIGTERM, true}, {syscall.SIGHUP, true}, {syscall.SIGQUIT, false}} {
		t.Run(test.signal.String(), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "s")
			cmd, s, theirs, f := recordOn(t, dir, []string{"GOTRACEBACK=none"})
			s.wait(t, 0, "endpoints")
			cmd.Process.Signal(test.signal)
			cmd.Wait()
			f.w.Close()
			s.wait(t, 0, screenEnd) // what is written last may be read late
			if got := attributes(t, theirs); got.Lflag&unix.ECHO == 0 || strings.Count(s.all(0), screenEnd) != 1 {
				t.Errorf("the terminal is not given back: %q", s.all(max(0, s.len()-200)))
			}
			recorded, err := session.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if (recorded.State() == session.Complete) != test.closed {
				t.Errorf("state %s", recorded.State())
			}
		})
	}
}

// The view's child ends with the recorder, however that ended.
func TestLiveChildEnds(t *testing.T) {
	cmd, s, _, f := recordOn(t, filepath.Join(t.TempDir(), "s"), nil)
	s.wait(t, 0, "endpoints")
	pid := tableChild(t, cmd.Process.Pid)
	cmd.Process.Kill()
	cmd.Wait()
	f.w.Close()
	for deadline := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(20 * time.Millisecond) {
		if b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); bytes.Contains(b, []byte(") Z ")) {
			return // it waits for init
		}
		if time.Now().After(deadline) {
			t.Fatal("it goes on")
		}
	}
}

var colored = regexp.MustCompile("\x1b\\[[0-9;]*m")

// NO_COLOR is heeded, and on a dumb terminal, or when it is not wanted, lines are printed as without a terminal.
func TestLivePlain(t *testing.T) {
	for _, test := range []struct {
		env, flag     string
		screen, color bool
	}{{"NO_COLOR=", "", true, true}, {"NO_COLOR=1", "", true, false}, {"TERM=dumb", "", false, false}, {"TERM=", "", false, false}, {"A=", "--no-ui", false, false}} {
		dir := filepath.Join(t.TempDir(), "s")
		var flags []string
		if test.flag != "" {
			flags = []string{test.flag}
		}
		cmd, s, _, f := recordOn(t, dir, []string{test.env}, flags...)
		if test.screen {
			s.wait(t, 0, "endpoints")
		} else {
			s.wait(t, 0, "packets")
		}
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		f.w.Close()
		s.wait(t, 0, "next     abroad audit")
		text := strings.ReplaceAll(s.all(0), screenEnd, "")
		if got := strings.Contains(text, screenBegin); got != test.screen {
			t.Errorf("%s %s: screen %v, want %v", test.env, test.flag, got, test.screen)
		}
		if got := colored.MatchString(text); got != test.color {
			t.Errorf("%s %s: colours %v, want %v", test.env, test.flag, got, test.color)
		}
	}
}
