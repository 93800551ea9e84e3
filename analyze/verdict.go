package analyze

import (
	"slices"

	"abroad/analyze/promise"
)

// verdicts holds the promises against everything else that the audit says; it comes last.
func (b *builder) verdicts() {
	if len(b.config.Promises) == 0 {
		return
	}
	e := promise.Gather(b.audit)
	for _, f := range b.config.Promises {
		b.audit.Promises = append(b.audit.Promises, promise.Judge(f, e))
	}
	promise.Number(b.audit.Promises)
}

// firstParty adds the domains that promise files declare as their maker's own to those that the user declared.
func firstParty(declared []string, promises []*promise.File) []string {
	list := slices.Clone(declared)
	for _, f := range promises {
		for _, d := range f.Subject.FirstParty.Domains {
			if !slices.Contains(list, d.Name) {
				list = append(list, d.Name)
			}
		}
	}
	return list
}
