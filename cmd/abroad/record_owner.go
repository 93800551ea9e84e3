package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"abroad/capture/recorder/privilege"
)

// handOver gives a session that root has made to whoever called sudo, or to the owner of the folder that it lies in. A source that drops its
// privileges has done so before. Until then the folder was root's alone, so nobody can have put anything into it.
func handOver(dir string) error {
	owner := privilege.Caller(filepath.Dir(dir), os.Getenv)
	if os.Geteuid() != 0 || owner.UID == 0 {
		return nil
	}
	var paths []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	})
	for i := len(paths) - 1; i >= 0 && err == nil; i-- { // the folder itself last
		err = errors.Join(err, os.Lchown(paths[i], owner.UID, owner.GID))
	}
	return err
}
