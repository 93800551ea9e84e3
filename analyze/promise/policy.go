package promise

import (
	"fmt"
	"slices"
)

// A Policy is what an enterprise allows an app to do: rules over countries, operators and organisations. It is about traffic alone, so a
// rule can be broken where a promise could only be silent, and every rule says which evidence is good enough to act on.
type Policy struct {
	APIVersion string         `yaml:"apiVersion"`
	Kind       string         `yaml:"kind"`
	Metadata   PolicyMetadata `yaml:"metadata"`
	FirstParty []string       `yaml:"first_party,omitempty"` // domains, for rules that select by party
	Rules      []Rule         `yaml:"rules"`
	Name       string         `yaml:"-"`
	lines      map[string]int
}

// PolicyMetadata is about the file itself.
type PolicyMetadata struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
}

// A Rule allows or denies one list; exactly one list of Allow and Deny is set. Flows that it does not select do not concern it.
type Rule struct {
	ID     string `yaml:"id"`
	Says   string `yaml:"says,omitempty"`
	Allow  Lists  `yaml:"allow,omitempty"`
	Deny   Lists  `yaml:"deny,omitempty"`
	Select Select `yaml:"select,omitempty"`
	Lowest Lowest `yaml:"lowest"`
}

// Lists are what a rule allows or denies.
type Lists struct {
	Countries     []string `yaml:"countries,omitempty"` // codes and groups
	Operators     []string `yaml:"operators,omitempty"`
	Organisations []string `yaml:"organisations,omitempty"` // names or keys of the owner table
}

// Lowest is the evidence below which a rule decides nothing.
type Lowest struct {
	Place       string `yaml:"place,omitempty"` // L0 … L4; of rules over countries
	Attribution string `yaml:"attribution"`     // A0 … A3
}

var (
	placeGrades       = []string{"L0", "L1", "L2", "L3", "L4"}
	attributionGrades = []string{"A0", "A1", "A2", "A3"}
)

// ParsePolicy reads a policy file and checks every rule.
func ParsePolicy(name string, text []byte) (*Policy, Faults) {
	p := &Policy{Name: name}
	lines, faults := decode(name, text, p)
	if faults.First() != nil {
		return p, faults
	}
	p.lines = lines
	c := &checker{name: name, lines: lines}
	if p.APIVersion != Version {
		c.fault("apiVersion", "", "apiVersion is %q, this program reads %q", p.APIVersion, Version)
	}
	if p.Kind != KindPolicy {
		c.fault("kind", "", "kind is %q, want %q", p.Kind, KindPolicy)
	}
	c.pattern("metadata.id", p.Metadata.ID, slug, "small letters, digits and hyphens")
	for i, h := range p.FirstParty {
		c.domain(fmt.Sprintf("first_party[%d]", i), h)
	}
	if len(p.Rules) == 0 {
		c.fault("rules", "", "no rules")
	}
	seen := map[string]bool{}
	for i := range p.Rules {
		c.rule(fmt.Sprintf("rules[%d]", i), p, &p.Rules[i], seen)
	}
	return p, append(faults, c.faults...).sorted()
}

// CheckOrganisations looks for organisations that nobody knows by key or name: a rule that denies a misspelt one would always be kept.
func (p *Policy) CheckOrganisations(known func(string) bool) Faults {
	c := &checker{name: p.Name, lines: p.lines}
	for i := range p.Rules {
		for _, v := range [...]struct {
			key   string
			lists *Lists
		}{{"allow", &p.Rules[i].Allow}, {"deny", &p.Rules[i].Deny}} {
			for k, o := range v.lists.Organisations {
				if !known(o) {
					c.fault(fmt.Sprintf("rules[%d].%s.organisations[%d]", i, v.key, k), "abroad owner --list shows the owner table; --owners FILE adds a file of yours",
						"unknown organisation %q", o)
				}
			}
		}
	}
	return c.faults.sorted()
}

func (c *checker) rule(at string, p *Policy, r *Rule, seen map[string]bool) {
	c.id(at, r.ID, seen)
	sets := 0
	for _, v := range [...]struct {
		key   string
		lists *Lists
	}{{"allow", &r.Allow}, {"deny", &r.Deny}} {
		at := at + "." + v.key
		for i, place := range v.lists.Countries {
			c.place(fmt.Sprintf("%s.countries[%d]", at, i), place)
		}
		c.operators(at+".operators", v.lists.Operators)
		for _, list := range [][]string{v.lists.Countries, v.lists.Operators, v.lists.Organisations} {
			if len(list) > 0 {
				sets++
			}
		}
	}
	if sets != 1 {
		c.fault(at, "countries, operators or organisations under allow or deny", "a rule has one list, not %d", sets)
	}
	if len(r.Allow.Countries)+len(r.Deny.Countries) > 0 {
		c.word(at+".lowest.place", r.Lowest.Place, placeGrades, false)
	} else if r.Lowest.Place != "" {
		c.fault(at+".lowest.place", "", "a rule over %s does not look at places", "operators or organisations")
	}
	c.word(at+".lowest.attribution", r.Lowest.Attribution, attributionGrades, false)
	c.word(at+".select.party", r.Select.Party, parties, true)
	c.word(at+".select.direction", r.Select.Direction, directions, true)
	if slices.Contains([]string{"first", "third"}, r.Select.Party) && len(p.FirstParty) == 0 {
		c.fault(at+".select.party", "first_party: [example.com]", "selects by party, but the policy names no first_party domains")
	}
	for i, a := range r.Select.Action {
		c.pattern(fmt.Sprintf("%s.select.action[%d]", at, i), a, action, "small letters, digits and _")
	}
	for i, h := range r.Select.Hosts {
		c.host(fmt.Sprintf("%s.select.hosts[%d]", at, i), h)
	}
}
