// Package flow turns packets into flows: link layers, fragments and tunnels are opened (decode), packets are sorted into conversations
// (Table), and the first bytes of every conversation are joined into heads that dissectors read (Head).
//
// In: capture.Packet, one after the other. Out: one Flow a conversation, with counters, round-trip samples and flags, in the order in
// which the flows began. Memory grows with flows, never with bytes: a head is at most MaxHead bytes and is let go as soon as its
// dissector has what it wants.
//
// This is the only package that uses gopacket.
package flow
