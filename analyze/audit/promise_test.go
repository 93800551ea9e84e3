package audit

import (
	"strings"
	"testing"
)

// TestCheckPromises: what no engine may write is refused.
func TestCheckPromises(t *testing.T) {
	whole := func() *Audit {
		verdict := func(n uint32, o Ruling, r Reason) Clause {
			return Clause{Key: "c", Ceiling: Contradicted, Verdict: Verdict{ID: ID{KindVerdict, n}, Outcome: o, Reason: r, Says: []Phrase{{Ours: "s"}}, Missing: []string{"m"}}}
		}
		return &Audit{Promises: []Promise{
			{ID: ID{KindPromise, 1}, Review: ReviewReviewed, Clauses: []Clause{verdict(1, Contradicted, ""), verdict(2, Silent, NotExercised)}},
			{ID: ID{KindPromise, 2}, Review: ReviewDraft, Clauses: []Clause{verdict(3, Consistent, "")}},
		}}
	}
	if err := Check(whole()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want  string
		spoil func(*Audit)
	}{
		{"p3 stands where p1 should", func(a *Audit) { a.Promises[0].ID.N = 3 }},
		{"v1 stands where v3 should", func(a *Audit) { a.Promises[1].Clauses[0].Verdict.ID.N = 1 }},
		{"v1: contradicted, though the promise is draft", func(a *Audit) { a.Promises[0].Review = ReviewDraft }},
		{"its ceiling consistent", func(a *Audit) { a.Promises[0].Clauses[0].Ceiling = Consistent }},
		{"v2: silent with the reason", func(a *Audit) { a.Promises[0].Clauses[1].Verdict.Reason = "" }},
		{"v3: consistent with the reason", func(a *Audit) { a.Promises[1].Clauses[0].Verdict.Reason = EdgeOnly }},
		{"v3: says nothing", func(a *Audit) { a.Promises[1].Clauses[0].Verdict.Says = nil }},
		{"v3: neither stands on anything", func(a *Audit) { a.Promises[1].Clauses[0].Verdict.Missing = nil }},
		{`v3: stands on "f1"`, func(a *Audit) { a.Promises[1].Clauses[0].Verdict.Because = []ID{{KindFlow, 1}} }},
		{`v2: stands on "v4"`, func(a *Audit) {
			a.Promises[0].Clauses[1].Verdict.Leads = []Lead{{Kind: LeadPlain, Because: []ID{{KindVerdict, 4}}}}
		}},
	} {
		a := whole()
		test.spoil(a)
		if err := Check(a); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}
