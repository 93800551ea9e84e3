//go:build !linux

package privilege

import (
	"errors"
	"io/fs"
)

func ownerOf(fs.FileInfo) (Owner, bool) { return Owner{}, false }

// Drop always fails on this system, where nothing in this program needs privileges.
func Drop(Owner) error { return errors.New("drop privileges: only done on Linux") }
