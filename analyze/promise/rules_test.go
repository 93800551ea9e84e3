package promise

import (
	"os"
	"strings"
	"testing"
)

// A spoiling replaces text of a whole file; the fault must stand on the line of at and say says.
type spoiling struct{ old, new, at, says string }

// firstFault finds what stops a file, or the first warning where warn.
func firstFault(faults Faults, warn bool) *Fault {
	for _, f := range faults {
		if f.Warning == warn {
			return f
		}
	}
	return nil
}

func (s *spoiling) check(t *testing.T, good string, warn bool, parse func([]byte) Faults) {
	t.Helper()
	if strings.Count(good, s.old) == 0 {
		t.Fatalf("%q is not in the file", s.old)
	}
	text := strings.Replace(good, s.old, s.new, 1)
	f := firstFault(parse([]byte(text)), warn)
	if f == nil {
		t.Errorf("%q: no fault, want %q", s.new, s.says)
		return
	}
	at := strings.Index(text, s.at)
	if at < 0 {
		t.Fatalf("%q is not in the spoilt file", s.at)
	}
	if want := 1 + strings.Count(text[:at], "\n"); f.Line != want || !strings.Contains(f.Says+" / "+f.Hint, s.says) {
		t.Errorf("%q: line %d: %s / %s, want %q on line %d", s.new, f.Line, f.Says, f.Hint, s.says, want)
	}
}

// TestRules breaks one rule after the other, and wants the fault on the line that breaks it.
func TestRules(t *testing.T) {
	good := whole(t)
	const force = "    force: legal_text\n    polarity: confine\n    aspect: routing\n"
	for _, s := range []spoiling{
		{"kind: Promise", "kind: Promises", "kind:", `kind is "Promises", want "Promise"`},
		{"kind: Promise", "kind: Policy", "kind:", "--policy FILE reads it"},
		{"  title: Practice - where the practice app says its servers are\n", "", "metadata:", "title is missing"},
		{"id: practice\n", "id: Practice\n", "id: Practice", `id: cannot be "Practice"`},
		{`compiled: "2026-11-23"`, "compiled: 2026-11-31", "compiled", `"2026-11-31" is no date`},
		{"review: reviewed", "review: checked", "review: checked", `unknown word "checked"`},
		{`reviewer: "Practice reviewer (invented)"`, `reviewer: " "`, "reviewer:", "reviewer is missing"},
		{`    date: "2026-11-23"`, `    date: "2026-02-29"`, "date:", `"2026-02-29" is no date`},
		{"    date: \"2026-11-23\"\n", "", "review_record:", "date is missing"},
		{"clauses_sha256: \"0e22", "clauses_sha256: \"0E22", "clauses_sha256", "64 hexadecimal digits"},
		{`- {source: "policy", sha`, `- {source: "polcy", sha`, "polcy", `there is no source "polcy"`},
		{`sha256: "94ef`, `sha256: "04ef`, "04ef", `the source "policy" has another hash`},
		{`sha256: "94ef`, `sha256: "4ef`, "4ef", "64 hexadecimal digits"},
		{"kind: legal_text", "kind: law", "kind: law", `unknown word "law"`},
		{"grade: primary", "grade: best", "grade: best", `unknown word "best"`},
		{"url: \"https://www.practice.example/privacy\"", "url: www.practice.example/privacy", "url:", "is no address"},
		{"    retrieved: \"2026-08-31\"\n", "", "- id: policy", "retrieved is missing"},
		{`type: "file"`, `type: "copy"`, "archive:", `unknown word "copy"`},
		{`ref: "practice-policy.md"`, `ref: ""`, "archive:", "ref is missing"},
		{"app: {name: Practice,", "app: {name: '',", "app:", "name is missing"},
		{"role: controller", "role: boss", "boss", `unknown word "boss"`},
		{"country: IS, source", "country: ISL, source", "ISL", `unknown country "ISL"`},
		{"country: IS, source", "country: EU, source", "country: EU", `country: "EU" is a group`},
		{"country: IS, source: policy", "country: IS, source: nowhere", "nowhere", `there is no source "nowhere"`},
		{"country: IS, source: policy", "country: IS", "controller", "source is missing"},
		{"country: IS, source: policy", "country: IS, source: policy, from: 2026-06-31", "controller", `"2026-06-31" is no date`},
		{"country: IS, source: policy", "country: IS, source: policy, from: 2026-06-30, to: 2026-06-29", "controller", "before it begins"},
		{"{name: practice.example, source: policy}", "{name: practice.example}", "name: practice.example", "source is missing"},
		{"name: practice.example,", `name: "*.practice.example",`, "*.practice", `"*.practice.example" is no domain`},
		{"name: practice.example,", "name: co.uk,", "co.uk", `suffix "co.uk" is a public suffix`},
		{"name: practice.example,", "name: github.io,", "github.io", `suffix "github.io" is a public suffix`},
		{"name: practice.example,", "name: 192.0.2.1,", "192.0.2.1", "want a domain name"},
		{"name: practice.example,", "name: Practice.example,", "Practice.example,", `"Practice.example" is no domain`},
		{"    quote: We do not operate servers in China or Russia.\n", "", "- id: no-cn-ru", `reviewed, but clause "no-cn-ru" has no quotation`},
		{force, strings.Replace(force, "legal_text", "law", 1), "force: law", `unknown word "law"`},
		{force, strings.Replace(force, "confine", "only", 1), "polarity: only", `unknown word "only"`},
		{`in_force: {from: "2026-01-01"}`, "in_force: {to: 2026-01-01}", "in_force:", "from is missing"},
		{`in_force: {from: "2026-01-01"}`, "in_force: {from: 2026-01-01, precision: decade}", "in_force:", `unknown word "decade"`},
		{`in_force: {from: "2026-01-01"}`, "in_force: {from: 2026-04-31}", "in_force:", `"2026-04-31" is no date`},
		{`in_force: {from: "2026-01-01"}`, "in_force: {from: 2026-01-01, to: 2027-02-29}", "in_force:", `"2027-02-29" is no date`},
		{"users: {}", "users: {residence: [GB, XX]}", "XX", `unknown country "XX"`},
		{"users: {}", "users: {not_residence: [Germany]}", "Germany", `unknown country "Germany"`},
		{"users: {}", "users: {tier: gold}", "gold", `unknown word "gold"`},
		{"    places: [EEA]\n", "    places: [EEA]\n    max_verdict: strong\n", "max_verdict", `unknown word "strong"`},
		{"    places: [EEA]\n", "    places: [EEA]\n    operators: [oracle, acme]\n", "operators:", "one of akamai, alibaba, amazon"},
		{"    places: [CN, RU]\n", "", "- id: no-cn-ru", "excludes nothing"},
		{"    places: [CN, RU]\n", "    operators: [oracle]\n", "expect: {location_not_in", "location_not_in, but the clause names no places"},
		{"    places: [EEA]\n", "    places: [EEA]\n    exceptions: [{id: x, text: x, testable: payload, hosts: [a.practice.example]}]\n", "exceptions:", "testable by network only"},
		{"    places: [EEA]\n", "    places: [EEA]\n    exceptions: [{id: x, text: x, testable: network, hosts: [a_]}]\n", "exceptions:", "is no host pattern"},
		{"    places: [EEA]\n", "    places: [EEA]\n    exceptions: [{id: x, text: x, testable: 'no', source: nowhere}]\n", "exceptions:", `there is no source "nowhere"`},
		{"    places: [EEA]\n", "    places: [EEA]\n    exceptions: [{id: x, text: x, testable: perhaps}]\n", "exceptions:", `unknown word "perhaps"`},
		{"    places: [EEA]\n", "    places: [EEA]\n    exceptions: [{id: x, text: '', testable: 'no'}]\n", "exceptions:", "text is missing"},
		{"    polarity: confine", "    polarity: commit", "indicators:", "a commitment without a place"},
		{"expect: {location_in: places}", "expect: {}", "expect: {}", "want one expectation, not 0"},
		{"expect: {location_in: places}", "expect: {location_in: operators}", "expect:", `unknown word "operators"`},
		{"expect: {location_in: places}", "expect: {operator_in: operators}", "expect:", "the clause names no operators"},
		{"reads: hosts under", "reads: ''\n        # ", "reads:", "reads is missing"},
		{"select: {party: first, direction: any}", "select: {party: second}", "party: second", `unknown word "second"`},
		{"select: {party: first, direction: any}", "select: {direction: sideways}", "sideways", `unknown word "sideways"`},
		{"action: [post_private_video]", "action: [Post it]", "Post it", `cannot be "Post it"`},
		{"type: in_tension", "type: in_love", "in_love", `unknown word "in_love"`},
		{"to: partners", "to: servers-eea", "to: servers-eea", `clause "servers-eea" is tied to itself`},
		{"rung: server-audit", "rung: roof", "roof", `unknown word "roof"`},
		{`date: "2026-06-30"}`, `date: "2026-06-31"}`, "2026-06-31", `"2026-06-31" is no date`},
		{"assurance:\n", "external_findings:\n  - {date: '', by: b, finding: f, source: policy}\nassurance:\n", "by: b", "date is missing"},
		{"assurance:\n", "external_findings:\n  - {date: 2026-01-01, by: '', finding: f, source: policy}\nassurance:\n", "finding: f", "by is missing"},
		{"assurance:\n", "external_findings:\n  - {date: 2026-01-01, by: b, finding: f, source: x}\nassurance:\n", "by: b", `there is no source "x"`},
		{"assurance:\n", "external_findings:\n  - {date: 2026-01-01, by: b, finding: f, source: policy, bears_on: [partners, x]}\nassurance:\n", "by: b", `there is no clause "x"`},
	} {
		s.check(t, good, false, func(text []byte) Faults { _, faults := Parse("p.yaml", text); return faults })
	}
}

// TestWarnings: what does not stop an audit is said all the same, on its line.
func TestWarnings(t *testing.T) {
	good := whole(t)
	record := good[strings.Index(good, "  review_record:"):strings.Index(good, "subject:")]
	for _, s := range []spoiling{
		{record, "", "review: reviewed", "reviewed without a review_record: it counts as draft"},
		{"restates: No first-party server", "restates: No server", "review_record:", "the review was of other clauses: it counts as draft"},
		{"country: IS,", "country: NO,", "country: NO", "unquoted NO"},
		{"users: {}", "users: {residence: [NO]}", "users: {residence", "unquoted NO"},
		{"users: {}", "users: {not_residence: [NO]}", "users: {not_residence", "unquoted NO"},
		{"    places: [IE]\n", "    places: []\n", "places: []", "confines to nothing that is named"},
	} {
		s.check(t, good, true, func(text []byte) Faults {
			_, faults := Parse("p.yaml", text)
			return withoutOther(faults, s.says)
		})
	}
}

// withoutOther drops the warning that follows from any change of a reviewed clause, unless it is the one that is asked for.
func withoutOther(faults Faults, says string) (list Faults) {
	for _, f := range faults {
		if !strings.Contains(f.Says, "other clauses") || strings.Contains(says, "other clauses") {
			list = append(list, f)
		}
	}
	return list
}

// TestAllFaults: every fault of a file is found at once, in the order of its lines; ties that dangle at both ends are two.
func TestAllFaults(t *testing.T) {
	text := strings.NewReplacer(`to: partners, note`, "to: y, note", "from: servers-eea", "from: x", "grade: primary", "grade: best", "places: [IE]", "places: [IR, ZZ]",
		"clauses:\n", "  - {id: idle, kind: press, url: \"https://a.example/\", retrieved: \"2026-01-01\", grade: secondary}\nclauses:\n").Replace(whole(t))
	_, faults := Parse("p.yaml", []byte(text))
	var says []string
	line := 0
	for _, f := range faults {
		if f.Line < line {
			t.Errorf("line %d after line %d", f.Line, line)
		}
		if line = f.Line; !f.Warning {
			says = append(says, f.Says)
		}
	}
	want := `grade: unknown word "best"|nobody cites the source "idle"|unknown country "ZZ"|there is no clause "x"|there is no clause "y"`
	if got := strings.Join(says, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPolicyRules breaks one rule of a policy after the other.
func TestPolicyRules(t *testing.T) {
	text, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []spoiling{
		{"apiVersion: abroad/v1", "apiVersion: abroad/v2", "apiVersion", `this program reads "abroad/v1"`},
		{"kind: Policy", "kind: Promise", "kind:", "--promise FILE reads it"},
		{"{id: acme,", "{id: '',", "metadata:", "id is missing"},
		{"[first.example]", `["*.first.example"]`, "first_party", `"*.first.example" is no domain`},
		{"[first.example]", "[first.example, com.au]", "first_party", `suffix "com.au" is a public suffix`},
		{string(text[strings.Index(string(text), "rules:"):]), "rules: []\n", "rules:", "no rules"},
		{"[amazon, google]", "[amazon, acme]", "amazon, acme", "one of akamai, alibaba, amazon"},
		{"[amazon, google]}\n    select: {party: first}\n    lowest: {attribution: A2}", "[amazon]}\n    lowest: {}", "lowest: {}", "attribution is missing"},
		{"select: {party: first}", "select: {party: second}", "second", `unknown word "second"`},
		{"select: {party: first}", "select: {direction: sideways}", "sideways", `unknown word "sideways"`},
		{"select: {party: first}", "select: {action: [Post it]}", "Post it", `cannot be "Post it"`},
		{"select: {party: first}", "select: {hosts: [x]}", "hosts: [x]", "is no host pattern"},
		{"attribution: A2}\n  - id: own", "attribution: A4}\n  - id: own", "A4", `unknown word "A4"`},
		{"deny: {countries: [CN, RU]}", "deny: {countries: [CN, RU]}\n    allow: {countries: [EEA]}", "- id: no-cn", "a rule has one list, not 2"},
		{"id: no-cn", "id: No CN", "id: No CN", `cannot be "No CN"`},
		{"metadata: {id: acme, title: what ACME lets an app do}", "metadata: acme", "metadata:", "want a mapping, not text"},
	} {
		s.check(t, string(text), false, func(text []byte) Faults { _, faults := ParsePolicy("p.yaml", text); return faults })
	}
	for _, s := range []spoiling{
		{"lowest: {attribution: A2}", "lowest: {place: L3, attribution: A2}", "", "does not look at places"},
		{"first_party: [first.example]\n", "", "", "names no first_party domains"},
	} {
		spoilt := strings.Replace(strings.ReplaceAll(string(text), "party: first", "party: third"), s.old, s.new, 1)
		_, faults := ParsePolicy("p.yaml", []byte(spoilt))
		if f := faults.First(); f == nil || f.Line == 0 || !strings.Contains(f.Says, s.says) {
			t.Errorf("%q: %v, want %q", s.new, f, s.says)
		}
	}
	_, faults := ParsePolicy("p.yaml", []byte(strings.Replace(string(text), "[CN, RU]", "[CN, NO]", 1)))
	if f := firstFault(faults, true); f == nil || f.Line != 8 || !strings.Contains(f.Says, "unquoted NO") {
		t.Errorf("an unquoted NO in a policy: %v", f)
	}
}

// TestNoEntities: recipients by name are those of the file, of which there must be some.
func TestNoEntities(t *testing.T) {
	text := strings.Replace(whole(t), "        expect: {location_in: places}", "        expect: {recipient_in: entities}", 1)
	if _, faults := Parse("p.yaml", []byte(text)); faults.First() != nil {
		t.Fatal(faults.First())
	}
	s := spoiling{"  entities:\n    - {role: controller, name: Practice Labs Ltd, country: IS, source: policy}\n", "  entities: []\n", "expect: {recipient_in", "the file names no entities"}
	s.check(t, text, false, func(text []byte) Faults { _, faults := Parse("p.yaml", text); return faults })
}

// TestCheckOrganisations: a rule over a company that nobody knows would deny nothing, so that it is a fault on its line.
func TestCheckOrganisations(t *testing.T) {
	p := testPolicy(t)
	if faults := p.CheckOrganisations(func(name string) bool { return name == "ByteDance" }); len(faults) > 0 {
		t.Error(faults[0])
	}
	faults := p.CheckOrganisations(func(string) bool { return false })
	if len(faults) != 1 || faults[0].Error() != `policy.yaml:16: unknown organisation "ByteDance"` || !strings.Contains(faults[0].Hint, "abroad owner --list") {
		t.Errorf("%v", faults)
	}
}

// TestArchiveHash: the hash of an archived text has 64 digits, with or without a review.
func TestArchiveHash(t *testing.T) {
	draft := strings.Replace(whole(t), "review: reviewed", "review: draft", 1)
	draft = draft[:strings.Index(draft, "  review_record:")] + draft[strings.Index(draft, "subject:"):]
	s := spoiling{`sha256: "94ef`, `sha256: "94`, "archive:", "64 hexadecimal digits"}
	s.check(t, draft, false, func(text []byte) Faults { _, faults := Parse("p.yaml", text); return faults })
}

// TestLimits: what strangers write is bounded before anything is made of it.
func TestLimits(t *testing.T) {
	deep := strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2)
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 5 {
		n := string(rune('0' + i))
		bomb += "a" + string(rune('1'+i)) + ": &a" + string(rune('1'+i)) + " [" + strings.TrimSuffix(strings.Repeat("*a"+n+", ", 10), ", ") + "]\n"
	}
	for name, text := range map[string]string{"deep": deep, "aliases of aliases": bomb} {
		_, faults := Parse("p.yaml", []byte(text))
		if f := faults.First(); f == nil || !strings.Contains(f.Says, "too deep or too large") {
			t.Errorf("%s: %v", name, f)
		}
	}
	_, faults := Parse("p.yaml", []byte("# "+strings.Repeat("x", MaxFile)+"\n"))
	if f := faults.First(); f == nil || !strings.Contains(f.Says, "longer than 1048576 bytes") {
		t.Errorf("long: %v", f)
	}
}

// TestAliasLine: what an alias stands for is on the line of the alias, and what is in it where it was written.
func TestAliasLine(t *testing.T) {
	text := twoSources + "  - *first\n"
	f, faults := Parse("p.yaml", []byte(text))
	first := faults.First()
	if first == nil || !strings.Contains(first.Says, `the id "in-one" is given twice`) {
		t.Fatalf("%v", first)
	}
	if got, want := f.lines["clauses[2]"], strings.Count(text, "\n"); got != want {
		t.Errorf("the alias is on line %d, want %d", got, want)
	}
	if got, want := first.Line, 1+strings.Count(text[:strings.Index(text, "id: in-one")], "\n"); got != want {
		t.Errorf("the id is on line %d, want %d", got, want)
	}
}
