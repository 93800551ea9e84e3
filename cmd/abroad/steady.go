package main

import (
	"errors"
	"io"
	"os"
)

// errChanged says that the bytes that were hashed are not one state of the file.
var errChanged = errors.New("the file changed while it was read")

// A steady file fails at its end if it is no longer what it was when it was opened: an audit must be of one state of a recording, and a
// recorder that still writes would make it of none.
type steady struct {
	*os.File
	before os.FileInfo
}

// openSteady opens the file at path. A pipe or a device has no state to compare.
func openSteady(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return f, nil
	}
	return &steady{f, info}, nil
}

// Read implements io.Reader.
func (s *steady) Read(b []byte) (int, error) {
	n, err := s.File.Read(b)
	if err == io.EOF {
		now, statErr := s.File.Stat()
		if statErr != nil || now.Size() != s.before.Size() || !now.ModTime().Equal(s.before.ModTime()) {
			return n, errChanged
		}
	}
	return n, err
}
