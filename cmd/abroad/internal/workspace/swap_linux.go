package workspace

import "golang.org/x/sys/unix"

// swap exchanges two folders in one step: at no moment is there nothing at the final place.
func swap(partial, final string) error {
	return unix.Renameat2(unix.AT_FDCWD, partial, unix.AT_FDCWD, final, unix.RENAME_EXCHANGE)
}
