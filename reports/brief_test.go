package reports

import (
	"bytes"
	"testing"
)

// sheetLines is how many lines a sheet of A4 holds at six to the inch, less margins.
const sheetLines = 66

// TestBriefIsOnePage: whatever the audit holds.
func TestBriefIsOnePage(t *testing.T) {
	for name, make := range samples {
		if n := bytes.Count(render(t, asBrief.Files[0], make(), Screen{}), []byte("\n")); n > sheetLines {
			t.Errorf("%s: %d lines", name, n)
		}
	}
}
