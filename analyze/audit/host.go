package audit

import "slices"

// A Host is a name that flows were made for, over all recordings: each flow counts for its strongest name, and a name that only a reverse
// look-up gives names an address and is no host. Its jurisdictions are a vector that has no sum: J1 and J2 are those of its
// Endpoints, J3 and J4 those of its Owner.
type Host struct {
	ID         ID       `json:"id"`
	Name       string   `json:"name"`
	Domain     string   `json:"domain,omitempty"` // registrable domain by the Public Suffix List; empty for addresses and suffixes themselves
	How        How      `json:"how"`              // the strongest way by which a flow learned the name
	Party      Party    `json:"party,omitempty"`
	Owner      ID       `json:"owner,omitzero"`      // J3: the recipient organisation; zero = no row of the owner table
	Roles      []string `json:"roles,omitempty"`     // what the owner table says the name is for: "analytics", "cdn", "push" …
	Contested  bool     `json:"contested,omitempty"` // the row that says whose the name is can be contested; Said says why
	Key        string   `json:"key,omitempty"`       // the name suffix that matched in the owner table
	Said       *Fact    `json:"said,omitempty"`      // where that row was read
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
	Note         string `json:"note,omitempty"`
	Facts        []Fact `json:"facts"`    // what the lines above stand on
	Verified     bool   `json:"verified"` // every fact was read at its source; otherwise nothing is concluded from this row
}

// Grade returns the weakest grade of the facts about a level: "seat", "headquarters", "parent" with "parent_seat", "network". Without a
// fact it is empty: nothing is known.
func (o *Organisation) Grade(about ...string) string {
	grade := ""
	for i := range o.Facts {
		if f := &o.Facts[i]; slices.Contains(about, f.About) && (grade == "" || worse(f.Grade, grade)) {
			grade = f.Grade
		}
	}
	return grade
}

// Sure reports whether the owner of h was read at a source and nobody is known to see it otherwise. Only then anything is concluded from it.
func (h *Host) Sure() bool { return h.Said != nil && h.Said.Verified && !h.Contested }

// SureSeat returns the legal seat if it was read at a source and is not contested, else "".
func (o *Organisation) SureSeat() string {
	for i := range o.Facts {
		if f := &o.Facts[i]; f.About == "seat" && f.Verified && f.Contested == "" {
			return o.Seat
		}
	}
	return ""
}

// Weaker returns the worse of two grades; an empty one is no grade and gives the other.
func Weaker(a, b string) string {
	if a == "" || b != "" && worse(b, a) {
		return b
	}
	return a
}

func worse(a, b string) bool { return slices.Index(grades, a) > slices.Index(grades, b) }

// The grades of what our own tables say, of laws and of facts, best first.
const (
	Primary    = "primary"    // read in a text of the organisation itself, in a filing, a register or the instrument
	Secondary  = "secondary"  // read in somebody else's text
	Declared   = "declared"   // a row of the user's own file
	Unverified = "unverified" // from memory: it is shown, and nothing is concluded from it
)

var grades = []string{Primary, Secondary, Declared, Unverified}

// A Fact is where something that a table of ours says was read.
type Fact struct {
	About     string `json:"about"` // "name", "network", "seat", "headquarters", "parent", "parent_seat"
	Says      string `json:"says"`  // in our words
	Source    string `json:"source"`
	Grade     string `json:"grade"`               // "primary", "secondary", "declared", "unverified"
	Date      string `json:"date,omitempty"`      // on which it was read, 2006-01-02
	From      string `json:"from,omitempty"`      // valid from
	To        string `json:"to,omitempty"`        // valid until, that day included
	Contested string `json:"contested,omitempty"` // why it can be seen otherwise
	Verified  bool   `json:"verified"`            // it was read; false: from memory
}
