// Package ring takes frames from one network interface of a Linux machine, without cgo and without losing count.
//
// In: a Config (interface, size, filter). Steps: Open makes a packet socket that receives nothing, gives it a ring buffer shared with the
// kernel (TPACKET_V3, Documentation/networking/packet_mmap.rst) and a locked filter, and only then binds it: no frame of another interface,
// and no frame that the filter refuses, can ever be in the ring. Run hands each frame to a Handler until its context ends; then it reads the
// kernel's counters and goes on until it has handed over exactly as many frames as the kernel has put into the ring.
// Out: frames with time, direction and VLAN tag as on the wire, and counters of what was dropped and cut.
//
// A link that goes down is told and waited for; an interface that is deleted ends Run with ErrGone. Once Open has returned, no privilege is
// needed any more.
package ring
