//go:build !linux

package workspace

import "os"

// swap exchanges two folders. Killed between the first two steps it leaves the old folder complete, but under a ".abroad-partial-" name.
func swap(partial, final string) error {
	old := partial + "-old"
	if err := os.Rename(final, old); err != nil {
		return err
	}
	if err := os.Rename(partial, final); err != nil {
		os.Rename(old, final)
		return err
	}
	return os.Rename(old, partial)
}
