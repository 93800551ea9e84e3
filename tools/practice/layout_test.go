package main

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// A seen segment is what a packet says, read back from its bytes.
type seenSegment struct {
	packet
	seq, ack uint32
	flags    byte
	data     []byte
}

func readBack(t *testing.T, p packet) seenSegment {
	t.Helper()
	src, _ := netip.AddrFromSlice(p.ip[12:16])
	dst, _ := netip.AddrFromSlice(p.ip[16:20])
	if fold(sum16(0, p.ip[:20])) != 0 {
		t.Error("wrong IP checksum")
	}
	b := p.ip[20:]
	if transportSum(src, dst, protoTCP, b) != 0 {
		t.Error("wrong TCP checksum")
	}
	head := int(b[12]>>4) * 4
	return seenSegment{p, binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:]), b[13], b[head:]}
}

// Whatever goes wrong on the way, both directions can be put together from the packets, nobody acknowledges what was not sent, and every
// answer takes a round trip.
func TestTCPLayout(t *testing.T) {
	talk := []event{
		{up: true, data: bytes.Repeat([]byte("hello "), 260)},
		{data: bytes.Repeat([]byte("reply "), 400)},
		{up: true, data: []byte("finished")}, {up: true, data: []byte("request")},
		{data: bytes.Repeat([]byte("body "), 2000)},
		{up: true, data: []byte("another"), notBefore: 3 * second},
		{data: []byte("small")},
		{up: true, end: true, notBefore: 9 * second},
	}
	for i, y := range []faults{{}, {lateSYN: true}, {lateHello: true}, {reorder: true}, {duplicate: true}, {lost: true}, {reset: true}} {
		for n := range 30 {
			f := &flow{tcp: true, start: second, tape: &tape{events: talk}, uid: uidApp}
			p := path{rtt: 40 * ms, syn: 40 * ms, ttl: 50, rng: seed(i, n), mss: 1460,
				local: netip.MustParseAddrPort("192.168.50.23:40000"), far: netip.MustParseAddrPort("198.18.10.10:443")}
			var want [2]bytes.Buffer
			for _, e := range talk {
				want[side(e.up)].Write(e.data)
			}
			checkStream(t, layTCP(f, p, y), want, y)
		}
	}
}

func checkStream(t *testing.T, packets []packet, want [2]bytes.Buffer, y faults) {
	t.Helper()
	var isn, far [2]uint32 // first sequence number, and the end of what was sent, by side
	var got [2][]byte
	var helloEnd, answer time.Duration
	for i, p := range packets {
		g := readBack(t, p)
		me := side(p.up)
		if i > 0 && p.at < packets[i-1].at {
			t.Fatal("packets out of order of time")
		}
		if g.flags&tcpSYN != 0 {
			isn[me], far[me] = g.seq, g.seq+1
			continue
		}
		end := g.seq + uint32(len(g.data))
		if g.flags&tcpFIN != 0 {
			end++
		}
		if g.flags&tcpACK != 0 && int32(g.ack-far[1-me]) > 0 {
			t.Fatalf("%+v: packet %d acknowledges %d bytes that were not sent", y, i, int32(g.ack-far[1-me]))
		}
		far[me] = max(far[me], end)
		if len(g.data) == 0 {
			continue
		}
		off := int(g.seq - isn[me] - 1)
		if n := off + len(g.data); n > len(got[me]) {
			got[me] = append(got[me], make([]byte, n-len(got[me]))...)
		}
		copy(got[me][off:], g.data)
		if p.up && off < 1560 && helloEnd == 0 && off+len(g.data) == 1560 {
			helloEnd = p.at
		}
		if !p.up && answer == 0 {
			answer = p.at
		}
	}
	for me := range got {
		if !bytes.Equal(got[me], want[me].Bytes()) {
			t.Fatalf("%+v: side %d: %d bytes put together, want %d", y, me, len(got[me]), want[me].Len())
		}
	}
	if rtt := answer - helloEnd; rtt < 40*ms || rtt > 42*ms {
		t.Errorf("%+v: answer after %s, want 40 ms and a little", y, rtt)
	}
	if flags := packets[len(packets)-1].ip[33]; y.reset != (flags&tcpRST != 0) {
		t.Errorf("%+v: last packet has flags %02x", y, flags)
	}
}

func TestFragments(t *testing.T) {
	a, b := netip.MustParseAddrPort("198.18.53.53:53"), netip.MustParseAddrPort("192.168.50.31:40000")
	whole := ipPacket(a.Addr(), b.Addr(), protoUDP, udpMessage(a, b, []byte(filler(3100))), 60, 9)
	var body []byte
	pieces := fragments4(whole, 1500)
	for i, p := range pieces {
		if fold(sum16(0, p[:20])) != 0 || len(p) > 1500 || int(binary.BigEndian.Uint16(p[6:])&0x1fff)*8 != len(body) {
			t.Errorf("fragment %d: wrong header", i)
		}
		body = append(body, p[20:]...)
	}
	if len(pieces) != 3 || !bytes.Equal(body, whole[20:]) {
		t.Errorf("%d fragments do not make the packet", len(pieces))
	}
}

// Names in a name resolution block, options and paddings must leave whole blocks.
func TestBlocks(t *testing.T) {
	w := &ngWriter{nano: true}
	w.section(text(optComment, "odd length"), text(shbUserAppl, practiceMark))
	w.iface(linkNFLOG, 0, text(ifName, "x"))
	w.names(map[string]string{"198.18.0.1": "a.example", "2001:2::1": "b.example"}, "198.18.0.1", "2001:2::1")
	w.secrets([]byte("KEY"))
	w.packet(0, firstDay, []byte("frame"), 9, text(optComment, "step"))
	w.statistics(0, firstDay, firstDay, 1, 2, 3)
	kinds, err := blocks(w.out.Bytes())
	if want := []uint32{blockSection, blockInterface, blockNames, blockSecrets, blockPacket, blockStatistics}; err != nil || !slices.Equal(kinds, want) {
		t.Errorf("got %x, %v", kinds, err)
	}
}
