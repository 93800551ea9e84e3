// Package provider reads the files in which operators of networks, and those who measure networks, publish where addresses are.
//
// In: a whole file, as its publisher hands it out (ip-ranges.json of AWS, Azure's service tags, cloud.json, a geofeed …). Steps: one Format
// a kind of file, listed in list.go, finds prefixes and what is said of them; regions become countries by a table of our own
// (regions.csv); rows that cannot be meant are left out and counted. Out: a Table in the form that package locate reads, and what is known
// about the dataset. Nothing is written here, and nothing here uses the network.
//
// A region that the table does not know, or that is doubtful in it, keeps its prefixes without a country: it must not pass for the region
// of a broader prefix around it.
package provider
