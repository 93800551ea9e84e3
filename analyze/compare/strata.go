package compare

import (
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// strata keeps sessions of other vantages and attribution levels apart: a difference between them is no difference between the arms. A
// stratum that only one arm has is left out, and so is one of the control alone; if nothing remains the comparison is refused.
func (c *comparer) strata() error {
	for _, s := range c.all {
		s.level = c.attributed(s)
	}
	type part struct {
		name string
		of   func(*session) string
	}
	parts := []part{{"attribution", func(s *session) string { return s.level }}}
	if c.by.Name != "country" {
		parts = append(parts, part{"vantage", func(s *session) string { return vantage(s.s, s.Audit) }})
	}
	var mixed []part
	for _, p := range parts {
		values := map[string]bool{}
		for _, s := range c.all {
			if s.counts() {
				values[p.of(s)] = true
			}
		}
		if len(values) > 1 {
			mixed = append(mixed, p)
		}
	}
	if len(mixed) == 0 {
		return nil
	}
	arms := map[string]map[string]bool{"A": {}, "B": {}, "C": {}}
	for _, s := range c.all {
		var words []string
		for _, p := range mixed {
			v := p.of(s)
			if v == "" {
				v = "not recorded"
			}
			words = append(words, p.name+" "+v)
		}
		s.stratum = strings.Join(words, ", ")
		if s.counts() {
			arms[s.arm][s.stratum] = true
		}
	}
	common := map[string]bool{}
	for _, s := range c.all {
		if !s.counts() {
			continue
		}
		if s.arm == "C" || arms["A"][s.stratum] && arms["B"][s.stratum] {
			if s.arm != "C" {
				common[s.stratum] = true
			}
			continue
		}
		s.leftOut = "only arm " + s.arm + " has sessions with " + s.stratum
	}
	if len(common) == 0 {
		var both [2][]string
		for i, arm := range []string{"A", "B"} {
			for stratum := range arms[arm] {
				both[i] = append(both[i], stratum)
			}
			slices.Sort(both[i])
		}
		hint := ""
		if slices.ContainsFunc(mixed, func(p part) bool { return p.name == "vantage" }) && c.by.Name != "country" {
			hint = "; --by country could compare them as they are"
		}
		return fmt.Errorf("the arms have nothing in common: A was recorded with %s, B with %s%s", strings.Join(both[0], " and "), strings.Join(both[1], " and "), hint)
	}
	for _, s := range c.all { // a control of another kind would put the difference of kinds down to the arm
		if s.counts() && s.arm == "C" && !common[s.stratum] {
			s.leftOut = "neither arm has sessions with " + s.stratum
			c.limit("Sessions of the control are left out: " + s.leftOut + ".")
		}
	}
	if c.stratified = len(common) > 1; c.stratified {
		var names []string
		for _, p := range mixed {
			names = append(names, p.name)
		}
		c.limit(fmt.Sprintf("Sessions differ in %s: each test compares only those that agree in it. "+
			"The counts printed are sums over all of them, so p can be larger than these alone would give.", strings.Join(names, " and ")))
	}
	return nil
}

// attributed says whose flows a session holds: "app" if the recorder or a flow names the app under test, else "device".
func (c *comparer) attributed(s *session) string {
	if s.s.Attribution == "app" {
		return "app"
	}
	if name := app(s.s, s.Audit); name != "" {
		for _, f := range s.Audit.Flows {
			if ownedBy(f, name, s.Audit.Subject.UID) && slices.Contains(s.s.Recordings, f.Recording) {
				return "app"
			}
		}
	}
	return "device"
}

// ownedBy reports whether the operating system named the app, or the uid that was declared to be its, as the flow's owner.
func ownedBy(f *audit.Flow, app string, uid int32) bool {
	at := f.Attribution
	return at != nil && at.Grade == audit.A3 && (at.Package == app || uid != 0 && at.Package == "" && at.UID == uid)
}
