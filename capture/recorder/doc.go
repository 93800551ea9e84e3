// Package recorder captures packets of a device. Recorders never analyse.
//
// In: a Source (a network interface, a phone, another machine, a pipe) and where to keep what it captures. Out: calls of a Sink, in the order
// of capture; Run (run.go) puts them into a session folder (capture/session), counts, marks, and closes it in every case of failure.
//
// A source is a value of Plugin in a file of its own and one line in list.go.
package recorder
