package compare

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

// practice audits the practice recordings of one version.
func practice(t testing.TB, folder, version string) Input {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "capture", "lab", "practice", folder, "*.pcapng"))
	if err != nil || len(paths) != 10 {
		t.Fatalf("%d recordings, %v", len(paths), err)
	}
	library, err := locate.Open(locate.Options{Practice: true})
	if err != nil {
		t.Fatal(err)
	}
	defer library.Close()
	var inputs []analyze.Input
	for _, path := range paths {
		inputs = append(inputs, analyze.Input{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(path) }})
	}
	a, err := analyze.Run(context.Background(), inputs, analyze.Config{
		Version: "test", Library: library, Subject: audit.Subject{App: "org.example.practice", Version: version},
		Options: audit.Options{Vantage: &audit.Vantage{Lat: 64.147, Lon: -21.942, Radius: 10}, FlowLimit: 100_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	return Input{Name: folder, Audit: a}
}

func TestPractice(t *testing.T) {
	v1, v2 := practice(t, "v1", "1.0"), practice(t, "v2", "2.0")
	c, err := Run([]Input{v1}, []Input{v2}, nil, Options{By: "version"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := audit.WriteComparison(&b, c); err != nil {
		t.Fatal(err)
	}
	for _, h := range c.Headline {
		fmt.Println(h)
	}
	for _, x := range c.Tests {
		fmt.Printf("%+v\n", x)
	}
	for _, ch := range c.Changes {
		fmt.Println(ch.Class, ch.Level, ch.Name, ch.A, ch.B, ch.P, ch.Q, ch.Says, ch.Missing)
	}
	for _, l := range c.Limits {
		fmt.Println("-", l)
	}
	fmt.Printf("%+v\n", c.Design)
}
