package audit

import (
	"net/netip"

	"abroad/capture"
)

// Schema names the document's format: model.revision.addition. A published schema never changes.
const Schema = "abroad/audit/1.1.0"

// An Audit is everything known about one or many recordings of one app. Lists stand in the order of their ids; nothing is a map.
type Audit struct {
	Schema        string         `json:"schema"`
	Tool          Tool           `json:"tool"`
	Subject       Subject        `json:"subject"`
	Options       Options        `json:"options"`
	Practice      bool           `json:"practice,omitempty"` // made of practice recordings: nothing in it is about the real world
	Public        []Removal      `json:"public,omitempty"`   // what a copy for the public leaves out; absent in an audit itself
	Recordings    []Recording    `json:"recordings"`
	Sessions      []Session      `json:"sessions"`
	Datasets      []Dataset      `json:"datasets"`
	Coverage      Coverage       `json:"coverage"`
	Jurisdictions []Jurisdiction `json:"jurisdictions"`
	Endpoints     []Endpoint     `json:"endpoints"`
	Hosts         []Host         `json:"hosts"`
	Organisations []Organisation `json:"organisations"`
	Laws          []Law          `json:"laws"`
	Promises      []Promise      `json:"promises"`
	Overrides     []Override     `json:"overrides"`
	Findings      []Finding      `json:"findings"`
	Claims        []Claim        `json:"claims"`
	Flows         []*Flow        `json:"flows"`
	Observations  []Observation  `json:"observations"`
	Answers       []Answer       `json:"answers"`
	Anomalies     []Anomaly      `json:"anomalies"`
	Overflow      []Overflow     `json:"overflow"` // flows past the flow limit, counted only
	Notes         []string       `json:"notes"`    // what the reader must know about this run, in our words
}

// A Removal counts what a public copy of an audit leaves out, or shows as a keyed hash.
type Removal struct {
	What  string `json:"what"` // in our words
	Count uint64 `json:"count"`
}

// Tool is the program that made the audit.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Subject is the app under test, as the user declared it.
type Subject struct {
	App     string `json:"app,omitempty"`
	Version string `json:"version,omitempty"`
	UID     int32  `json:"uid,omitempty"` // the uid that the device gave the app; a recording that maps flows to uids alone needs it
}

// Options are the user's declarations that change what is concluded.
type Options struct {
	Vantage   *Vantage `json:"vantage,omitempty"`
	VPN       bool     `json:"vpn,omitempty"`    // a VPN was on while recording
	Device    string   `json:"device,omitempty"` // --device as given: an address or a MAC
	FlowLimit uint32   `json:"flow_limit"`

	FirstParty []string `json:"first_party,omitempty"` // declared domains of the maker, sorted
}

// A Vantage is where the recording was made: a country, or a point with a radius. Exactly one of the two is set.
type Vantage struct {
	Country string  `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Lat     float64 `json:"lat,omitempty"`     // degrees
	Lon     float64 `json:"lon,omitempty"`     // degrees
	Radius  float64 `json:"radius_km,omitempty"`
}

// A Recording is one capture file, by content.
type Recording struct {
	ID          ID             `json:"id"`
	Name        string         `json:"name"`
	SHA256      capture.Digest `json:"sha256"`
	Size        int64          `json:"size"` // bytes as stored
	Format      string         `json:"format"`
	Compression string         `json:"compression,omitempty"`
	Records     uint32         `json:"records"`     // packets
	LastNumber  uint32         `json:"last_number"` // of the last packet; more than Records if the file has other blocks that Wireshark numbers
	First       capture.Time   `json:"first"`
	Last        capture.Time   `json:"last"`
	Interfaces  []Interface    `json:"interfaces"`
	Device      Device         `json:"device"`
	OnDevice    bool           `json:"on_device,omitempty"` // recorded on the device by a VPN app (PCAPdroid): handshakes may end before the server
	Practice    bool           `json:"practice,omitempty"`
	Application string         `json:"application,omitempty"` // program that wrote the file, as the file says
	Packets     Packets        `json:"packets"`
	Lost        uint64         `json:"lost"` // packets the recorder says it dropped
	LostKnown   bool           `json:"lost_known"`
	Secrets     uint32         `json:"secrets,omitempty"` // decryption secrets blocks in the file
	Notes       []string       `json:"notes,omitempty"`   // comments in the file, at most 100
	Undecoded   []Undecoded    `json:"undecoded"`
}

// An Interface is where packets were captured.
type Interface struct {
	Name    string `json:"name,omitempty"`
	Link    string `json:"link"`
	SnapLen uint32 `json:"snaplen,omitempty"` // bytes
	Packets uint32 `json:"packets"`
}

// Device says which side of the flows is the device under test, and why.
type Device struct {
	Addresses []netip.Addr `json:"addresses,omitempty"`
	MACs      []string     `json:"macs,omitempty"`
	Reason    string       `json:"reason"` // "declared", "pcapdroid", "pktap", "nflog", "pcapng", "direction", "most-flows", "unknown"
}

// Packets counts what became of every packet of a recording; the parts add up to Recording.Records.
type Packets struct {
	InFlows   uint32 `json:"in_flows"`
	Overflow  uint32 `json:"overflow,omitempty"`  // past the flow limit, counted per endpoint
	Fragments uint32 `json:"fragments,omitempty"` // part of a datagram whose last fragment carries the flow, or that was never completed
	Undecoded uint32 `json:"undecoded,omitempty"` // listed by kind in Recording.Undecoded
	Truncated uint32 `json:"truncated,omitempty"` // kept in part only (snap length); counted in the other parts too
}

// Undecoded counts packets that could not become part of a flow, by kind.
type Undecoded struct {
	Code    capture.Code `json:"code"`
	Detail  string       `json:"detail"` // "arp", "ethertype 0x88cc", "ip protocol 89" …
	Packets uint32       `json:"packets"`
	Example capture.Ref  `json:"example"` // the first one
}

// An Anomaly is a place where input departs from its format, in document form.
type Anomaly struct {
	ID        ID           `json:"id"`
	Recording ID           `json:"recording"`
	At        capture.Ref  `json:"at,omitzero"`      // zero when it belongs to no packet
	Offset    int64        `json:"offset,omitempty"` // byte offset in the decompressed file, when it belongs to no packet
	Stage     string       `json:"stage"`
	Code      capture.Code `json:"code"`
	Detail    string       `json:"detail"`
	Count     uint32       `json:"count"` // how often this code of this stage appeared in the recording; At is the first
}

// An Overflow counts the flows of one endpoint past the flow limit.
type Overflow struct {
	Recording ID         `json:"recording"`
	Address   netip.Addr `json:"address"` // the far side, or the receiver where the device is unknown
	Port      uint16     `json:"port"`
	Proto     Proto      `json:"proto"`
	Packets   uint64     `json:"packets"`
	Bytes     uint64     `json:"bytes"`
}
