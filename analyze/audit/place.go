package audit

// A Place is what is concluded about where an endpoint is: what physics leaves, and what is said minus what physics excludes.
type Place struct {
	Within     []string   `json:"within,omitempty"`     // countries that physics leaves, sorted; absent when it excludes nothing
	Country    string     `json:"country,omitempty"`    // the single remaining candidate, whatever its grade; empty for several, and for role edge
	Candidates []string   `json:"candidates,omitempty"` // countries said and not excluded, sorted
	Grade      Grade      `json:"grade"`
	Role       Role       `json:"role,omitempty"`
	Words      string     `json:"words"`              // how to say it: "DB-IP says IE", "in IE (provider and database agree)"
	Because    []ID       `json:"because,omitempty"`  // claims it stands on
	Rejected   []Rejected `json:"rejected,omitempty"` // claims that were not followed, and why
	Missing    []string   `json:"missing,omitempty"`  // what would raise the grade
}

// Rejected is a claim that was not followed.
type Rejected struct {
	Claim ID     `json:"claim"`
	Why   string `json:"why"`
}

// A Grade is L0 to L4 (architecture section 5).
type Grade string

// The location grades.
const (
	L0 Grade = "L0" // nothing is said
	L1 Grade = "L1" // one database alone, databases differ, or edge
	L2 Grade = "L2" // one operator or token claim alone or against databases; or two databases of different publishers agree
	L3 Grade = "L3" // two different kinds name the same country and no operator or token claim names another
	L4 Grade = "L4" // physics leaves one country
)

// Place reports whether the grade is good enough to say "in" rather than "X says".
func (g Grade) Place() bool { return g == L3 || g == L4 }

// A Class is an address class that is not a place (architecture section 6, rule 6). The zero Class is an ordinary public address.
type Class string

// The classes.
const (
	ClassPublic        Class = ""
	ClassPrivate       Class = "private"       // RFC 1918, RFC 4193
	ClassCGNAT         Class = "cgnat"         // RFC 6598
	ClassLinkLocal     Class = "link-local"    // RFC 3927, RFC 4291
	ClassLoopback      Class = "loopback"      //
	ClassMulticast     Class = "multicast"     // RFC 5771, RFC 4291
	ClassBroadcast     Class = "broadcast"     // RFC 919
	ClassDocumentation Class = "documentation" // RFC 5737, RFC 3849, RFC 9637
	ClassBenchmark     Class = "benchmarking"  // RFC 2544, RFC 5180
	ClassUnspecified   Class = "unspecified"   //
	ClassReserved      Class = "reserved"      // RFC 1112 and others
	ClassNAT64         Class = "nat64"         // RFC 6052, RFC 8215: translated before any look-up
	ClassPractice      Class = "practice"      // the practice recordings' fiction
)

// A Jurisdiction sums the flows whose endpoint is said to be in one country, at one grade.
type Jurisdiction struct {
	Country   string `json:"country,omitempty"` // empty: not placed; Label says why
	Label     string `json:"label,omitempty"`   // "edge", "several candidates", "nothing known", or an address class
	Grade     Grade  `json:"grade,omitempty"`
	Words     string `json:"words"` // how to say it in one line
	Endpoints []ID   `json:"endpoints"`
	Flows     uint32 `json:"flows"`
	BytesUp   uint64 `json:"bytes_up"`
	BytesDown uint64 `json:"bytes_down"`
}
