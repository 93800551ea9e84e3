package corpus

import (
	"os/exec"
	"testing"
)

// SmallDisk mounts a file system of that size ("1m") in memory, until the end of the test. It takes root and Linux.
func SmallDisk(t testing.TB, size string) (dir string) {
	t.Helper()
	mount, umount := Program(t, "mount"), Program(t, "umount")
	dir = t.TempDir()
	if out, err := exec.Command(mount, "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		missing(t, "the right to mount a small file system ("+string(out)+")")
	}
	t.Cleanup(func() { exec.Command(umount, dir).Run() })
	return dir
}
