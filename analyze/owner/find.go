package owner

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"abroad/analyze/audit"
)

// A Match is the row of the table that speaks of a name.
type Match struct {
	Suffix
	Said audit.Fact // where the row was read
}

// Domain returns the registrable domain of a name, empty for addresses and for public suffixes themselves.
func Domain(name string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(bare(name))
	if err != nil {
		return ""
	}
	return domain
}

// bare is a name as the table has it: lower case, without final dot, a certificate's wildcard without its star.
func bare(name string) string {
	return strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(name), "."), "*.")
}

// Find returns the row with the longest suffix of name that holds on a day (2006-01-02). An empty day finds undated rows only.
func (t *Table) Find(name, day string) (Match, bool) {
	name = bare(name)
	domain := Domain(name)
	for suffix := name; ; {
		above := domain == "" || len(suffix) < len(domain)
		for _, s := range t.suffixes[suffix] {
			if (s.Above || !above) && within(day, s.From, s.To) {
				said := fact("name", s.Suffix+" belongs to "+t.organisations[s.Organisation].Name, s.By, s.From, s.To)
				said.Contested = s.Contested
				if above && s.hosting() && said.Contested == "" {
					said.Contested = hosted
				}
				return Match{s, said}, true
			}
		}
		_, rest, more := strings.Cut(suffix, ".")
		if !more {
			return Match{}, false
		}
		suffix = rest
	}
}

// hosted is why the owner of a platform can be contested as the recipient of what is sent to a name on it.
const hosted = "runs the platform; whose service answers under this name is not known"

// hosting reports whether the names under a suffix are a platform's, for its customers.
func (s *Suffix) hosting() bool {
	return slices.Contains(s.Roles, "cloud") || slices.Contains(s.Roles, "cdn")
}

// Network returns the key of the organisation that runs an autonomous system, and where that was read.
func (t *Table) Network(as uint32) (key string, said audit.Fact, ok bool) {
	n, ok := t.networks[as]
	if !ok {
		return "", audit.Fact{}, false
	}
	return n.Organisation, fact("network", asName(as)+" is run by "+t.organisations[n.Organisation].Name, n.By, "", ""), true
}

// within reports whether day lies between from and to, both included; an empty bound is open. An unknown day lies in open bounds only.
func within(day, from, to string) bool {
	return (from == "" || day != "" && day >= from) && (to == "" || day != "" && day <= to)
}

// fact is a line of the table with its source; without one it is unverified.
func fact(about, says string, by *Source, from, to string) audit.Fact {
	f := audit.Fact{About: about, Says: says, From: from, To: to, Grade: audit.Unverified}
	if by != nil {
		f.Source, f.Date, f.Grade, f.Verified = by.URL, by.Read, by.Grade, true
	}
	return f
}
