package main

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

// The hardware addresses of the local network; all are locally administered.
var macs = map[string][6]byte{
	phoneAddr:       {0x02, 0xb0, 0x2c, 0x50, 0x00, 0x23},
	phoneAddr6:      {0x02, 0xb0, 0x2c, 0x50, 0x00, 0x23},
	phoneLink:       {0x02, 0xb0, 0x2c, 0x50, 0x00, 0x23},
	laptopAddr:      {0x02, 0x1a, 0x70, 0x50, 0x00, 0x31},
	"192.168.50.40": {0x02, 0x77, 0x00, 0x50, 0x00, 0x40},
	gatewayAddr:     {0x02, 0xa8, 0x1d, 0x50, 0x00, 0x01},
}

var broadcast = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// macOf returns who has an address in the local network; everything else lies behind the gateway.
func macOf(a netip.Addr) [6]byte {
	if m, ok := macs[a.String()]; ok {
		return m
	}
	switch b := a.AsSlice(); {
	case a.Is6() && a.IsMulticast():
		return [6]byte{0x33, 0x33, b[12], b[13], b[14], b[15]}
	case a.IsMulticast():
		return [6]byte{1, 0, 0x5e, b[1] & 0x7f, b[2], b[3]}
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return broadcast
	}
	return macs[gatewayAddr]
}

// A frame is something on the local network.
type frame struct {
	at   time.Duration
	data []byte
}

func ethernet(src, dst [6]byte, kind uint16, body []byte) []byte {
	b := append(append([]byte(nil), dst[:]...), src[:]...)
	b = binary.BigEndian.AppendUint16(b, kind)
	b = append(b, body...)
	return append(b, make([]byte, max(0, 60-len(b)))...)
}

func ethernetIP(ip []byte) []byte {
	if ip[0]>>4 == 6 {
		src, _ := netip.AddrFromSlice(ip[8:24])
		dst, _ := netip.AddrFromSlice(ip[24:40])
		return ethernet(macOf(src), macOf(dst), 0x86dd, ip)
	}
	src, _ := netip.AddrFromSlice(ip[12:16])
	dst, _ := netip.AddrFromSlice(ip[16:20])
	return ethernet(macOf(src), macOf(dst), 0x0800, ip)
}

// arp writes a question (answer false) or an answer.
func arp(from, to string, answer bool) []byte {
	src, dst := macs[from], macs[to]
	b := []byte{0, 1, 8, 0, 6, 4, 0, 1}
	target, wire := [6]byte{}, broadcast
	if answer {
		b[7], target, wire = 2, dst, dst
	}
	b = append(b, src[:]...)
	b = append(b, netip.MustParseAddr(from).AsSlice()...)
	b = append(b, target[:]...)
	b = append(b, netip.MustParseAddr(to).AsSlice()...)
	return ethernet(src, wire, 0x0806, b)
}

// lldp announces the gateway (IEEE 802.1AB).
func lldp() []byte {
	src := macs[gatewayAddr]
	var b []byte
	tlv := func(kind uint16, value []byte) {
		b = binary.BigEndian.AppendUint16(b, kind<<9|uint16(len(value)))
		b = append(b, value...)
	}
	tlv(1, append([]byte{4}, src[:]...))
	tlv(2, append([]byte{5}, "lan0"...))
	tlv(3, []byte{0, 120})
	tlv(5, []byte("practice gateway"))
	tlv(6, []byte("practice data, not a real gateway"))
	tlv(0, nil)
	return ethernet(src, [6]byte{1, 0x80, 0xc2, 0, 0, 0x0e}, 0x88cc, b)
}

// neighbour writes an ICMPv6 neighbour solicitation of the phone for its router (RFC 4861).
func neighbour() []byte {
	src, router := netip.MustParseAddr(phoneLink), netip.MustParseAddr(gatewayLink)
	r := router.As16()
	group := netip.AddrFrom16([16]byte{0xff, 2, 11: 1, 12: 0xff, 13: r[13], 14: r[14], 15: r[15]})
	m := macs[phoneAddr]
	b := append([]byte{135, 0, 0, 0, 0, 0, 0, 0}, r[:]...)
	b = append(append(b, 1, 1), m[:]...)
	binary.BigEndian.PutUint16(b[2:], transportSum(src, group, protoICMPv6, b))
	return ethernetIP(ipPacket(src, group, protoICMPv6, b, 255, 0))
}

// echo writes a ping between two addresses.
func echo(src, dst string, kind byte, id uint16) []byte {
	b := binary.BigEndian.AppendUint16([]byte{kind, 0, 0, 0}, 0x5050)
	b = binary.BigEndian.AppendUint16(b, 1)
	b = append(b, filler(32)...)
	binary.BigEndian.PutUint16(b[2:], fold(sum16(0, b)))
	return ethernetIP(ipPacket(netip.MustParseAddr(src), netip.MustParseAddr(dst), protoICMP, b, 64, id))
}

// dhcp writes a laptop's search for a DHCP server (RFC 2131): from the unspecified address to everybody.
func dhcp() []byte {
	m := macs[laptopAddr]
	b := make([]byte, 236)
	copy(b, []byte{1, 1, 6, 0, 0x50, 0x50, 0x00, 0x31})
	copy(b[28:], m[:])
	b = append(b, 0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255)
	b = append(b, make([]byte, 300-len(b))...)
	src, dst := netip.MustParseAddrPort("0.0.0.0:68"), netip.MustParseAddrPort("255.255.255.255:67")
	return ethernet(m, broadcast, 0x0800, ipPacket(src.Addr(), dst.Addr(), protoUDP, udpMessage(src, dst, b), 64, 1))
}

// writeGateway writes a session as the gateway's interface towards the local network sees it: every device, and nothing about apps.
func writeGateway(x, laptop *session) []byte {
	var frames []frame
	for _, p := range append(x.packets(false), laptop.packets(false)...) {
		frames = append(frames, frame{p.at, ethernetIP(p.ip)})
	}
	frames = append(frames,
		frame{700 * ms, arp(phoneAddr, gatewayAddr, false)}, frame{700*ms + 180*time.Microsecond, arp(gatewayAddr, phoneAddr, true)},
		frame{900 * ms, neighbour()}, frame{1100 * ms, lldp()}, frame{31 * second, lldp()},
		frame{3 * second, dhcp()}, frame{4 * second, arp(laptopAddr, gatewayAddr, false)}, frame{4*second + 210*time.Microsecond, arp(gatewayAddr, laptopAddr, true)},
		frame{7 * second, echo(laptopAddr, gatewayAddr, 8, 7)}, frame{7*second + 800*time.Microsecond, echo(gatewayAddr, laptopAddr, 0, 8)})
	slices.SortStableFunc(frames, func(a, b frame) int { return int(a.at - b.at) })
	w := &ngWriter{nano: true}
	w.section(text(optComment, practiceComment), text(shbHardware, "Practice Gateway"), text(shbOS, "Practice Router OS 1"),
		text(shbUserAppl, practiceMark+" (form of a gateway)"))
	w.iface(linkEthernet, 262144, text(ifName, "lan0"), text(ifDescr, "local network of the practice gateway"), option{ifFilter, append([]byte{0}, "not port 22"...)})
	steps := commented{x.marks}
	var last time.Time
	for _, f := range frames {
		last = x.start.Add(f.at)
		w.packet(0, last, f.data, len(f.data), steps.options(f.at)...)
	}
	w.statistics(0, x.start, last.Add(second), uint64(len(frames)), 0, 0)
	return w.out.Bytes()
}
