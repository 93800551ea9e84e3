package audit

// A Law is one dated row of the legal overlay that applies to something in the audit, as of the recording. It is never a legal conclusion.
type Law struct {
	ID         ID       `json:"id"`
	Key        string   `json:"key"`        // in the law table
	Regime     string   `json:"regime"`     // whose law it is: "EU", "GB", "CH", "US", "CN" …
	Level      string   `json:"level"`      // of the jurisdiction vector: "J1" … "J4"
	Country    string   `json:"country"`    // ISO 3166-1 alpha-2
	Kind       string   `json:"kind"`       // "membership", "adequacy", "condition", "localisation", "access"
	Instrument Foreign  `json:"instrument"` // its title, which is not ours
	Says       string   `json:"says"`       // in our words
	Condition  string   `json:"condition"`  // on the recipient, not checked by us; "" = none
	From       string   `json:"from,omitempty"`
	To         string   `json:"to,omitempty"`
	AsOf       string   `json:"as_of"` // the day it was asked for: of the first recording
	Source     string   `json:"source"`
	Grade      string   `json:"grade"`             // "primary", "secondary", "unverified"
	Applies    []ID     `json:"applies"`           // endpoints (J1, J2) or organisations (J3, J4) of that country, at most 100
	Count      uint32   `json:"count"`             // how many there are
	Claimed    uint32   `json:"claimed,omitempty"` // of these, whose country is only claimed: a place below L3, a row that nobody has read
	Notes      []string `json:"notes,omitempty"`
}
