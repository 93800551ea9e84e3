package flow

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"abroad/analyze/audit"
	"abroad/capture"
)

// The tests build their frames by hand, so that a mistake of a library on both sides cannot hide.

var (
	host4, peer4 = netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("203.0.113.9")
	host6, peer6 = netip.MustParseAddr("2001:db8::7"), netip.MustParseAddr("2001:db8:1::9")
	hostMAC      = MAC{2, 0, 0, 0, 0, 7}
	peerMAC      = MAC{2, 0, 0, 0, 0, 9}
)

func u16(n int) []byte  { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func u32(n int) []byte  { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
func le16(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }
func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

func ether(t int, b []byte) []byte { return join(peerMAC[:], hostMAC[:], u16(t), b) }

func vlan(t int, b []byte) []byte { return join(u16(7), u16(t), b) }

// snapped is LLC and SNAP with an EtherType.
func snapped(t int, b []byte) []byte { return join([]byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(t), b) }

func ip4from(src, dst netip.Addr, proto int, b []byte) []byte {
	s, d := src.As4(), dst.As4()
	return join([]byte{0x45, 0}, u16(20+len(b)), []byte{0, 1, 0x40, 0, 64, byte(proto), 0, 0}, s[:], d[:], b)
}

func ip6from(src, dst netip.Addr, next int, b []byte) []byte {
	s, d := src.As16(), dst.As16()
	return join([]byte{0x60, 0, 0, 0}, u16(len(b)), []byte{byte(next), 64}, s[:], d[:], b)
}

func ip4(proto int, b []byte) []byte { return ip4from(host4, peer4, proto, b) }
func ip6(next int, b []byte) []byte  { return ip6from(host6, peer6, next, b) }

// outer4 and outer6 are the packets around tunnels.
func outer4(proto int, b []byte) []byte {
	return ip4from(netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), proto, b)
}

func outer6(next int, b []byte) []byte {
	return ip6from(netip.MustParseAddr("2001:db8:f::1"), netip.MustParseAddr("2001:db8:f::2"), next, b)
}

func udp(src, dst int, b []byte) []byte { return join(u16(src), u16(dst), u16(8+len(b)), u16(0), b) }

func tcp(src, dst int, flags byte, b []byte) []byte {
	return join(u16(src), u16(dst), u32(1000), u32(2000), []byte{0x60, flags}, u16(512), u32(0), []byte{1, 1, 1, 0}, b)
}

const hello = "hello from afar"

// inside4 and inside6 are the packets that most tests look for.
func inside4() []byte { return ip4(17, udp(4242, 443, []byte(hello))) }
func inside6() []byte { return ip6(6, tcp(4242, 443, 0x18, []byte(hello))) }

func tunnels(kinds ...tunnel) (t Tunnels) {
	for _, k := range kinds {
		t = t.inside(k)
	}
	return t
}

// A sample frame with what is to be found in it.
type frame struct {
	name    string
	link    capture.LinkType
	data    []byte
	six     bool // inside6 instead of inside4
	tunnels Tunnels
	src     MAC
	dst     MAC
	dir     capture.Direction
	by      string // of the attribution
}

func (f *frame) packet() *capture.Packet {
	return &capture.Packet{Number: 1, Link: f.link, Data: f.data, OrigLen: uint32(len(f.data))}
}

// wifiData is an 802.11 data frame to the access point, or between two of them.
func wifiData(subtype, flags byte, body []byte) []byte {
	b := join([]byte{subtype<<4 | 8, flags, 0, 0}, []byte{2, 0, 0, 0, 0, 1}, hostMAC[:], peerMAC[:], []byte{0, 0})
	if flags&3 == 3 {
		b = join(b[:4], []byte{2, 0, 0, 0, 0, 1}, []byte{2, 0, 0, 0, 0, 2}, peerMAC[:], []byte{0, 0}, hostMAC[:])
	}
	if subtype&8 != 0 {
		b = append(b, 0, 0)
	}
	return join(b, body)
}

func sllFrame(kind, proto int, b []byte) []byte {
	return join(u16(kind), u16(1), u16(6), hostMAC[:], []byte{0, 0}, u16(proto), b)
}

func sll2Frame(kind, proto int, b []byte) []byte {
	return join(u16(proto), u16(0), u32(3), u16(1), []byte{byte(kind), 6}, hostMAC[:], []byte{0, 0}, b)
}

// attribute is an NFLOG attribute in the byte order of order.
func attribute(order binary.AppendByteOrder, kind int, value []byte) []byte {
	b := join(order.AppendUint16(order.AppendUint16(nil, uint16(4+len(value))), uint16(kind)), value)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func nflogFrame(order binary.AppendByteOrder, family byte, hook byte, packet []byte) []byte {
	return join([]byte{family, 0, 0, 30}, attribute(order, 1, []byte{8, 0, hook, 0}), attribute(order, 10, []byte("x\x00")),
		attribute(order, 11, u32(10123)), attribute(order, 14, u32(10124)), attribute(order, 9, packet))
}

func pktapFrame(link, flags int, b []byte) []byte {
	h := make([]byte, 156)
	copy(h, le32(len(h)))
	copy(h[4:], le32(1))
	copy(h[8:], le32(link))
	copy(h[12:], "en0")
	copy(h[36:], le32(flags))
	copy(h[52:], le32(501))
	copy(h[56:], "nsurlsessiond")
	copy(h[84:], le32(777))
	copy(h[88:], "Practice")
	return join(h, b)
}

func radiotapFrame(flags byte, b []byte) []byte {
	return join([]byte{0, 0}, le16(17), le32(1<<0|1<<1), make([]byte, 8), []byte{flags}, b)
}

// frames has one good frame of every link type and every tunnel.
func frames() []*frame {
	in4, in6 := inside4(), inside6()
	list := []*frame{
		{name: "ethernet ipv4", link: 1, data: ether(0x0800, in4), src: hostMAC, dst: peerMAC},
		{name: "ethernet ipv6", link: 1, data: ether(0x86dd, in6), six: true, src: hostMAC, dst: peerMAC},
		{name: "ethernet padded", link: 1, data: join(ether(0x0800, in4), make([]byte, 9)), src: hostMAC, dst: peerMAC},
		{name: "ethernet ipv6 behind 0800", link: 1, data: ether(0x0800, in6), six: true, src: hostMAC, dst: peerMAC},
		{name: "ethernet vlan", link: 1, data: ether(0x8100, vlan(0x0800, in4)), src: hostMAC, dst: peerMAC},
		{name: "ethernet qinq", link: 1, data: ether(0x88a8, vlan(0x8100, vlan(0x86dd, in6))), six: true, src: hostMAC, dst: peerMAC},
		{name: "ethernet vn-tag", link: 1, data: ether(0x8926, join(u32(5), u16(0x0800), in4)), src: hostMAC, dst: peerMAC},
		{name: "ethernet pppoe", link: 1, data: ether(0x8864, join([]byte{0x11, 0}, u16(9), u16(2+len(in4)), u16(0x21), in4)), src: hostMAC, dst: peerMAC},
		{name: "ethernet mpls", link: 1, data: ether(0x8847, join(u32(5<<12|64), u32(6<<12|1<<8|64), in4)), src: hostMAC, dst: peerMAC},
		{name: "ethernet mpls pseudowire", link: 1, data: ether(0x8847, join(u32(6<<12|1<<8|64), u32(0), ether(0x0800, in4))), src: hostMAC, dst: peerMAC},
		{name: "ethernet mpls pseudowire without control word", link: 1, data: ether(0x8847, join(u32(6<<12|1<<8|64), ether(0x86dd, in6))), six: true, src: hostMAC, dst: peerMAC},
		{name: "ethernet llc snap", link: 1, data: ether(8+len(in4), snapped(0x0800, in4)), src: hostMAC, dst: peerMAC},
		{name: "ethernet llc ip", link: 1, data: ether(3+len(in4), join([]byte{6, 6, 3}, in4)), src: hostMAC, dst: peerMAC},
		{name: "ethernet vlan llc snap", link: 1, data: ether(0x8100, vlan(8+len(in4), snapped(0x0800, in4))), src: hostMAC, dst: peerMAC},
		{name: "ethernet fabricpath", link: 1, data: ether(0x8903, join(u16(9), ether(0x0800, in4))), src: hostMAC, dst: peerMAC},
		{name: "sll out", link: 113, data: sllFrame(4, 0x0800, in4), src: hostMAC, dir: capture.DirOut},
		{name: "sll in", link: 113, data: sllFrame(0, 0x86dd, in6), six: true, src: hostMAC, dir: capture.DirIn},
		{name: "sll other host", link: 113, data: sllFrame(3, 0x0800, in4), src: hostMAC},
		{name: "sll llc", link: 113, data: sllFrame(2, 4, snapped(0x0800, in4)), src: hostMAC, dir: capture.DirIn},
		{name: "sll2 out", link: 276, data: sll2Frame(4, 0x0800, in4), src: hostMAC, dir: capture.DirOut},
		{name: "sll2 in", link: 276, data: sll2Frame(0, 0x86dd, in6), six: true, src: hostMAC, dir: capture.DirIn},
		{name: "loop", link: 108, data: join(u32(2), in4)},
		{name: "null cisco hdlc", link: 0, data: join([]byte{0x0f, 0}, u16(0x0800), in4)},
		{name: "nflog little", link: 239, data: nflogFrame(binary.LittleEndian, 2, 3, in4), dir: capture.DirOut, by: "nflog"},
		{name: "nflog big", link: 239, data: nflogFrame(binary.BigEndian, 10, 1, in6), six: true, dir: capture.DirIn, by: "nflog"},
		{name: "nflog bridge", link: 239, data: nflogFrame(binary.LittleEndian, 7, 2, in4), by: "nflog"},
		{name: "pktap ethernet", link: 258, data: pktapFrame(1, 2, ether(0x0800, in4)), src: hostMAC, dst: peerMAC, dir: capture.DirOut, by: "pktap"},
		{name: "pktap raw", link: 149, data: pktapFrame(12, 1, in6), six: true, dir: capture.DirIn, by: "pktap"},
		{name: "802.11", link: 105, data: wifiData(0, 1, snapped(0x0800, in4)), src: hostMAC, dst: peerMAC},
		{name: "802.11 qos", link: 105, data: wifiData(8, 1, snapped(0x86dd, in6)), six: true, src: hostMAC, dst: peerMAC},
		{name: "802.11 four addresses", link: 105, data: wifiData(8, 3, snapped(0x0800, in4)), src: hostMAC, dst: peerMAC},
		{name: "radiotap", link: 127, data: radiotapFrame(0, wifiData(0, 1, snapped(0x0800, in4))), src: hostMAC, dst: peerMAC},
		{name: "radiotap padded", link: 127, data: radiotapFrame(0x20, wifiData(8, 1, join(u16(0), snapped(0x0800, in4)))), src: hostMAC, dst: peerMAC},
		{name: "ppi", link: 192, data: join([]byte{0, 0}, le16(8), le32(105), wifiData(0, 1, snapped(0x0800, in4))), src: hostMAC, dst: peerMAC},
		{name: "ppp", link: 9, data: join([]byte{0xff, 3}, u16(0x21), in4)},
		{name: "ppp compressed", link: 50, data: join([]byte{0x57}, in6), six: true},
		{name: "pppoe", link: 51, data: join([]byte{0x11, 0}, u16(9), u16(2+len(in4)), u16(0x21), in4)},
		{name: "ppp with direction", link: 204, data: join([]byte{1, 0xff, 3}, u16(0x21), in4), dir: capture.DirOut},
		{name: "cisco hdlc", link: 104, data: join([]byte{0x0f, 0}, u16(0x0800), in4)},
		{name: "frame relay", link: 107, data: join([]byte{0x18, 0x41, 3, 0xcc}, in4)},
		{name: "frame relay snap", link: 107, data: join([]byte{0x18, 0x41, 3, 0, 0x80, 0, 0, 0}, u16(0x0800), in4)},
		{name: "frame relay cisco", link: 107, data: join([]byte{0x18, 0x41}, u16(0x0800), in4)},
		{name: "token ring", link: 6, data: join([]byte{0x10, 0x40}, peerMAC[:], []byte{0x82, 0, 0, 0, 0, 7}, []byte{4, 0x80, 0, 0x11}, snapped(0x0800, in4))},
		{name: "fddi", link: 10, data: join([]byte{0x50}, peerMAC[:], hostMAC[:], snapped(0x0800, in4))},
		{name: "arcnet rfc 1201", link: 129, data: join([]byte{1, 2, 0, 0, 212, 0, 0, 9}, in4)},
		{name: "arcnet rfc 1051", link: 129, data: join([]byte{1, 2, 0, 0, 240}, in4)},
		{name: "mpacket", link: 274, data: join([]byte{0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5}, ether(0x0800, in4)), src: hostMAC, dst: peerMAC},
		{name: "broadcom tag", link: 281, data: join(peerMAC[:], hostMAC[:], u32(0x20000001), u16(0x0800), in4), src: hostMAC, dst: peerMAC},
	}
	for _, link := range []capture.LinkType{12, 14, 101, 228, 229} {
		list = append(list, &frame{name: "raw " + link.String(), link: link, data: in4})
	}
	for _, family := range []int{24, 28, 30, 10} {
		list = append(list, &frame{name: "null little", link: 0, data: join(le32(family), in6), six: true}, &frame{name: "null big", link: 0, data: join(u32(family), in6), six: true})
	}
	return append(list, tunnelFrames()...)
}

func tunnelFrames() []*frame {
	in4, in6 := inside4(), inside6()
	raw := func(name string, data []byte, six bool, kinds ...tunnel) *frame {
		return &frame{name: name, link: 101, data: data, six: six, tunnels: tunnels(kinds...)}
	}
	over := func(port int, b []byte) []byte { return outer4(17, udp(50000, port, b)) }
	vx := []byte{8, 0, 0, 0, 0, 0, 7, 0}
	return []*frame{
		raw("ipip", outer4(4, in4), false, tunnelIPIP),
		raw("6in4", outer4(41, in6), true, tunnel6in4),
		raw("4in6", outer6(4, in4), false, tunnel4in6),
		raw("6in6", outer6(41, in6), true, tunnel6in6),
		raw("gre", outer4(47, join(u16(0), u16(0x0800), in4)), false, tunnelGRE),
		raw("gre with everything", outer6(47, join(u16(0xf000), u16(0x86dd), u32(0), u32(7), u32(8), u16(2), []byte{0, 4}, u32(9), u32(0), in6)), true, tunnelGRE),
		raw("gre ethernet", outer4(47, join(u16(0), u16(0x6558), ether(0x0800, in4))), false, tunnelGRE),
		raw("gre mpls", outer4(47, join(u16(0), u16(0x8847), u32(1<<8|64), in4)), false, tunnelGRE),
		raw("gre wccp", outer4(47, join(u16(0), u16(0x883e), u32(0), in4)), false, tunnelGRE),
		raw("gre aruba", outer4(47, join(u16(0), u16(0x8200), wifiData(8, 1, snapped(0x0800, in4)))), false, tunnelGRE),
		raw("gre in gre", outer4(47, join(u16(0), u16(0x0800), outer4(47, join(u16(0), u16(0x0800), in4)))), false, tunnelGRE, tunnelGRE),
		raw("pptp", outer4(47, join(u16(0x3081), u16(0x880b), u32(9), u32(1), u32(2), []byte{0xff, 3}, u16(0x21), in4)), false, tunnelPPTP),
		raw("erspan 1", outer4(47, join(u16(0), u16(0x88be), ether(0x0800, in4))), false, tunnelERSPAN),
		raw("erspan 2", outer4(47, join(u16(0x1000), u16(0x88be), u32(1), u32(0x10000000), u32(0), ether(0x0800, in4))), false, tunnelERSPAN),
		raw("erspan 3", outer4(47, join(u16(0x1000), u16(0x22eb), u32(1), u32(0x20000000), u32(0), u32(1), u32(0), u32(0), ether(0x0800, in4))), false, tunnelERSPAN),
		raw("etherip", outer4(97, join(u16(0x3000), ether(0x0800, in4))), false, tunnelEtherIP),
		raw("vxlan", over(4789, join(vx, ether(0x0800, in4))), false, tunnelVXLAN),
		raw("vxlan on 8472", over(8472, join(vx, ether(0x86dd, in6))), true, tunnelVXLAN),
		raw("vxlan gpe", over(4790, join([]byte{0x0c, 0, 0, 1, 0, 0, 7, 0}, in4)), false, tunnelVXLAN),
		raw("geneve", over(6081, join([]byte{1, 0}, u16(0x6558), u32(0x700), u32(0), ether(0x0800, in4))), false, tunnelGeneve),
		raw("geneve ip", over(6081, join([]byte{0, 0}, u16(0x86dd), u32(0x700), in6)), true, tunnelGeneve),
		raw("gtp", over(2152, join([]byte{0x30, 0xff}, u16(len(in4)), u32(9), in4)), false, tunnelGTP),
		raw("gtp with extensions", over(2152, join([]byte{0x34, 0xff}, u16(12+len(in6)), u32(9), u16(0), []byte{0, 0x85}, []byte{1, 0, 0, 0xc0}, []byte{1, 0, 0, 0}, in6)), true, tunnelGTP),
		raw("teredo", over(3544, join([]byte{0, 1, 1, 1}, make([]byte, 11), make([]byte, 8), in6)), true, tunnelTeredo),
		raw("teredo from the server", outer4(17, udp(3544, 50000, in6)), true, tunnelTeredo),
		raw("l2tp", over(1701, join(u16(0x4a02), u16(19+len(in4)), u16(1), u16(2), u32(0), u16(1), []byte{0, 0xff, 3}, u16(0x21), in4)), false, tunnelL2TP),
		raw("ayiya", over(5072, join([]byte{0x41, 0x52, 0x11, 41}, u32(0), make([]byte, 16), make([]byte, 20), in6)), true, tunnelAYIYA),
		raw("capwap 802.11", over(5247, join([]byte{0, 0x10, 3, 0}, u32(0), wifiData(8, 1, snapped(0x0800, in4)))), false, tunnelCAPWAP),
		raw("capwap 802.3", over(5247, join([]byte{0, 0x10, 0, 0}, u32(0), ether(0x0800, in4))), false, tunnelCAPWAP),
		raw("ah", ip4(51, join([]byte{17, 4, 0, 0}, u32(1), u32(2), make([]byte, 12), udp(4242, 443, []byte(hello)))), false),
	}
}

// wantOf is what Decode must find in f.
func wantOf(f *frame) tuple {
	if f.six {
		return tuple{host6.String(), peer6.String(), audit.TCP, "4242", "443"}
	}
	return tuple{host4.String(), peer4.String(), audit.UDP, "4242", "443"}
}
