package promise

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// whole is a promise file without a fault; tests spoil it.
func whole(t testing.TB) string {
	t.Helper()
	_, text, err := Text("practice")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFaults(t *testing.T) {
	good := whole(t)
	if _, faults := Parse("p.yaml", []byte(good)); len(faults) > 0 {
		t.Fatalf("the whole file has a fault: %v", faults[0])
	}
	for _, test := range []struct {
		name, old, new string
		at, says       string // at is text on the line of the fault
	}{
		{"unknown key", "    places: [EEA]\n    scope", "    plcaes: [EEA]\n    scope", "plcaes", `unknown key "plcaes"`},
		{"unknown key in a flow mapping", "{users: {}, data: [any]}", "{users: {}, data: [any], date: x}", "date: x", `unknown key "date"`},
		{"Norway", "places: [IS, GB]", "places: [IS, false]", "false]", "false is a truth value, want text"},
		{"a number", "places: [IS, GB]", "places: [IS, 47]", "47]", "want text, not a value of type int"},
		{"nothing", "places: [IS, GB]", "places: [IS, ~]", "~]", "want text, not nothing"},
		{"unknown country", "places: [IS, GB]", "places: [IS, UK]", "UK]", "the code of the United Kingdom is GB"},
		{"small letters", "places: [IS, GB]", "places: [IS, gb]", "gb]", `write "GB"`},
		{"no country", "places: [IS, GB]", "places: [IS, XX]", "XX]", `unknown country "XX"`},
		{"unknown operator", "places: [IS, GB]", "places: [IS, GB]\n    operators: [acme]", "acme", `unknown operator "acme"`},
		{"impossible date", `published: "2026-01-01"`, `published: "2026-02-30"`, "02-30", `"2026-02-30" is no date`},
		{"published after it was read", `published: "2026-01-01"`, `published: "2027-01-01"`, "2027-01-01\"\n    ret", "after it was retrieved"},
		{"ends before it begins", `in_force: {from: "2027-01-01"}`, `in_force: {from: "2027-01-01", to: "2026-01-01"}`, "to:", "before it begins"},
		{"a clause twice", "id: no-cn-ru", "id: servers-eea", "", `the id "servers-eea" is given twice`},
		{"a source that is not there", "    source: policy\n    quote: We do not", "    source: polcy\n    quote: We do not", "polcy", `there is no source "polcy"`},
		{"a source nobody cites", "clauses:\n", "  - {id: idle, kind: press, url: \"https://a.example/\", retrieved: \"2026-01-01\", grade: secondary}\nclauses:\n", "idle", `nobody cites the source "idle"`},
		{"a dangling relation", "to: partners", "to: partner", "to: partner", `there is no clause "partner"`},
		{"unknown word", "aspect: remote_access", "aspect: remote", "aspect: remote", `unknown word "remote"`},
		{"the wrong direction", "expect: {location_not_in: places}", "expect: {location_in: places}", "", "tests the other direction"},
		{"two expectations", "expect: {location_not_in: places}", "expect: {location_not_in: places, location_in: places}", "", "want one expectation, not 2"},
		{"a raised ceiling", "    aspect: remote_access", "    aspect: remote_access\n    max_verdict: consistent", "max_verdict", "can be silent at most"},
		{"exhaustive without a list", "    polarity: exclude", "    polarity: exclude\n    exhaustive: true", "exhaustive: true", "only a list that discloses"},
		{"no data", "data: [any]}", "data: []}", "data: []", "data is missing"},
		{"another version", "apiVersion: abroad/v1", "apiVersion: abroad/v2", "abroad/v2", `this program reads "abroad/v1"`},
		{"a bad host", "hosts: [metrics.tally.example]", `hosts: ["metrics.*.example"]`, "metrics.*", "is no host pattern"},
		{"a quotation that is too long", "quote: We do not operate servers in China or Russia.", "quote: " + strings.Repeat("long ", 100), "long long", "at most 400 are allowed"},
		{"a quotation without words", "quote: We do not operate servers in China or Russia.", "quote: '** `'", "'** `'", "has no words"},
		{"a long key", "metadata:\n", strings.Repeat("k", maxKey+1) + ": x\nmetadata:\n", "kkk", "a key of 65 bytes, at most 64 are read"},
		{"a missing key", "    restates: Nobody outside the EEA can reach private videos.\n", "", "", "restates is missing"},
		{"a key twice", "  title: Practice", "  title: x\n  title: Practice", "title: Practice", "already defined"},
		{"a list for text", "    locator: Where our servers are", "    locator: [a]", "locator: [a]", "want text, not a list"},
		{"two documents", "apiVersion: abroad/v1", "a: b\n---\napiVersion: abroad/v1", "", "expected single document"},
		{"no YAML", "metadata:\n", "metadata: {\n", "", ""},
		{"a merge key", "metadata:\n", "x: &x {id: a}\nmetadata:\n  <<: *x\n", "<<", "a merge key"},
	} {
		if !strings.Contains(good, test.old) {
			t.Fatalf("%s: %q is not in the file", test.name, test.old)
		}
		text := strings.Replace(good, test.old, test.new, 1)
		_, faults := Parse("p.yaml", []byte(text))
		first := faults.First()
		if first == nil {
			t.Errorf("%s: no fault", test.name)
			continue
		}
		if !strings.HasPrefix(first.Error(), "p.yaml") || !strings.Contains(first.Says+" "+first.Hint, test.says) {
			t.Errorf("%s: %q, want %q", test.name, first.Error()+" / "+first.Hint, test.says)
		}
		if test.at != "" {
			if want := 1 + strings.Count(text[:strings.Index(text, test.at)], "\n"); first.Line != want {
				t.Errorf("%s: line %d, want %d: %s", test.name, first.Line, want, first)
			}
		}
	}
}

// TestNorway: an unquoted NO stays a country here, and the author is told what other readers make of it.
func TestNorway(t *testing.T) {
	text := strings.Replace(whole(t), "places: [IS, GB]", "places: [IE, NO, US]", 1)
	f, faults := Parse("p.yaml", []byte(text))
	if first := faults.First(); first != nil {
		t.Fatal(first)
	}
	if got := strings.Join(f.Clauses[4].Places, " "); got != "IE NO US" {
		t.Errorf("places are %q", got)
	}
	warned := false
	for _, fault := range faults {
		warned = warned || strings.Contains(fault.Says, "unquoted NO")
	}
	if !warned {
		t.Error("no warning")
	}
	if _, faults := Parse("p.yaml", []byte(strings.Replace(text, "NO,", `"NO",`, 1))); len(faults) > 1 { // one: the review is of other clauses
		t.Errorf("quoted: %v", faults[0])
	}
}

func TestTogether(t *testing.T) {
	a, _ := Parse("a.yaml", []byte(whole(t)))
	b, _ := Parse("b.yaml", []byte(whole(t)))
	if err := Together([]*File{a, b}); err == nil || !strings.Contains(err.Error(), `b.yaml:7: the promise "practice" is in a.yaml too`) {
		t.Errorf("two files of one id: %v", err)
	}
	b.Metadata.ID = "other"
	if err := Together([]*File{a, b}); err == nil || !strings.Contains(err.Error(), `the clause "servers-eea" is in a.yaml too`) {
		t.Errorf("two promises for one clause id: %v", err)
	}
	if err := a.About("org.example.practice"); err != nil {
		t.Error(err)
	}
	if err := a.About("org.other"); err == nil || !strings.Contains(err.Error(), `about org.example.practice, the audit about "org.other"`) {
		t.Errorf("another app: %v", err)
	}
}

// TestReview signs a draft, and changes it afterwards.
func TestReview(t *testing.T) {
	text := whole(t)
	draft := strings.Replace(text, "  review: reviewed\n", "  review: draft\n", 1)
	from, to := strings.Index(draft, "  review_record:"), strings.Index(draft, "subject:")
	draft = draft[:from] + draft[to:]
	f, faults := Parse("p.yaml", []byte(draft))
	if first := faults.First(); first != nil {
		t.Fatal(first)
	}
	if ok, _ := f.Reviewed(); ok {
		t.Fatal("a draft counts as reviewed")
	}
	signed, err := f.Review(Archived(), "A. Person", "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(signed, []byte("# every practice recording shows it")) {
		t.Error("a comment is lost")
	}
	f, faults = Parse("p.yaml", signed)
	if len(faults) > 0 {
		t.Fatal(faults[0])
	}
	if ok, why := f.Reviewed(); !ok {
		t.Fatal(why)
	}
	changed := strings.Replace(string(signed), "places: [EEA]", "places: [EEA, GB]", 1)
	f, faults = Parse("p.yaml", []byte(changed))
	if ok, _ := f.Reviewed(); ok || len(faults) == 0 || !faults[0].Warning || !strings.Contains(faults[0].Says, "counts as draft") {
		t.Errorf("a clause that changed after the review: reviewed %v, %v", ok, faults)
	}

	wrong := strings.Replace(draft, "quote: We do not operate servers in China or Russia.", "quote: We do not operate servers in China.", 1)
	f, _ = Parse("p.yaml", []byte(wrong))
	if _, err := f.Review(Archived(), "A. Person", "2026-11-24"); err == nil || !strings.Contains(err.Error(), `quotation of clause "no-cn-ru" does not occur in practice-policy.md`) {
		t.Errorf("a quotation that is not in the text: %v", err)
	}
	f, _ = Parse("p.yaml", []byte(draft))
	if _, err := f.Review(fstest.MapFS{}, "A. Person", "2026-11-24"); err == nil || !strings.Contains(err.Error(), `no archived text of the source "policy"`) {
		t.Errorf("no archive: %v", err)
	}
	changedText := fstest.MapFS{"practice-policy.md": {Data: []byte("another version")}}
	if _, err := f.Review(changedText, "A. Person", "2026-11-24"); err == nil || !strings.Contains(err.Error(), "has the hash") {
		t.Errorf("another version of the text: %v", err)
	}
}

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"in  servers\nlocated in [the *US*](https://x.example/a) ": "in servers located in the US",
		"TikTok’s “user data”":                                     `TikTok's "user data"`,
		"<p>one</p>\n<p>two</p>":                                   "one two",
		"a\u00a0b – c":                                             "a b - c",
		"**bold** and `code` \\[x]":                                "bold and code [x]",
	} {
		if got := plainText(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func compile(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("s.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("s.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// holds validates a YAML text against a schema.
func holds(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	var v any
	if err := yaml.Load(text, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestSchema holds the library, the skeleton and a policy against the published schemas, and spoilt ones.
func TestSchema(t *testing.T) {
	s := compile(t, "../../reports/schema/promise-1.json")
	for _, id := range Library() {
		_, text, err := Text(id)
		if err != nil {
			t.Fatal(err)
		}
		if err := holds(t, s, text); err != nil {
			t.Errorf("%s: %#v", id, err)
		}
	}
	skeleton, err := Skeleton("some-app", "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	if err := holds(t, s, skeleton); err != nil {
		t.Errorf("skeleton: %v", err)
	}
	if _, faults := Parse("skeleton", skeleton); len(faults) > 0 {
		t.Errorf("skeleton: %v", faults[0])
	}
	for old, spoilt := range map[string]string{
		"aspect: routing": "aspect: flying", "places: [EEA]": "places: [eea]", "reviewer:": "reviewed_by:", "hosts: [metrics.tally.example]": "hosts: [x]",
		"expect: {location_not_in: places}": "expect: {}", "rung: server-audit": "rung: roof", "verified: true": "verified: maybe", "min_up_bytes: 1024": "min_up_bytes: -1",
	} {
		text := strings.Replace(whole(t), old, spoilt, 1)
		if text == whole(t) {
			t.Fatalf("%q is not in the file", old)
		}
		if holds(t, s, []byte(text)) == nil {
			t.Errorf("%q passes the schema", spoilt)
		}
		if _, faults := Parse("p", []byte(text)); faults.First() == nil {
			t.Errorf("%q passes the program", spoilt)
		}
	}
	p := compile(t, "../../reports/schema/policy-1.json")
	text, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := holds(t, p, text); err != nil {
		t.Errorf("policy: %v", err)
	}
	if holds(t, p, []byte(strings.Replace(string(text), "lowest:", "least:", 1))) == nil {
		t.Error("a policy without grades passes the schema")
	}
}

// FuzzParse: no input makes it panic, and what has no fault can be judged on no evidence, prints the same twice, and survives a second reading.
func FuzzParse(f *testing.F) {
	for _, id := range Library() {
		_, text, err := Text(id)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("a: &a {b: *a}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, faults := Parse("f", text)
		for _, fault := range faults {
			if fault.Says == "" || fault.Line < 0 {
				t.Fatalf("a fault that says nothing: %+v", fault)
			}
		}
		if faults.First() != nil {
			return
		}
		for i, c := range Judge(file, &Evidence{}).Clauses {
			if c.Verdict.Outcome != "silent" {
				t.Fatalf("clause %d is %s on no evidence", i, c.Verdict.Outcome)
			}
		}
		file.Reach()
		again, _ := Parse("f", text)
		if again.Hash() != file.Hash() {
			t.Fatal("another hash the second time")
		}
	})
}

// A mapping of many keys would take minutes: the decoder compares each key with every other.
func TestWideMapping(t *testing.T) {
	var wide strings.Builder
	for i := range 45_000 {
		fmt.Fprintf(&wide, "k%d: x\n", i)
	}
	_, faults := Parse("p", []byte(wide.String()))
	if first := faults.First(); first == nil || first.Line != 1 || !strings.Contains(first.Says, "a mapping of 45000 keys") {
		t.Errorf("got %v", first)
	}
}
