package main

import (
	"encoding/binary"
	"time"
)

// Link types.
const (
	linkEthernet = 1
	linkRaw      = 101
	linkNFLOG    = 239
	linkPKTAP    = 258
)

// Attributes of an NFLOG packet (libpcap's nflog.h; nfnetlink_log.h).
const (
	nfPacketHeader = 1
	nfTimestamp    = 3
	nfIndev        = 4
	nfOutdev       = 5
	nfPayload      = 9
	nfPrefix       = 10
	nfUID          = 11
	nfGID          = 14
)

// Netfilter groups: the app's connections, and everything else that the rules name.
const (
	groupApp    = 30
	groupSystem = 31
)

// nflogFrame writes a packet as Linux' netfilter log gives it. The last packet of a connection has no user any more. The rules leave out what
// comes in on the loopback interface: it went out there already.
func nflogFrame(p packet, t time.Time) []byte {
	var b []byte
	attribute := func(kind uint16, value []byte) {
		b = binary.LittleEndian.AppendUint16(b, uint16(4+len(value)))
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = pad4(append(b, value...))
	}
	family, ether, group := byte(2), uint16(0x0800), uint16(groupSystem)
	if p.ip[0]>>4 == 6 {
		family, ether = 10, 0x86dd
	}
	if p.uid == uidApp {
		group = groupApp
	}
	b = binary.BigEndian.AppendUint16([]byte{family, 0}, group)
	hook, device, index := byte(1), uint16(nfIndev), uint32(23) // NF_INET_LOCAL_IN, wlan0
	loop := p.flow != nil && p.flow.remote.Addr().IsLoopback()
	if loop {
		index = 1
	}
	if p.up || loop {
		hook, device = 3, nfOutdev // NF_INET_LOCAL_OUT
	}
	attribute(nfPacketHeader, append(binary.BigEndian.AppendUint16(nil, ether), hook, 0))
	attribute(nfPrefix, []byte{0})
	attribute(device, binary.BigEndian.AppendUint32(nil, index))
	if hook == 1 {
		stamp := binary.BigEndian.AppendUint64(nil, uint64(t.Unix()))
		attribute(nfTimestamp, binary.BigEndian.AppendUint64(stamp, uint64(t.Nanosecond()/1000)))
	}
	if !p.last {
		attribute(nfUID, binary.BigEndian.AppendUint32(nil, uint32(p.uid)))
		attribute(nfGID, binary.BigEndian.AppendUint32(nil, uint32(p.uid)))
	}
	attribute(nfPayload, p.ip)
	return b
}

// commented hands out the steps' words: each goes to the first packet after the step began.
type commented struct{ marks []mark }

func (c *commented) options(at time.Duration) (list []option) {
	for len(c.marks) > 0 && c.marks[0].at <= at {
		list = append(list, text(optComment, "step: "+c.marks[0].words))
		c.marks = c.marks[1:]
	}
	return list
}

// writeNFLOG writes a session in the main form.
func writeNFLOG(x *session) []byte {
	w := &ngWriter{nano: true}
	about := "app: none running"
	if x.version >= 0 {
		about = "app: org.example.practice " + appVersion(x.version) + ", uid 10234"
	}
	w.section(text(optComment, practiceComment), text(optComment, about), text(shbHardware, "Practice Phone"), text(shbOS, "Practice OS 1"),
		text(shbUserAppl, practiceMark))
	snaplen := 262144
	if x.version == 1 && x.n == truncatedSession {
		snaplen = 1500 // forgets that the log's own header needs room too: full packets are cut
	}
	w.iface(linkNFLOG, uint32(snaplen), text(ifName, "nflog:30"), text(ifDescr, "practice phone, netfilter groups 30 and 31"), text(ifOS, "Practice OS 1"))
	if x.version == 1 && x.n == secretsSession {
		w.secrets(x.keylog.Bytes())
	}
	if x.version == 0 && x.n == namesSession {
		w.names(map[string]string{"198.18.10.10": "api.practice.example", "2001:2:0:1000::10": "api.practice.example"}, "198.18.10.10", "2001:2:0:1000::10")
	}
	packets := x.packets(false)
	lossy := x.version == 1 && x.n == lossySession
	steps := commented{x.marks}
	var received, dropped, since, media uint64
	var last time.Time
	for _, p := range packets {
		t := x.start.Add(p.at)
		last, received = t, received+1
		options := steps.options(p.at)
		if lossy && isMedia(p) {
			if media++; media%4 == 3 {
				dropped++
				since++
				continue
			}
		}
		if since > 0 {
			options = append(options, number(epbDropCount, since))
			since = 0
		}
		frame := nflogFrame(p, t)
		w.packet(0, t, frame[:min(len(frame), snaplen)], len(frame), options...)
	}
	w.statistics(0, x.start, last.Add(second), received, 0, dropped)
	return w.out.Bytes()
}

// isMedia reports whether a packet carries a larger answer to the app. The lossy session loses some of these, and none of a handshake.
func isMedia(p packet) bool {
	if p.up || p.flow == nil || p.flow.uid != uidApp || len(p.ip) < 900 {
		return false
	}
	rtt, _ := travel(p.flow.remote.Addr())
	return p.at > p.flow.start+rtt*27/10
}

func appVersion(version int) string { return string(rune('1'+version)) + ".0" }
