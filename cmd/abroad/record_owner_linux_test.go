package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"abroad/capture/lab/labtest"
)

// What root records for somebody belongs to him, also when nothing had to be dropped for it.
func TestRecordOwner(t *testing.T) {
	labtest.Root(t)
	dir := filepath.Join(t.TempDir(), "x.session")
	cmd := exec.Command("abroad", "record", "-q", "--min-free", "0", "-o", dir, filepath.Join("..", "..", "capture", "lab", "practice", "v2", "s01.pcapng"))
	cmd.Env = append(os.Environ(), "SUDO_UID=1234", "SUDO_GID=5678")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	n := 0
	filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if s := info.Sys().(*syscall.Stat_t); s.Uid != 1234 || s.Gid != 5678 {
			t.Errorf("%s belongs to %d:%d", path, s.Uid, s.Gid)
		}
		n++
		return nil
	})
	if n < 6 {
		t.Errorf("%d files and folders", n)
	}
}
