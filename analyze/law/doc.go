// Package law says which dated legal regimes reach a country: memberships, adequacy decisions, conditions on recipients, localisation and
// access laws. A country and a day go in, rows of two embedded tables come out:
//
//	members.csv    group, country, from, to: EU, EEA and EFTA, as they were on a day
//	laws.csv       everything else, with its instrument, the levels of the jurisdiction vector that it looks at, its condition and its dates
//	sources.csv    what the rows of both were read in
//
// A row whose source nobody has read is graded unverified and says so wherever it is printed. Nothing here is a legal conclusion: a row says
// that an instrument exists, whom it names and since when, never whether a flow is lawful.
package law
