package flow

import (
	"encoding/binary"
	"net/netip"

	"abroad/analyze/audit"
)

// key4 and key6 name a conversation without saying who began it: the smaller (address, port) stands first. IPv4 has a map of its own
// because its key is less than half the size and most traffic is IPv4.
type (
	key4 struct{ addrs, rest uint64 }
	key6 struct {
		a, b [2]uint64
		rest uint64
	}
)

// makeKey4 returns the key of a packet between two IPv4 addresses; flip says that src stands second.
func makeKey4(src, dst netip.AddrPort, proto audit.Proto) (k key4, flip bool) {
	s4, d4 := src.Addr().As4(), dst.Addr().As4()
	s, d := uint64(binary.BigEndian.Uint32(s4[:])), uint64(binary.BigEndian.Uint32(d4[:]))
	sp, dp := uint64(src.Port()), uint64(dst.Port())
	if s > d || s == d && sp > dp {
		s, d, sp, dp, flip = d, s, dp, sp, true
	}
	return key4{s<<32 | d, uint64(proto)<<32 | sp<<16 | dp}, flip
}

// makeKey6 is makeKey4 for IPv6 and for odd pairs.
func makeKey6(src, dst netip.AddrPort, proto audit.Proto) (k key6, flip bool) {
	if c := src.Addr().Compare(dst.Addr()); c > 0 || c == 0 && src.Port() > dst.Port() {
		src, dst, flip = dst, src, true
	}
	return key6{words(src.Addr()), words(dst.Addr()), uint64(proto)<<32 | uint64(src.Port())<<16 | uint64(dst.Port())}, flip
}

// words returns an address as two numbers; IPv4 in its IPv4-mapped form.
func words(a netip.Addr) [2]uint64 {
	b := a.As16()
	return [2]uint64{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}
