package promise

import (
	"slices"

	"abroad/analyze/audit"
)

// A Reach is what a clause could ever come to, and why it could not be contradicted.
type Reach struct {
	Clause string
	Most   audit.Ruling
	Why    []string
}

// Reach says for every clause whether "contradicted" could ever be reached by some recording.
func (f *File) Reach() []Reach {
	var list []Reach
	for i := range f.Clauses {
		c := &f.Clauses[i]
		r := Reach{Clause: c.ID, Most: c.ceiling(), Why: f.unreachable(c)}
		if len(r.Why) > 0 && r.Most == audit.Contradicted {
			r.Most = audit.Consistent
		}
		if c.Force == "plan" || len(c.Indicators) == 0 || c.lacksPlaces() {
			r.Most = audit.Silent
		}
		list = append(list, r)
	}
	return list
}

// unreachable lists everything that keeps a clause from ever being contradicted.
func (f *File) unreachable(c *Clause) (why []string) {
	say := func(when bool, s string) {
		if when {
			why = append(why, s)
		}
	}
	a := aspectNamed(c.Aspect)
	say(a.Ceiling != audit.Contradicted, "it is about "+c.Aspect+": "+a.Why)
	say(c.MaxVerdict != "" && c.MaxVerdict != "contradicted", "max_verdict lowers it to "+c.MaxVerdict)
	say(c.Force == "plan", "a plan is never in force")
	say(c.Polarity == "disclose" && !c.Exhaustive, "its list is open")
	say(c.Polarity == "commit", "it commits to no place")
	say(a.Ceiling == audit.Contradicted && len(c.Indicators) == 0, "it has no indicator")
	byName := slices.ContainsFunc(c.Indicators, func(n Indicator) bool { return n.Expect.RecipientIn == "entities" })
	say(len(c.Places)+len(c.Operators) == 0 && c.Polarity != "commit" && !byName, "it names no places and no operators")
	for _, e := range c.Exceptions {
		say(e.Testable != "network", "the exception "+e.ID+" cannot be tested by network")
	}
	if reviewed, note := f.Reviewed(); !reviewed {
		say(true, "the file is not reviewed"+prefixed(": ", note))
	}
	for i := range f.Sources {
		say(f.Sources[i].ID == c.Source && f.Sources[i].Grade != "primary", "its source "+c.Source+" is "+f.Sources[i].Grade+", not primary")
	}
	byParty := func(n Indicator) bool { return n.Select.Party == "first" || n.Select.Party == "third" }
	if len(c.Indicators) > 0 && !slices.ContainsFunc(c.Indicators, func(n Indicator) bool { return !byParty(n) }) {
		say(len(f.Subject.FirstParty.Domains) == 0, "its indicators rely on the maker's domains, and none is given")
		say(len(f.Subject.FirstParty.Domains) > 0 && !f.Subject.FirstParty.Verified, "its indicators rely on the maker's domains, which are not verified")
	}
	say(!slices.Contains(c.Scope.Data, "any"), "it covers certain data only, and content is not read: decryption is not built in")
	return why
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
