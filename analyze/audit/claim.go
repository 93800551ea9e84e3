package audit

import (
	"net/netip"

	"abroad/capture"
)

// A Dataset is a reference dataset, by content. Its age is counted to the recording, never to today.
type Dataset struct {
	ID        ID             `json:"id"`
	Name      string         `json:"name"` // "dbip-country-lite"
	Title     string         `json:"title"`
	Publisher string         `json:"publisher"` // two datasets of one publisher are not independent
	Licence   string         `json:"licence"`
	Credit    string         `json:"credit,omitempty"` // attribution line that the licence asks for
	AsOf      string         `json:"as_of"`            // date of its contents, 2006-01-02
	SHA256    capture.Digest `json:"sha256"`
	Embedded  bool           `json:"embedded,omitempty"`
	Practice  bool           `json:"practice,omitempty"` // answers for the practice fiction only
	Warning   string         `json:"warning,omitempty"`  // "older than 180 days at the time of the recording"
}

// A Claim is something a dataset says about an address.
type Claim struct {
	ID           ID         `json:"id"`
	Address      netip.Addr `json:"address"`
	Kind         ClaimKind  `json:"kind"`
	Country      string     `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Region       string     `json:"region,omitempty"`  // a provider's region, or a subdivision
	City         string     `json:"city,omitempty"`
	AS           uint32     `json:"as,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	Role         Role       `json:"role,omitempty"`
	Name         string     `json:"name,omitempty"`   // of a resolved claim: the name that belongs to Address, as a resolver said
	Detail       string     `json:"detail,omitempty"` // in our words: which operator's list, which name token …
	Bound        Bound      `json:"bound,omitempty"`  // what a physics claim says of Country, or of all countries
	By           string     `json:"by"`               // the locator
	Said         Citation   `json:"said"`
}

// A Citation is one row of a dataset: enough to look it up again.
type Citation struct {
	Dataset ID     `json:"dataset"`
	Key     string `json:"key"` // what matched: the prefix, the name suffix
}

// A ClaimKind is a kind of evidence. All databases together are one kind.
type ClaimKind string

// The kinds of claims.
const (
	ClaimOperator     ClaimKind = "operator"     // provider region file or geofeed: the operator says where the address is
	ClaimToken        ClaimKind = "token"        // an operator-bound host name
	ClaimDatabase     ClaimKind = "database"     // a geolocation database
	ClaimRegistration ClaimKind = "registration" // registered in; never a place
	ClaimNetwork      ClaimKind = "network"      // AS and its organisation; never a place
	ClaimEdge         ClaimKind = "edge"         // anycast, or a front whose location follows the client
	ClaimPhysics      ClaimKind = "physics"      // computed from round-trip samples
	ClaimOverride     ClaimKind = "override"     // a manual correction by a named author
	ClaimResolved     ClaimKind = "resolved"     // what a resolver answered later; never a place
)

// A Bound is what a round trip says about places; claims that are not physics have none.
type Bound string

// The bounds. Only the first two exclude a country.
const (
	BoundWithin      Bound = "within"      // the answer came from no farther than Detail says
	BoundCannotBe    Bound = "cannot-be"   // light could not have come from Country in time
	BoundImplausible Bound = "implausible" // a signal in glass fibre could not have, or only TCP's first answer was that fast
)

// A Role says whether an endpoint's place is its own.
type Role string

// The roles; the zero Role is unknown.
const (
	RoleUnknown Role = ""
	RoleEdge    Role = "edge" // anycast or CDN/front: its location follows the client
	RoleHost    Role = "host" // bound to a region by its operator
)
