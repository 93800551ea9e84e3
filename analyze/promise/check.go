package promise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// Cases lists what a saved audit's promises came to, and what the rules of a policy (nil = none) come to.
func Cases(a *audit.Audit, p *Policy) []audit.Case {
	var cases []audit.Case
	for i := range a.Promises {
		v := &a.Promises[i]
		for k := range v.Clauses {
			cases = append(cases, clauseCase(v, &v.Clauses[k]))
		}
	}
	if p == nil {
		return cases
	}
	e := Gather(a)
	for i := range p.Rules {
		cases = append(cases, p.weigh(e, &p.Rules[i]))
	}
	return cases
}

// The codes of a check, as exit codes (architecture, section 7).
const (
	CodeFine         = 0
	CodeContradicted = 3
	CodeUndecided    = 4
)

// Code sums cases: anything contradicted or broken is CodeContradicted. With a policy, every rule must be decided; without one, a single
// clause that is not silent is enough.
func Code(cases []audit.Case, policy bool) int {
	decided, open := 0, 0
	for i := range cases {
		switch {
		case cases[i].Outcome == audit.CaseFail:
			return CodeContradicted
		case policy && strings.HasPrefix(cases[i].Group, "promise "): // the policy decides
		case cases[i].Outcome == audit.CaseOpen:
			open++
		default:
			decided++
		}
	}
	if decided == 0 || policy && open > 0 {
		return CodeUndecided
	}
	return CodeFine
}

func clauseCase(p *audit.Promise, c *audit.Clause) audit.Case {
	v := &c.Verdict
	k := audit.Case{
		Group: "promise " + p.File, ID: c.Key, Title: cmp.Or(c.Quote, c.Restates), Outcome: audit.CaseOpen, Word: string(v.Outcome), Says: v.Says,
		Leads: v.Leads, Because: v.Because, Missing: v.Missing,
	}
	switch v.Outcome {
	case audit.Contradicted:
		k.Outcome = audit.CaseFail
	case audit.Consistent:
		if k.Outcome = audit.CasePass; v.Weak {
			k.Word += " (weak)"
		}
	case audit.Silent:
		k.Word += "(" + string(v.Reason) + ")"
	}
	return k
}

// weigh holds the evidence against one rule. Evidence below the grades that the rule names decides nothing, for or against.
func (p *Policy) weigh(e *Evidence, r *Rule) audit.Case {
	j := &judge{file: &File{}, clause: &Clause{}, e: e}
	for _, d := range p.FirstParty {
		j.file.Subject.FirstParty.Domains = append(j.file.Subject.FirstParty.Domains, Domain{Name: d})
	}
	if e.App != "" {
		j.apps = []string{strings.ToLower(e.App)}
	}
	j.places = Expand(append(slices.Clone(r.Allow.Countries), r.Deny.Countries...), e.AsOf)
	var broken, below, kept []*Contact
	var flows [3]uint32
	for i := range e.Contacts {
		x := &e.Contacts[i]
		grade, ok := j.mine(x)
		if !ok || !j.selects(&Indicator{Select: r.Select}, x) {
			continue
		}
		switch s := r.stance(j, x); {
		case grade < slices.Index(attributionGrades, r.Lowest.Attribution) || s == open || x.Deaf && s == against:
			below = append(below, x)
			flows[0] += x.Flows
		case s == against:
			broken = append(broken, x)
			flows[1] += x.Flows
		case x.Deaf: // not reached, and not asked to be
		default:
			kept = append(kept, x)
			flows[2] += x.Flows
		}
	}
	k := audit.Case{Group: "policy " + p.Metadata.ID, ID: r.ID, Title: audit.Foreign(r.Says)}
	switch {
	case len(broken) > 0:
		k.Outcome, k.Word, k.Because = audit.CaseFail, "broken", together(broken)
		x := broken[0]
		k.Says = says(append(append([]any{plural(int(flows[1]), "flow") + " against the rule, to " + places(broken) + ", among them "}, x.name()...), r.words(x)...)...)
	case len(below) > 0:
		k.Outcome, k.Word, k.Because = audit.CaseOpen, "cannot decide", together(below)
		x := below[0]
		k.Says = says(append(append([]any{plural(int(flows[0]), "flow") + " to " + places(below) + " graded lower than the rule asks for (" + r.lowest() + "), among them "}, x.name()...), r.words(x)...)...)
		k.Missing = []string{"evidence of " + r.lowest() + " for every flow that the rule selects"}
	case len(kept) == 0:
		k.Outcome, k.Word, k.Because = audit.CaseOpen, "cannot decide", []audit.ID{}
		k.Says = says("No recorded flow is covered by the rule.")
		k.Missing = []string{"recordings of what the rule covers"}
	default:
		k.Outcome, k.Word, k.Because = audit.CasePass, "kept", together(kept)
		k.Says = says(fmt.Sprintf("None of the %s that the rule selects is against it.", plural(int(flows[2]), "flow")))
	}
	return k
}

// stance says how a contact stands to a rule; open where it is known less well than the rule asks for.
func (r *Rule) stance(j *judge, x *Contact) stance {
	allow := len(r.Allow.Countries)+len(r.Allow.Operators)+len(r.Allow.Organisations) > 0
	var name string
	var list []string
	switch {
	case len(j.places) > 0:
		if x.Place.Grade < slices.Index(placeGrades, r.Lowest.Place) || x.Place.Edge {
			return open
		}
		name, list = x.Place.Country, j.places
	case len(r.Allow.Operators)+len(r.Deny.Operators) > 0:
		name, list = x.operator(), append(slices.Clone(r.Allow.Operators), r.Deny.Operators...)
	default:
		if !x.Owner.Verified { // a row that nobody read at its source decides nothing
			return open
		}
		name = x.Owner.Key
		for _, o := range append(slices.Clone(r.Allow.Organisations), r.Deny.Organisations...) {
			if strings.EqualFold(o, x.Owner.Name) || strings.EqualFold(o, x.Owner.Key) {
				o = x.Owner.Key
			}
			list = append(list, o)
		}
	}
	if name == "" {
		return open
	}
	if slices.Contains(list, name) == allow {
		return held
	}
	return against
}

func (r *Rule) lowest() string {
	switch {
	case r.Lowest.Place != "":
		return r.Lowest.Place + " and " + r.Lowest.Attribution
	case len(r.Allow.Operators)+len(r.Deny.Operators) > 0:
		return r.Lowest.Attribution + " and a known operator of the network"
	}
	return r.Lowest.Attribution + " and a recipient that was read at a source"
}

func (x *Contact) name() []any {
	if x.Host == "" {
		return []any{"the unnamed endpoint " + x.Endpoint.String()}
	}
	return []any{audit.Foreign(x.Host)}
}

// words says what a rule looks at in a contact, and how well it is known.
func (r *Rule) words(x *Contact) []any {
	end := fmt.Sprintf(", A%d", x.Owned.Grade)
	if x.Deaf {
		end += "; nobody answered"
	}
	end += ")."
	switch {
	case len(r.Allow.Countries)+len(r.Deny.Countries) > 0:
		return []any{fmt.Sprintf(" (%s, L%d", orElse(x.Place.Words, "no source names a country"), x.Place.Grade) + end}
	case len(r.Allow.Operators)+len(r.Deny.Operators) > 0 && x.Network == "":
		return []any{" (no source names the network" + end}
	case len(r.Allow.Operators)+len(r.Deny.Operators) > 0:
		return []any{" (network ", audit.Foreign(x.Network), end}
	case x.Owner.Name == "":
		return []any{" (the owner table does not say whose" + end}
	case !x.Owner.Verified:
		return []any{" (a host of ", audit.Foreign(x.Owner.Name), " by a row that is unverified or contested" + end}
	}
	return []any{" (a host of ", audit.Foreign(x.Owner.Name), end}
}

func together(list []*Contact) []audit.ID { return evidence(&charge{contacts: list}) }
