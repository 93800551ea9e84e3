package law

import "abroad/analyze/audit"

// A Count says how many rows of laws.csv rest on a source that was read, and how many are from memory.
type Count struct{ Read, Unverified int }

// Counts counts the rows of laws.csv; memberships are not in it.
func Counts() (c Count) {
	for _, r := range All() {
		if r.Grade() == audit.Unverified {
			c.Unverified++
		} else {
			c.Read++
		}
	}
	return c
}
