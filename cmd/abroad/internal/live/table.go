package live

import (
	"net/netip"
	"time"

	"abroad/analyze/audit"
)

// A Table is what the packets so far show.
type Table struct {
	Packets   uint64        `json:"packets"`   // that were read
	Bytes     int64         `json:"bytes"`     // of segments that were read
	Endpoints int           `json:"endpoints"` // addresses; those past MaxRows are not counted
	Rows      []Row         `json:"rows"`      // most bytes first, at most MaxShown
	Behind    int           `json:"behind"`    // closed segments that were not read yet
	Unread    int           `json:"unread"`    // segments that could not be read
	Limited   bool          `json:"limited"`   // a limit was reached: there is more than the table can hold
	Took      time.Duration `json:"took"`
	Practice  bool          `json:"practice,omitempty"`
}

// A Row is one address as it was reached. Its words may be chosen by strangers: they are escaped where they are shown.
type Row struct {
	Address netip.Addr  `json:"address"`
	Class   audit.Class `json:"class,omitempty"`
	Name    string      `json:"name,omitempty"`    // the one with the most bytes
	Names   int         `json:"names,omitempty"`   // how many it has
	Who     string      `json:"who,omitempty"`     // the recipient, else whose network it is
	Network bool        `json:"network,omitempty"` // Who is the network's operator only
	Place   string      `json:"place,omitempty"`   // as the grade allows it to be said
	Grade   audit.Grade `json:"grade,omitempty"`
	Up      uint64      `json:"up"` // IP bytes
	Down    uint64      `json:"down"`
	Flows   uint32      `json:"flows"`

	within bool // physics confined it
}

// Limits of a table.
const (
	MaxShown  = 200    // rows that are handed on
	MaxRows   = 4096   // addresses that are remembered
	MaxFlows  = 20_000 // of one segment; further ones are counted by the audit, not shown
	maxTold   = 16_384 // answers of DNS that are remembered for later segments
	maxWord   = 120    // characters of a name or a claim
	recipient = 60
)

// Local reports whether the row is no place: the device's own network and the like.
func (r *Row) Local() bool {
	return r.Class != audit.ClassPublic && r.Class != audit.ClassPractice && r.Class != audit.ClassNAT64
}

// add puts what a later segment shows of the same address on top of r.
func (r *Row) add(n *Row) {
	if r.Up+r.Down < n.Up+n.Down && n.Name != "" || r.Name == "" {
		r.Name = n.Name
	}
	r.Names = max(r.Names, n.Names)
	if r.Who == "" || r.Network && !n.Network && n.Who != "" {
		r.Who, r.Network = n.Who, n.Network
	}
	// What physics confined is not forgotten for a segment without handshakes; else the better grade, else the later words.
	if n.within || !r.within && n.Grade >= r.Grade {
		r.Place, r.Grade, r.within = n.Place, n.Grade, n.within
	}
	r.Up, r.Down, r.Flows = r.Up+n.Up, r.Down+n.Down, r.Flows+n.Flows
}
