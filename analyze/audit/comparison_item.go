package audit

// An Item is something that a session shows or does not show.
type Item struct {
	ID           string    `json:"id"` // "i1" …
	Level        ItemLevel `json:"level"`
	Name         string    `json:"name"`                   // host template, domain, organisation, or "J1 IE"
	Pool         bool      `json:"pool,omitempty"`         // many names of one domain, each of which few sessions show: they rotate
	Unnamed      bool      `json:"unnamed,omitempty"`      // addresses of one network that no flow had a name for
	Domain       string    `json:"domain,omitempty"`       // of a host
	Organisation string    `json:"organisation,omitempty"` // of a host or domain, where one is known
	A            Presence  `json:"a"`
	B            Presence  `json:"b"`
	Members      []Member  `json:"members,omitempty"` // the names as seen, when they are not just Name
	P            float64   `json:"p"`                 // Fisher's exact test, two-sided
	Q            float64   `json:"q,omitempty"`       // Benjamini and Hochberg, among the tested items of the level; 0 = not tested
	Tested       bool      `json:"tested"`            // its counts could give p <= the rate
}

// An ItemLevel is how much is summed in an item. What rotates lies below the higher levels.
type ItemLevel string

// The levels, from low to high. Addresses are counted and never compared.
const (
	LevelHost         ItemLevel = "host"         // name with the tokens templated that number machines and regions
	LevelDomain       ItemLevel = "domain"       // registrable domain by the Public Suffix List
	LevelOrganisation ItemLevel = "organisation" // who receives, by the owner table
	LevelJurisdiction ItemLevel = "jurisdiction" // J1 place of the server, J2 registration of the network, J3 seat of the organisation, J4 of its parent
)

// A Presence is one arm's part of an item.
type Presence struct {
	Seen      int        `json:"seen"`                // sessions
	Of        int        `json:"of"`                  // sessions of the arm that count
	Sessions  []uint32   `json:"sessions,omitempty"`  // their numbers
	BytesUp   uint64     `json:"bytes_up"`            // IP bytes from the device, median of the sessions that show it
	Addresses int        `json:"addresses,omitempty"` // different ones
	Evidence  []Evidence `json:"evidence,omitempty"`
}

// A Member is a name inside an item, and how many sessions of each arm show it.
type Member struct {
	Name string `json:"name"`
	A    int    `json:"a"`
	B    int    `json:"b"`
}

// Evidence is ids in one of the audits: "abroad explain" walks on from there.
type Evidence struct {
	Audit string `json:"audit"` // key
	IDs   []ID   `json:"ids"`   // at most 5 in an item, the first in order
}

// A Change is a difference between the arms, or one that could not be decided.
type Change struct {
	ID      string      `json:"id"` // "k1" …
	Class   ChangeClass `json:"class"`
	Level   ItemLevel   `json:"level"`
	Item    string      `json:"item"`
	Name    string      `json:"name"`
	Also    []string    `json:"also,omitempty"` // items of higher levels that changed with it
	A       Count       `json:"a"`
	B       Count       `json:"b"`
	P       float64     `json:"p"`
	Q       float64     `json:"q,omitempty"` // 0 = not tested: its counts cannot give p <= the rate
	Says    string      `json:"says"`        // in our words
	Moves   []Move      `json:"moves,omitempty"`
	Because []Evidence  `json:"because"`
	Missing []string    `json:"missing,omitempty"`
	Needed  int         `json:"needed,omitempty"` // sessions of each arm that would decide it if the shares stay as they are; 0 = no number up to 200
}

// A Count is "9 of 10 sessions".
type Count struct {
	Seen int `json:"seen"`
	Of   int `json:"of"`
}

// A ChangeClass says what kind of difference it is.
type ChangeClass string

// The classes.
const (
	ChangeAppeared    ChangeClass = "appeared"          // never in A
	ChangeDisappeared ChangeClass = "disappeared"       // never in B
	ChangeFrequency   ChangeClass = "frequency-changed" // in both, in another share of sessions
	ChangeMoved       ChangeClass = "moved"             // the same service at another place, operator or owner
	ChangeRotation    ChangeClass = "rotation"          // other names of the same domain, organisation and places
	ChangeUnresolved  ChangeClass = "unresolved"        // the counts differ and cannot decide
)

// A Move is one way in which a service is elsewhere.
type Move struct {
	Kind  string  `json:"kind"` // "place", "operator", "owner"
	From  []Spot  `json:"from"`
	To    []Spot  `json:"to"`
	P     float64 `json:"p"`
	Q     float64 `json:"q,omitempty"`
	Words string  `json:"words"`
}

// A Spot is one value of a move: a country, a network, an organisation.
type Spot struct {
	Value     string     `json:"value"`
	Grade     string     `json:"grade,omitempty"` // of the place, or of the fact about the owner; the best of its addresses
	Words     string     `json:"words"`
	Seen      int        `json:"seen"` // sessions of the arm
	Of        int        `json:"of"`   // sessions of the arm that show the service
	Addresses []string   `json:"addresses,omitempty"`
	Evidence  []Evidence `json:"evidence"`
}

// A ComparedClause sets the verdicts about one clause beside each other.
type ComparedClause struct {
	File    string        `json:"file"`
	Key     string        `json:"key"`
	Quote   string        `json:"quote,omitempty"`
	A       []ClauseInArm `json:"a"`
	B       []ClauseInArm `json:"b"`
	Changed bool          `json:"changed,omitempty"` // verdict or text
	Words   string        `json:"words"`
}

// A ClauseInArm is the verdict about a clause in one audit, and the text it was held against.
type ClauseInArm struct {
	Audit   string `json:"audit"`
	Verdict ID     `json:"verdict"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
	From    string `json:"from,omitempty"` // the clause is valid from this day
	Text    string `json:"text,omitempty"` // SHA-256 of the archived text
	Date    string `json:"date,omitempty"` // of the text: published, else retrieved
}
