package lab

import "net/netip"

// The interfaces and hardware addresses of the world. The gateway hears the phone on GatewayInterface.
const (
	PhoneInterface   = "wlan0"
	PhoneMAC         = "02:00:5e:00:53:17"
	GatewayInterface = "gwp"
	GatewayMAC       = "02:00:5e:00:53:01"
	upstream         = "gws"
	serverInterface  = "eth0"
)

// The addresses of the phone's network and of the gateway (RFC 5737, RFC 3849).
var (
	PhoneAddr     = netip.MustParseAddr("198.51.100.23")
	PhoneAddr6    = netip.MustParseAddr("2001:db8:1::23")
	GatewayAddr   = netip.MustParseAddr("198.51.100.1")
	GatewayAddr6  = netip.MustParseAddr("2001:db8:1::1")
	upstreamAddr  = netip.MustParseAddr("203.0.113.1")
	upstreamAddr6 = netip.MustParseAddr("2001:db8:2::1")
	ResolverAddr  = netip.MustParseAddr("203.0.113.53")
)

// A host is a machine in the server's namespace, by its addresses.
type host struct {
	name        string
	addr, addr6 netip.Addr // addr6 is invalid if the host has none
}

var hosts = []host{
	{"resolver.example", ResolverAddr, netip.Addr{}},
	{"api.practice.example", netip.MustParseAddr("203.0.113.10"), netip.MustParseAddr("2001:db8:2::10")},
	{"feed.practice.example", netip.MustParseAddr("203.0.113.11"), netip.MustParseAddr("2001:db8:2::11")},
	{"upload.practice.example", netip.MustParseAddr("203.0.113.12"), netip.Addr{}},
	{"legacy.practice.example", netip.MustParseAddr("203.0.113.13"), netip.Addr{}},
	{"metrics.tally.example", netip.MustParseAddr("203.0.113.20"), netip.MustParseAddr("2001:db8:2::20")},
	{"ads.adrift.example", netip.MustParseAddr("203.0.113.30"), netip.Addr{}},
	{"connectivity.os.example", netip.MustParseAddr("203.0.113.90"), netip.Addr{}},
}
