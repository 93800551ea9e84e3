package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// PCAPdroid's trailer behind a made-up Ethernet header (PCAPdroid docs/dump_extensions.md): it says which app a packet belongs to.
const (
	trailerMagic = 0x01072021
	trailerName  = 20
)

// labels are the apps' names as PCAPdroid shows them. One is long enough to be cut inside a letter.
var labels = map[int32]string{uidApp: "Practice", uidDNS: "netd", uidPush: "Pigeon Tilkynningar", uidSystem: "Kerfisþjónusta símaþjónn", -1: ""}

// pcapdroidFrame writes a packet with its trailer.
func pcapdroidFrame(p packet, uid int32) []byte {
	b := make([]byte, 12, 14+len(p.ip)+40)
	if p.ip[0]>>4 == 6 {
		b = append(b, 0x86, 0xdd)
	} else {
		b = append(b, 0x08, 0x00)
	}
	b = pad4(append(b, p.ip...))
	b = binary.BigEndian.AppendUint32(b, trailerMagic)
	b = binary.BigEndian.AppendUint32(b, uint32(uid))
	name := make([]byte, trailerName)
	copy(name[:trailerName-1], labels[uid])
	b = append(b, name...)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// pcapdroidPackets are those that the VPN app sees: of the app under test and the resolver, since it filters for the app.
func pcapdroidPackets(x *session) (list []packet) {
	for _, p := range x.packets(true) {
		if p.uid == uidApp || p.uid == uidDNS || p.uid == uidSystem && p.flow.key == "portal" {
			list = append(list, p)
		}
	}
	return list
}

// writePCAPdroid writes a session as PCAPdroid's classic capture with extensions. One packet's owner is unknown, one trailer is damaged.
func writePCAPdroid(x *session) []byte {
	var out bytes.Buffer
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	head = append(head, 2, 0, 4, 0)
	head = append(head, make([]byte, 8)...)
	head = binary.LittleEndian.AppendUint32(head, 32768)
	out.Write(binary.LittleEndian.AppendUint32(head, linkEthernet))
	for i, p := range pcapdroidPackets(x) {
		uid := p.uid
		if p.flow != nil && p.flow.key == "hearth" {
			uid = -1 // it could not find out
		}
		frame := pcapdroidFrame(p, uid)
		if i == 40 {
			frame[len(frame)-1] ^= 0x55 // as if the cable had flipped bits
		}
		t := x.start.Add(p.at)
		rec := binary.LittleEndian.AppendUint32(nil, uint32(t.Unix()))
		rec = binary.LittleEndian.AppendUint32(rec, uint32(t.Nanosecond()/1000))
		rec = binary.LittleEndian.AppendUint32(rec, uint32(len(frame)))
		out.Write(binary.LittleEndian.AppendUint32(rec, uint32(len(frame))))
		out.Write(frame)
	}
	return out.Bytes()
}

// pcapdroidPEN is PCAPdroid's private enterprise number, which marks its own block.
const pcapdroidPEN = 62652

// writePCAPdroidNG writes the same packets as PCAPdroid's pcapng: raw IP, the user as a comment, a block that maps users to packages.
func writePCAPdroidNG(x *session) []byte {
	w := &ngWriter{}
	w.section(text(optComment, practiceComment), text(shbHardware, "Practice Phone"), text(shbOS, "Practice OS 1"), text(shbUserAppl, practiceMark+" (form of PCAPdroid)"))
	w.iface(linkRaw, 32768)
	w.secrets(x.keylog.Bytes())
	steps := commented{x.marks}
	known := map[int32]bool{}
	packages := map[int32]string{uidApp: "org.example.practice", uidDNS: "android.netd", uidSystem: "android"}
	for _, p := range pcapdroidPackets(x) {
		if !known[p.uid] {
			known[p.uid] = true
			b := binary.LittleEndian.AppendUint32(nil, pcapdroidPEN)
			b = append(b, 1, 0, 1, 0)
			b = binary.LittleEndian.AppendUint32(b, uint32(p.uid))
			b = append(b, byte(len(packages[p.uid])), byte(len(labels[p.uid])))
			w.block(blockCustom, append(b, packages[p.uid]+labels[p.uid]...))
		}
		options := append([]option{text(optComment, fmt.Sprintf("u-%d", p.uid))}, steps.options(p.at)...)
		w.packet(0, x.start.Add(p.at), p.ip, len(p.ip), options...)
	}
	return w.out.Bytes()
}
