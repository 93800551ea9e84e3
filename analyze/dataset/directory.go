package dataset

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"abroad/analyze/audit"
	"abroad/capture"
)

// OverridesName is the file of corrections in a dataset directory. No index lists it: people write it.
const OverridesName = "overrides.yaml"

// None in place of a directory means: only the data that the program carries.
const None = "none"

// MaxFile is the size of the largest file that is opened, in bytes.
const MaxFile = 1 << 30

// A Directory is a folder of datasets. The zero Directory has none.
type Directory struct {
	Index Index
	root  *os.Root
}

// Open reads the index of the directory at path. None gives an empty one, and so does a folder that has nothing, or nothing but corrections.
// A folder that does not exist is an error (fs.ErrNotExist), and so is one with other things and no index, or with an index that cannot be
// read: an audit must know exactly which datasets it has.
func Open(path string) (*Directory, error) {
	if path == None || path == "" {
		return &Directory{}, nil
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open dataset directory: %w", err)
	}
	file, err := openPlain(root, IndexName)
	if errors.Is(err, fs.ErrNotExist) {
		if noDatasets(root) {
			return &Directory{root: root}, nil
		}
		err = errNoIndex
	}
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("open dataset directory %q: %w", path, err)
	}
	defer file.Close()
	index, err := Read(file)
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("open %s: %w", filepath.Join(path, IndexName), err)
	}
	for i := range index {
		if index[i].SHA256.IsZero() {
			root.Close()
			return nil, fmt.Errorf("open %s: dataset %q has no sha256", filepath.Join(path, IndexName), index[i].Name)
		}
	}
	return &Directory{index, root}, nil
}

var errNoIndex error = noIndex{}

// noIndex is the error for a folder with files that no index lists. It is fs.ErrNotExist for who only wants to know what is there.
type noIndex struct{}

func (noIndex) Error() string        { return "it has files and no index (" + IndexName + ")" }
func (noIndex) Is(target error) bool { return target == fs.ErrNotExist }

// noDatasets reports whether a folder without an index is one of corrections, or empty. What begins with a dot is nobody's dataset.
func noDatasets(root *os.Root) bool {
	if info, err := root.Lstat(OverridesName); err == nil {
		return info.Mode().IsRegular()
	}
	folder, err := root.Open(".")
	if err != nil {
		return false
	}
	defer folder.Close()
	for {
		names, err := folder.Readdirnames(100)
		if slices.ContainsFunc(names, func(name string) bool { return name[0] != '.' }) {
			return false
		}
		if err != nil {
			return err == io.EOF
		}
	}
}

// Close releases the folder; bytes that were read stay valid.
func (d *Directory) Close() error {
	if d.root == nil {
		return nil
	}
	return d.root.Close()
}

// Bytes returns the whole file of a dataset of the index. A file that is missing, too large, or not what the index says is an error that
// names the dataset.
func (d *Directory) Bytes(set *Dataset) ([]byte, error) {
	if d.root == nil {
		return nil, fmt.Errorf("dataset %q: %w", set.Name, fs.ErrNotExist)
	}
	file, err := openPlain(d.root, filepath.FromSlash(set.File))
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	if err != nil {
		return nil, fmt.Errorf("dataset %q: %s: %w", set.Name, set.File, err)
	}
	defer file.Close()
	b, err := readAll(file)
	if err != nil {
		return nil, fmt.Errorf("dataset %q: %s: %w", set.Name, set.File, err)
	}
	if set.Bytes > 0 && int64(len(b)) != set.Bytes {
		return nil, fmt.Errorf("dataset %q: %s has %d bytes, the index says %d", set.Name, set.File, len(b), set.Bytes)
	}
	if sum := capture.Digest(sha256.Sum256(b)); sum != set.SHA256 {
		return nil, fmt.Errorf("dataset %q: %s has SHA-256 %s, the index says %s", set.Name, set.File, sum, set.SHA256)
	}
	return b, nil
}

// File reads a file of the directory that the index does not list; fs.ErrNotExist if it is not there.
func (d *Directory) File(name string) ([]byte, error) {
	if d.root == nil {
		return nil, fs.ErrNotExist
	}
	file, err := openPlain(d.root, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(file)
}

// Restrict makes the index list exactly those datasets whose name and digest are wanted, of the present ones and of the versions before. Where
// the same bytes were fetched again since and are as of a later day now, they are as of the day that is wanted.
func (d *Directory) Restrict(want []audit.Dataset) error {
	if d.root == nil {
		return nil
	}
	all := d.Index
	if file, err := openPlain(d.root, PreviousName); err == nil {
		defer file.Close()
		previous, err := Read(file)
		if err != nil {
			return fmt.Errorf("open %s: %w", PreviousName, err)
		}
		all = append(slices.Clone(all), previous...)
	}
	d.Index = nil
	for _, w := range want {
		if i := slices.IndexFunc(all, func(o Dataset) bool { return o.Name == w.Name && o.SHA256 == w.SHA256 }); i >= 0 {
			again := all[i]
			if _, err := time.Parse(time.DateOnly, w.AsOf); err == nil {
				again.AsOf = w.AsOf
			}
			d.Index = append(d.Index, again)
		}
	}
	return nil
}

// Verify reads every file of the index and returns what is wrong, one error a dataset.
func (d *Directory) Verify() []error {
	var wrong []error
	for i := range d.Index {
		if _, err := d.Bytes(&d.Index[i]); err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

// ReadFile reads a file that the user names, which no index lists, and tells its digest.
func ReadFile(path string) ([]byte, capture.Digest, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, capture.Digest{}, err
	}
	defer file.Close()
	b, err := readAll(file)
	if err != nil {
		return nil, capture.Digest{}, fmt.Errorf("read %s: %w", path, err)
	}
	return b, sha256.Sum256(b), nil
}

// openPlain opens a file of the directory; opening a pipe would never end.
func openPlain(root *os.Root, name string) (*os.File, error) {
	if info, err := root.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	return root.Open(name)
}

var errNotRegular = errors.New("not a regular file")

// readAll reads a regular file of bounded size.
func readAll(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, errNotRegular
	case info.Size() > MaxFile:
		return nil, fmt.Errorf("has %d bytes, want at most %d", info.Size(), MaxFile)
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(file, b); err != nil {
		return nil, err
	}
	return b, nil
}
