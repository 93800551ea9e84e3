package workspace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Options say what a folder may hold and what must survive.
type Options struct {
	Names  []string                 // every file name that abroad writes into such a folder
	Wrote  func(folder string) bool // reports whether abroad wrote the folder; asked only if it holds nothing but Names
	Inputs []string                 // files that are read meanwhile
	Force  bool                     // write into a folder that abroad did not write; what else it holds stays
}

// A Folder is an output folder in the making.
type Folder struct {
	final, partial string
	names          []string
	// inPlace says that the files will be moved into the folder that is there, one by one. It is so where the folder cannot be swapped
	// (it holds other files, is the working directory, or its parent cannot be written to).
	inPlace bool
	wrote   bool // the folder that is there is abroad's own: nothing of it stays
	options Options
	done    bool
}

// Create starts a folder. A folder that is missing or empty, or that abroad wrote, is replaced whole when the new one is complete; any other
// gives ErrForeign, or with Force keeps its other files. Missing parents are made.
func Create(dir string, o Options) (*Folder, error) {
	final, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Lstat(final); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if final, err = filepath.EvalSymlinks(final); err != nil {
			return nil, err
		}
	}
	f := &Folder{final: final, options: o}
	exists, err := f.check()
	if err != nil {
		return nil, err
	}
	if exists {
		f.inPlace = f.inPlace || isWorkingDirectory(final)
		if f.partial, err = os.MkdirTemp(final, partialPattern); err != nil { // also proves that the folder can be written to
			return nil, err
		}
		if f.inPlace {
			return f, nil
		}
		beside, err := os.MkdirTemp(filepath.Dir(final), partialPattern)
		if err != nil {
			f.inPlace = true
			return f, nil
		}
		err = os.Remove(f.partial)
		f.partial = beside
		return f, err
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o700); err != nil {
		return nil, err
	}
	f.partial, err = os.MkdirTemp(filepath.Dir(final), partialPattern)
	return f, err
}

// check looks at what stands at the final place, and sets inPlace if other files have to survive.
func (f *Folder) check() (exists bool, err error) {
	switch info, err := os.Stat(f.final); {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.IsDir():
		if err := clashes(f.final, f.options.Inputs); err != nil {
			return false, err
		}
		return false, errors.New("a file stands where the folder should be")
	}
	for _, name := range f.options.Names {
		path := filepath.Join(f.final, name)
		if err := clashes(path, f.options.Inputs); err != nil {
			return false, err
		}
		if info, err := os.Lstat(path); err == nil && info.IsDir() {
			return false, fmt.Errorf("%q in it is a folder", name)
		}
	}
	ours, err := f.ours()
	if err != nil {
		return false, err
	}
	if !ours && !f.options.Force {
		return false, ErrForeign
	}
	f.inPlace, f.wrote = !ours, ours
	return true, nil
}

// ours reports whether the folder at the final place may be replaced whole.
func (f *Folder) ours() (bool, error) {
	entries, err := os.ReadDir(f.final)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !slices.Contains(f.options.Names, e.Name()) {
			return false, nil
		}
	}
	return len(entries) == 0 || f.options.Wrote(f.final), nil
}

func isWorkingDirectory(path string) bool {
	here, err1 := os.Stat(".")
	there, err2 := os.Stat(path)
	return err1 == nil && err2 == nil && os.SameFile(here, there)
}

// Path returns where the folder will stand.
func (f *Folder) Path() string { return f.final }

// Create starts a file of the folder; name is one of Options.Names. The files may be written at the same time, but are started one by one.
func (f *Folder) Create(name string) (*os.File, error) {
	if !slices.Contains(f.options.Names, name) {
		return nil, fmt.Errorf("internal: %q is not a name of the folder", name)
	}
	f.names = append(f.names, name)
	return os.OpenFile(filepath.Join(f.partial, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// Commit puts the folder in its final place. Its files must be closed.
func (f *Folder) Commit() error {
	f.done = true
	if f.inPlace {
		return f.carry()
	}
	if _, err := os.Lstat(f.final); errors.Is(err, fs.ErrNotExist) {
		if err = os.Rename(f.partial, f.final); err != nil {
			f.clear(f.partial)
		}
		return err
	}
	// Somebody may have put a file there while the work was going on: look again before the old folder goes.
	if ours, err := f.ours(); err != nil || !ours {
		return f.carry()
	}
	if err := swap(f.partial, f.final); err != nil { // a mount point, or a file system that cannot
		return f.carry()
	}
	f.clear(f.partial)
	return nil
}

// carry moves the files into the folder at the final place, each of them whole, and takes away what an older audit left there.
func (f *Folder) carry() error {
	defer f.clear(f.partial)
	for _, name := range f.names {
		if err := carry(filepath.Join(f.partial, name), filepath.Join(f.final, name)); err != nil {
			return err
		}
	}
	for _, name := range f.options.Names {
		if f.wrote && !slices.Contains(f.names, name) {
			if err := os.Remove(filepath.Join(f.final, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// carry renames a file; across file systems it copies it beside its final place first.
func carry(from, to string) error {
	if os.Rename(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), partialPattern)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		os.Remove(out.Name())
	}
	return err
}

// clear deletes a folder that holds nothing but files of ours. What else is in it stays: nobody else's file is ever deleted.
func (f *Folder) clear(dir string) {
	for _, name := range f.options.Names {
		os.Remove(filepath.Join(dir, name))
	}
	os.Remove(dir)
}

// Abort gives the folder up; after Commit it does nothing.
func (f *Folder) Abort() {
	if !f.done {
		f.done = true
		f.clear(f.partial)
	}
}
