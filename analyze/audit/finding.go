package audit

// A Finding is a conclusion and what it stands on.
type Finding struct {
	ID      ID       `json:"id"`
	Rule    string   `json:"rule"` // stable word: "plaintext-http", "ech-offered" …
	Outcome Outcome  `json:"outcome"`
	Says    string   `json:"says"`              // in our words
	Flows   uint32   `json:"flows,omitempty"`   // how many flows it speaks of
	Because []ID     `json:"because"`           // observations, answers, claims, flows; at most 100, the first in order
	Missing []string `json:"missing,omitempty"` // what would have decided it
}

// An Outcome answers a rule's question. The zero Outcome is Unknown.
type Outcome string

// The outcomes.
const (
	Unknown       Outcome = ""
	Yes           Outcome = "yes"
	No            Outcome = "no"
	NotApplicable Outcome = "not-applicable"
)
