package promise

import (
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// A stance is how a contact stands to an expectation.
type stance int

const (
	open    stance = iota // the evidence does not say
	held                  // as expected
	against               // not as expected
)

// weighPlace holds where a contact ended against countries that it should end in, or with inside false, should not end in. Firm says that
// a country is named at L3 or L4; anything weaker can be a lead only. What physics leaves can clear a contact whatever databases say, and
// never convict it.
func weighPlace(p *Place, countries []string, inside bool) (s stance, firm bool) {
	named := p.Country != ""
	in := named && slices.Contains(countries, p.Country)
	bounded := len(p.Within) > 0
	all := bounded && subset(p.Within, countries)
	none := bounded && disjoint(p.Within, countries)
	if !inside {
		all, none = none, all
		in = named && !in
	}
	out := named && !in
	switch {
	case all || p.Grade >= 3 && in:
		return held, true
	case p.Grade >= 3 && out:
		return against, true
	case none || out:
		return against, false
	case p.Grade == 2 && in:
		return held, false
	case !named && len(p.Candidates) > 0 && (inside && disjoint(p.Candidates, countries) || !inside && subset(p.Candidates, countries)):
		return against, false
	}
	return open, false
}

func subset(list, of []string) bool {
	for _, v := range list {
		if !slices.Contains(of, v) {
			return false
		}
	}
	return true
}

func disjoint(list, of []string) bool {
	for _, v := range list {
		if slices.Contains(of, v) {
			return false
		}
	}
	return true
}

// weigh holds a contact against what an indicator expects.
func (j *judge) weigh(n *Indicator, x *Contact) (stance, bool) {
	switch {
	case n.Expect.LocationIn != "":
		return weighPlace(&x.Place, j.places, true)
	case n.Expect.LocationNotIn != "":
		return weighPlace(&x.Place, j.places, false)
	case n.Expect.OperatorIn != "":
		return weighName(x.operator(), j.clause.Operators)
	case n.Expect.RecipientIn == "places":
		if !x.Owner.Verified { // nothing is concluded from a row that nobody read at its source
			return open, false
		}
		return weighName(x.Owner.Seat, j.places)
	case n.Expect.RecipientIn == "entities":
		if !x.Owner.Verified {
			return open, false
		}
		return weighName(strings.ToLower(x.Owner.Name), j.entities)
	}
	return open, false
}

// lacksPlaces reports whether an indicator goes by the places of a clause that names none: every flow would be against it.
func (c *Clause) lacksPlaces() bool {
	return len(c.Places) == 0 && slices.ContainsFunc(c.Indicators, func(n Indicator) bool {
		return n.Expect.LocationIn != "" || n.Expect.LocationNotIn != "" || n.Expect.RecipientIn == "places"
	})
}

func weighName(name string, expected []string) (stance, bool) {
	switch {
	case name == "":
		return open, false
	case slices.Contains(expected, name):
		return held, true
	}
	return against, true
}

// hostMatches reports whether a pattern stands for a host: itself, or with "*." every name under it.
func hostMatches(pattern, host string) bool {
	if rest, ok := strings.CutPrefix(pattern, "*."); ok {
		return strings.HasSuffix(host, "."+rest)
	}
	return host == pattern
}

func anyHost(patterns []string, host string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return hostMatches(p, host) })
}

// isFirst reports whether a host is one of the maker's own.
func (f *File) isFirst(host string) bool {
	for _, d := range f.Subject.FirstParty.Domains {
		if host == d.Name || strings.HasSuffix(host, "."+d.Name) {
			return true
		}
	}
	return false
}

// mine says how well a contact is known to be of the app that the promise is about; ok is false for what the system says is another app's.
func (j *judge) mine(x *Contact) (grade int, ok bool) {
	o := &x.Owned
	switch {
	case o.Package != "":
		if j.isApp(o.Package) {
			return o.Grade, true
		}
		return 0, len(j.apps) == 0
	case o.UID >= 0 && j.e.UID != 0:
		return o.Grade, o.UID == j.e.UID
	case o.UID >= 0: // some app's; nobody said which uid is this one's
		return min(o.Grade, 1), true
	}
	return o.Grade, true
}

func (j *judge) isApp(name string) bool { return slices.Contains(j.apps, strings.ToLower(name)) }

// selects reports whether an indicator picks a contact.
func (j *judge) selects(n *Indicator, x *Contact) bool {
	s := &n.Select
	switch s.Party {
	case "first":
		if !j.file.isFirst(x.Host) {
			return false
		}
	case "third":
		if x.Host == "" || j.file.isFirst(x.Host) {
			return false
		}
	}
	switch {
	case s.Direction == "up" && x.MaxUp == 0, s.Direction == "down" && x.Down == 0, x.MaxUp < s.MinUpBytes:
		return false
	case len(s.Action) > 0 && !slices.Contains(s.Action, x.Step):
		return false
	case len(s.Hosts) > 0 && !anyHost(s.Hosts, x.Host):
		return false
	case len(s.Content) > 0 && !slices.ContainsFunc(s.Content, func(field string) bool { return slices.Contains(x.Fields, field) }):
		return false
	}
	return true
}

// exempt reports whether a tested exception covers a contact: then it counts for nothing.
func (j *judge) exempt(x *Contact) bool {
	for i := range j.clause.Exceptions {
		if e := &j.clause.Exceptions[i]; e.Testable == "network" && anyHost(e.Hosts, x.Host) {
			return true
		}
	}
	return false
}

// excepted returns an exception that may cover a contact: one that no traffic can test, or a network exception that was neither tested by
// host patterns nor declared by the session not to apply.
func (j *judge) excepted(x *Contact) string {
	for i := range j.clause.Exceptions {
		e := &j.clause.Exceptions[i]
		if e.Testable != "network" {
			return e.ID
		}
		if len(e.Hosts) == 0 && setting(&j.e.Sessions[x.Session].Account, e.ID) != "no" {
			return e.ID
		}
	}
	return ""
}

// setting is a setting's value, empty if it was not recorded.
func setting(a *audit.Account, name string) string {
	for i := range a.Settings {
		if a.Settings[i].Name == name {
			return a.Settings[i].Value
		}
	}
	return ""
}

// lacks lists what keeps a contact that stands against a clause from contradicting it, in the order in which a verdict names them.
func (j *judge) lacks(n *Indicator, x *Contact, grade int, firm bool) []audit.Reason {
	var missing []audit.Reason
	lack := func(when bool, r audit.Reason) {
		if when {
			missing = append(missing, r)
		}
	}
	elsewhere := j.aspect.Name == "processing" && !j.file.isFirst(x.Host) // what another company's server does is not where the maker processes
	lack(j.ceiling != audit.Contradicted || elsewhere, audit.NotObservable)
	lack(grade < 2, audit.AttributionUncertain)
	lack(x.Place.Edge, audit.EdgeOnly)
	lack(!firm || x.Place.Grade < 3, audit.LocationUncertain)
	lack(!slices.Contains(j.clause.Scope.Data, "any") && x.Content < 2, audit.ContentOpaque)
	lack(j.excepted(x) != "", audit.ExceptionMayApply)
	lack(!j.reviewed || j.source == nil || j.source.Grade != "primary" || !j.sureOfParty(n), audit.PromiseUnverified)
	return missing
}

// sureOfParty reports whether an indicator that goes by the maker's domains goes by ones that were seen in a recording.
func (j *judge) sureOfParty(n *Indicator) bool {
	return n.Select.Party != "first" && n.Select.Party != "third" || j.file.Subject.FirstParty.Verified
}
