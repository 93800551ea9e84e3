package flow

import (
	"fmt"
	"net/netip"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// decode reads one frame with a fresh Decoder.
func decode(t *testing.T, p *capture.Packet) (o Packet, kind Undecoded, ok bool, codes []capture.Code) {
	t.Helper()
	p.Number, p.OrigLen = 7, max(p.OrigLen, uint32(len(p.Data)))
	d := NewDecoder(func(a capture.Anomaly) {
		if a.At.Record != 7 || a.Offset != -1 || a.Stage == "" || a.Detail == "" || int(a.At.Off+a.At.Len) > len(p.Data) {
			t.Errorf("anomaly %+v", a)
		}
		codes = append(codes, a.Code)
	})
	if kind, ok = d.Decode(p, &o); ok {
		check(t, p, &o)
	}
	return o, kind, ok, codes
}

// TestUndecoded names what is not IP.
func TestUndecoded(t *testing.T) {
	pad := make([]byte, 46)
	for _, test := range []struct {
		link capture.LinkType
		data []byte
		want Undecoded
	}{
		{1, ether(0x0806, pad), Undecoded{capture.NotIP, "arp"}},
		{1, ether(0x88cc, pad), Undecoded{capture.NotIP, "lldp"}},
		{1, ether(0x88b5, pad), Undecoded{capture.NotIP, "ethertype 0x88b5"}},
		{1, ether(38, join([]byte{0x42, 0x42, 3}, pad)), Undecoded{capture.NotIP, "stp"}},
		{1, ether(38, join([]byte{0xaa, 0xaa, 3, 0, 0, 0xc, 0x20, 0}, pad)), Undecoded{capture.NotIP, "cdp"}},
		{1, ether(38, join([]byte{0x82, 0x82, 3}, pad)), Undecoded{capture.NotIP, "llc sap 0x82"}},
		{1, ether(0x8100, vlan(0x0806, pad)), Undecoded{capture.NotIP, "arp"}},
		{1, ether(0x8847, join(u32(1<<8), pad)), Undecoded{capture.NotIP, "mpls"}},
		{1, ether(0x8864, join([]byte{0x11, 0}, u16(9), u16(6), u16(0xc021), u32(0))), Undecoded{capture.NotIP, "ppp protocol 0xc021"}},
		{1, ether(0x0800, join([]byte{0x51}, pad)), Undecoded{capture.Malformed, "ip version 5"}},
		{1, ether(0x0800, join([]byte{0x44}, pad)), Undecoded{capture.Malformed, "ipv4 header"}},
		{1, ether(0x0800, []byte{0x45, 0}), Undecoded{capture.Malformed, "ipv4 header"}},
		{1, nil, Undecoded{capture.Malformed, "ethernet header"}},
		{105, wifiData(0, 0x41, pad), Undecoded{capture.Encrypted80211, "802.11 data"}},
		{105, wifiData(4, 1, nil), Undecoded{capture.NotIP, "802.11 without data"}},
		{105, join([]byte{0x80, 0}, pad), Undecoded{capture.NotIP, "802.11 management"}},
		{105, join([]byte{0xd4, 0}, pad), Undecoded{capture.NotIP, "802.11 control"}},
		{0, join(le32(7), pad), Undecoded{capture.NotIP, "osi"}},
		{113, sllFrame(0, 0x88cc, pad), Undecoded{capture.NotIP, "lldp"}},
		{239, []byte{2, 0, 0, 30, 3, 0, 1, 0}, Undecoded{capture.Malformed, "nflog attribute"}},
		{239, []byte{2, 0, 0, 30}, Undecoded{capture.NotIP, "nflog without a packet"}},
		{258, pktapFrame(258, 1, pktapFrame(1, 1, nil)), Undecoded{capture.Malformed, "pktap header"}},
		{127, join([]byte{0, 0, 4, 0}, pad), Undecoded{capture.Malformed, "radiotap header"}},
		{149, pad, Undecoded{capture.UnknownLink, "link type 149"}},
		{195, pad, Undecoded{capture.UnknownLink, "link type 195"}},
	} {
		_, kind, ok, codes := decode(t, &capture.Packet{Link: test.link, Data: test.data})
		if ok || kind != test.want {
			t.Errorf("%d %x: got %v %v, want %v", test.link, test.data, kind, ok, test.want)
		}
		if said := len(codes) > 0; said != (test.want.Code == capture.Malformed) {
			t.Errorf("%v: anomalies %v", test.want, codes)
		}
	}
}

// TestUndecodedIsBounded sends every EtherType there is.
func TestUndecodedIsBounded(t *testing.T) {
	d := NewDecoder(nil)
	kinds := map[Undecoded]int{}
	for n := range 1 << 16 {
		var o Packet
		kind, _ := d.Decode(&capture.Packet{Link: 1, Data: ether(n, make([]byte, 46))}, &o)
		kinds[kind]++
	}
	if len(kinds) > 2*MaxKinds || kinds[Undecoded{capture.NotIP, "ethertype of other kinds"}] < 1<<15 {
		t.Errorf("%d kinds", len(kinds))
	}
}

// TestMalformed decodes packets that contradict themselves as far as they can be believed.
func TestMalformed(t *testing.T) {
	long := make([]byte, 70000)
	change := func(b []byte, at int, to ...byte) []byte {
		copy(b[at:], to)
		return b
	}
	type want struct {
		ports   string
		proto   audit.Proto
		payload int
		length  uint32
		ip      uint32
		code    capture.Code
		cut     bool
	}
	ordinary := func(proto audit.Proto, payload int) want {
		return want{"4242 443", proto, payload, uint32(payload), 0, "", false}
	}
	hop := func(next int, b []byte) []byte { return join([]byte{byte(next), 0, 1, 4, 0, 0, 0, 0}, b) }
	for _, test := range []struct {
		name string
		data []byte
		orig int
		want want
	}{
		{"ipv4 option of two bytes", join([]byte{0x46}, ip4(17, join([]byte{0x94, 2, 0, 0}, udp(4242, 443, []byte(hello))))[1:]), 0, ordinary(17, 15)},
		{"ipv4 length 0", change(ip4(6, tcp(4242, 443, 0x10, long)), 2, 0, 0), 0, want{"4242 443", 6, 70000, 70000, 70044, "", false}},
		{"ipv6 length 0", change(ip6(6, tcp(4242, 443, 0x10, long)), 4, 0, 0), 0, want{"4242 443", 6, 70000, 70000, 70064, "", false}},
		{"ipv6 jumbogram", change(ip6(0, join([]byte{6, 0, 0xc2, 4}, u32(70032), tcp(4242, 443, 0x10, long))), 4, 0, 0), 0, want{"4242 443", 6, 70000, 70000, 70072, "", false}},
		{"ipv4 length beyond the frame", change(inside4(), 2, 5, 220), 0, want{"4242 443", 17, 15, 15, 1500, "", true}},
		{"ipv4 bad checksum", change(inside4(), 10, 0xde, 0xad), 0, ordinary(17, 15)},
		{"tcp data offset 4", change(ip4(6, tcp(4242, 443, 0x10, nil)), 32, 0x40), 0, want{"4242 443", 6, 0, 0, 0, capture.Malformed, false}},
		{"tcp data offset 15", change(ip4(6, tcp(4242, 443, 0x10, nil)), 32, 0xf0), 0, want{"4242 443", 6, 0, 0, 0, capture.Malformed, false}},
		{"tcp header of 10 bytes", ip4(6, tcp(4242, 443, 0x10, nil)[:10]), 0, want{"4242 443", 6, 0, 0, 0, capture.Malformed, false}},
		{"tcp header of 2 bytes", ip4(6, tcp(4242, 443, 0x10, nil)[:2]), 0, want{"0 0", 6, 0, 0, 0, capture.Malformed, false}},
		{"udp length 0", change(inside4(), 24, 0, 0), 0, ordinary(17, 15)},
		{"udp length 7", change(inside4(), 24, 0, 7), 0, want{"4242 443", 17, 0, 0, 0, capture.Malformed, false}},
		{"udp length too long", change(inside4(), 24, 9, 9), 0, want{"4242 443", 17, 15, 15, 0, capture.Malformed, false}},
		{"udp length too short", change(inside4(), 24, 0, 12), 0, ordinary(17, 4)},
		{"udp header of 6 bytes", ip4(17, udp(4242, 443, nil)[:6]), 0, want{"4242 443", 17, 0, 0, 0, capture.Malformed, false}},
		{"udp cut in its ports", ip4(17, udp(4242, 443, nil))[:22], 48, want{"0 0", 17, 0, 0, 28, "", true}},
		{"sctp", ip4(132, join(u16(4242), u16(443), u32(0), u32(0), []byte(hello))), 0, ordinary(132, 15)},
		{"udp-lite", ip4(136, udp(4242, 443, []byte(hello))), 0, ordinary(136, 15)},
		{"dccp", ip4(33, join(u16(4242), u16(443), []byte{4, 0, 0, 0}, u32(0), u32(0), []byte(hello))), 0, ordinary(33, 15)},
		{"icmp", ip4(1, join([]byte{8, 0, 0, 0}, []byte(hello))), 0, want{"0 0", 1, 19, 19, 0, "", false}},
		{"icmpv6", ip6(58, join([]byte{128, 0, 0, 0}, []byte(hello))), 0, want{"0 0", 58, 19, 19, 0, "", false}},
		{"esp", ip4(50, []byte(hello)), 0, want{"0 0", 50, 15, 15, 0, "", false}},
		{"ospf", ip4(89, []byte(hello)), 0, want{"0 0", 89, 15, 15, 0, "", false}},
		{"no next header", ip6(59, nil), 0, want{"0 0", 59, 0, 0, 40, "", false}},
		{"extension headers", ip6(0, hop(43, hop(60, hop(44, join([]byte{51, 0}, u16(0), u32(9), join([]byte{17, 1}, make([]byte, 10), udp(4242, 443, []byte(hello)))))))), 0, ordinary(17, 15)},
		{"mobility header", ip6(135, join([]byte{59, 0, 0, 0}, u32(0))), 0, want{"0 0", 135, 8, 8, 0, "", false}},
		{"extension header beyond the packet", ip6(60, []byte{17, 9, 1, 4, 0, 0, 0, 0}), 0, want{"0 0", 60, 8, 8, 0, capture.Malformed, false}},
		{"extension header cut", ip6(60, make([]byte, 80))[:44], 120, want{"0 0", 60, 4, 80, 120, "", true}},
		{"vxlan with arp inside", outer4(17, udp(4242, 4789, join([]byte{8, 0, 0, 0, 0, 0, 7, 0}, ether(0x0806, make([]byte, 46))))), 0, want{"4242 4789", 17, 68, 68, 0, "", false}},
		{"vxlan with a lying packet inside", outer4(17, udp(4242, 4789, join([]byte{8, 0, 0, 0, 0, 0, 7, 0}, ether(0x0800, change(inside4(), 2, 9, 9))))), 0, want{"4242 4789", 17, 65, 65, 0, "", false}},
		{"gtp echo", outer4(17, udp(4242, 2152, join([]byte{0x30, 1}, u16(43), u32(0), inside4()))), 0, want{"4242 2152", 17, 51, 51, 0, "", false}},
		{"gtp extension of length 0", outer4(17, udp(4242, 2152, join([]byte{0x34, 0xff}, u16(51), u32(0), u32(0x85), u32(0), inside4()))), 0, want{"4242 2152", 17, 59, 59, 0, "", false}},
		{"dns on a tunnel's port", outer4(17, udp(3544, 53, []byte("\x12\x34\x01\x00\x00\x01"))), 0, want{"3544 53", 17, 6, 6, 0, "", false}},
		{"gre cut in its header", ip4(47, []byte{0xb0, 0, 8, 0, 0, 0}), 0, want{"0 0", 47, 6, 6, 0, "", false}},
		{"gre of version 5", ip4(47, join([]byte{0, 5, 8, 0}, inside4())), 0, want{"0 0", 47, 47, 47, 0, "", false}},
		{"ipip with rubbish", ip4(4, []byte(hello)), 0, want{"0 0", 4, 15, 15, 0, "", false}},
	} {
		o, kind, ok, codes := decode(t, &capture.Packet{Link: 101, Data: test.data, OrigLen: uint32(test.orig)})
		if !ok {
			t.Errorf("%s: not decoded: %v", test.name, kind)
			continue
		}
		w := test.want
		if w.ip == 0 {
			w.ip = uint32(len(test.data))
		}
		got := want{fmt.Sprint(o.SrcPort, " ", o.DstPort), o.Proto, len(o.Payload), o.PayloadLen, o.IPLen, "", o.Truncated}
		if len(codes) > 0 {
			got.code = codes[0]
		}
		if w.cut && w.length == 15 { // promised 1500 bytes
			w.length = 15
		}
		if got != w {
			t.Errorf("%s:\n got %+v\nwant %+v", test.name, got, w)
		}
		if o.Tunnels != 0 {
			t.Errorf("%s: tunnels %v", test.name, o.Tunnels.Names())
		}
	}
}

func TestMappedAddress(t *testing.T) {
	src := netip.MustParseAddr("::ffff:198.51.100.7")
	o, _, ok, _ := decode(t, &capture.Packet{Link: 101, Data: ip6from(src, peer6, 17, udp(1, 2, nil))})
	if !ok || o.Src != host4 {
		t.Errorf("got %v, want %v", o.Src, host4)
	}
}

func TestTunnelDepth(t *testing.T) {
	b := inside4()
	for range MaxTunnels {
		b = outer4(4, b)
	}
	o, _, ok, codes := decode(t, &capture.Packet{Link: 101, Data: b})
	if !ok || o.Src != host4 || o.Tunnels.Depth() != MaxTunnels || len(codes) > 0 {
		t.Errorf("%d tunnels: %v %v %v", MaxTunnels, o.Src, o.Tunnels.Names(), codes)
	}
	o, _, ok, codes = decode(t, &capture.Packet{Link: 101, Data: outer4(4, b)})
	if !ok || o.Src == host4 || o.Proto != protoIPv4 || len(codes) != 1 || codes[0] != capture.TunnelDepth {
		t.Errorf("%d tunnels: %v %v %v", MaxTunnels+1, o.Src, o.Proto, codes)
	}
}

// TestHeaderBomb is a frame that looks like something else at every step. It must cost little, and say that a limit was reached.
func TestHeaderBomb(t *testing.T) {
	var b []byte
	for range 10_000 {
		b = join(ether(0x8847, u32(1<<8)), b[:min(len(b), 1<<16)])
	}
	_, kind, ok, codes := decode(t, &capture.Packet{Link: 1, Data: b})
	if ok || len(codes) != 1 || codes[0] != capture.Limit {
		t.Errorf("got %v %v %v", kind, ok, codes)
	}
	tags := ether(0x8100, nil)
	for range 1000 {
		tags = append(tags, vlan(0x8100, nil)...)
	}
	_, kind, ok, _ = decode(t, &capture.Packet{Link: 1, Data: tags})
	if ok || kind.Code != capture.Limit {
		t.Errorf("got %v %v", kind, ok)
	}
}

func TestAggregate(t *testing.T) {
	sub := func(b []byte, last bool) []byte {
		b = join(peerMAC[:], hostMAC[:], u16(len(b)), b)
		for !last && len(b)%4 != 0 {
			b = append(b, 0)
		}
		return b
	}
	arp := snapped(0x0806, make([]byte, 28))
	body := join(sub(arp, false), sub(snapped(0x0800, inside4()), false), sub(arp, false), sub(snapped(0x86dd, inside6()), true))
	data := wifiData(8, 2, body)
	data[24] = 0x80 // of the QoS field: an aggregate
	var o Packet
	d := NewDecoder(nil)
	p := &capture.Packet{Link: 105, Data: data, OrigLen: uint32(len(data))}
	if kind, ok := d.Decode(p, &o); !ok || o.Src != host4 || !o.FirstInFrame {
		t.Fatalf("first: %v %v %+v", kind, ok, o)
	}
	check(t, p, &o)
	if !d.Next(&o) || o.Src != host6 || o.FirstInFrame {
		t.Fatalf("second: %+v", o)
	}
	check(t, p, &o)
	if d.Next(&o) {
		t.Fatalf("third: %+v", o)
	}
}
