package dataset

import "abroad/analyze/audit"

// A Dataset is one file of reference data, or one part of it: a file that says two things is listed twice.
type Dataset struct {
	audit.Dataset        // as an audit cites it; ID, Embedded, Practice and Warning are given by who loads it
	File          string // inside the directory, with slashes
	Kind          Kind
	Format        string // how a kind's file is written, where it can be in several ways: "aws", "azure"; empty is our own table
	Origin        string // where it came from: an address, a package with version, or the name of a file that was brought in by hand
	Bytes         int64  // size of the file; 0 if the index does not say

	// As the server of Origin named the version that it handed out, to ask it for a newer one only (RFC 9110, section 13.1).
	ETag, Modified string
}

// A Kind says what a dataset's rows are about.
type Kind string

// The kinds.
const (
	Databases Kind = "database"  // geolocation database: an address is said to be in a country
	Networks  Kind = "networks"  // which AS announces an address, and who runs it
	Regions   Kind = "regions"   // a provider's ranges by region
	Geofeed   Kind = "geofeed"   // an operator's statement where its addresses are (RFC 8805)
	Anycast   Kind = "anycast"   // ranges without a country: anycast, and fronts whose place follows the client
	Tokens    Kind = "tokens"    // words in host names that an operator uses for places
	Owners    Kind = "owners"    // who receives what is sent to a name
	Overrides Kind = "overrides" // corrections by hand; never listed in an index
	Resolved  Kind = "resolved"  // what resolvers answered, later than a recording and from elsewhere
)

// Age limits in days, counted to the time of the recording (see Age).
const (
	maxDatabaseAge = 180
	maxTableAge    = 365
)

// MaxAge returns the days after which a dataset of the kind no longer fits a recording without a warning. Provider tables age well: what
// they say stays true, they only cover less.
func (k Kind) MaxAge() int {
	if k == Databases {
		return maxDatabaseAge
	}
	return maxTableAge
}

// Known reports whether k is a kind of this package.
func (k Kind) Known() bool {
	switch k {
	case Databases, Networks, Regions, Geofeed, Anycast, Tokens, Owners, Resolved:
		return true
	}
	return false
}
