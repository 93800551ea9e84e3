package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"abroad/analyze/audit"
)

// theirs are words that the linter refuses and marks that could end a quotation: in somebody else's mouth both are allowed.
const theirs = "we transfer it; it is illegal, \"safe\", ”proven“ and stored in IE </q><b>x</b> | `y` =1+1"

// withPromise is the small sample with a promise that has every kind of verdict.
func withPromise() *audit.Audit {
	a := small()
	ours := func(s string) []audit.Phrase {
		return []audit.Phrase{{Ours: s + " "}, {Theirs: theirs + " S"}, {Ours: "."}}
	}
	clause := func(n int, key string, v audit.Verdict) audit.Clause {
		v.ID, v.Says, v.Sessions = id('v', n), ours("Ours about "+key+":"), 7
		if v.Because == nil {
			v.Because = []audit.ID{id('s', 1)}
		}
		c := audit.Clause{
			Key: key, Source: "policy", Quote: theirs + " Q", Restates: theirs + " R", Force: "legal_text", Polarity: "confine", Aspect: "routing", Places: []string{"EEA"},
			Expanded: []string{"IE", "NO"}, Users: []audit.Foreign{"residence " + theirs}, Data: []audit.Foreign{"any"}, From: "2026-01-01", Ceiling: audit.Contradicted, Verdict: v,
			Indicators: []audit.Indicator{{Key: "hosts", Reads: theirs + " I", Result: "held", Flows: 3, Sessions: 2}},
			Exceptions: []audit.Exception{{Key: "x", Text: theirs + " E", Testable: "network"}},
		}
		return c
	}
	storage := clause(3, "storage", audit.Verdict{Outcome: audit.Silent, Reason: audit.NotObservable, Detail: "storage_at_rest", Missing: []string{"evidence from behind the server"},
		Leads: []audit.Lead{
			{Kind: audit.LeadStrong, Indicator: "hosts", Says: ours("Not a finding."), Missing: []audit.Reason{audit.NotObservable}, Because: []audit.ID{id('f', 1)}},
			{Kind: audit.LeadNotNamed, Indicator: "hosts", Says: ours("Not named in the disclosure."), Missing: []audit.Reason{audit.NotObservable}, Because: []audit.ID{id('f', 1)}},
		}})
	storage.Aspect, storage.Ceiling, storage.Quote = "storage_at_rest", audit.Consistent, ""
	access := clause(4, "access", audit.Verdict{Outcome: audit.Silent, Reason: audit.NotObservable, Detail: "remote_access"})
	access.Aspect, access.Ceiling = "remote_access", audit.Silent
	a.Promises = []audit.Promise{{
		ID: id('p', 1), File: "sample", Title: theirs + " T", SHA256: digest("promise"), Compiled: "2026-11-01", Review: audit.ReviewReviewed, Reviewer: theirs + " W", Reviewed: "2026-11-02",
		App: "Sample", AppIDs: []string{"org.sample"}, FirstParty: []audit.FirstParty{{Domain: "sample.example", Source: "policy"}}, Verified: true,
		Entities: []audit.Entity{{Role: "controller", Name: theirs, Country: "IE", Source: "policy"}},
		Sources:  []audit.Source{{Key: "policy", Kind: "legal_text", URL: "https://sample.example/p", Published: "2026-01-01", Retrieved: "2026-11-01", Grade: "primary", Archive: "policy.md", SHA256: digest("policy")}},
		Clauses: []audit.Clause{
			clause(1, "routing", audit.Verdict{Outcome: audit.Contradicted, Seen: 5, Days: 3, Because: []audit.ID{id('f', 1), id('e', 1)}}),
			clause(2, "other", audit.Verdict{Outcome: audit.Consistent, Weak: true, Bound: 0.3482, Days: 3}),
			storage, access,
		},
		Relations: []audit.Relation{{Type: "in_tension", From: "routing", To: "other", Note: theirs + " N"}},
		External:  []audit.External{{Date: "2026-05-02", By: theirs + " B", Finding: theirs + " F", BearsOn: []string{"storage"}, Source: "policy", Status: theirs + " U"}},
		Ladder: []audit.Rung{
			{Key: "policy", Says: "policy text: a legal text says so", Clauses: []string{"routing", "other", "storage", "access"}},
			{Key: "traffic", Says: "client traffic: where packets of one device went (this audit)"},
			{Key: "server-audit", Says: "server audit: somebody was given access and looked", Audits: []audit.Audited{{Name: theirs + " A", Says: theirs + " L", Source: "policy", Date: "2026-06-01"}}},
		},
		Notes: []string{"A note."},
	}}
	return a
}

// marked finds what a format shows as somebody else's words.
var marked = regexp.MustCompile(`(?s)“[^“”]*”`)

// TestTheirs checks that what is not ours stands inside marks in every format, and that nothing outside of them says what we may not say.
func TestTheirs(t *testing.T) {
	a := withPromise()
	outside := func(where, text string) {
		t.Helper()
		if !strings.Contains(text, "we transfer it") {
			t.Errorf("%s does not show the statement", where)
		}
		rest := marked.ReplaceAllString(text, "“”")
		if strings.Contains(rest, "transfer it") || strings.Contains(rest, "</q>") {
			t.Errorf("%s shows somebody else's words outside of the marks: %q", where, rest)
		}
		lint(t, where, rest)
	}
	wide := Screen{Columns: 400}
	var b bytes.Buffer
	for _, f := range append([]File{asText.Files[0]}, asCSV.Files...) {
		if f.Name == "report.txt" || strings.HasPrefix(f.Name, "promises.") {
			outside(f.Name, string(render(t, f, a, wide)))
		}
	}
	outside("markdown", strings.NewReplacer("\\", "", "&lt;", "<", "&gt;", ">").Replace(string(render(t, asMarkdown.Files[0], a, Screen{}))))
	if err := Summary(&b, a, wide); err != nil {
		t.Fatal(err)
	}
	outside("summary", b.String())
	for _, thing := range []audit.ID{id('p', 1), id('v', 1), id('v', 3)} {
		b.Reset()
		if err := Explain(&b, a, thing); err != nil {
			t.Fatal(err)
		}
		outside("explain "+thing.String(), strings.Join(strings.Fields(b.String()), " "))
	}
	root, err := html.Parse(bytes.NewReader(render(t, asHTML.Files[0], a, Screen{})))
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	withoutQuotes(root, &page)
	outer := marked.ReplaceAllString(page.String(), "") // the top of the page is a text
	lint(t, "html", outer)
	if strings.Contains(outer, "transfer it") {
		t.Error("html shows somebody else's words outside of the q elements")
	}
	for _, want := range []string{
		"contradicted", "consistent (weak)", "silent: not observable", "4 statements checked: 1 contradicted, 1 consistent, 2 that this traffic cannot speak to; 1 lead.",
		"strong lead", "Not named in the disclosure.", "client traffic", "2026-05-02", "Where data is kept",
	} {
		for _, f := range []File{asText.Files[0], asMarkdown.Files[0], asHTML.Files[0]} {
			if !strings.Contains(strings.ToLower(string(render(t, f, a, wide))), strings.ToLower(want)) {
				t.Errorf("%s does not say %q", f.Name, want)
			}
		}
	}
}

// withoutQuotes gathers the text of a page but for its q elements and its style.
func withoutQuotes(n *html.Node, b *strings.Builder) {
	if n.Type == html.ElementNode && (n.Data == "q" || n.Data == "style" || n.Data == "script") {
		return
	}
	if n.Type == html.TextNode {
		b.WriteString(n.Data + " ")
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		withoutQuotes(c, b)
	}
}

func cases() []audit.Case {
	return []audit.Case{
		{Group: "promise sample", ID: "routing", Title: theirs, Outcome: audit.CaseFail, Word: "contradicted", Says: []audit.Phrase{{Ours: "Ours: "}, {Theirs: theirs}}, Because: []audit.ID{id('f', 1)}},
		{Group: "promise sample", ID: "other", Outcome: audit.CasePass, Word: "consistent", Says: []audit.Phrase{{Ours: "Ours."}}, Because: []audit.ID{id('s', 1)},
			Leads: []audit.Lead{{Kind: audit.LeadStrong, Says: []audit.Phrase{{Ours: "Not a finding. It would count if "}, {Theirs: theirs}}, Because: []audit.ID{id('e', 2)}}}},
		{Group: "policy acme", ID: "no-cn", Outcome: audit.CaseOpen, Word: "cannot decide", Says: []audit.Phrase{{Ours: "Ours \x1b[2J."}}, Because: []audit.ID{}, Missing: []string{"more"}},
	}
}

// TestCheckFormats reads the formats of a check back.
func TestCheckFormats(t *testing.T) {
	a := withPromise()
	render := func(name string) []byte {
		var b bytes.Buffer
		if err := CheckFormat(name)(&b, a, cases(), Screen{Columns: 300}); err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsRune(b.Bytes(), 0x1b) {
			t.Errorf("%s: an escape", name)
		}
		return b.Bytes()
	}
	text := string(render("text"))
	for _, want := range []string{"FAIL  promise sample routing: contradicted", "OPEN  policy acme no-cn: cannot decide", "would decide it: more", "rests on f1"} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q", want)
		}
	}
	for _, name := range CheckFormats() { // leads are part of a verdict
		if !bytes.Contains(render(name), []byte("Not a finding. It would count if ")) {
			t.Errorf("%s does not say the lead", name)
		}
	}
	if !strings.Contains(text, "Strong lead: Not a finding.") || !strings.Contains(text, "[e2]") {
		t.Errorf("text does not say what the lead is and stands on:\n%s", text)
	}
	lint(t, "check text", marked.ReplaceAllString(text, ""))

	var suites junitSuites
	if err := xml.Unmarshal(render("junit"), &suites); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(suites.Tests, suites.Failures, suites.Skipped, len(suites.Suites)); got != "3 1 1 2" {
		t.Errorf("junit counts %s", got)
	}
	for _, s := range suites.Suites {
		failures, skipped := 0, 0
		for _, c := range s.Cases {
			if c.Failure != nil {
				failures++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if len(s.Cases) != s.Tests || failures != s.Failures || skipped != s.Skipped {
			t.Errorf("junit: suite %s counts %d %d %d and holds %d %d %d", s.Name, s.Tests, s.Failures, s.Skipped, len(s.Cases), failures, skipped)
		}
	}
	dec := xml.NewDecoder(bytes.NewReader(render("junit")))
	for {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}

	var log struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Kind      string
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal(render("sarif"), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name != "abroad" {
		t.Fatalf("sarif: %+v", log)
	}
	run := log.Runs[0]
	for i, r := range run.Results {
		// SARIF 2.1.0: ruleId and ruleIndex agree (3.27.5, 3.27.6), kind other than fail has level none (3.27.10), a message has text (3.27.11).
		if r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("result %d: rule %s is not number %d", i, r.RuleID, r.RuleIndex)
		}
		if r.Kind != string(cases()[i].Outcome) || (r.Kind == "fail") != (r.Level == "error") || r.Kind != "fail" && r.Level != "none" {
			t.Errorf("result %d: kind %s, level %s", i, r.Kind, r.Level)
		}
		if r.Message.Text == "" || len(r.Locations) != 1 || r.Locations[0].PhysicalLocation.ArtifactLocation.URI == "" {
			t.Errorf("result %d: %+v", i, r)
		}
	}
	if len(run.Results) != len(cases()) {
		t.Errorf("sarif has %d results", len(run.Results))
	}

	var checked struct{ Cases []audit.Case }
	if err := json.Unmarshal(render("json"), &checked); err != nil || len(checked.Cases) != 3 {
		t.Errorf("json: %d cases, %v", len(checked.Cases), err)
	}
	if CheckFormat("pdf") != nil {
		t.Error("a format that is not there")
	}
}
