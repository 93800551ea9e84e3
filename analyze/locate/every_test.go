package locate_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"abroad/analyze/dataset"
	"abroad/analyze/locate"
	"abroad/analyze/provider"
	"abroad/capture/corpus"
)

// everything is a library with every published file that is at hand.
func everything(t testing.TB) *locate.Library {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"providers", "anycast"} {
		files, err := filepath.Glob(filepath.Join(corpus.Shared(t, "data", folder), "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files { // newer ones take the place of older ones
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			table, err := provider.Read("", filepath.Base(path), file)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if table.Set.Title == "" {
				table.Set.Title = table.Set.Name
			}
			if _, err := dataset.Put(dir, table.Set, table.File); err != nil {
				t.Fatal(err)
			}
		}
	}
	l, err := locate.Open(locate.Options{Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// Every published file can be used at once.
func TestEverything(t *testing.T) {
	l := everything(t)
	if broken := l.Broken(); len(broken) > 0 || len(l.Datasets()) < 14 {
		t.Errorf("%d datasets, %v", len(l.Datasets()), broken)
	}
}

func BenchmarkAskEverything(b *testing.B) {
	l := everything(b)
	b.ReportAllocs()
	b.ResetTimer()
	n := uint32(0)
	for b.Loop() {
		n += 2654435761
		l.Ask(locate.Query{Address: netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})})
	}
}
