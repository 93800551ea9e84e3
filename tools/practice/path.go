package main

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// A packet is one IP packet at the recording point.
type packet struct {
	at   time.Duration // from the session's start
	up   bool          // sent by the device
	ip   []byte
	flow *flow // nil for strays and noise
	uid  int32
	last bool // of its connection: the kernel no longer knows the socket's user
}

// A path is the way from the device to the other side of one flow.
type path struct {
	rtt   time.Duration // of every exchange
	syn   time.Duration // of the TCP handshake: shorter when something near answers it
	ttl   byte          // of packets that come down
	rng   *rand.Rand
	mss   int
	local netip.AddrPort
	far   netip.AddrPort
}

// travel returns the modelled round trip to an address of the fiction.
func travel(addr netip.Addr) (rtt time.Duration, ttl byte) {
	if b := addr.As16(); addr.Is6() && b[0] == 0 && b[1] == 0x64 {
		addr = netip.AddrFrom4([4]byte(b[12:16]))
	}
	switch n := networkOf(addr); {
	case n != nil:
		rtt = roundTrip(n.place)
	case addr.IsLoopback():
		return 60 * time.Microsecond, 64
	case addr.Is4() && addr.As4()[0] == 100: // the line's own portal
		rtt = 3 * ms
	case addr == netip.MustParseAddr(gatewayAddr) || addr == netip.MustParseAddr(gatewayLink): // forwards questions
		return 5200 * time.Microsecond, 64
	default:
		return 900 * time.Microsecond, 64
	}
	return rtt, byte(60 - min(20, rtt/(8*ms)))
}

// jitter returns a small delay that is mostly near zero: the minimum of a few samples is close to the path's own round trip.
func (p *path) jitter() time.Duration {
	u := p.rng.Float64()
	return time.Duration(u * u * (0.02*float64(p.rtt) + 250*float64(time.Microsecond)))
}

// gap is what a machine needs between two actions, up to the given time.
func (p *path) gap(most time.Duration) time.Duration {
	return most/5 + time.Duration(p.rng.Int64N(int64(most)))
}
