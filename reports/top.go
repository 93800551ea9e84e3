package reports

import (
	"abroad/analyze/audit"
)

// topLine is what a reader who stops after one paragraph has read. It is followed on every page by what traffic does not show.
func topLine(a *audit.Audit, p *page) []string {
	var says []string
	if len(a.Promises) == 0 {
		says = append(says, "No statement of the maker was checked: no promise file was given.")
	}
	return append(says, p.Standing.Says)
}
