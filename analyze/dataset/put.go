package dataset

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abroad/capture"
)

// PreviousName is the name of the index of what was replaced: of every dataset the version before, whose file is kept.
const PreviousName = "previous.csv"

// Put writes a dataset into the directory at path, which is made if it is not there, and lists it in the index in place of one of the same
// name. Nothing is overwritten: the file has a name of its own, and the index is exchanged at once, so that whoever opens the directory
// meanwhile, or after a crash, finds the old dataset or the new one. The version before is kept, the one before that is removed. Put
// returns d as the index lists it; d.File, d.Bytes and d.SHA256 are not read. Programs that put into one directory at once wait for each other.
func Put(path string, d Dataset, file []byte) (Dataset, error) {
	if err := nameable(d.Name); err != nil {
		return d, err
	}
	d.SHA256, d.Bytes = capture.Digest(sha256.Sum256(file)), int64(len(file))
	ext := ".csv"
	if d.Format != "" {
		ext = "." + d.Format
	}
	d.File = d.Name + "-" + d.SHA256.String()[:12] + ext
	if err := os.MkdirAll(path, 0o700); err != nil {
		return d, fmt.Errorf("make dataset directory: %w", err)
	}
	unlock, err := lock(path)
	if err != nil {
		return d, err
	}
	defer unlock()
	if err := tidyUp(path); err != nil {
		return d, err
	}
	index, err := readIndex(path, IndexName)
	if err != nil {
		return d, err
	}
	previous, err := readIndex(path, PreviousName)
	if err != nil {
		return d, err
	}
	for _, other := range index {
		if other.SHA256 == d.SHA256 && other.Name != d.Name {
			return d, fmt.Errorf("dataset %q has the same bytes as %q", d.Name, other.Name)
		}
	}
	if err := replace(filepath.Join(path, d.File), file); err != nil {
		return d, err
	}
	if i := named(index, d.Name); i < 0 {
		index = append(index, d)
	} else {
		if index[i].SHA256 != d.SHA256 {
			previous = slices.DeleteFunc(previous, func(o Dataset) bool { return o.Name == d.Name })
			previous = append(previous, index[i])
			if err := writeIndex(path, PreviousName, previous); err != nil {
				return d, err
			}
		}
		index[i] = d
	}
	if err := writeIndex(path, IndexName, index); err != nil {
		return d, err
	}
	return d, sweep(path, d.Name, append(index, previous...))
}

// nameable wants a name that can be part of a file's name on every system.
func nameable(name string) error {
	const most = 100
	bad := strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
	if name == "" || len(name) > most || bad != "" || strings.ContainsAny(name[:1], "._-") {
		return fmt.Errorf("dataset name %q: want letters, digits, dots and dashes, at most %d", name, most)
	}
	return nil
}

func named(index Index, name string) int {
	return slices.IndexFunc(index, func(o Dataset) bool { return o.Name == name })
}

// readIndex reads an index of the directory; one that is not there is empty.
func readIndex(path, name string) (Index, error) {
	file, err := os.Open(filepath.Join(path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open dataset directory: %w", err)
	}
	defer file.Close()
	index, err := Read(file)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Join(path, name), err)
	}
	return index, nil
}

// writeIndex writes an index that Read accepts, or none.
func writeIndex(path, name string, index Index) error {
	var b bytes.Buffer
	if err := index.Write(&b); err != nil {
		return err
	}
	if _, err := Read(bytes.NewReader(b.Bytes())); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return replace(filepath.Join(path, name), b.Bytes())
}

// unfinished is the pattern of names of files in the making.
const unfinished = ".put-*"

// tidyUp removes what a program left that was ended while it wrote. Whoever holds the lock is the only one that writes.
func tidyUp(path string) error {
	left, err := filepath.Glob(filepath.Join(path, unfinished))
	if err != nil {
		return nil // the folder's name is a pattern: then they stay
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("remove unfinished dataset: %w", err)
		}
	}
	return nil
}

// replace gives the file at path these bytes, all of them or none.
func replace(path string, b []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), unfinished)
	if err != nil {
		return fmt.Errorf("write dataset: %w", err)
	}
	_, err = file.Write(b)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = file.Chmod(0o600)
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
		return fmt.Errorf("write dataset: %w", err)
	}
	return nil
}

// sweep removes the files of older versions of a dataset: those that Put named after it and that no index lists.
func sweep(path, name string, listed Index) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("list dataset directory: %w", err)
	}
	for _, e := range entries {
		digest, ok := strings.CutPrefix(e.Name(), name+"-")
		digest, _, _ = strings.Cut(digest, ".")
		if !ok || len(digest) != 12 || strings.Trim(digest, "0123456789abcdef") != "" || !e.Type().IsRegular() ||
			slices.ContainsFunc(listed, func(o Dataset) bool { return o.File == e.Name() }) {
			continue
		}
		if err := os.Remove(filepath.Join(path, e.Name())); err != nil {
			return fmt.Errorf("remove old dataset: %w", err)
		}
	}
	return nil
}
