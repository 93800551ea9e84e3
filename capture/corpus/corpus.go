// Package corpus finds the real captures that tests measure themselves against, and the outside programs that check us independently.
// Both lie outside the repository: a test that needs one skips when it is missing, or fails when ABROAD_STRICT is set, as in CI.
//
// Only tests import it.
package corpus

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A Capture is one file of the collection.
type Capture struct {
	Path  string // on this machine
	Name  string // inside the collection, with slashes: "ndpi/tests/cfgs/default/pcap/zoom.pcap"
	Truth string // path of the oracle's file; empty if there is none
}

// missing skips the test, or fails it in strict mode.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("ABROAD_STRICT") != "" {
		t.Fatalf("%s is missing, and ABROAD_STRICT is set", what)
	}
	t.Skipf("%s is missing", what)
}

// Shared returns a path inside the folder beside the repository that holds captures and data; the test skips if it is not there.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		missing(t, filepath.Join(append([]string{"../shared"}, elem...)...))
	}
	return path
}

// All lists the captures of the collection, in the order of its manifest.
func All(t testing.TB) []Capture {
	t.Helper()
	root := Shared(t, "captures")
	f, err := os.Open(filepath.Join(root, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []Capture
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, _, _ := strings.Cut(lines.Text(), "\t")
		path := filepath.Join(root, filepath.FromSlash(name))
		if _, err := os.Stat(path); err != nil {
			continue // the header line
		}
		c := Capture{Path: path, Name: name, Truth: filepath.Join(root, "truth", filepath.FromSlash(name)+".json")}
		if _, err := os.Stat(c.Truth); err != nil {
			c.Truth = ""
		}
		list = append(list, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// Program returns the path of an outside program ("tshark"); the test skips if it is not installed.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name)
	}
	return path
}
