package provider

import (
	"encoding/csv"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/dataset"
	"abroad/analyze/locate"
	"abroad/capture/corpus"

	"github.com/google/go-cmp/cmp"
)

// lines is what a test looks at: the rows of a table, and then its notes.
func lines(t *Table) []string {
	rows := strings.Split(strings.TrimSuffix(string(t.File), "\n"), "\n")
	return append(rows, t.Notes...)
}

// reads wants the rows and notes, and the date, of a file that is recognised by what is in it.
func reads(t *testing.T, f *Format, name, file, asOf string, want ...string) {
	t.Helper()
	for _, other := range All {
		if other.Knows([]byte(file)) != (other == f) {
			t.Errorf("format %s: knows the file: %t", other.Name, other != f)
		}
	}
	table, err := Read("", name, []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, lines(table)); diff != "" {
		t.Error(diff)
	}
	if table.Set.AsOf != asOf {
		t.Errorf("as of %q, want %q", table.Set.AsOf, asOf)
	}
	plausible(t, table)
}

// plausible wants a table that locate reads, whose prefixes are sorted and there once, and whose countries are countries.
func plausible(t *testing.T, table *Table) {
	t.Helper()
	if err := locate.Check(&table.Set, table.File); err != nil {
		t.Fatalf("the table cannot be read: %v\n%s", err, table.File)
	}
	last := netip.Prefix{}
	for _, row := range rowsOf(t, table) {
		p := netip.MustParsePrefix(row[0])
		if last.IsValid() && comparePrefixes(last, p) >= 0 {
			t.Fatalf("%s comes before %s", last, p)
		}
		last = p
		if table.Set.Kind != dataset.Anycast && row[1] != unplaced && row[1] != locate.Country(row[1]) {
			t.Fatalf("row %q: country", row)
		}
	}
}

// rowsOf returns prefix and country of each row.
func rowsOf(t *testing.T, table *Table) (rows [][2]string) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(string(table.File)))
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[dataset.Kind]int{dataset.Regions: 3, dataset.Geofeed: 1, dataset.Anycast: 2}[table.Set.Kind]
	if table.Set.Kind != dataset.Geofeed {
		all = all[1:]
	}
	for _, f := range all {
		rows = append(rows, [2]string{f[0], f[column]})
	}
	return rows
}

// cut wants an unexpected end from a JSON file that is cut anywhere inside its outer braces.
func cut(t *testing.T, f *Format, file string) {
	t.Helper()
	file = strings.TrimSpace(file)
	for i := range file {
		if _, err := f.Read("x", []byte(file[:i])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

// cutLines wants, of a list that is cut anywhere, an error or fewer rows, never a country that the whole does not give to the prefix.
func cutLines(t *testing.T, f *Format, file string) {
	t.Helper()
	whole, err := f.Read("x", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, whole)
	for i := range file {
		table, err := f.Read("x", []byte(file[:i]))
		if err != nil {
			continue
		}
		for _, row := range rowsOf(t, table) {
			if row[1] != "" && !slices.Contains(rows, row) {
				t.Fatalf("cut at %d: %q", i, row)
			}
		}
	}
}

// refuses wants an error with these words.
func refuses(t *testing.T, f *Format, file, want string) {
	t.Helper()
	if table, err := Read(f.Name, "x", []byte(file)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%.60q: error %v, want %q; table %v", file, err, want, table)
	}
}

func fuzz(f *testing.F, format *Format, seeds ...string) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		table, err := format.Read("x", []byte(file))
		if err != nil {
			return
		}
		plausible(t, table)
		again, err := format.Read("x", []byte(file))
		if err != nil || cmp.Diff(table, again) != "" {
			t.Fatal("read twice, it says two things")
		}
	})
}

// FuzzRead lets the formats find out what a file is: whatever comes out can be read by locate, and is what its format alone makes of it.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		sample(f, "aws.json"), azureSample, gcpSample, googleSample, oracleSample, sample(f, "geofeed.csv"), lacesSample, bgptoolsSample, fastlySample, cloudflareSample,
		"prefix,provider,region,country\n1.0.0.0/8,a,r,-\n", "suffix,operator,token,country,city\na.example,A,x,IE,\n", string(mmdbMark),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		table, err := Read("", "x-20260102", []byte(file))
		if err != nil {
			return
		}
		if err := locate.Check(&table.Set, table.File); err != nil {
			t.Fatal(err)
		}
		format, err := find("", []byte(file))
		if err != nil {
			t.Fatal(err)
		}
		alone, err := Read(format.Name, "x-20260102", []byte(file))
		if err != nil || cmp.Diff(table, alone) != "" {
			t.Fatalf("%s alone says something else: %v", format.Name, err)
		}
	})
}

func TestUnknown(t *testing.T) {
	for _, file := range []string{"", "words", "{}", "[]", "\x00\x01", "<!DOCTYPE html>", "1.2.3.0/24\n", "1.2.3.0/24,Ireland\n", `{"prefixes":[]}`} {
		if _, err := Read("", "x", []byte(file)); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", file, err)
		}
	}
	for text, want := range map[string]string{"azure-2025-07.json": "2025-07-01", "a-2025-13.csv": "", "12025-07": "", "2025-071": "", "x": ""} {
		if got := monthIn(text); got != want {
			t.Errorf("month in %q: %q, want %q", text, got, want)
		}
	}
	if _, err := Read("gpc", "x", nil); err == nil || !strings.Contains(err.Error(), `"gpc" is not known: want one of aws, azure`) {
		t.Error(err)
	}
}

func TestDateIn(t *testing.T) {
	for text, want := range map[string]string{
		"ServiceTags_Public_20251117.json": "2025-11-17", "2026-08-22-21-17-05": "2026-08-22", "azure-2025-07.json": "",
		"2025-13-40": "", "20251317 2025.01.31": "2025-01-31", "": "", "1763337600": "",
	} {
		if got := dateIn(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Publishers' own files, where they are at hand: nothing in them may be left out in silence, and nothing is lost.
func TestPublished(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus.Shared(t, "data", "providers"), "*"))
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, path := range files {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		table, err := Read("", filepath.Base(path), file)
		if errors.Is(err, ErrUnknown) {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		read++
		plausible(t, table)
		for _, note := range table.Notes {
			if !strings.Contains(note, "is doubtful") {
				t.Errorf("%s: %s", path, note)
			}
		}
	}
	if read < len(files) {
		t.Errorf("%d files were read", read)
	}
}

// A file that no format knows is told what is wrong with what it seems to be.
func TestUnknownTellsWhy(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"notes.txt", "Just words.\n", "no format knows this file"},
		{"x", "", "no format knows this file: it is empty"},
		{"x.mmdb.gz", "\x1f\x8b\x08\x00", "no format knows this file: it is compressed with gzip (gunzip FILE)"},
		{"x.mmdb", "no database", "no format knows this file; as mmdb: "},
		{"x.json", `{"a": 1, "b": }`, "no format knows this file; as JSON: at byte 15: "},
		{"x.json", `{"a": 1`, "no format knows this file; as JSON: at byte 7: it ends too early"},
		{"x.json", `{"a": 1}`, "no format knows this file"},
		{"x.csv", "1.2.3.0/24,XX,,,\n", `no format knows this file; as geofeed: 1 of 1 rows cannot be interpreted (first: "line 1: 1.2.3.0/24,XX,,,")`},
		{"x.csv", "::ffff:1.2.3.0/120,DE,,,\n", `no format knows this file; as geofeed: 1 of 1 rows cannot be interpreted (first: "line 1: ::ffff:1.2.3.0/120")`},
	} {
		_, err := Read("", c.name, []byte(c.file))
		if !errors.Is(err, ErrUnknown) || !strings.HasPrefix(err.Error(), c.want) || c.want == ErrUnknown.Error() && err != ErrUnknown {
			t.Errorf("%s %q: %v, want %q", c.name, c.file, err, c.want)
		}
	}
}
