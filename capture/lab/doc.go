// Package lab is a small world to record in: three network namespaces with a phone, the gateway it is connected to, and servers behind it.
//
// In: nothing but root rights on a Linux machine with iproute2. Steps: Open makes the namespaces and the cables between them; World.Serve starts real
// DNS, TLS and HTTP servers; Play, in a process of its own in the phone's namespace, is the practice app. Out: traffic to be recorded on the gateway, and
// Truth, the list of what the app did, to hold a recording against.
//
// All addresses are of ranges reserved for documentation (RFC 5737, RFC 3849), no namespace has a cable to the machine's own, and no
// namespace has a name: when the process ends, however it ends, the kernel takes them down with all that is in them.
//
// The practice recordings in practice/ belong to another fiction, with addresses, places and datasets of its own (tools/practice).
package lab
