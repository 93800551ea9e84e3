package promise

import (
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

func TestOperator(t *testing.T) {
	for _, test := range []struct {
		x    Contact
		want string
	}{
		{Contact{Network: "AMAZON-02"}, "amazon"},
		{Contact{Network: "Oracle Corporation"}, "oracle"},
		{Contact{Network: "Alibaba (US) Technology"}, "alibaba"},
		{Contact{Network: "METAL-NET"}, ""},                                  // a word, not its beginning
		{Contact{Network: "Google and Amazon exchange"}, ""},                 // two of them
		{Contact{Network: "Some Net", Operator: "amazon"}, "amazon"},         // by its number
		{Contact{Network: "Oracle Fans eV", Operator: "hetzner"}, "hetzner"}, // the number wins
		{Contact{Network: "EdgeCast Networks", Operator: "edgio"}, "edgio"},  // somebody whom no file can name
		{Contact{}, ""},
	} {
		if got := test.x.operator(); got != test.want {
			t.Errorf("%+v: %q, want %q", test.x, got, test.want)
		}
	}
	real, practice, ok := strings.Cut(strings.TrimPrefix(operatorHint(), "one of "), "; in practice recordings also ")
	if list := strings.Split(real, ", "); !ok || len(list) < 20 || !slices.IsSorted(list) || strings.Contains(real, practiceKey) || !slices.Contains(list, "oracle") {
		t.Errorf("the real operators are %q", real)
	}
	for _, key := range strings.Split(practice, ", ") {
		if !strings.HasPrefix(key, practiceKey) || !knownOperator(key) {
			t.Errorf("a practice operator %q", key)
		}
	}
}

// TestRecipientNamed: what a closed list of recipients is held against is named, with its seat.
func TestRecipientNamed(t *testing.T) {
	s := newScene(4, Clause{
		Polarity: "disclose", Exhaustive: true, Aspect: "recipient", Places: []string{"US"},
		Indicators: []Indicator{{ID: "test", Reads: "r", Select: Select{}, Expect: Expect{RecipientIn: "places"}}},
	}).seen(Contact{Host: "x.third.example", Place: in(3, "US"), Owner: Recipient{Key: "k", Name: "Third Ltd", Seat: "SG", Verified: true}})
	v := s.verdict(t)
	if v.Outcome != audit.Contradicted || !strings.Contains(plainWords(v.Says), "x.third.example, a host of Third Ltd (legal seat SG), located in US") {
		t.Errorf("%s: %s", v.Outcome, plainWords(v.Says))
	}
	for i := range s.e.Contacts {
		s.e.Contacts[i].Owner.Verified = false
	}
	if v := s.verdict(t); v.Outcome != audit.Silent || len(v.Leads) > 0 {
		t.Errorf("an owner from memory: %s, %d leads", v.Outcome, len(v.Leads))
	}
}

// TestNeverEnough: where no traffic decides, the flag that would record a field is not called enough.
func TestNeverEnough(t *testing.T) {
	s := newScene(10, Clause{Polarity: "commit", Aspect: "governance", Scope: Scope{Users: Users{Residence: []string{"GB"}}}})
	v := s.verdict(t)
	if v.Reason != audit.ScopeUnknown || len(v.Missing) != 2 || !strings.Contains(v.Missing[0], "--residence") || !strings.Contains(v.Missing[1], "governance leaves no packet") {
		t.Errorf("%s, missing %q", v.Reason, v.Missing)
	}
}

// TestNamedRecipients: a closed list of the file's own entities; an owner from memory counts neither way.
func TestNamedRecipients(t *testing.T) {
	scene := func(owner string, verified bool) *scene {
		s := newScene(5, Clause{
			Polarity: "disclose", Exhaustive: true, Aspect: "recipient",
			Indicators: []Indicator{{ID: "test", Reads: "r", Expect: Expect{RecipientIn: "entities"}}},
		}).seen(Contact{Host: "x.third.example", Place: in(3, "US"), Owner: Recipient{Key: "k", Name: owner, Seat: "US", Verified: verified}})
		s.file.Subject.Entities = []Entity{{Role: "host", Name: "Named Ltd"}}
		s.sign()
		return s
	}
	for _, test := range []struct {
		owner    string
		verified bool
		want     audit.Ruling
	}{{"NAMED ltd", true, audit.Consistent}, {"Other Ltd", true, audit.Contradicted}, {"Named Ltd", false, audit.Silent}, {"Other Ltd", false, audit.Silent}, {"", true, audit.Silent}} {
		if v := scene(test.owner, test.verified).verdict(t); v.Outcome != test.want {
			t.Errorf("%q, verified %v: %s(%s), want %s", test.owner, test.verified, v.Outcome, v.Reason, test.want)
		}
	}
}
