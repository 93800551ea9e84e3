package compare

import (
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// strata keeps sessions of other vantages and attribution levels apart: a difference between them is no difference between the arms. A
// stratum that only one arm has is left out; if nothing remains the comparison is refused.
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
			if s.counts() && s.arm != "C" {
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
	var names []string
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
		names = append(names, mixed[0].name)
	}
	common := false
	for _, s := range c.all {
		if !s.counts() {
			continue
		}
		if s.arm == "C" || arms["A"][s.stratum] && arms["B"][s.stratum] {
			common = common || s.arm != "C"
			continue
		}
		s.leftOut = "only arm " + s.arm + " has sessions with " + s.stratum
	}
	if !common {
		var both [2][]string
		for i, arm := range []string{"A", "B"} {
			for stratum := range arms[arm] {
				both[i] = append(both[i], stratum)
			}
			slices.Sort(both[i])
		}
		hint := ""
		if slices.ContainsFunc(mixed, func(p part) bool { return p.name == "vantage" }) && c.by.Name != "country" {
			hint = "; by country, the two could be compared as what they are"
		}
		return fmt.Errorf("the arms have nothing in common: A was recorded with %s, B with %s%s", strings.Join(both[0], " and "), strings.Join(both[1], " and "), hint)
	}
	c.limit(fmt.Sprintf("Sessions differ in %s: labels were exchanged only among sessions that agree in it; counts sum them.", strings.Join(partNames(names), " and ")))
	return nil
}

func partNames(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
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
