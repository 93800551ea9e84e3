package main

import (
	"encoding/binary"
	"time"
)

// A process is what Apple's packet tap says about the owner of a packet: itself, and on whose behalf it works.
type process struct {
	pid, epid   uint32
	name, ename string
}

// processes gives the session's users process names. The resolver and the web process work on the app's behalf.
var processes = map[int32]process{
	uidApp:    {pid: 812, name: "Practice"},
	uidDNS:    {pid: 211, name: "mDNSResponder", epid: 812, ename: "Practice"},
	uidPush:   {pid: 98, name: "pigeond"},
	uidSystem: {pid: 77, name: "practiced"},
}

// pktapFrame writes a packet behind Apple's packet tap header (156 octets, little-endian, raw IP inside).
func pktapFrame(p packet) []byte {
	who := processes[p.uid]
	if p.flow != nil && p.flow.key == "pixel" {
		who = process{pid: 840, name: "com.apple.WebKit", epid: 812, ename: "Practice"}
	}
	b := make([]byte, 156)
	le := binary.LittleEndian
	le.PutUint32(b[0:], 156)
	le.PutUint32(b[4:], 1)  // a packet
	le.PutUint32(b[8:], 12) // raw IP
	copy(b[12:36], "en0")
	flags, family := uint32(1), uint32(2)
	if p.up {
		flags = 2
	}
	if p.ip[0]>>4 == 6 {
		family = 30
	}
	le.PutUint32(b[36:], flags)
	le.PutUint32(b[40:], family)
	le.PutUint32(b[52:], who.pid)
	copy(b[56:76], who.name)
	le.PutUint16(b[80:], 6) // Ethernet
	le.PutUint32(b[84:], who.epid)
	copy(b[88:108], who.ename)
	return append(b, p.ip...)
}

// writePKTAP writes a session as a tap on an Apple device would.
func writePKTAP(x *session) []byte {
	w := &ngWriter{}
	w.section(text(optComment, practiceComment), text(shbHardware, "Practice Phone"), text(shbUserAppl, practiceMark+" (form of a packet tap)"))
	w.iface(linkPKTAP, 262144, text(ifName, "pktap"))
	steps := commented{x.marks}
	var last time.Time
	var n uint64
	for _, p := range x.packets(false) {
		last, n = x.start.Add(p.at), n+1
		frame := pktapFrame(p)
		w.packet(0, last, frame, len(frame), steps.options(p.at)...)
	}
	w.statistics(0, x.start, last.Add(second), n, 0, 0)
	return w.out.Bytes()
}
