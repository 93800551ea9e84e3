package reports

import (
	"abroad/analyze/audit"
)

// topLine is what a reader who stops after one paragraph has read: sentences in fixed wording, visible already. It is followed on every page
// by what traffic does not show.
func topLine(a *audit.Audit, p *page) []string {
	says := []string{"No statement of the maker was checked: no promise file was given."}
	if len(a.Promises) > 0 {
		says = []string{promiseLine(a)}
		if s := strongest(a); s != "" {
			says = append(says, s)
		}
	}
	says = append(says, p.Standing.Says)
	if s := missed(a); s != "" {
		says = append(says, s)
	}
	return says
}

// missed says what the recorders lost; empty if they lost nothing that they know of.
func missed(a *audit.Audit) string {
	var lost, kept uint64
	for i := range a.Recordings {
		if r := &a.Recordings[i]; r.LostKnown {
			lost += r.Lost
		}
		kept += uint64(a.Recordings[i].Records)
	}
	if lost == 0 {
		return ""
	}
	return "The recording has gaps: " + plural(lost, "packet") + " were lost besides the " + count(kept) + " kept. A destination that is not listed may have been missed."
}
