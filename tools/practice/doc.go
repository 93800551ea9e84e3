// Command practice makes the practice recordings and the practice datasets.
//
// Nothing in them is about the real world. One table (world.go) holds the whole fiction: places, operators, networks, services and owners.
// From it come the servers, the DNS answers, the round-trip times and every practice dataset, so that they cannot drift apart.
//
// In: that table and a script of sessions (script.go). Steps: real clients (net/http, quic-go, miekg/dns …) talk to real servers of ours
// on loopback; taps write down which bytes went which way and in which order (tap.go); the bytes are laid out as packets with the
// fiction's addresses, checksums and times (tcp.go, udp.go); the packets are written in the forms that recorders give (form_*.go).
// Out: capture/lab/practice/ and analyze/locate/practice/.
//
// Keys and random numbers of TLS are new at every run, so the output differs each time: what is committed is the source of truth.
// Everything else comes from seeds.
package main
