package audit

import "abroad/capture"

// Foreign is text in somebody else's words: a quotation, what a promise file says, a title, a regulator's finding. Every format marks it as
// such, and none of our rules about words apply to it.
type Foreign string

// A Phrase is a piece of a sentence: ours or somebody else's. Exactly one of the two is set.
type Phrase struct {
	Ours   string  `json:"ours,omitempty"`
	Theirs Foreign `json:"theirs,omitempty"`
}

// A Promise is a promise file as it was used, with a verdict for each of its clauses. A clause is what the company said; an indicator is our
// test of it; the two are never merged.
type Promise struct {
	ID         ID             `json:"id"`
	File       string         `json:"file"` // the file's own id
	Title      Foreign        `json:"title"`
	SHA256     capture.Digest `json:"sha256"`                // of the file
	Compiled   string         `json:"compiled"`              // day, 2006-01-02
	Review     Review         `json:"review"`                // as it counts here
	ReviewNote string         `json:"review_note,omitempty"` // why a file that says reviewed counts as draft
	Reviewer   Foreign        `json:"reviewer,omitempty"`
	Reviewed   string         `json:"reviewed,omitempty"` // day
	Practice   bool           `json:"practice,omitempty"` // about the practice app: nothing in it is real
	App        Foreign        `json:"app"`
	AppIDs     []string       `json:"app_ids"`
	FirstParty []FirstParty   `json:"first_party"`
	Verified   bool           `json:"first_party_verified"` // the domains were seen in a recording of the app
	Entities   []Entity       `json:"entities"`
	Sources    []Source       `json:"sources"`
	Clauses    []Clause       `json:"clauses"`
	Relations  []Relation     `json:"relations"`
	External   []External     `json:"external_findings"`
	Ladder     []Rung         `json:"ladder"` // of assurance, from weak to strong
	Notes      []string       `json:"notes,omitempty"`
}

// A Review says whether a person has held a promise file against the archived texts.
type Review string

// The states of review.
const (
	ReviewDraft    Review = "draft"
	ReviewReviewed Review = "reviewed"
)

// A FirstParty is a domain that the promise file declares as the app maker's own.
type FirstParty struct {
	Domain string `json:"domain"`
	Source string `json:"source"` // key of a Source of the file
}

// An Entity is a company and what it is to the app, as the promise file says.
type Entity struct {
	Role    string  `json:"role"`
	Name    Foreign `json:"name"`
	Country string  `json:"country,omitempty"`
	Source  string  `json:"source"`
	From    string  `json:"from,omitempty"`
	To      string  `json:"to,omitempty"`
}

// A Source is where something in a promise file was read.
type Source struct {
	Key       string         `json:"key"`
	Kind      string         `json:"kind"`
	URL       Foreign        `json:"url"`
	Published string         `json:"published,omitempty"`
	Retrieved string         `json:"retrieved"`
	Grade     string         `json:"grade"` // "primary", "secondary", "unverified"
	Archive   Foreign        `json:"archive,omitempty"`
	SHA256    capture.Digest `json:"sha256,omitzero"` // of the archived text
}

// A Clause is one statement of a company, how it is read, and what the recordings can say about it.
type Clause struct {
	Key        string      `json:"key"`
	Source     string      `json:"source"`
	Quote      Foreign     `json:"quote,omitempty"`
	Locator    Foreign     `json:"locator,omitempty"`
	Restates   Foreign     `json:"restates"` // the file author's reading, never the company's words
	Force      string      `json:"force"`
	Polarity   string      `json:"polarity"`
	Aspect     string      `json:"aspect"`
	Exhaustive bool        `json:"exhaustive,omitempty"`
	Places     []string    `json:"places,omitempty"`   // as the file says: countries and groups
	Expanded   []string    `json:"expanded,omitempty"` // countries on the day of the first recording
	Operators  []string    `json:"operators,omitempty"`
	Users      []Foreign   `json:"users,omitempty"` // of whom it speaks
	Data       []Foreign   `json:"data,omitempty"`  // of what it speaks
	From       string      `json:"from"`
	To         string      `json:"to,omitempty"`
	Exceptions []Exception `json:"exceptions,omitempty"`
	Indicators []Indicator `json:"indicators,omitempty"`
	Ceiling    Ruling      `json:"ceiling"` // the strongest verdict that traffic can give
	Verdict    Verdict     `json:"verdict"`
}

// An Exception is a case that a clause does not cover.
type Exception struct {
	Key      string  `json:"key"`
	Text     Foreign `json:"text"`
	Testable string  `json:"testable"` // "network", "payload", "no"
}

// An Indicator is one test of a clause, ours and not the company's.
type Indicator struct {
	Key      string  `json:"key"`
	Reads    Foreign `json:"reads"`
	Result   string  `json:"result"` // "held", "failed", "not named" (by an open list), "open", "untested"
	Flows    uint32  `json:"flows"`  // selected
	Sessions uint32  `json:"sessions"`
}

// Ruling is what can be said about a clause.
type Ruling string

// The verdicts, from weak to strong.
const (
	Silent       Ruling = "silent"
	Consistent   Ruling = "consistent"
	Contradicted Ruling = "contradicted"
)

// A Reason says why a verdict is silent.
type Reason string

// The reasons.
const (
	NotObservable        Reason = "not_observable"
	OutOfScope           Reason = "out_of_scope"
	ScopeUnknown         Reason = "scope_unknown"
	NotInForce           Reason = "not_in_force"
	NotExercised         Reason = "not_exercised"
	FirstPartyUnknown    Reason = "first_party_unknown"
	NothingSelected      Reason = "nothing_selected"
	Insufficient         Reason = "insufficient"
	LocationUncertain    Reason = "location_uncertain"
	ContentOpaque        Reason = "content_opaque"
	AttributionUncertain Reason = "attribution_uncertain"
	EdgeOnly             Reason = "edge_only"
	ExceptionMayApply    Reason = "exception_may_apply"
	PromiseUnverified    Reason = "promise_unverified"
)

// A Verdict is what the recordings say about one clause, and what it stands on.
type Verdict struct {
	ID       ID       `json:"id"` // v1 …, numbered through all promises
	Outcome  Ruling   `json:"outcome"`
	Reason   Reason   `json:"reason,omitempty"` // of silence
	Detail   string   `json:"detail,omitempty"` // which field, step or condition
	Weak     bool     `json:"weak,omitempty"`   // consistent, about storage: traffic says little there
	Sessions uint32   `json:"sessions"`         // in scope, in which the indicators were exercised
	Seen     uint32   `json:"seen,omitempty"`   // of them, with what contradicts the clause
	Days     uint32   `json:"days,omitempty"`   // on which that was seen
	Bound    float64  `json:"bound,omitempty"`  // a destination used in a smaller share of sessions could have been missed (95 %, one-sided)
	Says     []Phrase `json:"says"`
	Because  []ID     `json:"because"` // at most 100
	Missing  []string `json:"missing,omitempty"`
	Leads    []Lead   `json:"leads,omitempty"`
}

// A Lead is what would count against a clause if a condition were met. It is not a finding.
type Lead struct {
	Kind      LeadKind `json:"kind"`
	Indicator string   `json:"indicator"`
	Says      []Phrase `json:"says"`
	Missing   []Reason `json:"missing"` // conditions, the first one decides the reason of silence
	Because   []ID     `json:"because"`
}

// A LeadKind says how far a lead goes.
type LeadKind string

// The kinds of leads.
const (
	LeadPlain    LeadKind = "lead"
	LeadStrong   LeadKind = "strong"    // every condition is met but one that no traffic can meet
	LeadNotNamed LeadKind = "not-named" // a place that an open list does not name
)

// A Relation ties two clauses of a promise.
type Relation struct {
	Type string  `json:"type"` // "in_tension", "supersedes", "narrows", "restated_by"
	From string  `json:"from"`
	To   string  `json:"to"`
	Note Foreign `json:"note,omitempty"`
}

// An External is a dated finding by somebody else, as the promise file reports it.
type External struct {
	Date    string   `json:"date"`
	By      Foreign  `json:"by"`
	Finding Foreign  `json:"finding"`
	BearsOn []string `json:"bears_on,omitempty"` // clauses
	Source  string   `json:"source"`
	Status  Foreign  `json:"status,omitempty"`
}

// A Rung is one step of the ladder of assurance, and what stands on it.
type Rung struct {
	Key     string    `json:"key"`  // "claim", "policy", "contract", "traffic", "server-audit", "source"
	Says    string    `json:"says"` // in our words
	Clauses []string  `json:"clauses,omitempty"`
	Audits  []Audited `json:"audits,omitempty"`
}

// An Audited is a named examination by somebody else.
type Audited struct {
	Name   Foreign `json:"name"`
	Says   Foreign `json:"says"`
	Source string  `json:"source"`
	Date   string  `json:"date,omitempty"`
}
