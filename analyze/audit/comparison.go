package audit

import "abroad/capture"

// CompareSchema names the format of a comparison: model.revision.addition. A published schema never changes.
const CompareSchema = "abroad/compare/1.0.0"

// A Comparison is what differs between two sets of sessions of one app: a second document, made of audits. It quotes them by key and id;
// lists stand in a fixed order, and nothing in it depends on the order in which audits or sessions were given.
type Comparison struct {
	Schema   string            `json:"schema"`
	Tool     Tool              `json:"tool"`
	App      string            `json:"app,omitempty"`
	By       string            `json:"by"` // the recorded field that tells the arms apart: "version", "consent" …
	Practice bool              `json:"practice,omitempty"`
	Headline []string          `json:"headline"` // in our words, the strongest first
	Audits   []ComparedAudit   `json:"audits"`
	Arms     []Arm             `json:"arms"`     // two: before and after
	Sessions []ComparedSession `json:"sessions"` // all that were given, by arm and time; those that count for nothing say why
	Design   Design            `json:"design"`
	Tests    []SplitTest       `json:"tests"` // controls first
	Items    []Item            `json:"items"`
	Changes  []Change          `json:"changes"`
	Clauses  []ComparedClause  `json:"clauses"`
	Limits   []string          `json:"limits"`
}

// A ComparedAudit is one of the audits, by content.
type ComparedAudit struct {
	Key      string         `json:"key"`             // "A1", "B1", "C1": arm and ordinal; C is the control
	Name     string         `json:"name"`            // as the user gave it
	SHA256   capture.Digest `json:"sha256,omitzero"` // of audit.json; zero if it was made for this comparison only
	Tool     string         `json:"tool"`
	Sessions int            `json:"sessions"`
	Datasets []CitedDataset `json:"datasets"`
}

// A CitedDataset is a dataset that one of the audits asked.
type CitedDataset struct {
	Name   string         `json:"name"`
	AsOf   string         `json:"as_of"`
	SHA256 capture.Digest `json:"sha256"`
}

// An Arm is one of the two sets.
type Arm struct {
	Key      string  `json:"key"`      // "A", "B"
	Value    string  `json:"value"`    // of the field By
	Words    string  `json:"words"`    // "version 1.0"
	Sessions int     `json:"sessions"` // that count
	LeftOut  int     `json:"left_out"`
	Days     int     `json:"days"`
	Coverage float64 `json:"coverage"` // Good and Turing: the share of host sightings that belongs to hosts seen more than once
	Richness float64 `json:"richness"` // Chao: at least so many hosts, the unseen included
	Hosts    int     `json:"hosts"`    // seen
	Unseen   float64 `json:"unseen"`   // what was never seen can still be in this share of sessions (95 %, one-sided)
}

// A ComparedSession is one session.
type ComparedSession struct {
	N         uint32       `json:"n"` // 1-based
	Arm       string       `json:"arm"`
	Audit     string       `json:"audit"`
	Session   ID           `json:"session"`
	Recording string       `json:"recording,omitempty"` // name of its first recording
	Day       string       `json:"day,omitempty"`
	Start     capture.Time `json:"start"`
	End       capture.Time `json:"end"`
	Stratum   string       `json:"stratum,omitempty"` // vantage and attribution level, where sessions differ in them
	Fields    []Setting    `json:"fields,omitempty"`  // what was recorded about it, sorted by name
	Hosts     int          `json:"hosts"`
	BytesUp   uint64       `json:"bytes_up"`
	LeftOut   string       `json:"left_out,omitempty"` // why it counts for nothing
}

// A Design is how the sessions lie in time, and what that allows to say.
type Design struct {
	Level       string       `json:"level"`       // whose flows count: "app" or "device"
	Interleaved bool         `json:"interleaved"` // the arms were recorded by turns: what differs between them does not go with the time
	Words       string       `json:"words"`
	Blocks      []DayBlock   `json:"blocks"`
	Differs     []Difference `json:"differs"`  // other recorded fields in which the arms differ
	Rate        float64      `json:"rate"`     // false discovery rate that is accepted
	Smallest    float64      `json:"smallest"` // p of a thing seen in every session of one arm and in none of the other
	Draws       int          `json:"draws"`    // random splits, where there are too many to look at all
	Seed        uint64       `json:"seed"`
}

// A DayBlock is one day (of one stratum): labels are exchanged within it only.
type DayBlock struct {
	Day     string `json:"day"`
	Stratum string `json:"stratum,omitempty"`
	A       int    `json:"a"`
	B       int    `json:"b"`
}

// A Difference is a recorded field that has other values in one arm than in the other.
type Difference struct {
	Field string   `json:"field"`
	A     []string `json:"a"`
	B     []string `json:"b"`
}

// A SplitTest asks whether two sets of sessions are of one kind, by exchanging labels within days.
type SplitTest struct {
	Key       string       `json:"key"` // "control-a", "control-b", "control", "arms"
	Outcome   SplitOutcome `json:"outcome"`
	A         int          `json:"a"` // sessions that take part
	B         int          `json:"b"`
	Statistic float64      `json:"statistic"` // mean Jaccard distance between the sets minus that within them
	P         float64      `json:"p"`
	Smallest  float64      `json:"smallest"` // the smallest p that these days allow
	Limit     float64      `json:"limit"`    // p up to which the sets count as different
	Splits    int          `json:"splits"`
	Exact     bool         `json:"exact"` // all splits were looked at
	Words     string       `json:"words"`
	Missing   []string     `json:"missing,omitempty"`
}

// A SplitOutcome answers a SplitTest. The zero outcome is unresolved.
type SplitOutcome string

// The outcomes.
const (
	SplitUnresolved SplitOutcome = ""
	SplitAlike      SplitOutcome = "alike" // no difference was shown
	SplitDifferent  SplitOutcome = "different"
)
