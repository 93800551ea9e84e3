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

// A service is a machine in the server's namespace and what it speaks.
type service struct {
	host        string
	addr, addr6 netip.Addr // addr6 is invalid if it has none
	speaks      string
}

// What services speak.
const (
	speaksHTTP2 = "h2"       // HTTP/2 over TLS 1.3
	speaksHTTP1 = "http/1.1" // over TLS 1.3
	speaksTLS12 = "tls1.2"   // HTTP/1.1 over TLS 1.2
	speaksPlain = "plain"    // HTTP/1.1 in the clear
	speaksDNS   = "dns"
)

// The users that programs on the phone run as; Android numbers apps like this.
const (
	AppUID    = 10234
	SystemUID = 1000
)

var services = []service{
	{"resolver.example", ResolverAddr, netip.Addr{}, speaksDNS},
	{"api.practice.example", netip.MustParseAddr("203.0.113.10"), netip.MustParseAddr("2001:db8:2::10"), speaksHTTP2},
	{"feed.practice.example", netip.MustParseAddr("203.0.113.11"), netip.MustParseAddr("2001:db8:2::11"), speaksHTTP2},
	{"upload.practice.example", netip.MustParseAddr("203.0.113.12"), netip.Addr{}, speaksHTTP1},
	{"upload-far.practice.example", netip.MustParseAddr("203.0.113.14"), netip.Addr{}, speaksHTTP1},
	{"legacy.practice.example", netip.MustParseAddr("203.0.113.13"), netip.Addr{}, speaksPlain},
	{"metrics.tally.example", netip.MustParseAddr("203.0.113.20"), netip.MustParseAddr("2001:db8:2::20"), speaksTLS12},
	{"ads.adrift.example", netip.MustParseAddr("203.0.113.30"), netip.Addr{}, speaksHTTP1},
	{"connectivity.os.example", netip.MustParseAddr("203.0.113.90"), netip.Addr{}, speaksPlain},
	{"update.os.example", netip.MustParseAddr("203.0.113.91"), netip.Addr{}, speaksHTTP2},
}

func serviceOf(host string) (service, bool) {
	for _, s := range services {
		if s.host == host {
			return s, true
		}
	}
	return service{}, false
}
