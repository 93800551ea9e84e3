package locate

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"strings"
	"sync"

	"abroad/analyze/dataset"
	"abroad/capture"
)

var practice = &Locator{
	Name: "practice",
	Doc:  "Reads what is said about the fiction of the practice recordings, and about nothing else.",
	Open: openPractice,
}

//go:embed practice
var practiceFiles embed.FS

func openPractice(o *options) ([]*Source, error) {
	if !o.Practice {
		return nil, nil
	}
	text, err := practiceFiles.ReadFile("practice/" + dataset.IndexName)
	if err != nil {
		return nil, err
	}
	index, err := dataset.Read(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("open practice data: %w", err)
	}
	var sources []*Source
	for i := range index {
		d := &index[i]
		if d.Kind == dataset.Owners {
			continue
		}
		file, err := practiceFiles.ReadFile("practice/" + d.File)
		if err != nil {
			return nil, fmt.Errorf("open practice data: %w", err)
		}
		d.Practice, d.Embedded, d.SHA256, d.Licence = true, true, sha256.Sum256(file), "Apache-2.0"
		s, err := openFile(d, file)
		if err != nil {
			return nil, fmt.Errorf("open practice data: %s: %w", d.File, err)
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// practiceRecordings are the digests in practice/recordings.sha256.
var practiceRecordings = sync.OnceValue(func() map[capture.Digest]bool {
	list := map[capture.Digest]bool{}
	text, err := practiceFiles.ReadFile("practice/recordings.sha256")
	if err != nil {
		return list // it is embedded: a test reads it
	}
	for line := range strings.Lines(string(text)) {
		var digest capture.Digest
		hex, _, _ := strings.Cut(line, " ")
		if digest.UnmarshalText([]byte(hex)) == nil {
			list[digest] = true
		}
	}
	return list
})

// IsPractice reports whether a recording is one of the practice recordings: its bytes decide, not its name.
func IsPractice(recording capture.Digest) bool { return practiceRecordings()[recording] }

// PracticeOwners returns the owner table of the fiction, as CSV.
func PracticeOwners() ([]byte, error) { return practiceFiles.ReadFile("practice/owners.csv") }
