package privilege

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func ownerOf(info fs.FileInfo) (Owner, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Owner{}, false
	}
	return Owner{int(s.Uid), int(s.Gid)}, true
}

// Drop makes every thread of the process run as the owner, without capabilities, without other groups, and without a way back: programs it
// starts gain nothing either, not even by a set-uid bit. A user other than root can only stay who it is. Any error is fatal: the process
// may be half privileged.
func Drop(to Owner) error {
	if err := drop(to); err != nil {
		return fmt.Errorf("drop privileges: %w", err)
	}
	return verify(to)
}

func drop(to Owner) error {
	root := os.Geteuid() == 0
	if !root && to.UID != os.Geteuid() {
		return fmt.Errorf("only root can become user %d", to.UID)
	}
	if root {
		for capability := uintptr(0); ; capability++ {
			errno := everyThread(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, capability, 0)
			if errno == unix.EINVAL && capability > unix.CAP_WAKE_ALARM {
				break // the kernel has no more of them
			}
			if errno != 0 {
				return explain("drop capability "+strconv.Itoa(int(capability)), errno)
			}
		}
	}
	if errno := everyThread(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0); errno != 0 {
		return explain("forbid new privileges", errno)
	}
	if root {
		// These of package syscall change all threads too.
		if err := syscall.Setgroups([]int{}); err != nil {
			return fmt.Errorf("leave groups: %w", err)
		}
		if err := syscall.Setresgid(to.GID, to.GID, to.GID); err != nil {
			return fmt.Errorf("change group: %w", err)
		}
		if err := syscall.Setresuid(to.UID, to.UID, to.UID); err != nil {
			return fmt.Errorf("change user: %w", err)
		}
	}
	// Leaving root has emptied these already; a program with file capabilities, or a root that stays root, has them still.
	if errno := everyThread(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0); errno != 0 {
		return explain("clear ambient capabilities", errno)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3} // pid 0: the calling thread
	var none [2]unix.CapUserData
	errno := everyThread(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none[0])), 0)
	runtime.KeepAlive(&header)
	runtime.KeepAlive(&none)
	if errno != 0 {
		return explain("clear capabilities", errno)
	}
	return nil
}

// everyThread makes a system call in all threads, or in none.
func everyThread(call, a, b, c uintptr) syscall.Errno {
	_, _, errno := syscall.AllThreadsSyscall6(call, a, b, c, 0, 0, 0)
	return errno
}

func explain(what string, errno syscall.Errno) error {
	if errno == unix.ENOTSUP {
		return errors.New("this program was built with cgo and cannot do it in all of its threads; build it with CGO_ENABLED=0")
	}
	return fmt.Errorf("%s: %w", what, errno)
}

// verify reads of each thread what the kernel says it still has.
func verify(to Owner) error {
	tasks, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(tasks) == 0 {
		return errors.New("check dropped privileges: /proc shows no threads")
	}
	seen := 0
	for _, path := range tasks {
		status, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // the thread has ended
		}
		if err != nil {
			return fmt.Errorf("check dropped privileges: %w", err)
		}
		if line := Kept(string(status), to); line != "" {
			return fmt.Errorf("check dropped privileges: a thread has still %q", line)
		}
		seen++
	}
	if seen == 0 {
		return errors.New("check dropped privileges: /proc shows no threads")
	}
	return nil
}
