// Package workspace writes output so that it appears whole or not at all.
//
// In: the name of a folder or a file, and the inputs it must not overwrite. Out: files with mode 0600 in folders with mode 0700, under their
// final names only when they are complete. Everything that can be wrong with the output is found before any work starts: the space it will
// stand in is made at once, beside its final place.
//
// A killed process leaves at most a folder or file whose name begins with ".abroad-partial-"; it may be deleted.
package workspace

import (
	"errors"
	"fmt"
	"os"
)

// partialPattern names unfinished output (os.MkdirTemp, os.CreateTemp).
const partialPattern = ".abroad-partial-*"

// ErrForeign says that a folder holds something that is none of the files to be written.
var ErrForeign = errors.New("the folder holds files that this command did not write")

// ErrInput says that the output would overwrite a file that is being read.
var ErrInput = errors.New("it would overwrite an input")

// clashes returns ErrInput if path is one of the inputs, by whatever name or link. Inputs that do not exist are somebody else's error.
func clashes(path string, inputs []string) error {
	at, err := os.Stat(path)
	if err != nil {
		return nil // nothing there that could be overwritten
	}
	for _, in := range inputs {
		if info, err := os.Stat(in); err == nil && os.SameFile(at, info) {
			return fmt.Errorf("%w: %q", ErrInput, in)
		}
	}
	return nil
}
