package reports

import (
	"abroad/analyze/audit"
)

// topLine is what a reader who stops after one paragraph has read: sentences in fixed wording, visible already. It is followed on every page
// by what traffic does not show.
func topLine(a *audit.Audit, p *page) []string {
	if len(a.Promises) == 0 {
		return []string{"No statement of the maker was checked: no promise file was given.", p.Standing.Says}
	}
	says := []string{promiseLine(a)}
	if s := strongest(a); s != "" {
		says = append(says, s)
	}
	return append(says, p.Standing.Says)
}
