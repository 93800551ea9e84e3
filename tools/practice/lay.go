package main

import (
	"net/netip"
	"slices"
	"time"
)

// faultsOf says what goes wrong on a flow. It depends on the session and the flow's name only.
func (x *session) faultsOf(f *flow) faults {
	var y faults
	is := func(version, n int, key string) bool {
		return x.version == version && x.n == n && f.key == key && !x.laptop
	}
	y.lateHello = is(1, lateHelloSession, "tally")
	y.lateSYN = is(0, lateSYNSession, "saudade")
	y.reset = is(0, resetSession, "crash")
	switch x.rng.IntN(7) {
	case 0:
		y.reorder = true
	case 1:
		y.duplicate = true
	case 2:
		y.lost = f.key != "tally"
	}
	return y
}

// onVPN is where PCAPdroid puts the device and its resolver: it ends every TCP connection on the device itself.
var (
	vpnAddr     = netip.MustParseAddr("10.215.173.1")
	vpnAddr6    = netip.MustParseAddr("fd00:2:fd00:1:fd00:1:fd00:1")
	vpnResolver = netip.MustParseAddrPort("10.215.173.2:53")
)

// packets lays out everything that crossed the device, in order of time. With vpn it is what a VPN app on the device sees.
func (x *session) packets(vpn bool) (list []packet) {
	x.rng = seed("faults", x.name) // the same at every call
	for _, f := range x.flows {
		rtt, ttl := travel(f.remote.Addr())
		p := path{rtt: rtt, syn: rtt, ttl: ttl, rng: seed("flow", x.name, f.key, f.local.Port()), mss: 1460, local: f.local, far: f.remote}
		if p.far.Addr().Is6() {
			p.mss = 1440
		}
		y := x.faultsOf(f)
		if vpn {
			p.syn, p.ttl, y = 240*time.Microsecond, 64, faults{}
			if p.far.Addr().Is4() {
				p.local = netip.AddrPortFrom(vpnAddr, p.local.Port())
			} else {
				p.local = netip.AddrPortFrom(vpnAddr6, p.local.Port())
			}
			if f.key == "dns" {
				p.local, p.far = netip.AddrPortFrom(vpnAddr, p.local.Port()), vpnResolver
			}
		}
		if f.tcp {
			list = append(list, layTCP(f, p, y)...)
		} else {
			list = append(list, layUDP(f, p)...)
		}
	}
	for _, s := range x.strays {
		if vpn {
			continue // multicast does not enter the tunnel
		}
		ip := ipPacket(s.src.Addr(), s.dst.Addr(), protoUDP, udpMessage(s.src, s.dst, s.payload), multicastTTL(s.dst.Addr()), 0)
		list = append(list, packet{at: s.at, up: s.up, ip: ip, uid: s.uid})
	}
	slices.SortStableFunc(list, func(a, b packet) int { return int(a.at - b.at) })
	return list
}

// multicastTTL is 255 for mDNS (RFC 6762, section 11), 64 otherwise.
func multicastTTL(dst netip.Addr) byte {
	if dst.IsLinkLocalMulticast() {
		return 255
	}
	return 64
}
