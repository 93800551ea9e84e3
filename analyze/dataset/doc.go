// Package dataset treats reference data as things: each has a name, a publisher, a licence, the date of its contents and a digest.
//
// In: a dataset directory, which is an index (datasets.csv) and the files it lists. Steps: read the index, refuse what is not safe or not
// unique in it, and hand out a file's bytes only when they have the size and the SHA-256 that the index says. Out: Datasets, as an audit
// cites them. What the bytes mean is for other packages; nothing here uses the network.
//
// An audit uses exactly what the index lists. The data that the program carries, and the practice data, are listed in the same columns.
package dataset
