//go:build linux

// Package labtest gives tests a world of network namespaces. Only tests import it.
package labtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"abroad/capture/corpus"
	"abroad/capture/lab"
)

// Root skips the test unless it runs as root, or fails it when ABROAD_STRICT is set.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	const line = "network namespaces need root: run the tests as root"
	if os.Getenv("ABROAD_STRICT") != "" {
		t.Fatal(line + " (ABROAD_STRICT is set)")
	}
	t.Skip(line)
}

// Open makes a world that the end of the test takes down.
func Open(t testing.TB) *lab.World {
	t.Helper()
	Root(t)
	corpus.Program(t, "ip")
	w, err := lab.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// Program builds the practice app and returns its path.
func Program(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "abroad-lab-app-") // unlike the test's own folder, other users may enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "app")
	c := exec.Command("go", "build", "-o", path, "abroad/capture/lab/labtest/testdata/app")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// Play lets a program on the phone do what it has to.
func Play(t testing.TB, w *lab.World, s *lab.Servers, a lab.App) lab.Truth {
	t.Helper()
	p, err := w.Prepare(s, a, exec.Command(Program(t)))
	if err != nil {
		t.Fatal(err)
	}
	truth, err := p.Play(nil)
	if err != nil {
		t.Fatal(err)
	}
	return truth
}
