package promise

import (
	"os"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

func testPolicy(t *testing.T) *Policy {
	t.Helper()
	text, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, faults := ParsePolicy("policy.yaml", text)
	if len(faults) > 0 {
		t.Fatal(faults[0])
	}
	return p
}

// TestPolicy weighs one contact against each rule. What is known less well than a rule asks for neither passes nor fails.
func TestPolicy(t *testing.T) {
	const pass, fail, undecided = audit.CasePass, audit.CaseFail, audit.CaseOpen
	bytedance := Recipient{Key: "bytedance", Name: "ByteDance", Seat: "CN", Verified: true}
	other := Recipient{Key: "other", Name: "Other", Seat: "US", Verified: true}
	for _, test := range []struct {
		rule string
		x    Contact
		want audit.CaseOutcome
	}{
		{"no-cn", Contact{Place: in(3, "CN")}, fail},
		{"no-cn", Contact{Place: in(4, "IE")}, pass},
		{"no-cn", Contact{Place: in(2, "CN")}, undecided},
		{"no-cn", Contact{Place: in(2, "IE")}, undecided},
		{"no-cn", Contact{Place: edge("IE")}, undecided},
		{"no-cn", Contact{Place: Place{Grade: 4, Country: "IE", Edge: true, Within: []string{"IE"}}}, undecided},
		{"no-cn", Contact{Place: in(3, "CN"), Deaf: true}, undecided},
		{"no-cn", Contact{Place: in(3, "IE"), Deaf: true}, undecided}, // nothing is left that the rule speaks of
		{"no-cn", Contact{Place: Place{}}, undecided},
		{"no-cn", Contact{Place: in(3, "CN"), Owned: Owned{Grade: 1, Package: "org.test", UID: -1}}, undecided},
		{"no-cn", Contact{Place: in(3, "CN"), Owned: Owned{Grade: 3, Package: "com.other", UID: -1}}, undecided}, // nothing is selected
		{"own-servers-in-europe", Contact{Place: in(2, "IE")}, pass},
		{"own-servers-in-europe", Contact{Place: in(3, "GB")}, pass},
		{"own-servers-in-europe", Contact{Place: in(2, "US")}, fail},
		{"own-servers-in-europe", Contact{Place: in(1, "US")}, undecided},
		{"own-servers-in-europe", Contact{Host: "a.third.example", Place: in(3, "US")}, undecided},
		{"no-bytedance", Contact{Owner: bytedance}, fail},
		{"no-bytedance", Contact{Owner: other}, pass},
		{"no-bytedance", Contact{Owner: Recipient{Key: "bytedance", Name: "ByteDance"}}, undecided}, // a row that nobody read
		{"no-bytedance", Contact{}, undecided},
		{"no-bytedance", Contact{Owner: Recipient{Key: "BYTEDANCE", Name: "Beijing Byte", Verified: true}}, fail}, // by key, whatever the case
		{"no-bytedance", Contact{Owner: Recipient{Key: "x", Name: "BYTEDANCE", Verified: true}}, fail},
		{"no-bytedance", Contact{Owner: bytedance, Owned: Owned{Grade: 2, Package: "ORG.test", UID: -1}}, fail}, // the lowest grade is enough
		{"no-bytedance", Contact{Owner: bytedance, Owned: Owned{Grade: 1, Package: "org.test", UID: -1}}, undecided},
		{"known-clouds", Contact{Network: "AMAZON-02"}, pass},
		{"known-clouds", Contact{Network: "ORACLE-BMC"}, fail},
		{"known-clouds", Contact{Network: "Some Net"}, undecided},
	} {
		p := testPolicy(t)
		p.Rules = slices.DeleteFunc(p.Rules, func(r Rule) bool { return r.ID != test.rule })
		s := newScene(1, zoomFree()).seen(test.x)
		k := p.weigh(s.e, &p.Rules[0])
		if k.Outcome != test.want || len(k.Says) == 0 {
			t.Errorf("%s, %+v: %s (%s), want %s", test.rule, test.x, k.Outcome, plainWords(k.Says), test.want)
		}
	}
}

// TestPolicyTogether: one flow against a rule breaks it, however many others are known too little or keep it; groups are those of the day.
func TestPolicyTogether(t *testing.T) {
	p := testPolicy(t)
	europe := &p.Rules[1]
	s := newScene(1, zoomFree()).seen(Contact{Place: in(1, "US")}).seen(Contact{Place: in(2, "IE")}).seen(Contact{Place: in(2, "US")})
	if k := p.weigh(s.e, europe); k.Outcome != audit.CaseFail || len(k.Because) != 2 {
		t.Errorf("%s: %v", k.Outcome, k.Because)
	}
	s = newScene(1, zoomFree()).seen(Contact{Place: in(2, "IE")}).seen(Contact{Place: in(1, "US")})
	if k := p.weigh(s.e, europe); k.Outcome != audit.CaseOpen {
		t.Error(k.Outcome)
	}
	for day, want := range map[string]audit.CaseOutcome{"2019-06-01": audit.CasePass, "2021-06-01": audit.CaseFail} {
		s := newScene(1, zoomFree()).seen(Contact{Place: in(3, "GB")})
		s.e.AsOf = day
		if k := p.weigh(s.e, &Rule{Allow: Lists{Countries: []string{"EU"}}, Lowest: Lowest{Place: "L3", Attribution: "A2"}}); k.Outcome != want {
			t.Errorf("GB in the EU on %s: %s", day, k.Outcome)
		}
	}
	s = newScene(1, zoomFree()).seen(Contact{Place: in(3, "CN")})
	s.e.App = "Org.Test" // as its maker writes it; the system writes it otherwise
	if k := p.weigh(s.e, &p.Rules[0]); k.Outcome != audit.CaseFail {
		t.Errorf("another spelling of the app: %s", k.Outcome)
	}
	for _, c := range []struct {
		rule int
		says string
	}{{0, "L3 and A2"}, {2, "A2 and a recipient that was read at a source"}, {3, "A2 and a known operator of the network"}} {
		s := newScene(1, zoomFree()).seen(Contact{Place: in(1, "US")})
		if k := p.weigh(s.e, &p.Rules[c.rule]); k.Outcome != audit.CaseOpen || !slices.ContainsFunc(k.Missing, func(m string) bool { return strings.Contains(m, c.says) }) {
			t.Errorf("%s: %s, missing %q", p.Rules[c.rule].ID, k.Outcome, k.Missing)
		}
	}
}

// TestRuleWords: a rule says of a flow what it looks at: the place, the network, or the recipient.
func TestRuleWords(t *testing.T) {
	owner := Recipient{Key: "bytedance", Name: "ByteDance", Seat: "CN", Verified: true}
	unread := owner
	unread.Verified = false
	for _, test := range []struct {
		rule int
		x    Contact
		want string
	}{
		{0, Contact{Place: in(3, "CN"), Network: "Net", Owner: owner}, "api.first.example (in CN (test), L3, A3)."},
		{0, Contact{}, "api.first.example (no source names a country, L0, A3)."},
		{0, Contact{Place: in(3, "CN"), Deaf: true}, "(in CN (test), L3, A3; nobody answered)."},
		{2, Contact{Place: in(3, "CN"), Network: "Net", Owner: owner}, "api.first.example (a host of ByteDance, A3)."},
		{2, Contact{Owner: unread}, "api.first.example (a host of ByteDance by a row that is unverified or contested, A3)."},
		{2, Contact{}, "api.first.example (the owner table does not say whose, A3)."},
		{3, Contact{Network: "ORACLE-BMC", Place: in(3, "US")}, "api.first.example (network ORACLE-BMC, A3)."},
		{3, Contact{}, "api.first.example (no source names the network, A3)."},
	} {
		p := testPolicy(t)
		k := p.weigh(newScene(1, zoomFree()).seen(test.x).e, &p.Rules[test.rule])
		if got := plainWords(k.Says); !strings.HasSuffix(got, test.want) {
			t.Errorf("%s: %q, want %q", p.Rules[test.rule].ID, got, test.want)
		}
		for _, phrase := range k.Says { // what was read in traffic or tables is not in our own voice
			if strings.Contains(phrase.Ours, "ORACLE") || strings.Contains(phrase.Ours, "ByteDance") {
				t.Errorf("in our own voice: %q", phrase.Ours)
			}
		}
	}
}

func TestCode(t *testing.T) {
	promise := func(o audit.CaseOutcome) audit.Case { return audit.Case{Group: "promise p", Outcome: o} }
	rule := func(o audit.CaseOutcome) audit.Case { return audit.Case{Group: "policy p", Outcome: o} }
	for i, test := range []struct {
		cases  []audit.Case
		policy bool
		want   int
	}{
		{nil, false, CodeUndecided},
		{[]audit.Case{promise(audit.CaseOpen)}, false, CodeUndecided},
		{[]audit.Case{promise(audit.CaseOpen), promise(audit.CasePass)}, false, CodeFine},
		{[]audit.Case{promise(audit.CasePass), promise(audit.CaseFail)}, false, CodeContradicted},
		{[]audit.Case{promise(audit.CaseOpen), rule(audit.CasePass)}, true, CodeFine},
		{[]audit.Case{promise(audit.CasePass), rule(audit.CaseOpen), rule(audit.CasePass)}, true, CodeUndecided},
		{[]audit.Case{rule(audit.CaseOpen), rule(audit.CaseFail)}, true, CodeContradicted},
		{[]audit.Case{promise(audit.CaseFail), rule(audit.CasePass)}, true, CodeContradicted},
		{[]audit.Case{promise(audit.CasePass)}, true, CodeUndecided},
	} {
		if got := Code(test.cases, test.policy); got != test.want {
			t.Errorf("case %d: %d, want %d", i, got, test.want)
		}
	}
}

func TestPolicyFaults(t *testing.T) {
	text, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new, says string }{
		{"[CN, RU]", "[CN, XX]", `policy.yaml:8: unknown country "XX"`},
		{"[CN, RU]", "[CN, false]", "policy.yaml:8: false is a truth value"},
		{"[amazon, google]", "[amazon, acme]", `policy.yaml:19: unknown operator "acme"`},
		{"lowest: {place: L3, attribution: A2}", "lowest: {attribution: A2}", "place is missing"},
		{"lowest: {place: L3, attribution: A2}", "lowest: {place: L5, attribution: A2}", `unknown word "L5"`},
		{"deny: {organisations: [ByteDance]}", "deny: {organisations: [ByteDance], countries: [CN]}", "a rule has one list, not 2"},
		{"deny: {organisations: [ByteDance]}\n", "deny: {}\n", "a rule has one list, not 0"},
		{"first_party: [first.example]\n", "", "names no first_party domains"},
		{"kind: Policy", "kind: Promise", `kind is "Promise", want "Policy"`},
		{"id: no-bytedance", "id: no-cn", `the id "no-cn" is given twice`},
		{"says: nothing", "say: nothing", `unknown key "say"`},
		{string(text), "", "policy.yaml: there is nothing in it"},
	} {
		spoilt := strings.Replace(string(text), test.old, test.new, 1)
		_, faults := ParsePolicy("policy.yaml", []byte(spoilt))
		if first := faults.First(); first == nil || !strings.Contains(first.Error(), test.says) {
			t.Errorf("%q: %v, want %q", test.new, first, test.says)
		} else if strings.Contains(first.Hint, "promise new") { // it writes no policy
			t.Errorf("%q: hint %q", test.new, first.Hint)
		}
	}
}

// TestClauseCase: a case says the verdict as the report does.
func TestClauseCase(t *testing.T) {
	for _, test := range []struct {
		verdict audit.Verdict
		outcome audit.CaseOutcome
		word    string
	}{
		{audit.Verdict{Outcome: audit.Contradicted}, audit.CaseFail, "contradicted"},
		{audit.Verdict{Outcome: audit.Consistent}, audit.CasePass, "consistent"},
		{audit.Verdict{Outcome: audit.Consistent, Weak: true}, audit.CasePass, "consistent (weak)"},
		{audit.Verdict{Outcome: audit.Silent, Reason: audit.EdgeOnly}, audit.CaseOpen, "silent(edge_only)"},
	} {
		a := &audit.Audit{Promises: []audit.Promise{{File: "p", Clauses: []audit.Clause{{Key: "c", Restates: "r", Verdict: test.verdict}}}}}
		k := Cases(a, nil)[0]
		if k.Outcome != test.outcome || k.Word != test.word || k.Group != "promise p" || k.ID != "c" || k.Title != "r" {
			t.Errorf("%+v", k)
		}
	}
}
