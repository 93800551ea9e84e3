package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"abroad/capture/corpus"
	"abroad/capture/lab"
	"abroad/capture/lab/labtest"
	"abroad/capture/recorder/privilege"
)

// openDir makes a folder that every user can reach: those of the test are root's alone.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "abroad-lab-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// realProgram builds abroad as it is released: without cgo, whatever this test was built with. Other users may run it.
func realProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(openDir(t), "abroad")
	c := exec.Command("go", "build", "-o", path, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// children lists the processes that a process has started, by what they were called with.
func children(t *testing.T, parent int) map[string]int {
	t.Helper()
	list := map[string]int{}
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		if f := strings.Fields(rest); len(f) < 2 || f[0] == "Z" || f[1] != strconv.Itoa(parent) {
			continue
		}
		words, err := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if f := strings.Split(string(words), "\x00"); err == nil && len(f) > 1 {
			list[f[1]], _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
		}
	}
	return list
}

// startLab starts the command and returns once the app plays, with the ids of the processes behind it.
func startLab(t *testing.T, dir string, args ...string) (c *exec.Cmd, out *strings.Builder, started map[string]int) {
	t.Helper()
	labtest.Root(t)
	corpus.Program(t, "ip")
	c = exec.Command(realProgram(t), append([]string{"lab", "-o", filepath.Join(dir, "x.session")}, args...)...)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	c.Dir = dir
	out = &strings.Builder{}
	c.Stdout, c.Stderr = out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		b, _ := os.ReadFile(filepath.Join(dir, "x.session", "events.jsonl"))
		if strings.Contains(string(b), "open_the_app") {
			return c, out, children(t, c.Process.Pid)
		}
		if time.Now().After(deadline) {
			c.Process.Kill()
			c.Wait()
			t.Fatalf("the app does not play: %s", out)
		}
	}
}

// TestLab plays and records, and looks from outside at what the recorder is allowed meanwhile.
func TestLab(t *testing.T) {
	dir := openDir(t)
	owner := privilege.Owner{UID: 4321, GID: 8765}
	if err := os.Chown(dir, owner.UID, owner.GID); err != nil && os.Geteuid() == 0 {
		t.Fatal(err)
	}
	truth := filepath.Join(dir, "truth.json")
	c, out, started := startLab(t, dir, "--truth", truth)
	recorder := started["record"]
	if recorder == 0 || started[labAppCommand] == 0 {
		t.Fatalf("processes: %v", started)
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", recorder))
	if err != nil || len(threads) < 2 {
		t.Fatalf("%d threads, %v", len(threads), err)
	}
	for _, path := range threads {
		status, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		if kept := privilege.Kept(string(status), owner); kept != "" || !strings.Contains(string(status), "CapBnd:\t0000000000000000\n") {
			t.Errorf("%s: the recorder has kept %q\n%s", path, kept, status)
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", started[labAppCommand]))
	if err != nil || !strings.Contains(string(status), fmt.Sprintf("Uid:\t%d\t%[1]d\t%[1]d\t%[1]d\n", lab.AppUID)) {
		t.Errorf("the app's user: %v\n%s", err, status)
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.Contains(out.String(), "All 5 of 5 addresses are in the recording") {
		t.Errorf("%s", out)
	}
	var told lab.Truth
	if b, err := os.ReadFile(truth); err != nil || json.Unmarshal(b, &told) != nil || told.Version != 2 || len(told.Visits) != 7 {
		t.Errorf("truth %+v, %v", told, err)
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = os.ModeDir | 0o700
		}
		if s := info.Sys().(*syscall.Stat_t); int(s.Uid) != owner.UID || int(s.Gid) != owner.GID || info.Mode() != want {
			t.Errorf("%s belongs to %d:%d and has mode %s", path, s.Uid, s.Gid, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestLabIsGoneAfterACrash kills the command: its world must go, and the recorder behind it must close the session.
func TestLabIsGoneAfterACrash(t *testing.T) {
	dir := openDir(t)
	c, _, started := startLab(t, dir, "--pause", "1h")
	world, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", started["record"]))
	if err != nil {
		t.Fatal(err)
	}
	c.Process.Kill()
	c.Wait()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		left := 0
		links, err := filepath.Glob("/proc/[0-9]*/ns/net")
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links {
			if at, err := os.Readlink(link); err == nil && at == world {
				left++
			}
		}
		for _, pid := range started {
			if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && len(b) > 0 {
				left++
			}
		}
		if left == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d processes are left", left)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "x.session", "manifest.json"))
	if err != nil || !strings.Contains(string(b), `"state"`) {
		t.Errorf("manifest: %v %s", err, b)
	}
}

// TestLabIsStoppedInOrder interrupts the command in the middle of the scenario.
func TestLabIsStoppedInOrder(t *testing.T) {
	dir := openDir(t)
	c, out, _ := startLab(t, dir, "--pause", "1h")
	c.Process.Signal(os.Interrupt)
	c.Wait()
	b, err := os.ReadFile(filepath.Join(dir, "x.session", "manifest.json"))
	if err != nil || !strings.Contains(string(b), "complete") {
		t.Errorf("manifest: %v %s\n%s", err, b, out)
	}
}
