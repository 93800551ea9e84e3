package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"abroad/analyze/audit"
)

// A killed audit leaves no half file under the final name: nothing, or the folder that was there, or the new one whole.
func TestKill(t *testing.T) {
	recordings, err := filepath.Glob(filepath.Join(practice(t), "v2", "*.pcapng"))
	if err != nil || len(recordings) == 0 {
		t.Fatalf("no practice recordings: %v", err)
	}
	out := filepath.Join(t.TempDir(), "out")
	killed := 0
	for delay := time.Duration(0); delay < 400*time.Millisecond; delay += delay/4 + 4*time.Millisecond {
		cmd := exec.Command("abroad", append([]string{"audit", "--quiet", "--data", "none", "-o", out}, recordings...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay)
		cmd.Process.Kill()
		if cmd.Wait() != nil {
			killed++
		}
		wholeOrMissing(t, out)
	}
	if killed == 0 {
		t.Error("no audit was killed before it ended")
	}
}

func wholeOrMissing(t *testing.T, out string) {
	t.Helper()
	entries, err := os.ReadDir(out)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 {
		t.Errorf("the folder holds %d files, want 2 or none", len(entries))
	}
	f, err := os.Open(filepath.Join(out, auditFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := audit.Read(f); err != nil {
		t.Errorf("half an audit: %v", err)
	}
	page, err := os.ReadFile(filepath.Join(out, reportFile))
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(page)), "</html>") {
		t.Errorf("half a report: %d bytes, %v", len(page), err)
	}
}

// The first Ctrl-C ends the recorder in front of a pipe, and what came through it is audited; the second gives up and leaves nothing.
func TestInterrupt(t *testing.T) {
	recording, err := os.ReadFile(filepath.Join(practice(t), "v2", "s01.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name       string
		interrupts int
		wrote      bool
	}{{"once", 1, true}, {"twice", 2, false}} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command("abroad", "audit", "--quiet", "--data", "none", "-")
			cmd.Dir = dir
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill()
			if _, err := stdin.Write(recording); err != nil { // more than a pipe holds: abroad is reading when this returns
				t.Fatal(err)
			}
			var said bytes.Buffer
			for range test.interrupts {
				if err := cmd.Process.Signal(os.Interrupt); err != nil {
					t.Skip(err) // Windows cannot
				}
				b := make([]byte, 1000)
				n, _ := stderr.Read(b) // it says that it heard
				said.Write(b[:n])
			}
			stdin.Close()
			io.Copy(&said, stderr)
			err = cmd.Wait()
			if wrote := err == nil; wrote != test.wrote {
				t.Errorf("ended with %v: %s", err, said.String())
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if wrote := len(entries) == 1; wrote != test.wrote {
				t.Errorf("left %v", entries)
			}
		})
	}
}
