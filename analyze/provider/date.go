package provider

import (
	"regexp"
	"time"
)

var dateForm = regexp.MustCompile(`(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)`)

// dateIn finds a day in a text ("2026-08-22-21-17-05", "ServiceTags_Public_20251117.json"); empty if there is none.
func dateIn(text string) string {
	for _, m := range dateForm.FindAllStringSubmatch(text, -1) {
		day := m[1] + "-" + m[2] + "-" + m[3]
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			return day
		}
	}
	return ""
}

var monthForm = regexp.MustCompile(`(?:^|[^0-9])(20\d\d)[-_.]([01]\d)(?:[^0-9]|$)`)

// monthIn finds a month in a text ("azure-2025-07.json"), and returns its first day: contents are not younger than that. Empty if there is none.
func monthIn(text string) string {
	for _, m := range monthForm.FindAllStringSubmatch(text, -1) {
		day := m[1] + "-" + m[2] + "-01"
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			return day
		}
	}
	return ""
}
