// Package compare says what differs between two sets of sessions of one app: two versions, two countries, two states of consent.
//
// In: audits, each for one of two arms, and perhaps a control. Out: an audit.Comparison. Two sets of sessions of one and the same version
// differ by about ten host names when they are subtracted from each other, so nothing is subtracted here:
//
//  1. sessions: what counts, what does not and why; what cannot be compared is refused (input.go, field.go)
//  2. items: what each session shows, at levels that rotate less and less (template.go, level.go): templated host, registrable domain,
//     organisation, jurisdiction. Addresses are counted, never compared. Rare names of one domain are pooled.
//  3. control: is either arm, split in two, of one kind with itself? If not, no class but unresolved is given (split.go)
//  4. the arms: are they of one kind, when labels are exchanged within days?
//  5. every item: Fisher's exact test on "k of n sessions", Benjamini and Hochberg over each level (item.go)
//  6. classes: appeared, disappeared, frequency changed, moved, rotation, unresolved (class.go, move.go)
//
// Sessions recorded by turns separate what goes with the arm from what goes with the time; without that the words say that it cannot be
// told. The result depends neither on the order of sessions nor of audits, and exchanging the arms mirrors it.
package compare
