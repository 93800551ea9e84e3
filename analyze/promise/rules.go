package promise

import (
	"fmt"
	"net/url"
	"slices"
	"unicode/utf8"

	"abroad/analyze/audit"
	"abroad/analyze/law"
)

// MaxQuote is how long a quotation may be, in characters.
const MaxQuote = 400

// check holds the file against every rule that needs no archive.
func (f *File) check() Faults {
	c := &checker{name: f.Name, lines: f.lines}
	if f.APIVersion != Version {
		c.fault("apiVersion", "", "apiVersion is %q, this program reads %q", f.APIVersion, Version)
	}
	if f.Kind != KindPromise {
		c.fault("kind", "", "kind is %q, want %q", f.Kind, KindPromise)
	}
	f.checkMetadata(c)
	sources := f.checkSources(c)
	f.checkSubject(c, sources)
	clauses := f.checkClauses(c, sources)
	f.checkTies(c, sources, clauses)
	for i, s := range f.Sources {
		if s.ID != "" && !sources[s.ID] {
			c.fault(fmt.Sprintf("sources[%d]", i), "cite it, or take it out", "nobody cites the source %q", s.ID)
		}
	}
	return c.faults
}

func (f *File) checkMetadata(c *checker) {
	m := &f.Metadata
	c.pattern("metadata.id", m.ID, slug, "small letters, digits and hyphens")
	c.text("metadata.title", m.Title)
	c.day("metadata.compiled", m.Compiled, false)
	c.word("metadata.review", m.Review, reviews, false)
	r := m.Record
	if r == nil {
		if m.Review == "reviewed" {
			c.warn("metadata.review", "abroad promise review FILE --archive DIR writes the record", "reviewed without a review_record: it counts as draft")
		}
		return
	}
	c.text("metadata.review_record.reviewer", r.Reviewer)
	c.day("metadata.review_record.date", r.Date, false)
	c.pattern("metadata.review_record.clauses_sha256", r.Clauses, hexSum, "64 hexadecimal digits")
	if m.Review == "reviewed" && r.Clauses != f.Hash() {
		c.warn("metadata.review_record", "abroad promise review FILE --archive DIR writes it again", "the review was of other clauses: it counts as draft")
	}
	known := map[string]string{}
	for _, s := range f.Sources {
		known[s.ID] = ""
		if s.Archive != nil {
			known[s.ID] = s.Archive.SHA256
		}
	}
	for i, a := range r.Archived {
		at := fmt.Sprintf("metadata.review_record.archived[%d]", i)
		c.pattern(at+".sha256", a.SHA256, hexSum, "64 hexadecimal digits")
		if sum, ok := known[a.Source]; !ok {
			c.fault(at+".source", "", "there is no source %q", a.Source)
		} else if sum != "" && sum != a.SHA256 {
			c.fault(at+".sha256", "", "the source %q has another hash", a.Source)
		}
	}
}

// checkSources returns the sources there are; a value turns true when something cites it.
func (f *File) checkSources(c *checker) map[string]bool {
	cited, seen := map[string]bool{}, map[string]bool{}
	if len(f.Sources) == 0 {
		c.fault("sources", "", "no sources")
	}
	for i := range f.Sources {
		s, at := &f.Sources[i], fmt.Sprintf("sources[%d]", i)
		c.id(at, s.ID, seen)
		cited[s.ID] = false
		c.word(at+".kind", s.Kind, kinds, false)
		c.word(at+".grade", s.Grade, grades, false)
		if u, err := url.Parse(s.URL); err != nil || u.Scheme == "" {
			c.fault(at+".url", "", "url: %q is no address", s.URL)
		}
		c.day(at+".published", s.Published, true)
		c.day(at+".retrieved", s.Retrieved, false)
		if s.Published > s.Retrieved && s.Retrieved != "" {
			c.fault(at+".published", "", "published on %s, after it was retrieved on %s", s.Published, s.Retrieved)
		}
		if s.Archive != nil {
			c.word(at+".archive.type", s.Archive.Type, archives, false)
			c.text(at+".archive.ref", s.Archive.Ref)
			if s.Archive.SHA256 != "" {
				c.pattern(at+".archive.sha256", s.Archive.SHA256, hexSum, "64 hexadecimal digits")
			}
		}
	}
	return cited
}

// cite marks a source as cited.
func (c *checker) cite(path, source string, sources map[string]bool) {
	if _, ok := sources[source]; ok {
		sources[source] = true
		return
	}
	if source == "" {
		c.fault(path, "", "%s is missing", last(path))
		return
	}
	c.fault(path, "", "there is no source %q", source)
}

func (f *File) checkSubject(c *checker, sources map[string]bool) {
	c.text("subject.app.name", f.Subject.App.Name)
	for i := range f.Subject.Entities {
		e, at := &f.Subject.Entities[i], fmt.Sprintf("subject.entities[%d]", i)
		c.word(at+".role", e.Role, roles, false)
		c.text(at+".name", e.Name)
		if law.IsGroup(e.Country) {
			c.fault(at+".country", "a company sits in one country", "country: %q is a group", e.Country)
		} else if e.Country != "" {
			c.place(at+".country", e.Country)
		}
		c.cite(at+".source", e.Source, sources)
		c.span(at, e.From, e.To)
	}
	for i, d := range f.Subject.FirstParty.Domains {
		at := fmt.Sprintf("subject.first_party.domains[%d]", i)
		c.domain(at+".name", d.Name)
		c.cite(at+".source", d.Source, sources)
	}
}

func (f *File) checkClauses(c *checker, sources map[string]bool) map[string]bool {
	seen := map[string]bool{}
	if len(f.Clauses) == 0 {
		c.fault("clauses", "", "no clauses")
	}
	for i := range f.Clauses {
		s, at := &f.Clauses[i], fmt.Sprintf("clauses[%d]", i)
		c.id(at, s.ID, seen)
		c.cite(at+".source", s.Source, sources)
		if n := utf8.RuneCountInString(s.Quote); n > MaxQuote {
			c.fault(at+".quote", "", "the quotation has %d characters, at most %d are allowed", n, MaxQuote)
		}
		if s.Quote != "" && plainText(s.Quote) == "" {
			c.fault(at+".quote", "", "the quotation has no words: %q", s.Quote)
		}
		if s.Quote == "" && f.Metadata.Review == "reviewed" {
			c.fault(at, "quote the source, or leave the file a draft", "reviewed, but clause %q has no quotation", s.ID)
		}
		c.text(at+".restates", s.Restates)
		c.word(at+".force", s.Force, forces, false)
		c.word(at+".polarity", s.Polarity, polarities, false)
		c.word(at+".aspect", s.Aspect, aspectNames(), false)
		c.scope(at+".scope", &s.Scope)
		c.day(at+".in_force.from", s.InForce.From, false)
		c.span(at+".in_force", s.InForce.From, s.InForce.To)
		c.word(at+".in_force.precision", s.InForce.Precision, precisions, true)
		for j, p := range s.Places {
			c.place(fmt.Sprintf("%s.places[%d]", at, j), p)
		}
		c.operators(at+".operators", s.Operators)
		c.exceptions(at, s, sources)
		c.polarity(at, s)
		c.indicators(at, s, len(f.Subject.Entities))
		c.word(at+".max_verdict", s.MaxVerdict, verdicts, true)
		if a := aspectNamed(s.Aspect); a != nil && s.MaxVerdict != "" && rank(audit.Ruling(s.MaxVerdict)) > rank(a.Ceiling) {
			c.fault(at+".max_verdict", "it may lower the ceiling only", "a clause about %s can be %s at most: %s", s.Aspect, a.Ceiling, a.Why)
		}
	}
	return seen
}

// rank orders verdicts from weak to strong.
func rank(r audit.Ruling) int { return slices.Index(verdicts, string(r)) }

func (c *checker) scope(at string, s *Scope) {
	for i, p := range s.Users.Residence {
		c.place(fmt.Sprintf("%s.users.residence[%d]", at, i), p)
	}
	for i, p := range s.Users.NotResidence {
		c.place(fmt.Sprintf("%s.users.not_residence[%d]", at, i), p)
	}
	c.word(at+".users.tier", s.Users.Tier, tiers, true)
	if len(s.Data) == 0 {
		c.fault(at+".data", `[any] = whatever is sent`, "data is missing: what does the clause cover?")
	}
}

func (c *checker) exceptions(at string, s *Clause, sources map[string]bool) {
	seen := map[string]bool{}
	for i := range s.Exceptions {
		e, at := &s.Exceptions[i], fmt.Sprintf("%s.exceptions[%d]", at, i)
		c.id(at, e.ID, seen)
		c.text(at+".text", e.Text)
		c.word(at+".testable", e.Testable, testables, false)
		if e.Source != "" {
			c.cite(at+".source", e.Source, sources)
		}
		for j, h := range e.Hosts {
			c.host(fmt.Sprintf("%s.hosts[%d]", at, j), h)
		}
		if len(e.Hosts) > 0 && e.Testable != "network" {
			c.fault(at+".hosts", "", "hosts are of use to an exception that is testable by network only")
		}
	}
}

// polarity checks that a clause says what its polarity needs.
func (c *checker) polarity(at string, s *Clause) {
	lists := len(s.Places) + len(s.Operators)
	switch {
	case s.Exhaustive && s.Polarity != "disclose":
		c.fault(at+".exhaustive", "", "only a list that discloses is exhaustive or not")
	case s.Polarity == "commit" && len(s.Indicators) > 0:
		c.fault(at+".indicators", "", "a commitment without a place has nothing to be tested")
	case s.Polarity == "exclude" && lists == 0:
		c.fault(at, "", "clause %q excludes nothing: no places, no operators", s.ID)
	case (s.Polarity == "confine" || s.Polarity == "default_in") && lists == 0:
		c.warn(at+".places", "", "clause %q confines to nothing that is named: it stays silent", s.ID)
	}
}

func (c *checker) indicators(at string, s *Clause, entities int) {
	seen := map[string]bool{}
	for i := range s.Indicators {
		n, at := &s.Indicators[i], fmt.Sprintf("%s.indicators[%d]", at, i)
		c.id(at, n.ID, seen)
		c.text(at+".reads", n.Reads)
		c.word(at+".select.party", n.Select.Party, parties, true)
		c.word(at+".select.direction", n.Select.Direction, directions, true)
		for j, a := range n.Select.Action {
			c.pattern(fmt.Sprintf("%s.select.action[%d]", at, j), a, action, "small letters, digits and _")
		}
		for j, h := range n.Select.Hosts {
			c.host(fmt.Sprintf("%s.select.hosts[%d]", at, j), h)
		}
		c.expect(at+".expect", s, &n.Expect, entities)
	}
}

// expect checks that an indicator tests what its clause says, and in its direction.
func (c *checker) expect(at string, s *Clause, e *Expect, entities int) {
	set := 0
	for _, v := range [...]struct {
		key, got string
		lists    []string
	}{{"location_in", e.LocationIn, []string{"places"}}, {"location_not_in", e.LocationNotIn, []string{"places"}}, {"operator_in", e.OperatorIn, []string{"operators"}},
		{"recipient_in", e.RecipientIn, []string{"places", "entities"}}} {
		if v.got == "" {
			continue
		}
		set++
		c.word(at+"."+v.key, v.got, v.lists, false)
	}
	switch {
	case set != 1:
		c.fault(at, "location_in, location_not_in, operator_in or recipient_in", "want one expectation, not %d", set)
	case (s.Polarity == "exclude") != (e.LocationNotIn != ""):
		c.fault(at, "location_not_in goes with exclude, the others with confine, default_in and disclose", "the indicator tests the other direction than its clause, which is %s", s.Polarity)
	case e.OperatorIn != "" && len(s.Operators) == 0:
		c.fault(at, "", "operator_in, but the clause names no operators")
	case e.LocationNotIn != "" && len(s.Places) == 0:
		c.fault(at, "", "location_not_in, but the clause names no places")
	case e.RecipientIn == "entities" && entities == 0:
		c.fault(at, "subject.entities lists the companies", "recipient_in entities, but the file names no entities")
	}
}

func (f *File) checkTies(c *checker, sources, clauses map[string]bool) {
	tie := func(path, clause string) {
		if !clauses[clause] {
			c.fault(path, "", "there is no clause %q", clause)
		}
	}
	for i, r := range f.Relations {
		at := fmt.Sprintf("relations[%d]", i)
		c.word(at+".type", r.Type, relations, false)
		tie(at+".from", r.From)
		tie(at+".to", r.To)
		if r.From == r.To {
			c.fault(at, "", "clause %q is tied to itself", r.From)
		}
	}
	for i := range f.Findings {
		v, at := &f.Findings[i], fmt.Sprintf("external_findings[%d]", i)
		c.day(at+".date", v.Date, false)
		c.text(at+".by", v.By)
		c.text(at+".finding", v.Finding)
		c.cite(at+".source", v.Source, sources)
		for j, clause := range v.BearsOn {
			tie(fmt.Sprintf("%s.bears_on[%d]", at, j), clause)
		}
	}
	for i := range f.Assurance {
		v, at := &f.Assurance[i], fmt.Sprintf("assurance[%d]", i)
		c.text(at+".name", v.Name)
		c.text(at+".says", v.Says)
		c.word(at+".rung", v.Rung, rungs(), false)
		c.cite(at+".source", v.Source, sources)
		c.day(at+".date", v.Date, true)
	}
}
