package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A File is an output file in the making. Close gives it up unless Commit came first.
type File struct {
	*os.File
	final string
	done  bool
}

// CreateFile starts a file. One that is there already is replaced when the new one is complete, unless it is one of the inputs, a folder or
// something else that is not a plain file. Missing parents are made.
func CreateFile(path string, inputs []string) (*File, error) {
	final := path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		final = target // write where the link points to, as every other program does
	}
	if err := clashes(final, inputs); err != nil {
		return nil, err
	}
	if info, err := os.Stat(final); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is not a plain file but a %s", kind(info.Mode()))
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(final), partialPattern) // mode 0600
	if err != nil {
		return nil, err
	}
	return &File{File: f, final: final}, nil
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "folder"
	case m&fs.ModeDevice != 0:
		return "device"
	case m&fs.ModeNamedPipe != 0:
		return "pipe"
	}
	return "special file"
}

// Commit closes the file and gives it its name.
func (f *File) Commit() error {
	f.done = true
	err := f.File.Close()
	if err == nil {
		err = os.Rename(f.Name(), f.final)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Close gives the file up; after Commit it does nothing.
func (f *File) Close() error {
	if f.done {
		return nil
	}
	f.done = true
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}
