//go:build linux

// Package labtest gives tests a world of network namespaces. Only tests import it.
package labtest

import (
	"os"
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
