// Package owner says which organisation receives what is sent to a name, and which one runs a network: name or AS number in; organisation,
// role, legal seat, headquarters and ultimate parent on a day out, each with the source that it was read in.
//
// The tables are our own and embedded. Every row names its source in sources.csv; a row without one is from memory, is called unverified
// wherever it is shown, and nothing is concluded from it.
//
//	suffixes.csv        name suffix -> organisation, what the name is for, from and to which day
//	networks.csv        AS number -> organisation
//	organisations.csv   name, legal seat, headquarters
//	parents.csv         who controls an organisation, from and to which day; "itself" = nobody above it
//
// The longest suffix wins, and none above the registrable domain of the name (Public Suffix List) unless its row says so: whoever runs
// cloudfront.net does not receive what is sent to every name under it.
package owner
