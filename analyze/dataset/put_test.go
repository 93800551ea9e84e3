package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

func put(t *testing.T, dir, name, content string) Dataset {
	t.Helper()
	var d Dataset
	d.Name, d.Title, d.Kind, d.Publisher, d.AsOf, d.Licence = name, "Title", Geofeed, "P", "2026-01-02", "CC0"
	d, err := Put(dir, d, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestPut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	a1 := put(t, dir, "a", "one")
	b := put(t, dir, "a-b", "other") // its files begin like those of "a"
	a2 := put(t, dir, "a", "two")
	a3 := put(t, dir, "a", "three")
	if err := os.WriteFile(filepath.Join(dir, ".put-123"), nil, 0o600); err != nil { // of a program that was ended
		t.Fatal(err)
	}
	put(t, dir, "a", "three")

	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if len(d.Index) != 2 || d.Index[0] != a3 || d.Index[1] != b {
		t.Errorf("index %+v", d.Index)
	}
	if wrong := d.Verify(); len(wrong) > 0 {
		t.Error(wrong)
	}
	want := []string{a2.File, a3.File, b.File, IndexName, PreviousName, lockName}
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q (and not %s)", got, want, a1.File)
	}
	previous, err := readIndex(dir, PreviousName)
	if err != nil || len(previous) != 1 || previous[0] != a2 {
		t.Errorf("previous %+v, %v", previous, err)
	}
}

// What others may not read stays so, and what Put did not name stays at all.
func TestPutKeepsOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	put(t, dir, "a", "one")
	mine := []string{"a-cafe.csv", "a-0123456789abcdef.csv", "a-notes-of-it.csv"} // not digests as Put writes them
	for _, name := range mine {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(t, dir, "a", "two")
	put(t, dir, "a", "three")
	got := names(t, dir)
	for _, name := range mine {
		if !slices.Contains(got, name) {
			t.Errorf("%s was removed", name)
		}
	}
	for _, name := range append(got, ".") {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// An older audit's datasets are those at hand or the versions before, by name and bytes.
func TestRestrict(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	a1 := put(t, dir, "a", "one")
	a2 := put(t, dir, "a", "two")
	a3 := put(t, dir, "a", "three")
	b := put(t, dir, "b", "other")
	earlier := b // the same bytes were put again since, as of a later day
	earlier.AsOf = "2001-02-03"
	for _, c := range []struct{ want, got []Dataset }{
		{[]Dataset{earlier}, []Dataset{earlier}},
		{[]Dataset{a2}, []Dataset{a2}},
		{[]Dataset{b, a3}, []Dataset{b, a3}},
		{[]Dataset{a1}, nil}, // swept
		{nil, nil},
	} {
		d, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		var want []audit.Dataset
		for _, set := range c.want {
			want = append(want, set.Dataset)
		}
		if err := d.Restrict(want); err != nil {
			t.Error(err)
		}
		if !slices.Equal(d.Index, c.got) {
			t.Errorf("index %+v, want %+v", d.Index, c.got)
		}
		if wrong := d.Verify(); len(wrong) > 0 {
			t.Error(wrong)
		}
		d.Close()
	}
}

func TestPutRefuses(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a", "one")
	before, _ := os.ReadFile(filepath.Join(dir, IndexName))
	for _, c := range []struct {
		name, title, content, want string
	}{
		{"b", "Title", "one", `dataset "b" has the same bytes as "a"`},
		{"../b", "Title", "x", "dataset name"}, {"", "Title", "x", "dataset name"}, {".b", "Title", "x", "dataset name"}, {"b c", "Title", "x", "dataset name"},
		{"b", "", "x", "name or title is empty"},
		{"b", "Ti\ntle", "x", "control characters"},
	} {
		var d Dataset
		d.Name, d.Title, d.Kind = c.name, c.title, Geofeed
		if _, err := Put(dir, d, []byte(c.content)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if after, _ := os.ReadFile(filepath.Join(dir, IndexName)); string(after) != string(before) {
		t.Errorf("the index changed:\n%s", after)
	}
	for _, name := range names(t, dir) {
		if strings.HasPrefix(name, ".put-") {
			t.Errorf("%s is left over", name)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, IndexName), []byte("broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	var d Dataset
	d.Name, d.Title, d.Kind = "c", "C", Geofeed
	if _, err := Put(dir, d, []byte("c")); err == nil {
		t.Error("an index that cannot be read was replaced")
	}
}

// Programs that put at once lose nothing of each other.
func TestPutAtOnce(t *testing.T) {
	dir := t.TempDir()
	const many = 12
	failed := make(chan error, many)
	for n := range many {
		go func() {
			var d Dataset
			d.Name, d.Title, d.Kind = fmt.Sprintf("set%d", n), "Title", Geofeed
			_, err := Put(dir, d, fmt.Appendf(nil, "rows %d", n))
			failed <- err
		}()
	}
	for range many {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if wrong := d.Verify(); len(d.Index) != many || len(wrong) > 0 {
		t.Errorf("%d datasets of %d, %v", len(d.Index), many, wrong)
	}
}

func TestPutBehindAnother(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	was := lockPatience
	lockPatience = 0
	defer func() { lockPatience = was }()
	var d Dataset
	d.Name, d.Title, d.Kind = "a", "A", Geofeed
	if _, err := Put(dir, d, []byte("rows")); !errors.Is(err, ErrBusy) {
		t.Errorf("put while another writes: %v", err)
	}
	unlock()
	if _, err := Put(dir, d, []byte("rows")); err != nil {
		t.Error(err)
	}
}
