package locate

import (
	"net/netip"

	"abroad/analyze/audit"
)

// special lists address space that is no place, and the exceptions inside it. The longest prefix decides. From the IANA special-purpose
// registries for IPv4 and IPv6 (RFC 6890 and its updates) and the multicast registries.
var special = []struct {
	prefix netip.Prefix
	class  audit.Class
}{
	{netip.MustParsePrefix("0.0.0.0/8"), audit.ClassReserved}, // "this network", RFC 791
	{netip.MustParsePrefix("0.0.0.0/32"), audit.ClassUnspecified},
	{netip.MustParsePrefix("10.0.0.0/8"), audit.ClassPrivate},
	{netip.MustParsePrefix("100.64.0.0/10"), audit.ClassCGNAT},
	{netip.MustParsePrefix("127.0.0.0/8"), audit.ClassLoopback},
	{netip.MustParsePrefix("169.254.0.0/16"), audit.ClassLinkLocal},
	{netip.MustParsePrefix("172.16.0.0/12"), audit.ClassPrivate},
	{netip.MustParsePrefix("192.0.0.0/24"), audit.ClassReserved}, // protocol assignments, RFC 6890
	{netip.MustParsePrefix("192.0.0.9/32"), audit.ClassPublic},   // port control anycast, RFC 7723
	{netip.MustParsePrefix("192.0.0.10/32"), audit.ClassPublic},  // TURN anycast, RFC 8155
	{netip.MustParsePrefix("192.0.2.0/24"), audit.ClassDocumentation},
	{netip.MustParsePrefix("192.88.99.0/24"), audit.ClassReserved}, // 6to4 relay anycast, deprecated by RFC 7526
	{netip.MustParsePrefix("192.168.0.0/16"), audit.ClassPrivate},
	{netip.MustParsePrefix("198.18.0.0/15"), audit.ClassBenchmark},
	{netip.MustParsePrefix("198.51.100.0/24"), audit.ClassDocumentation},
	{netip.MustParsePrefix("203.0.113.0/24"), audit.ClassDocumentation},
	{netip.MustParsePrefix("224.0.0.0/4"), audit.ClassMulticast},
	{netip.MustParsePrefix("240.0.0.0/4"), audit.ClassReserved},
	{netip.MustParsePrefix("255.255.255.255/32"), audit.ClassBroadcast},

	{netip.MustParsePrefix("::/0"), audit.ClassReserved}, // all but 2000::/3 is kept back, RFC 4291 section 2.4
	{netip.MustParsePrefix("::/128"), audit.ClassUnspecified},
	{netip.MustParsePrefix("::1/128"), audit.ClassLoopback},
	{netip.MustParsePrefix("64:ff9b::/96"), audit.ClassNAT64},
	{netip.MustParsePrefix("64:ff9b:1::/48"), audit.ClassNAT64},
	{netip.MustParsePrefix("2000::/3"), audit.ClassPublic},
	{netip.MustParsePrefix("2001::/23"), audit.ClassReserved}, // protocol assignments, RFC 2928
	{netip.MustParsePrefix("2001::/32"), audit.ClassPublic},   // Teredo: see inside
	{netip.MustParsePrefix("2001:1::1/128"), audit.ClassPublic},
	{netip.MustParsePrefix("2001:1::2/128"), audit.ClassPublic},
	{netip.MustParsePrefix("2001:1::3/128"), audit.ClassPublic},
	{netip.MustParsePrefix("2001:2::/48"), audit.ClassBenchmark},
	{netip.MustParsePrefix("2001:3::/32"), audit.ClassPublic},     // AMT, RFC 7450
	{netip.MustParsePrefix("2001:4:112::/48"), audit.ClassPublic}, // AS112, RFC 7535
	{netip.MustParsePrefix("2001:db8::/32"), audit.ClassDocumentation},
	{netip.MustParsePrefix("3fff::/20"), audit.ClassDocumentation},
	{netip.MustParsePrefix("fc00::/7"), audit.ClassPrivate},
	{netip.MustParsePrefix("fe80::/10"), audit.ClassLinkLocal},
	{netip.MustParsePrefix("ff00::/8"), audit.ClassMulticast},
}

// The practice recordings' fiction lies in space for benchmarks, where no real endpoint can be.
var (
	fiction4 = netip.MustParsePrefix("198.18.0.0/15")
	fiction6 = netip.MustParsePrefix("2001:2::/48")
)

func inFiction(a netip.Addr) bool { return fiction4.Contains(a) || fiction6.Contains(a) }

var (
	sixToFour = netip.MustParsePrefix("2002::/16")
	teredo    = netip.MustParsePrefix("2001::/32")
	nat64     = netip.MustParsePrefix("64:ff9b::/96")
	nat64Own  = netip.MustParsePrefix("64:ff9b:1::/48")
)

// Classify returns the class of a, and the IPv4 address inside one that is made of another: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056)
// and Teredo (RFC 4380). Datasets know nothing about the outer address, so the inner one is what they are asked about. A 6to4 or Teredo
// address around an IPv4 address that is not public has that one's class. The zero Addr is unspecified.
func Classify(a netip.Addr) (class audit.Class, inner netip.Addr) {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return audit.ClassUnspecified, inner
	}
	bits := -1
	for i := range special {
		if s := &special[i]; s.prefix.Bits() > bits && s.prefix.Contains(a) {
			class, bits = s.class, s.prefix.Bits()
		}
	}
	b := a.As16()
	switch {
	case a.Is4():
	case nat64.Contains(a):
		inner = ipv4(b[12:16])
	case nat64Own.Contains(a):
		inner = unembed(&b)
	case sixToFour.Contains(a):
		if inner = ipv4(b[2:6]); !public(inner) {
			class, _ = Classify(inner)
		}
	case teredo.Contains(a):
		inner = netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})
		if !public(inner) {
			class, _ = Classify(inner)
		}
	}
	return class, inner
}

func public(a netip.Addr) bool {
	class, _ := Classify(a)
	return class == audit.ClassPublic
}

func ipv4(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b)) }

// unembed finds the IPv4 address in one of 64:ff9b:1::/48, which an operator may divide into prefixes of any length of RFC 6052 section
// 2.2. What follows the address is zero there, so the shortest length that leaves zeros is taken; a /96 has nothing after it. The zero
// Addr means that no reading gives a public address.
func unembed(b *[16]byte) netip.Addr {
	readings := [...]struct {
		octets [4]int
		rest   int // where the suffix begins
	}{
		{[4]int{6, 7, 9, 10}, 11}, // /48
		{[4]int{7, 9, 10, 11}, 12},
		{[4]int{9, 10, 11, 12}, 13},
		{[4]int{12, 13, 14, 15}, 16},
	}
	for _, r := range readings {
		suffix := b[8] // bits 64 to 71 are zero in all of them
		for _, v := range b[r.rest:] {
			suffix |= v
		}
		if suffix != 0 {
			continue
		}
		a := netip.AddrFrom4([4]byte{b[r.octets[0]], b[r.octets[1]], b[r.octets[2]], b[r.octets[3]]})
		if public(a) || inFiction(a) {
			return a
		}
	}
	return netip.Addr{}
}
