// Package locate asks datasets where an address is, and weighs what they say.
//
// In: an address as reached in a recording, and the names bound to it. Steps: the address's class (class.go: private, NAT64 …); every
// dataset that was opened is asked, one file a kind of evidence, listed in list.go; each answer becomes a Claim with the row that it
// quotes; where it is declared where a recording was made, Physics (physics.go) adds what its round trips exclude, unless something near
// may have answered (guard.go). Weigh (grade.go) is a pure function from claims to a Place with a grade. Out: claims for the audit, and
// places.
//
// Nothing here uses the network, and no answer depends on the order of questions. What a dataset says is never more than "X says IE":
// a database alone never makes a place, and the country of an anycast address or of a front is not printed at all.
package locate
