package privilege

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// An Owner is a user and a group by their numbers.
type Owner struct{ UID, GID int }

// Caller returns who a process should become: whoever called sudo; else the owner of the folder (or of the nearest one above it that exists)
// that it is going to write to. It is the process's own user if that is not root, or if nothing says otherwise.
func Caller(output string, getenv func(string) string) Owner {
	self := Owner{os.Geteuid(), os.Getegid()}
	if self.UID != 0 {
		return self
	}
	uid, err1 := strconv.ParseUint(getenv("SUDO_UID"), 10, 32)
	gid, err2 := strconv.ParseUint(getenv("SUDO_GID"), 10, 32)
	if err1 == nil && err2 == nil && uid < math.MaxUint32 && gid < math.MaxUint32 { // the largest number means "leave it" to setresuid
		return Owner{int(uid), int(gid)}
	}
	if output == "" {
		return self
	}
	dir, err := filepath.Abs(output)
	if err != nil {
		return self
	}
	for {
		if info, err := os.Stat(dir); err == nil {
			if owner, ok := ownerOf(info); ok {
				return owner
			}
			return self
		}
		up := filepath.Dir(dir)
		if up == dir {
			return self
		}
		dir = up
	}
}
