package audit

import "net/netip"

// An Endpoint is an address as reached in the recordings: the far side of at least one flow.
type Endpoint struct {
	ID           ID         `json:"id"`
	Address      netip.Addr `json:"address"`
	Class        Class      `json:"class,omitempty"`
	Translated   netip.Addr `json:"translated,omitzero"` // the IPv4 address inside a NAT64 one; what datasets were asked about
	Names        []string   `json:"names,omitempty"`     // every name bound to a flow to it, sorted
	Place        Place      `json:"place"`
	AS           uint32     `json:"as,omitempty"`
	Organisation string     `json:"organisation,omitempty"`  // of the AS
	ASRegistered string     `json:"as_registered,omitempty"` // country the AS is registered in; never a place
	Operator     ID         `json:"operator,omitzero"`       // J2: the organisation that runs the AS, by the owner table; its seat is where it is registered
	Owner        string     `json:"owner,omitempty"`         // J3: recipient organisation; empty when its names belong to several
	OwnerSeat    string     `json:"owner_seat,omitempty"`
	OwnerGrade   string     `json:"owner_grade,omitempty"` // the weakest of whose the names are and where the seat is; "unverified" = nothing is concluded
	Parent       string     `json:"parent,omitempty"`      // J4: ultimate parent
	ParentSeat   string     `json:"parent_seat,omitempty"`
	ParentGrade  string     `json:"parent_grade,omitempty"`
	Flows        uint32     `json:"flows"`
	BytesUp      uint64     `json:"bytes_up"`
	BytesDown    uint64     `json:"bytes_down"`
	Sessions     []ID       `json:"sessions"`
	RTT          []RTT      `json:"rtt,omitempty"` // the minimum of each kind over its recordings
}

// Bytes returns the IP bytes in both directions.
func (e *Endpoint) Bytes() uint64 { return e.BytesUp + e.BytesDown }
