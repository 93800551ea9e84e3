package analyze

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

// fileInput is an Input that reads the file at path.
func fileInput(path string) Input {
	return Input{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// testLibrary is the location library with embedded data only.
func testLibrary(t testing.TB) *locate.Library {
	t.Helper()
	l, err := locate.Open(locate.Options{Data: "none", Practice: true})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// practice lists bundled recordings: two of them, so that what is carried over from one to the next would show.
func practice(t testing.TB) []Input {
	t.Helper()
	paths, err := filepath.Glob("../capture/lab/practice/v2/*")
	if err != nil || len(paths) < 2 {
		t.Fatalf("practice recordings: %v, %v", paths, err)
	}
	return []Input{fileInput(paths[0]), fileInput(paths[1])}
}

// document is the audit of the practice recordings as bytes.
func document(t testing.TB) []byte {
	t.Helper()
	a, err := Run(t.Context(), practice(t), Config{Version: "test", Library: testLibrary(t)})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := audit.Write(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDeterminism: the same input gives the same bytes, whatever the number of processors, the time zone and the language.
func TestDeterminism(t *testing.T) {
	want := document(t)
	zone := time.Local
	defer func() { time.Local = zone }()
	for _, procs := range []int{1, 2, 7} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		time.Local = time.FixedZone("elsewhere", procs*3600)
		t.Setenv("TZ", "Asia/Kathmandu")
		t.Setenv("LANG", "tr_TR.UTF-8")
		if got := document(t); !bytes.Equal(got, want) {
			t.Fatalf("with %d processors the audit differs", procs)
		}
	}
}
