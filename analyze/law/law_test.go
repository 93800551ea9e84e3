package law

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"abroad/analyze/audit"
)

// TestTables reads both tables strictly: the functions treat a table that cannot be read as empty.
func TestTables(t *testing.T) {
	rows, err := table()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 || len(memberTable()) == 0 || len(sourceTable()) == 0 {
		t.Fatal("a table is empty")
	}
	day := func(where, s string) {
		if _, err := time.Parse(time.DateOnly, s); s != "" && err != nil {
			t.Errorf("%s: day %q", where, s)
		}
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.Key] {
			t.Errorf("%s twice", r.Key)
		}
		seen[r.Key] = true
		if !slices.Contains(Kinds, r.Kind) || r.Says == "" || r.Instrument == "" || r.Regime == "" || r.From == "" || len(r.Countries) == 0 || len(r.Levels) == 0 {
			t.Errorf("%s is not whole", r.Key)
		}
		if (r.Kind == "condition") != (r.Condition != "") && r.Kind == "condition" {
			t.Errorf("%s: a condition without words", r.Key)
		}
		if r.Kind == "adequacy" && (r.Condition != "" || slices.Contains(r.Countries, "US")) {
			t.Errorf("%s: an adequacy of a country, with a condition or of the US", r.Key)
		}
		for _, level := range r.Levels {
			if !slices.Contains([]string{"J1", "J2", "J3", "J4"}, level) {
				t.Errorf("%s: level %q", r.Key, level)
			}
		}
		day(r.Key, r.From)
		day(r.Key, r.To)
		if r.To != "" && r.To < r.From {
			t.Errorf("%s ends before it begins", r.Key)
		}
	}
	for _, m := range memberTable() {
		day(m.Group+" "+m.Country, m.From)
		day(m.Group+" "+m.Country, m.To)
		if m.Source != "" && sourceTable()[m.Source] == nil {
			t.Errorf("%s %s: source %q", m.Group, m.Country, m.Source)
		}
	}
	for _, s := range sourceTable() {
		day(s.Key, s.Read)
		if s.Grade != audit.Primary && s.Grade != audit.Secondary || s.Read == "" || !strings.HasPrefix(s.URL, "http") || s.Title == "" {
			t.Errorf("source %s is not whole", s.Key)
		}
	}
}

// refused are words of legal conclusions, and of what packets cannot show.
var refused = regexp.MustCompile(`(?i)\btransfer|\bstored in\b|government|\bspy|\billegal|\bunlawful|\bcomplian|\bviolat|\bprov(es?|en|ing)\b|\b(safe|clean|secure)\b`)

func TestWords(t *testing.T) {
	for _, r := range All() {
		for _, s := range append([]string{r.Says, r.Condition}, r.Notes...) {
			if hit := refused.FindString(s); hit != "" {
				t.Errorf("%s says %q in %q", r.Key, hit, s)
			}
		}
	}
}

// TestCount holds how many rows were read and how many are from memory.
func TestCount(t *testing.T) {
	read, memory := 0, 0
	for _, r := range All() {
		if r.Grade() == audit.Unverified {
			memory++
		} else {
			read++
		}
	}
	if c := (Count{Read: read, Unverified: memory}); c != Counts() || c != (Count{Read: 41, Unverified: 3}) {
		t.Errorf("the table has %+v, Counts says %+v", c, Counts())
	}
}

func TestAt(t *testing.T) {
	has := func(country, day, kind, regime string) bool {
		return slices.ContainsFunc(At(country, day), func(r Row) bool { return r.Kind == kind && r.Regime == regime })
	}
	for _, c := range []struct {
		country, day, kind, regime string
		want                       bool
	}{
		{"BR", "2026-01-25", "adequacy", "EU", false},
		{"BR", "2026-01-26", "adequacy", "EU", true},
		{"BR", "2026-01-27", "adequacy", "EU", true},
		{"GB", "2019-06-01", "membership", "EU", true},
		{"GB", "2019-06-01", "adequacy", "EU", false},
		{"GB", "2020-06-01", "membership", "EEA", false},
		{"GB", "2020-06-01", "membership", "EU", true}, // the transition
		{"GB", "2021-08-01", "membership", "EU", false},
		{"GB", "2021-08-01", "adequacy", "EU", true},
		{"GB", "2026-11-23", "adequacy", "EU", true},
		{"US", "2026-11-23", "adequacy", "EU", false},
		{"US", "2026-11-23", "condition", "EU", true},
		{"US", "2021-01-01", "condition", "EU", false},
		{"US", "2023-10-11", "condition", "GB", false},
		{"US", "2023-10-12", "condition", "GB", true},
		{"VE", "2025-04-07", "restriction", "US", false},
		{"VE", "2025-04-08", "restriction", "US", true},
		{"NO", "2026-11-23", "membership", "EU", false},
		{"NO", "2026-11-23", "membership", "EEA", true},
		{"CA", "2026-11-23", "condition", "EU", true},
		{"CA", "2026-11-23", "adequacy", "EU", false},
	} {
		if got := has(c.country, c.day, c.kind, c.regime); got != c.want {
			t.Errorf("%s on %s: %s of %s: %v", c.country, c.day, c.kind, c.regime, got)
		}
	}
	if len(At("US", "")) != 0 {
		t.Error("an unknown day has laws")
	}
}

// TestNoAdequateUS: whatever the day, no row says that the US is adequate, and each one on certified recipients says that nobody has checked.
func TestNoAdequateUS(t *testing.T) {
	for day := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2032; day = day.AddDate(0, 0, 7) {
		for _, r := range At("US", day.Format(time.DateOnly)) {
			if r.Kind == "adequacy" || r.Kind == "condition" && r.Condition == "" {
				t.Fatalf("%s: %s", day.Format(time.DateOnly), r.Key)
			}
		}
	}
}

// TestContinuous: since the withdrawal the EU's law, the bridge or an adequacy decision speaks of GB on every day, and one row at a time.
func TestContinuous(t *testing.T) {
	for day := time.Date(2020, 1, 30, 0, 0, 0, 0, time.UTC); day.Before(time.Date(2031, 12, 28, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 1) {
		var keys []string
		for _, r := range At("GB", day.Format(time.DateOnly)) {
			if r.Regime == "EU" {
				keys = append(keys, r.Key)
			}
		}
		if len(keys) != 1 {
			t.Fatalf("%s: %q", day.Format(time.DateOnly), keys)
		}
	}
	if last := At("GB", "2031-12-28"); slices.ContainsFunc(last, func(r Row) bool { return r.Regime == "EU" }) {
		t.Errorf("the decision has an end: %+v", last)
	}
}

// TestLevels: adequacy looks at the place and the recipient; who is owned from a country of concern is restricted too; a law on providers
// looks at who runs the network, and what binds companies at home does not look at servers there.
func TestLevels(t *testing.T) {
	for key, want := range map[string]string{
		"eu-adequacy-br": "J1 J3", "eu-dpf-us": "J1 J3", "us-dsp": "J1 J3 J4", "us-cloud-act": "J2 J3 J4", "us-702": "J2 J3 J4", "us-padfa": "J3 J4", "cn-nil": "J3 J4",
		"cn-pipl-40": "J1 J3 J4", "ru-23fz": "J1 J3", "gb-bridge-us": "J1 J3", "ch-dpf-us": "J1 J3",
	} {
		i := slices.IndexFunc(All(), func(r Row) bool { return r.Key == key })
		if i < 0 {
			t.Errorf("no row %s", key)
		} else if got := strings.Join(All()[i].Levels, " "); got != want {
			t.Errorf("%s looks at %s, want %s", key, got, want)
		}
	}
}

// TestExpand: a group in a row stands for its states on the day on which the row begins, without territories.
func TestExpand(t *testing.T) {
	for day, want := range map[string]bool{"2019-06-01": true, "2021-01-01": false} {
		list := expand("EU CH", day)
		if slices.Contains(list, "GB") != want || !slices.Contains(list, "CH") || slices.Contains(list, "RE") || !slices.IsSorted(list) {
			t.Errorf("on %s: %q", day, list)
		}
	}
}
