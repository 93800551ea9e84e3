// Package capture holds the words of evidence: what a recording is made of and how one byte of it is named.
//
// A source (capture/source) turns a file into a stream of Records. A Record is a Packet, or something the file says about its packets:
// an Anomaly (the file is damaged here), a Loss (the recorder lost packets), Secrets (key-log lines), Names (a name resolution block) or
// a Note (a comment). Malformed input is a Record like any other; only I/O is an error.
//
// This package imports the standard library only, and everything else imports it.
package capture
