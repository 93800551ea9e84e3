package promise

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// The library: promise files about apps that people ask about, as drafts, and the reviewed one of the practice app with its archived text.
//
//go:embed library
var library embed.FS

const libraryFolder = "library"

// ErrUnknown says that a word is neither a file nor the id of a promise of the library.
var ErrUnknown = errors.New("no such file, and the library has no promise of this id")

// Library lists the ids of the built-in promises, sorted.
func Library() []string {
	entries, err := library.ReadDir(libraryFolder)
	if err != nil {
		return nil
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".yaml"); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Archived returns the folder of archived texts that the library has.
func Archived() fs.FS {
	sub, err := fs.Sub(library, path.Join(libraryFolder, "archive"))
	if err != nil {
		return library // the folder is embedded
	}
	return sub
}

// Text returns a promise file by path, or by its id in the library. A file wins; a folder that has the id's name, an audit's perhaps, does
// not. Name is how messages call it.
func Text(arg string) (name string, text []byte, err error) {
	text, err = ReadFile(arg)
	if err == nil {
		return arg, text, nil
	}
	if !strings.ContainsAny(arg, `/\`) {
		if text, err := library.ReadFile(path.Join(libraryFolder, arg+".yaml")); err == nil {
			return arg + ".yaml (library)", text, nil
		}
		if errors.Is(err, fs.ErrNotExist) {
			return arg, nil, fmt.Errorf("%q: %w", arg, ErrUnknown)
		}
	}
	return arg, nil, fmt.Errorf("%s: %w", arg, cause(err))
}

// ReadFile reads at most MaxFile bytes and one more, so that a longer file is refused by its length.
func ReadFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a plain file")
	}
	if info.Size() > MaxFile {
		return nil, fmt.Errorf("longer than %d bytes", MaxFile)
	}
	return os.ReadFile(name)
}

func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// Load reads promise files by path or id and checks them, one by one and together. The first fault stops it.
func Load(args []string) ([]*File, error) {
	var files []*File
	for _, arg := range args {
		name, text, err := Text(arg)
		if err != nil {
			return nil, err
		}
		f, faults := Parse(name, text)
		if fault := faults.First(); fault != nil {
			return nil, fault
		}
		files = append(files, f)
	}
	return files, Together(files)
}

// Together checks what only several files can have wrong: one id of a promise, or of a clause, in two of them.
func Together(files []*File) error {
	promises, clauses := map[string]string{}, map[string]string{}
	for _, f := range files {
		if other, ok := promises[f.Metadata.ID]; ok {
			return &Fault{File: f.Name, Line: f.lines["metadata.id"], Says: fmt.Sprintf("the promise %q is in %s too", f.Metadata.ID, other), Hint: "name each promise once"}
		}
		promises[f.Metadata.ID] = f.Name
		for i := range f.Clauses {
			id := f.Clauses[i].ID
			if other, ok := clauses[id]; ok {
				return &Fault{File: f.Name, Line: f.lines[fmt.Sprintf("clauses[%d].id", i)], Says: fmt.Sprintf("the clause %q is in %s too", id, other), Hint: "give one of the two another id"}
			}
			clauses[id] = f.Name
		}
	}
	return nil
}

// names reports whether an app's id is one of the file's, or cannot be held against it: the app is undeclared, or the file names no ids.
func (f *File) names(app string) bool {
	a := &f.Subject.App
	return app == "" || len(a.Android)+len(a.IOS) == 0 || slices.Contains(a.Android, app) || slices.Contains(a.IOS, app)
}

// About checks that a promise is about the app with that id.
func (f *File) About(app string) error {
	if f.names(app) {
		return nil
	}
	ids := append(slices.Clone(f.Subject.App.Android), f.Subject.App.IOS...)
	return &Fault{File: f.Name, Line: f.lines["subject.app"], Says: fmt.Sprintf("the promise is about %s, the audit about %q", strings.Join(ids, ", "), app),
		Hint: "--app names the app under test; --promise names promises about it"}
}
