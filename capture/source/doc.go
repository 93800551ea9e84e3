// Package source reads recordings: pcap and pcapng, plain or inside gzip or zstd, from a file or a pipe.
//
// In: an io.Reader. Out: capture.Records in the order of the file, and a capture.Manifest with the SHA-256 of the bytes as stored, made in
// the same pass. The way of a byte: a pump reads the file in chunks; each chunk goes to the hash and to the Window at the same time; a
// Source parses records where they lie in the chunk and hands them on without a copy. For a compressed file a second pump inflates between
// the two. Both pumps and the hash have goroutines of their own; parsing happens in the consumer's.
//
// A file that is damaged is read up to the damage, and the rest is hashed but not read: looking for the next record that seems whole would
// let the payload of a packet, which a stranger wrote, pass for packets. Memory grows with the bytes that are really there, not with what a
// file claims, up to named limits (the one thing asked for in advance is a zstd frame's window, see maxZstdWindow).
//
// # Numbers
//
// Packets are numbered as tshark 4.0 numbers frames, so that "tshark -Y frame.number==N" shows the same packet. In pcapng it gives a number
// to every Enhanced, Simple and (obsolete) Packet Block, and also to blocks that hold no packet: both kinds of Custom Block (0x00000bad,
// 0x40000bad), systemd journal entries (0x9) and Sysdig events (0x204, 0x216, 0x221; later versions also number 0x208, 0x217 and 0x222,
// which no recorder of network traffic writes). It gives none to any other block, known or unknown. The numbers of those other frames are
// skipped here. Where tshark gives up on a file and this package reads on (a packet of an interface that was never described, an impossible
// option), the packets behind that place have numbers which tshark cannot show.
package source
