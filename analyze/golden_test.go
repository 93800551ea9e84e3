package analyze

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden holds both ends of the analysis: the records that a source reads and the audit that is made of them.
func TestGolden(t *testing.T) {
	for name, path := range map[string]string{
		"gateway":   "../capture/lab/practice/copies/gateway.pcapng",
		"pcapdroid": "../capture/lab/practice/copies/pcapdroid.pcap",
		"session":   "../capture/lab/practice/v2/s03.pcapng",
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, filepath.Join("testdata", name, "records.txt"), records(t, path))
			a, err := Run(t.Context(), []Input{fileInput(path)}, Config{Version: "test", Library: testLibrary(t),
				Options: audit.Options{Vantage: &audit.Vantage{Lat: 64.147, Lon: -21.942, Radius: 10}}})
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := audit.Write(&b, a); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", name, "audit.json"), b.Bytes())
		})
	}
}

// records lists what a source reads of the file at path, a line a record.
func records(t *testing.T, path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := source.Open(path, f)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for record, err := range rec.Records() {
		if err != nil {
			t.Fatal(err)
		}
		switch v := record.(type) {
		case *capture.Packet:
			fmt.Fprintf(&b, "%d %s %s iface %d, %d of %d bytes, direction %d %q\n", v.Number, v.Time, v.Link, v.Iface, len(v.Data), v.OrigLen, v.Dir, v.Notes)
		case *capture.Secrets:
			fmt.Fprintf(&b, "secrets of type %#x\n", v.Type) // what is in them is not for a file that people read
		default:
			fmt.Fprintf(&b, "%T %+v\n", v, v)
		}
	}
	fmt.Fprintf(&b, "%+v\n", *rec.Manifest())
	return b.Bytes()
}

// golden compares got with the file at path, or writes it.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))); diff != "" {
		t.Errorf("%s (-want +got), run with -update and explain what changes:\n%s", path, diff)
	}
}
