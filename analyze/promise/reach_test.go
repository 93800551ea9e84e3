package promise

import (
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// TestReach spoils a clause that could be contradicted, one way at a time: exactly that is said, and less can be reached.
func TestReach(t *testing.T) {
	whole := func() *scene {
		return newScene(1, Clause{Polarity: "confine", Aspect: "routing", Places: []string{"EEA"}, Indicators: locationIn(Select{Party: "first"})})
	}
	if r := whole().file.Reach()[0]; r.Most != audit.Contradicted || len(r.Why) > 0 {
		t.Fatalf("the whole clause: %s, %q", r.Most, r.Why)
	}
	for name, test := range map[string]struct {
		spoil func(*scene)
		most  audit.Ruling
		says  string
	}{
		"storage":     {func(s *scene) { s.clause().Aspect = "storage_at_rest" }, audit.Consistent, "it is about storage_at_rest"},
		"access":      {func(s *scene) { s.clause().Aspect = "remote_access" }, audit.Silent, "it is about remote_access"},
		"max_verdict": {func(s *scene) { s.clause().MaxVerdict = "consistent" }, audit.Consistent, "max_verdict lowers it to consistent"},
		"plan":        {func(s *scene) { s.clause().Force = "plan" }, audit.Silent, "a plan is never in force"},
		"open list":   {func(s *scene) { s.clause().Polarity = "disclose" }, audit.Consistent, "its list is open"},
		"commitment":  {func(s *scene) { s.clause().Polarity = "commit" }, audit.Consistent, "it commits to no place"},
		"no test":     {func(s *scene) { s.clause().Indicators = nil }, audit.Silent, "it has no indicator"},
		"no places":   {func(s *scene) { s.clause().Places = nil }, audit.Silent, "it names no places and no operators"},
		"exception": {func(s *scene) { s.clause().Exceptions = []Exception{{ID: "odd", Testable: "payload"}} }, audit.Consistent,
			"the exception odd cannot be tested by network"},
		"secondary":     {func(s *scene) { s.file.Sources[0].Grade = "secondary" }, audit.Consistent, "its source policy is secondary, not primary"},
		"unknown maker": {func(s *scene) { s.file.Subject.FirstParty = FirstParty{} }, audit.Consistent, "the maker's domains, and none is"},
		"unseen maker":  {func(s *scene) { s.file.Subject.FirstParty.Verified = false }, audit.Consistent, "the maker's domains, which are not verified"},
		"content":       {func(s *scene) { s.clause().Scope.Data = []string{"personal"} }, audit.Consistent, "decryption is not built in"},
	} {
		s := whole()
		test.spoil(s)
		s.sign()
		if r := s.file.Reach()[0]; r.Most != test.most || len(r.Why) != 1 || !strings.Contains(r.Why[0], test.says) {
			t.Errorf("%s: %s, %q; want %s, %q", name, r.Most, r.Why, test.most, test.says)
		}
	}
	s := whole()
	s.file.Metadata.Record = nil
	if r := s.file.Reach()[0]; r.Most != audit.Consistent || len(r.Why) != 1 || !strings.Contains(r.Why[0], "it says reviewed but has no review record") {
		t.Errorf("no record: %s, %q", r.Most, r.Why)
	}
	s = newScene(1, Clause{Polarity: "disclose", Exhaustive: true, Aspect: "recipient", Indicators: []Indicator{{ID: "n", Reads: "r", Expect: Expect{RecipientIn: "entities"}}}})
	if r := s.file.Reach()[0]; r.Most != audit.Contradicted || len(r.Why) > 0 {
		t.Errorf("a closed list of companies needs no places: %s, %q", r.Most, r.Why)
	}
}

// TestCeilings holds the strongest verdict of every aspect, whatever a file asks for.
func TestCeilings(t *testing.T) {
	want := map[string]audit.Ruling{
		"routing": audit.Contradicted, "processing": audit.Contradicted, "operator": audit.Contradicted, "recipient": audit.Contradicted,
		"storage_at_rest": audit.Consistent, "remote_access": audit.Silent, "onward_transfer": audit.Silent, "key_custody": audit.Silent,
		"governance": audit.Silent, "oversight": audit.Silent,
	}
	if len(want) != len(aspects) {
		t.Errorf("%d aspects, want %d", len(aspects), len(want))
	}
	for name, most := range want {
		for _, asked := range append([]string{""}, verdicts...) {
			c := Clause{Aspect: name, Polarity: "confine", MaxVerdict: asked}
			if got := c.ceiling(); rank(got) > rank(most) || asked == "" && got != most || asked != "" && rank(got) > rank(audit.Ruling(asked)) {
				t.Errorf("%s with max_verdict %q: %s", name, asked, got)
			}
		}
		if a := aspectNamed(name); a.Weak != (name == "storage_at_rest") || a.Why == "" {
			t.Errorf("%+v", *a)
		}
	}
}

// TestLadder puts every force on its rung.
func TestLadder(t *testing.T) {
	for force, want := range map[string]string{"contractual": "contract", "legal_text": "policy", "public_statement": "claim", "reported": "claim", "plan": "claim"} {
		f := &File{Clauses: []Clause{{ID: "c", Force: force}}, Assurance: []Assurance{{Name: "n", Rung: "server-audit"}}}
		for _, r := range f.ladder() {
			if (len(r.Clauses) > 0) != (r.Key == want) || (len(r.Audits) > 0) != (r.Key == "server-audit") {
				t.Errorf("%s: on rung %s", force, r.Key)
			}
		}
	}
	if want := []string{"claim", "policy", "contract", "traffic", "server-audit", "source"}; !slices.Equal(rungs(), want) {
		t.Errorf("the rungs are %q", rungs())
	}
}
