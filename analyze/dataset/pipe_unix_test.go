//go:build unix

package dataset

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe in a directory of a stranger never ends: nothing waits for it.
func TestDirectoryPipe(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, OverridesName), 0o600); err != nil {
		t.Skip(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, IndexName), 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := Open(dir); !errors.Is(err, errNotRegular) {
		t.Errorf("index: %v", err)
	}
	if err := syscall.Unlink(filepath.Join(dir, IndexName)); err != nil {
		t.Fatal(err)
	}
	d, err := Open(dir)
	if err != nil {
		return // it is no directory of datasets then
	}
	defer d.Close()
	if _, err := d.File(OverridesName); !errors.Is(err, errNotRegular) {
		t.Errorf("corrections: %v", err)
	}
}
