// Package reports shows an audit: what comes in is a finished audit.Audit and a writer, what goes out is text, Markdown, HTML, JSON or CSV.
//
// A format decides nothing. The three that people read (text, Markdown, HTML) are views of one page: newPage picks what fits, sums the rest,
// and words it once, so that a number in a sentence and the same number in a table cannot differ. JSON is the audit itself, CSV its
// lists without a bound.
//
// Everything in an audit may have been chosen by a stranger: host names, app labels, file names, even the zone of an IPv6 address. Such
// text is carried as the type foreign, which cannot be printed without being escaped; escape.go has one function for each boundary.
//
// A country is never printed without its grade, and the words for a place (Place.Words, "DB-IP says IE") are the audit's own.
package reports
