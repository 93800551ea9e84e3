// Package online is the only part of the program that opens connections, and only if a command was asked to.
//
// Update (update.go): in, the rows of Publishers and a dataset directory. Steps: each publisher's own address is asked, conditionally,
// whether there is a newer file; what comes is bounded, its checksum and its form are checked, and only then it takes the place of the one
// before, which is kept. Out: one Result a publisher.
//
// Resolve (resolve.go): in, names and addresses, and the resolvers that the user named. Steps: PTR of the addresses, then address records of
// the names that came back, and A, AAAA and HTTPS of the names, with retries and at a bounded rate. Out: a table as package locate reads it.
package online
