package law

import (
	"slices"
	"testing"
)

func TestMembers(t *testing.T) {
	for _, c := range []struct {
		group, day, country string
		want                bool
	}{
		{"EU", "2019-06-01", "GB", true},
		{"EU", "2020-01-31", "GB", true},
		{"EU", "2020-02-01", "GB", false},
		{"EU", "2021-06-01", "GB", false},
		{"EEA", "2021-06-01", "GB", false},
		{"EU", "2013-06-30", "HR", false},
		{"EU", "2013-07-01", "HR", true},
		{"EEA", "2026-01-01", "NO", true},
		{"EEA", "2026-01-01", "CH", false},
		{"EFTA", "2026-01-01", "CH", true},
		{"EU", "2026-01-01", "NO", false},
		{"EU", "2026-01-01", "RE", true},
		{"EU", "2026-01-01", "GL", false},
	} {
		if got := slices.Contains(Members(c.group, c.day), c.country); got != c.want {
			t.Errorf("%s in %s on %s: %v", c.country, c.group, c.day, got)
		}
	}
	for group, want := range map[string]int{"EU": 27, "EEA": 30, "EFTA": 4} {
		if got := States(group, "2026-11-23"); len(got) != want || !slices.IsSorted(got) {
			t.Errorf("%s has %d states: %q", group, len(got), got)
		}
	}
	if got := States("EU", "2019-06-01"); len(got) != 28 {
		t.Errorf("the EU of 2019 has %d states", len(got))
	}
	if Members("NATO", "2026-01-01") != nil || Members("EU", "") != nil {
		t.Error("an unknown group or day has members")
	}
}
