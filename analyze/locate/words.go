package locate

import (
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// classWords are how an address that is no place is called.
var classWords = map[audit.Class]string{
	audit.ClassPrivate:       "a private address, not a place",
	audit.ClassCGNAT:         "an address of a carrier's NAT, not a place",
	audit.ClassLinkLocal:     "a link-local address, not a place",
	audit.ClassLoopback:      "the device itself",
	audit.ClassMulticast:     "a multicast group, not a place",
	audit.ClassBroadcast:     "the broadcast address, not a place",
	audit.ClassDocumentation: "an address for documentation, not a place",
	audit.ClassBenchmark:     "an address for benchmarks, not a place",
	audit.ClassUnspecified:   "no address",
	audit.ClassReserved:      "a reserved address, not a place",
}

// words says the place in one line. Below L3 it never says that an address is somewhere, only who says so.
func (w *weighing) words() string {
	p := &w.place
	var b strings.Builder
	switch {
	case p.Role == audit.RoleEdge:
		b.WriteString(w.edgeWords())
	case p.Grade == audit.L4:
		b.WriteString("in " + p.Country + " (the round trip allows no other country)")
	case p.Grade == audit.L3:
		b.WriteString("in " + p.Country + " (" + w.agree() + ")")
	case len(p.Candidates) > 1:
		b.WriteString("undetermined: " + w.said())
	case len(p.Candidates) == 1:
		b.WriteString(w.said())
	case len(w.refuted) > 0:
		b.WriteString("no source can be right: " + w.speak(w.refuted) + ", but the round trip is too short for it")
	default:
		b.WriteString("no dataset says where it is")
		if len(w.registrations) > 0 {
			b.WriteString("; registered in " + strings.Join(countries(w.registrations), ", "))
		}
	}
	if len(w.beaten) > 0 {
		b.WriteString("; against it: " + w.speak(w.beaten))
	}
	if len(p.Candidates) > 0 && len(w.refuted) > 0 {
		b.WriteString("; refuted by the round trip: " + w.speak(w.refuted))
	}
	if p.Role == audit.RoleEdge && len(p.Within) > 0 {
		b.WriteString("; what answers is within " + set(p.Within))
	}
	return b.String()
}

// edgeWords calls an edge by its operator, if the list names one.
func (w *weighing) edgeWords() string {
	kind, operator := "edge", ""
	for _, c := range w.edges {
		if c.Detail == "anycast" {
			kind = "anycast"
		}
		if operator == "" {
			operator = strings.TrimSuffix(c.Organisation, " edge") // no "edge of Meta edge"
		}
	}
	if operator != "" {
		kind += " of " + operator
	}
	return kind + ": no single country"
}

// agree names the kinds that name the country.
func (w *weighing) agree() string {
	var kinds []string
	if len(w.operators) > 0 {
		kinds = append(kinds, "its operator")
	}
	if w.readTokens() {
		kinds = append(kinds, "a host name of its operator")
	}
	switch n := w.opinions(); {
	case n == 1:
		kinds = append(kinds, "a database")
	case n > 1:
		kinds = append(kinds, "databases")
	}
	return list(kinds) + " agree"
}

// opinions counts the databases that are followed, all of one publisher as one.
func (w *weighing) opinions() (n int) {
	seen := map[string]bool{}
	for _, c := range w.databases {
		publisher := w.dataset(c).Publisher
		if publisher == "" || !seen[publisher] {
			n++
		}
		seen[publisher] = true
	}
	return n
}

// said says who says what, of the claims that are followed.
func (w *weighing) said() string {
	return w.speak(slices.Concat(w.overrides, w.operators, w.tokens, w.databases))
}

// speak joins claims: "DB-IP and Borealis say IS; Atlas says US". Sources stand in the order of their first claim, countries too.
func (w *weighing) speak(claims []*audit.Claim) string {
	var parts []string
	for _, country := range countries(claims) {
		var who []string
		for _, c := range claims {
			if name := w.voice(c); c.Country == country && !slices.Contains(who, name) {
				who = append(who, name)
			}
		}
		verb := " says "
		if len(who) > 1 {
			verb = " say "
		}
		parts = append(parts, list(who)+verb+country)
	}
	return strings.Join(parts, "; ")
}

// voice is who makes a claim.
func (w *weighing) voice(c *audit.Claim) string {
	d := w.dataset(c)
	name := d.Title
	if name == "" {
		name = c.By
	}
	switch c.Kind {
	case audit.ClaimOverride:
		return "a correction by hand"
	case audit.ClaimOperator:
		if c.Organisation != "" {
			return "its operator " + c.Organisation
		}
		return "its operator (" + name + ")"
	case audit.ClaimToken:
		name := "a host name of " + c.Organisation // not the name itself: a stranger chose it
		if c.By == byUnread {
			name += " (unverified)"
		}
		return name
	}
	return name
}

// countries lists the countries that claims name, in the order of the claims.
func countries(claims []*audit.Claim) []string {
	var seen []string
	for _, c := range claims {
		if c.Country != "" && !slices.Contains(seen, c.Country) {
			seen = append(seen, c.Country)
		}
	}
	return seen
}

// list joins words: "a", "a and b", "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// maxSet is how many countries of a set a sentence lists.
const maxSet = 12

func set(countries []string) string {
	if len(countries) > maxSet {
		return "{" + strings.Join(countries[:maxSet], " ") + " …}"
	}
	return "{" + strings.Join(countries, " ") + "}"
}

// What would raise a grade.
const (
	missDatabase  = "a database that knows the address (--mmdb FILE)"
	missPublisher = "a database of another publisher (--mmdb FILE)"
	missAgreement = "a database that names the same country (--mmdb FILE)"
	missOperator  = "the operator's own list of regions, its geofeed, or a place in one of its host names"
	missRTT       = "a round trip over TLS or QUIC, measured from a declared place, that allows only one country"
)

// missing says what would raise the grade, the nearest first.
func (w *weighing) missing() []string {
	p := &w.place
	operator := len(w.operators)+len(w.tokens) > 0
	switch {
	case p.Grade.Place():
		return nil
	case p.Role == audit.RoleEdge:
		return []string{missRTT}
	case p.Grade == audit.L0 && len(w.refuted) == 0:
		return []string{missDatabase, missOperator}
	case operator && len(w.operators) == 0 && !w.readTokens() && len(p.Candidates) == 1:
		return []string{missOperator, missRTT}
	case operator && len(w.databases) == 0 && len(p.Candidates) == 1:
		return []string{missAgreement, missRTT}
	case operator:
		return []string{missRTT}
	case p.Grade == audit.L1 && len(p.Candidates) == 1 && len(w.voices) < 2:
		return []string{missPublisher, missOperator, missRTT}
	}
	return []string{missOperator, missRTT}
}
