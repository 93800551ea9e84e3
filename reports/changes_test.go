package reports

import (
	"strings"
	"testing"
)

// TestChanges: what a comparison shows stands in every format for people, escaped; without one there is no such section.
func TestChanges(t *testing.T) {
	a, c := load(t, "practice"), practiceComparison(t)
	c.Changes[0].Says = "<b>new\x1b[31m</b>"
	for _, f := range []*Format{asHTML, asMarkdown, asText} {
		with, err := WithChanges(f, c)
		if err != nil {
			t.Fatal(err)
		}
		got := string(render(t, with.Files[0], a, Screen{}))
		for _, want := range []string{"Version changes", "that could not be decided", "method and controls", "no difference shown"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q", f.Name, want)
			}
		}
		if strings.Contains(got, "\x1b") || f != asText && strings.Contains(got, "<b>") {
			t.Errorf("%s does not escape a change", f.Name)
		}
		if f == asHTML {
			checkHTML(t, []byte(got))
		} else {
			c.Changes[0].Says = ""
			lint(t, f.Name, string(render(t, with.Files[0], a, Screen{})))
			c.Changes[0].Says = "<b>new\x1b[31m</b>"
		}
		if strings.Contains(string(render(t, f.Files[0], a, Screen{})), "Version changes") {
			t.Errorf("%s speaks of changes without a comparison", f.Name)
		}
	}
	for _, f := range []*Format{asCSV, asJSON, asBrief, asLetter} {
		if _, err := WithChanges(f, c); err == nil {
			t.Errorf("%s takes a comparison", f.Name)
		}
	}
}
