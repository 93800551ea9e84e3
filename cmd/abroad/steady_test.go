package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSteady(t *testing.T) {
	for name, change := range map[string]func(f *os.File) error{
		"nothing": nil,
		"grows":   func(f *os.File) error { _, err := f.WriteString("more"); return err },
		"shrinks": func(f *os.File) error { return f.Truncate(1) },
		"rewritten": func(f *os.File) error {
			_, err := f.WriteAt([]byte("X"), 0)
			return errors.Join(err, os.Chtimes(f.Name(), time.Time{}, time.Unix(1, 0)))
		},
	} {
		path := filepath.Join(t.TempDir(), "x.pcap")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		f.WriteString("0123456789")
		r, err := openSteady(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := io.ReadFull(r, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		if change != nil {
			if err := change(f); err != nil {
				t.Fatal(err)
			}
		}
		_, err = io.ReadAll(r)
		if changed := errors.Is(err, errChanged); changed != (change != nil) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
