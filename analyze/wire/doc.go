// Package wire has pure parsers of wire formats, one format per file: bytes in, values with spans out.
//
// No I/O, no logging, no clock, no types of ours. A parser reads through a Cursor and never indexes by hand; it returns what it read
// before an error, keeps unknown parts, and bounds what it allocates by its input. Every parser has a test that cuts its input at every
// byte and a fuzz target with an invariant.
package wire
