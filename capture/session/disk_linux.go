package session

import (
	"errors"
	"os"
	"syscall"
)

const keepSize = 1 // FALLOC_FL_KEEP_SIZE (linux/falloc.h)

// reserveSpace keeps n bytes of disk behind offset for the file without making it longer.
func reserveSpace(f *os.File, offset, n int64) error {
	return syscall.Fallocate(int(f.Fd()), keepSize, offset, n)
}

// lock makes f ours until it is closed or the process ends, or returns ErrRecording.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrRecording
	}
	return err
}

// Free returns how many bytes an ordinary user can still write below dir; -1 if that is not known.
func Free(dir string) int64 {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
