package audit

// A Host is a name that flows were made for, over all recordings. Its jurisdictions are a vector that has no sum: J1 and J2 are those of its
// Endpoints, J3 and J4 those of its Owner.
type Host struct {
	ID         ID       `json:"id"`
	Name       string   `json:"name"`
	Domain     string   `json:"domain,omitempty"` // registrable domain by the Public Suffix List; empty for addresses and suffixes themselves
	How        How      `json:"how"`              // the strongest way by which a flow learned the name
	Party      Party    `json:"party,omitempty"`
	Owner      ID       `json:"owner,omitzero"`  // J3: the recipient organisation; zero = no row of the owner table
	Roles      []string `json:"roles,omitempty"` // what the owner table says the name is for: "analytics", "cdn", "push" …
	Contested  bool     `json:"contested,omitempty"`
	Key        string   `json:"key,omitempty"` // the name suffix that matched in the owner table
	Endpoints  []ID     `json:"endpoints"`
	Sessions   []ID     `json:"sessions"`
	Flows      uint32   `json:"flows"`
	BytesUp    uint64   `json:"bytes_up"`
	BytesDown  uint64   `json:"bytes_down"`
	PayloadUp  uint64   `json:"payload_up"`
	Attributed string   `json:"attributed,omitempty"` // the best attribution grade of its flows
}

// A Party says whose host a name is, seen from the app's maker. Without a declared first party nothing is third party either.
type Party string

// The parties; the zero Party is unknown.
const (
	PartyFirst Party = "first" // a declared first-party domain
	PartyThird Party = "third" // first-party domains are declared, and this is none of them
)

// An Organisation is who receives data: legal seat, headquarters and ultimate parent, each as of the recording.
type Organisation struct {
	ID           ID     `json:"id"`
	Key          string `json:"key"` // in the owner table
	Name         string `json:"name"`
	Seat         string `json:"seat,omitempty"`         // J3: country of the legal seat, ISO 3166-1 alpha-2
	Headquarters string `json:"headquarters,omitempty"` // country
	Parent       string `json:"parent,omitempty"`       // name of the ultimate parent
	ParentSeat   string `json:"parent_seat,omitempty"`  // J4
	Facts        []Fact `json:"facts"`                  // what the lines above stand on
	Verified     bool   `json:"verified"`               // every fact was read at its source; otherwise nothing is concluded from this row
}

// A Fact is where something that a table of ours says was read.
type Fact struct {
	Says     string `json:"says"` // in our words
	Source   string `json:"source"`
	Date     string `json:"date,omitempty"` // on which it was read, 2006-01-02
	From     string `json:"from,omitempty"` // valid from
	To       string `json:"to,omitempty"`   // valid until
	Verified bool   `json:"verified"`       // false: known from memory or a secondary source only
}
