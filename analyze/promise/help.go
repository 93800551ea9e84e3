package promise

import "abroad/analyze/audit"

// Reasons lists why a verdict can be silent, in the order in which they are asked, with words.
func Reasons() (rows [][2]string) {
	for _, r := range []audit.Reason{
		audit.NotInForce, audit.ScopeUnknown, audit.OutOfScope, audit.NotObservable, audit.NotExercised, audit.FirstPartyUnknown, audit.NothingSelected,
		audit.AttributionUncertain, audit.EdgeOnly, audit.LocationUncertain, audit.ContentOpaque, audit.ExceptionMayApply, audit.PromiseUnverified, audit.Insufficient,
	} {
		rows = append(rows, [2]string{string(r), reasons[r]})
	}
	return rows
}

// Aspects lists what a clause can be about, with the strongest verdict that traffic can give.
func Aspects() (rows [][2]string) {
	for _, a := range aspects {
		most := "at most " + string(a.Ceiling)
		if a.Weak {
			most += " (weak)"
		}
		rows = append(rows, [2]string{a.Name, most + ": " + a.Why})
	}
	return rows
}
