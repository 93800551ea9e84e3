package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var names = []string{"audit.json", "report.html", "flows.csv"}

// options are those of a folder that abroad wrote if its audit.json says "ours".
func options(inputs ...string) Options {
	return Options{Names: names, Inputs: inputs, Wrote: func(dir string) bool {
		b, err := os.ReadFile(filepath.Join(dir, "audit.json"))
		return err == nil && strings.HasPrefix(string(b), "ours")
	}}
}

func put(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, f *Folder, files map[string]string) {
	t.Helper()
	for name, text := range files {
		w, err := f.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// tree lists everything below dir, files with their text.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		b, err := os.ReadFile(path)
		files[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func leftovers(t *testing.T, dir string) {
	t.Helper()
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if strings.HasPrefix(d.Name(), ".abroad-partial-") {
			t.Errorf("%s is left over", path)
		}
		return err
	})
}

func TestFolder(t *testing.T) {
	fresh := map[string]string{"audit.json": "ours, new", "report.html": "new"}
	for _, test := range []struct {
		name   string
		before map[string]string // what stands in out
		force  bool
		err    error
		after  map[string]string
	}{
		{"missing", nil, false, nil, fresh},
		{"ours", map[string]string{"audit.json": "ours, old", "flows.csv": "old"}, false, nil, fresh},
		{"ours, forced", map[string]string{"audit.json": "ours, old", "flows.csv": "old"}, true, nil, fresh},
		{"foreign file", map[string]string{"audit.json": "ours, old", "diary.txt": "dear"}, false, ErrForeign, nil},
		{"foreign audit", map[string]string{"audit.json": "theirs"}, false, ErrForeign, nil},
		{"no audit", map[string]string{"flows.csv": "theirs"}, false, ErrForeign, nil},
		{"foreign subfolder", map[string]string{"audit.json": "ours", "sub/report.html": "x"}, false, ErrForeign, nil},
		{"foreign, forced", map[string]string{"audit.json": "ours, old", "diary.txt": "dear", "flows.csv": "theirs"}, true, nil,
			map[string]string{"audit.json": "ours, new", "report.html": "new", "diary.txt": "dear", "flows.csv": "theirs"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "deep", "out")
			for name, text := range test.before {
				put(t, filepath.Join(out, name), text)
			}
			o := options()
			o.Force = test.force
			f, err := Create(out, o)
			if !errors.Is(err, test.err) {
				t.Fatalf("got %v, want %v", err, test.err)
			}
			if err != nil {
				if diff := cmp.Diff(test.before, tree(t, out)); diff != "" {
					t.Errorf("the folder changed:\n%s", diff)
				}
				return
			}
			write(t, f, fresh)
			if test.before != nil {
				got := tree(t, out)
				for name, text := range test.before {
					if got[name] != text {
						t.Errorf("%s changed before Commit", name)
					}
				}
			} else if _, err := os.Stat(out); err == nil {
				t.Error("the folder is there before Commit")
			}
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
			f.Abort() // does nothing any more
			if diff := cmp.Diff(test.after, tree(t, out)); diff != "" {
				t.Error(diff)
			}
			leftovers(t, dir)
		})
	}
}

func TestFolderAbort(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	put(t, filepath.Join(out, "audit.json"), "ours, old")
	f, err := Create(out, options())
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, map[string]string{"audit.json": "ours, half"})
	f.Abort()
	if diff := cmp.Diff(map[string]string{"audit.json": "ours, old"}, tree(t, out)); diff != "" {
		t.Error(diff)
	}
	leftovers(t, dir)
}

// A file that turns up while the work goes on is nobody's to delete.
func TestFolderMeanwhile(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	put(t, filepath.Join(out, "audit.json"), "ours, old")
	f, err := Create(out, options())
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, map[string]string{"audit.json": "ours, new"})
	put(t, filepath.Join(out, "diary.txt"), "dear")
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"audit.json": "ours, new", "diary.txt": "dear"}
	if diff := cmp.Diff(want, tree(t, out)); diff != "" {
		t.Error(diff)
	}
	leftovers(t, dir)
}

func TestFolderInPlace(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "audit.json"), "ours, old")
	put(t, filepath.Join(dir, "flows.csv"), "old")
	t.Chdir(dir)
	f, err := Create(".", options())
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, map[string]string{"audit.json": "ours, new"})
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("audit.json"); err != nil {
		t.Errorf("the working directory was pulled away: %v", err)
	}
	if diff := cmp.Diff(map[string]string{"audit.json": "ours, new"}, tree(t, ".")); diff != "" {
		t.Error(diff)
	}
}

func TestFolderRefuses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	dir := t.TempDir()
	input := put(t, filepath.Join(dir, "in.pcap"), "packets")
	if _, err := Create(input, options(input)); !errors.Is(err, ErrInput) {
		t.Errorf("output is the input: %v", err)
	}
	if _, err := Create(put(t, filepath.Join(dir, "file"), ""), options(input)); err == nil {
		t.Error("a file in place of the folder was accepted")
	}
	if _, err := Create(filepath.Join(input, "out"), options()); err == nil {
		t.Error("a folder below a file was accepted")
	}
	for _, link := range []struct {
		name string
		make func(from, to string) error
	}{{"hard", os.Link}, {"symbolic", os.Symlink}} {
		out := filepath.Join(dir, link.name)
		if err := os.Mkdir(out, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := link.make(input, filepath.Join(out, "audit.json")); err != nil {
			t.Fatal(err)
		}
		o := options(input)
		o.Force = true
		if _, err := Create(out, o); !errors.Is(err, ErrInput) {
			t.Errorf("%s link to the input: %v", link.name, err)
		}
	}
	leftovers(t, dir)
}

func TestFolderModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	out := filepath.Join(t.TempDir(), "a", "b")
	f, err := Create(out, options())
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, map[string]string{"audit.json": ""})
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{filepath.Dir(out): 0o700, out: 0o700, filepath.Join(out, "audit.json"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

func TestFolderThroughLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	put(t, filepath.Join(real, "audit.json"), "ours, old")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	f, err := Create(link, options())
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, map[string]string{"audit.json": "ours, new"})
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.Readlink(link); err != nil || got != real {
		t.Errorf("the link is %q now (%v)", got, err)
	}
	if diff := cmp.Diff(map[string]string{"audit.json": "ours, new"}, tree(t, real)); diff != "" {
		t.Error(diff)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	input := put(t, filepath.Join(dir, "audit.json"), "ours")
	for _, path := range []string{input, filepath.Join(dir, ".", "audit.json"), dir} {
		if f, err := CreateFile(path, []string{input}); err == nil {
			f.Close()
			t.Errorf("%s was accepted", path)
		}
	}
	out := put(t, filepath.Join(dir, "report.md"), "old")
	for _, step := range []struct {
		commit bool
		want   string
	}{{false, "old"}, {true, "new"}} {
		f, err := CreateFile(out, []string{input})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("new"); err != nil {
			t.Fatal(err)
		}
		if step.commit {
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		f.Close()
		if b, _ := os.ReadFile(out); string(b) != step.want {
			t.Errorf("commit %v: got %q, want %q", step.commit, b, step.want)
		}
	}
	leftovers(t, dir)
	if !slices.Equal([]string{"audit.json", "report.md"}, list(t, dir)) {
		t.Errorf("got %v", list(t, dir))
	}
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
