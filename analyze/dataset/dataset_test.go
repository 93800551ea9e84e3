package dataset

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"abroad/analyze/audit"
	"abroad/capture"

	"github.com/google/go-cmp/cmp"
)

func sample() Index {
	return Index{
		{Dataset: audit.Dataset{Name: "one", Title: "One, the first", Publisher: "P", Licence: "CC0", Credit: "by \"P\"", AsOf: "2026-01-02",
			SHA256: sha256.Sum256([]byte("rows"))}, File: "a/one.csv", Kind: Geofeed, Origin: "https://p.example/feed.csv", Bytes: 4},
		{Dataset: audit.Dataset{Name: "two", Title: "Two", SHA256: sha256.Sum256([]byte("more"))}, File: "two.json", Kind: Regions, Format: "aws"},
	}
}

// folder writes an index and files, and returns their folder.
func folder(t *testing.T, x Index, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, IndexName), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestIndexRoundTrip(t *testing.T) {
	var b bytes.Buffer
	if err := sample().Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Error(diff)
	}
}

func TestReadRefuses(t *testing.T) {
	const head = "file,kind,name,title,publisher,as_of,sha256,bytes\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "unexpected EOF"},
		{"no column", "file,kind,name,title,publisher\n", `no column "as_of"`},
		{"unknown column", "file,kind,name,title,publisher,as_of,colour\n", `column "colour"`},
		{"repeated column", "file,kind,name,title,publisher,as_of,kind\n", `column "kind"`},
		{"short row", head + "a,database\n", "line 2"},
		{"outside", head + "../a,database,n,t,p,,,\n", `line 2: file "../a"`},
		{"absolute", head + "/etc/passwd,database,n,t,p,,,\n", "inside the directory"},
		{"no file", head + ",database,n,t,p,,,\n", "inside the directory"},
		{"kind", head + "a,rumour,n,t,p,,,\n", `kind "rumour"`},
		{"no name", head + "a,database,,t,p,,,\n", "name or title"},
		{"no title", head + "a,database,n,,p,,,\n", "name or title"},
		{"date", head + "a,database,n,t,p,1.2.2026,,\n", `as_of "1.2.2026"`},
		{"digest", head + "a,database,n,t,p,,abc,\n", "sha256"},
		{"size", head + "a,database,n,t,p,,,-1\n", `bytes "-1"`},
		{"twice", head + "a,database,n,t,p,,,\nb,database,n,t,p,,,\n", `line 3: dataset "n" is listed twice`},
		{"escape", head + "a,database,n,\"t\x1b[2J\",p,,,\n", "title is longer"},
		{"long", head + "a,database," + strings.Repeat("n", 501) + ",t,p,,,\n", "name is longer"},
		{"large", head + "#" + strings.Repeat("x", MaxIndex), "more than"},
	} {
		if _, err := Read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q in it", c.name, err, c.want)
		}
	}
}

func TestReadLimits(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		b.WriteString("file,kind,name,title,publisher,as_of\n")
		for i := range n {
			fmt.Fprintf(&b, "f%d,geofeed,n%d,T,P,\n", i, i)
		}
		return b.String()
	}
	if list, err := Read(strings.NewReader(many(MaxDatasets))); err != nil || len(list) != MaxDatasets {
		t.Errorf("%d, %v", len(list), err)
	}
	want := fmt.Sprintf("line %d: more than %d datasets", MaxDatasets+2, MaxDatasets)
	if _, err := Read(strings.NewReader(many(MaxDatasets + 1))); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestReadIsNotPanicking(t *testing.T) {
	var b bytes.Buffer
	if err := sample().Write(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	for i := range whole {
		if list, err := Read(bytes.NewReader(whole[:i])); err == nil && len(list) > 2 {
			t.Fatalf("cut at %d: %d datasets", i, len(list))
		}
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := sample().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("file,kind,name,title,publisher,as_of\n#c\na,database,n,t,p,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := first.Write(&again); err != nil {
			t.Fatal(err)
		}
		second, err := Read(&again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDirectory(t *testing.T) {
	dir := folder(t, sample(), map[string]string{"a/one.csv": "rows", "two.json": "more"})
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if b, err := d.Bytes(&d.Index[0]); err != nil || string(b) != "rows" {
		t.Errorf("bytes are %q, %v", b, err)
	}
	if wrong := d.Verify(); len(wrong) != 0 {
		t.Errorf("verify: %v", wrong)
	}
}

func TestDirectoryNone(t *testing.T) {
	for _, path := range []string{None, ""} {
		d, err := Open(path)
		if err != nil || len(d.Index) != 0 || d.Close() != nil {
			t.Errorf("open %q: %v", path, err)
		}
	}
}

// A folder that a person has only put corrections into, or that is still empty, has no datasets.
func TestDirectoryWithoutIndex(t *testing.T) {
	empty, mine := t.TempDir(), t.TempDir()
	for _, name := range []string{OverridesName, "some.csv"} {
		if err := os.WriteFile(filepath.Join(mine, name), []byte("overrides: []\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(empty, ".lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, mine} {
		d, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.File(OverridesName)
		if len(d.Index) != 0 || (err == nil) != (path == mine) {
			t.Errorf("%d datasets, overrides %v", len(d.Index), err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := os.Mkdir(filepath.Join(empty, OverridesName), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(empty); err == nil {
		t.Error("a folder in place of the corrections is nothing")
	}
}

func TestDirectoryRefuses(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	stray := t.TempDir()
	if err := os.WriteFile(filepath.Join(stray, "some.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(stray); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "it has files and no index (datasets.csv)") {
		t.Errorf("files without an index: %v", err)
	}
	without := sample()
	without[1].SHA256 = capture.Digest{}
	if _, err := Open(folder(t, without, nil)); err == nil || !strings.Contains(err.Error(), `"two" has no sha256`) {
		t.Errorf("index without digest: %v", err)
	}
	gone, err := Open(folder(t, sample(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gone.Bytes(&gone.Index[0]); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "openat") || !strings.Contains(err.Error(), gone.Index[0].File+": ") {
		t.Errorf("a file that is gone: %v", err)
	}
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("more"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		files      map[string]string
	}{
		{"missing file", `dataset "two"`, map[string]string{"a/one.csv": "rows"}},
		{"other bytes", `dataset "one": a/one.csv has SHA-256`, map[string]string{"a/one.csv": "Rows", "two.json": "more"}},
		{"other size", "a/one.csv has 5 bytes, the index says 4", map[string]string{"a/one.csv": "rows\n", "two.json": "more"}},
		{"a folder", "not a regular file", map[string]string{"a/one.csv": "rows", "two.json/x": ""}},
	} {
		d, err := Open(folder(t, sample(), c.files))
		if err != nil {
			t.Fatal(err)
		}
		if wrong := d.Verify(); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), c.want) {
			t.Errorf("%s: verify says %v, want %q", c.name, wrong, c.want)
		}
		d.Close()
	}
	linked := folder(t, sample(), map[string]string{"a/one.csv": "rows"})
	if err := os.Symlink(outside, filepath.Join(linked, "two.json")); err != nil {
		t.Skip(err)
	}
	d, err := Open(linked)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if wrong := d.Verify(); len(wrong) != 1 {
		t.Errorf("a link that leads out of the folder: %v", wrong)
	}
}

func TestAge(t *testing.T) {
	at := func(s string) capture.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return capture.Time(v.UnixNano())
	}
	for _, c := range []struct {
		kind  Kind
		as_of string
		at    capture.Time
		want  string
	}{
		{Databases, "2026-01-01", at("2026-06-30T23:59:59Z"), ""},
		{Databases, "2026-01-01", at("2026-07-01T00:00:00Z"), "181 days older than the recording (a database should be at most 180)"},
		{Regions, "2026-01-01", at("2026-07-01T00:00:00Z"), ""},
		{Regions, "2025-01-01", at("2026-01-02T00:00:00Z"), "366 days older than the recording (a table should be at most 365)"},
		{Databases, "2026-01-01", at("2025-07-04T00:00:00Z"), "181 days newer than the recording (a database should be at most 180)"},
		{Databases, "", at("2026-07-01T00:00:00Z"), ""},
		{Databases, "2026-01-01", capture.NoTime, ""},
	} {
		d := Dataset{Dataset: audit.Dataset{AsOf: c.as_of}, Kind: c.kind}
		if got := d.Age(c.at); got != c.want {
			t.Errorf("%s of %s at %s: %q, want %q", c.kind, c.as_of, c.at, got, c.want)
		}
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("rows"), 0o644); err != nil {
		t.Fatal(err)
	}
	b, sum, err := ReadFile(path)
	if err != nil || string(b) != "rows" || sum != sample()[0].SHA256 {
		t.Errorf("%q %s %v", b, sum, err)
	}
	if _, _, err := ReadFile(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}
