package audit

// A Case is one question that a check answers: a clause of a promise, or a rule of a policy.
type Case struct {
	Group   string      `json:"group"` // "promise ID" or "policy ID"
	ID      string      `json:"id"`    // of the clause or rule
	Title   Foreign     `json:"title"` // the quotation, or what the rule's author says
	Outcome CaseOutcome `json:"outcome"`
	Word    string      `json:"word"` // the verdict's own: "contradicted", "silent(edge_only)", "broken" …
	Says    []Phrase    `json:"says"`
	Leads   []Lead      `json:"leads,omitempty"` // of a clause: part of its verdict, with the condition under which each would count
	Because []ID        `json:"because"`
	Missing []string    `json:"missing,omitempty"`
}

// A CaseOutcome says how a case went.
type CaseOutcome string

// The outcomes of cases.
const (
	CasePass CaseOutcome = "pass" // consistent, or kept
	CaseFail CaseOutcome = "fail" // contradicted, or broken
	CaseOpen CaseOutcome = "open" // silent, or cannot be decided
)
