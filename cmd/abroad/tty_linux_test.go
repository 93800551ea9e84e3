package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns the two ends of a pseudo-terminal (pty(7)).
func openTerminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err) // some containers have none
	}
	t.Cleanup(func() { ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	size := unix.Winsize{Row: 25, Col: 72}
	if err := unix.IoctlSetWinsize(int(theirs.Fd()), unix.TIOCSWINSZ, &size); err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

// drain collects what appears on a terminal until its other end is closed.
func drain(ours *os.File) <-chan string {
	shown := make(chan string, 1)
	go func() {
		var b bytes.Buffer
		io.Copy(&b, ours) // ends with EIO when the last writer is gone
		shown <- b.String()
	}()
	return shown
}

// Colours are for a terminal only, and not for one whose user does not want them.
func TestColor(t *testing.T) {
	recording := filepath.Join(practice(t), "v2", "s01.pcapng")
	for _, test := range []struct {
		env   string
		color bool
	}{{"NO_COLOR=", true}, {"NO_COLOR=1", false}, {"TERM=dumb", false}} {
		ours, theirs := openTerminal(t)
		shown := drain(ours)
		cmd := exec.Command("abroad", "audit", "--data", "none", "-o", t.TempDir(), recording)
		cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=", test.env)
		cmd.Stdout = theirs
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		theirs.Close()
		text := <-shown
		if got := strings.Contains(text, "\x1b["); got != test.color {
			t.Errorf("%s: colours %v, want %v", test.env, got, test.color)
		}
		if !strings.Contains(text, "PRACTICE DATA") {
			t.Errorf("%s: no summary: %q", test.env, text)
		}
	}
}

// Progress is told for work over a second, on a terminal's stderr only, and taken away at the end.
func TestProgress(t *testing.T) {
	recording, err := os.ReadFile(filepath.Join(practice(t), "v2", "s01.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{nil, {"--quiet"}} {
		ours, theirs := openTerminal(t)
		shown := drain(ours)
		cmd := exec.Command("abroad", append([]string{"audit", "--data", "none", "-o", t.TempDir(), "-"}, flags...)...)
		cmd.Stderr = theirs
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stdin.Write(recording)
		time.Sleep(progressAfter + 3*progressEvery) // a recorder that is still recording
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		theirs.Close()
		text := <-shown
		if len(flags) > 0 {
			if text != "" {
				t.Errorf("%q says %q", flags, text)
			}
			continue
		}
		if !strings.Contains(text, "B/s") || !strings.HasSuffix(text, "\r\x1b[K") {
			t.Errorf("progress is %q", text)
		}
	}
}
