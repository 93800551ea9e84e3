package compare

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// TestPractice compares the practice versions. They differ in what the generator's README says, and in nothing else.
func TestPractice(t *testing.T) {
	c, err := Run([]Input{practice(t, "v1", "1.0")}, []Input{practice(t, "v2", "2.0")}, nil, Options{By: "version", Tool: audit.Tool{Name: "abroad", Version: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]audit.ChangeClass{
		"host metrics.tally.example":   audit.ChangeAppeared,
		"host legacy.practice.example": audit.ChangeDisappeared,
		"host upload.practice.example": audit.ChangeMoved,
		"host ads.adrift.example":      audit.ChangeFrequency,
		"host cdn-#.flurry.example":    audit.ChangeRotation,
		"host relay.parley.example":    audit.ChangeUnresolved,
		"jurisdiction J1 SG":           audit.ChangeAppeared,
		"jurisdiction J1 US":           audit.ChangeAppeared,
		"jurisdiction J2 SG":           audit.ChangeAppeared,
	}
	if diff := cmp.Diff(want, classes(c)); diff != "" {
		t.Error(diff)
	}
	for _, test := range c.Tests {
		if want := map[string]audit.SplitOutcome{"arms": audit.SplitDifferent}[test.Key]; test.Outcome != want && !(want == "" && test.Outcome == audit.SplitAlike) {
			t.Errorf("%s: %q", test.Key, test.Outcome)
		}
	}
	if !c.Design.Interleaved {
		t.Error("the recordings were made by turns")
	}
	for _, ch := range c.Changes {
		if ch.Class == audit.ChangeMoved {
			m := ch.Moves[0]
			if m.Kind != "place" || m.From[0].Value != "IE" || m.From[0].Grade != "L3" || m.To[0].Value != "SG" || m.To[0].Grade != "L3" {
				t.Errorf("moved %+v", m)
			}
		}
	}
	for i := range c.Audits { // which datasets come with the program is no matter of this package
		c.Audits[i].Datasets = []audit.CitedDataset{}
	}
	path := filepath.Join("testdata", "practice.compare.json")
	got := written(t, c)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), got); diff != "" {
		t.Error(diff)
	}
}

var update = flag.Bool("update", false, "rewrite the golden file")
