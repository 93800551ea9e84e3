// Package stats holds the few exact tests and bounds that verdicts and comparisons stand on, one file each.
//
// In: counts of sessions in which something was seen, p-values, distances between sessions. Out: probabilities. Everything is a function
// of its arguments; the one random test takes its seed. What can be computed exactly is, and tests hold it against math/big and against
// published values.
//
//   - Fisher: two counts, is the difference more than chance? (2 x 2 table, two-sided)
//   - Adjust: many p-values, which of them may be believed together? (Benjamini and Hochberg)
//   - Permute: two sets of sessions, are they of one kind? (labels exchanged within days)
//   - Coverage, Richness: how much of what there is to see was seen? (Good and Turing; Chao)
//   - Unseen, Interval: what do k of n sessions leave possible? (Clopper and Pearson)
//   - Power, Needed, Floor: what could so many sessions have shown, and how many would?
package stats
