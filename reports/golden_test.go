package reports

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze/audit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// load reads an audit of testdata, as abroad report would.
func load(t testing.TB, name string) *audit.Audit {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".audit.json"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := audit.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return a
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	path = filepath.Join("testdata", path)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func render(t testing.TB, f File, a *audit.Audit, s Screen) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, a, s); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return b.Bytes()
}

// TestGolden renders every sample in every format. The samples themselves are the goldens of the JSON format.
func TestGolden(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := audit.Write(&b, samples[name]()); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".audit.json", b.Bytes())
			a := load(t, name)
			for _, format := range All {
				if format == asJSON {
					continue
				}
				for _, f := range format.Files {
					got := render(t, f, a, Screen{})
					golden(t, name+"."+f.Name, got)
					if again := render(t, f, a, Screen{}); !bytes.Equal(got, again) {
						t.Errorf("%s: the second time it is another file", f.Name)
					}
				}
			}
			b.Reset()
			if err := Summary(&b, a, Screen{}, Made{"Report", "out/report.html"}, Made{"Audit", "out/audit.json"}); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".summary.txt", b.Bytes())
			b.Reset()
			for _, id := range first(a) {
				if err := Explain(&b, a, id); err != nil {
					t.Fatal(err)
				}
				b.WriteString("\n")
			}
			golden(t, name+".explain.txt", b.Bytes())
		})
	}
}

// first lists the first thing of every kind that a has, and its first finding.
func first(a *audit.Audit) (ids []audit.ID) {
	for _, kind := range "rsdfeoacnx" {
		if (index{a}).length(audit.Kind(kind)) > 0 {
			ids = append(ids, id(audit.Kind(kind), 1))
		}
	}
	return ids
}
