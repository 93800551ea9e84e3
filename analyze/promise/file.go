package promise

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"abroad/capture"
)

// Version and the kinds are what a file begins with.
const (
	Version     = "abroad/v1"
	KindPromise = "Promise"
	KindPolicy  = "Policy"
)

// MaxFile is how long a promise or policy file may be, in bytes.
const MaxFile = 1 << 20

// A File is a promise file. The field comments give the unit or the allowed words; rules.go checks them.
type File struct {
	APIVersion string      `yaml:"apiVersion"`
	Kind       string      `yaml:"kind"`
	Metadata   Metadata    `yaml:"metadata"`
	Subject    Subject     `yaml:"subject"`
	Sources    []Source    `yaml:"sources"`
	Clauses    []Clause    `yaml:"clauses"`
	Relations  []Relation  `yaml:"relations,omitempty"`
	Findings   []Finding   `yaml:"external_findings,omitempty"`
	Assurance  []Assurance `yaml:"assurance,omitempty"`
	Practice   bool        `yaml:"practice,omitempty"` // about the practice app
	Text       []byte      `yaml:"-"`                  // as it was read
	Name       string      `yaml:"-"`                  // for messages: its path, or the library's name for it
	lines      map[string]int
}

// Metadata is about the file itself.
type Metadata struct {
	ID       string        `yaml:"id"`
	Title    string        `yaml:"title"`
	Compiled string        `yaml:"compiled"` // day
	Review   string        `yaml:"review"`   // draft, reviewed
	Record   *ReviewRecord `yaml:"review_record,omitempty"`
	Notes    string        `yaml:"notes,omitempty"`
}

// A ReviewRecord says who held the clauses against which archived texts. It counts only while Clauses is the hash of the present ones.
type ReviewRecord struct {
	Reviewer string         `yaml:"reviewer"`
	Date     string         `yaml:"date"`           // day
	Clauses  string         `yaml:"clauses_sha256"` // File.Hash
	Archived []ArchivedText `yaml:"archived"`
}

// An ArchivedText is the text of a source as the reviewer had it.
type ArchivedText struct {
	Source string `yaml:"source"`
	SHA256 string `yaml:"sha256"`
}

// Subject is the app, and who is behind it.
type Subject struct {
	App        App        `yaml:"app"`
	Entities   []Entity   `yaml:"entities"`
	FirstParty FirstParty `yaml:"first_party,omitempty"`
}

// An App is known to its stores by ids.
type App struct {
	Name    string   `yaml:"name"`
	Android []string `yaml:"android,omitempty"`
	IOS     []string `yaml:"ios,omitempty"`
}

// An Entity is a company and what it is to the app.
type Entity struct {
	Role    string `yaml:"role"` // controller, operator, owner, parent, host
	Name    string `yaml:"name"`
	Country string `yaml:"country,omitempty"`
	Source  string `yaml:"source"`
	From    string `yaml:"from,omitempty"`
	To      string `yaml:"to,omitempty"`
}

// FirstParty lists the maker's own domains.
type FirstParty struct {
	Domains  []Domain `yaml:"domains,omitempty"`
	Verified bool     `yaml:"verified,omitempty"` // they were seen in a recording of the app
}

// A Domain stands for itself and every name under it.
type Domain struct {
	Name   string `yaml:"name"`
	Source string `yaml:"source"`
}

// A Source is a text that something was read in.
type Source struct {
	ID        string   `yaml:"id"`
	Kind      string   `yaml:"kind"`
	URL       string   `yaml:"url"`
	Published string   `yaml:"published,omitempty"`
	Retrieved string   `yaml:"retrieved"`
	Archive   *Archive `yaml:"archive,omitempty"`
	Grade     string   `yaml:"grade"` // primary, secondary, unverified
}

// An Archive is a copy that cannot change: "repo@commit:path", an archived page, or a file beside the promise.
type Archive struct {
	Type   string `yaml:"type"` // ota, wayback, file
	Ref    string `yaml:"ref"`
	SHA256 string `yaml:"sha256,omitempty"`
}

// A Clause is one statement.
type Clause struct {
	ID         string      `yaml:"id"`
	Source     string      `yaml:"source"`
	Quote      string      `yaml:"quote,omitempty"` // verbatim, at most MaxQuote characters
	Locator    string      `yaml:"locator,omitempty"`
	Restates   string      `yaml:"restates"`
	Force      string      `yaml:"force"`
	Polarity   string      `yaml:"polarity"`
	Exhaustive bool        `yaml:"exhaustive,omitempty"`
	Aspect     string      `yaml:"aspect"`
	Places     []string    `yaml:"places,omitempty"`
	Operators  []string    `yaml:"operators,omitempty"`
	Scope      Scope       `yaml:"scope"`
	InForce    InForce     `yaml:"in_force"`
	Exceptions []Exception `yaml:"exceptions,omitempty"`
	Indicators []Indicator `yaml:"indicators,omitempty"`
	MaxVerdict string      `yaml:"max_verdict,omitempty"`
}

// A Scope says whom and what a clause speaks of.
type Scope struct {
	Users   Users    `yaml:"users"`
	Data    []string `yaml:"data"` // "any" = whatever is sent
	NotData []string `yaml:"not_data,omitempty"`
	Surface []string `yaml:"surface,omitempty"`
}

// Users are the people a clause speaks of; an absent field does not narrow it.
type Users struct {
	Residence    []string `yaml:"residence,omitempty"`
	NotResidence []string `yaml:"not_residence,omitempty"`
	Tier         string   `yaml:"tier,omitempty"`
	Setting      string   `yaml:"setting,omitempty"`
}

// InForce says from which day to which day a clause holds, both included.
type InForce struct {
	From      string `yaml:"from"`
	To        string `yaml:"to,omitempty"`
	Precision string `yaml:"precision,omitempty"` // day, month, year
}

// An Exception is a case that a clause does not cover. A network exception is tested by its host patterns, or by a session's setting of the
// exception's name: "no" = it did not apply.
type Exception struct {
	ID       string   `yaml:"id"`
	Text     string   `yaml:"text"`
	Source   string   `yaml:"source,omitempty"`
	Testable string   `yaml:"testable"` // network, payload, no
	Hosts    []string `yaml:"hosts,omitempty"`
}

// An Indicator is one test of a clause.
type Indicator struct {
	ID     string `yaml:"id"`
	Reads  string `yaml:"reads"`
	Select Select `yaml:"select"`
	Expect Expect `yaml:"expect"`
}

// Select picks flows; an absent field picks all.
type Select struct {
	Party      string   `yaml:"party,omitempty"`     // first, third, any
	Direction  string   `yaml:"direction,omitempty"` // up, down, any
	Action     []string `yaml:"action,omitempty"`    // steps of the scenario
	Content    []string `yaml:"content,omitempty"`   // fields seen in decrypted payload
	Hosts      []string `yaml:"hosts,omitempty"`     // names; "*.example.com" = every name under it
	MinUpBytes uint64   `yaml:"min_up_bytes,omitempty"`
}

// Expect says what the selected flows are held against; exactly one field is set, to the name of the list.
type Expect struct {
	LocationIn    string `yaml:"location_in,omitempty"`     // places
	LocationNotIn string `yaml:"location_not_in,omitempty"` // places
	OperatorIn    string `yaml:"operator_in,omitempty"`     // operators
	RecipientIn   string `yaml:"recipient_in,omitempty"`    // places, entities
}

// A Relation ties two clauses.
type Relation struct {
	Type string `yaml:"type"` // in_tension, supersedes, narrows, restated_by
	From string `yaml:"from"`
	To   string `yaml:"to"`
	Note string `yaml:"note,omitempty"`
}

// A Finding is somebody else's, with its date.
type Finding struct {
	Date    string   `yaml:"date"`
	By      string   `yaml:"by"`
	Finding string   `yaml:"finding"`
	BearsOn []string `yaml:"bears_on,omitempty"`
	Source  string   `yaml:"source"`
	Status  string   `yaml:"status,omitempty"`
}

// An Assurance is a named examination and the rung of the ladder it stands on.
type Assurance struct {
	Name   string `yaml:"name"`
	Rung   string `yaml:"rung"` // of Ladder
	Says   string `yaml:"says"`
	Source string `yaml:"source"`
	Date   string `yaml:"date,omitempty"`
}

// Parse reads a promise file and checks every rule. The File is not nil where the text could be read at all, so that warnings can be shown
// beside it; it may be used only if Faults.First is nil.
func Parse(name string, text []byte) (*File, Faults) {
	f := &File{Name: name, Text: text}
	lines, faults := decode(name, text, f)
	f.lines = lines
	if faults.First() != nil {
		return f, faults
	}
	return f, append(faults, f.check()...).sorted()
}

// SHA256 is the hash of the file's text.
func (f *File) SHA256() capture.Digest { return sha256.Sum256(f.Text) }

// Hash is the hash of what a review vouches for: everything that a verdict or its words can stand on, whatever the file's layout and comments.
func (f *File) Hash() string {
	b, err := json.Marshal(struct {
		Subject Subject
		Sources []Source
		Clauses []Clause
	}{f.Subject, f.Sources, f.Clauses})
	if err != nil {
		panic(err) // strings, numbers and lists of them always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
