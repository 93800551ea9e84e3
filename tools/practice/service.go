package main

import (
	"net/netip"
	"strings"
)

// A protocol is how a service is spoken to.
type protocol string

const (
	http1      protocol = "http/1.1 over tls 1.3"
	http2      protocol = "h2 over tls 1.3"
	http3      protocol = "h3"
	tls12      protocol = "http/1.1 over tls 1.2"
	tls12NoSNI protocol = "http/1.1 over tls 1.2 without sni"
	tlsNoSNI   protocol = "http/1.1 over tls 1.3 without sni"
	echTLS     protocol = "http/1.1 over tls 1.3 with ech"
	plainHTTP  protocol = "http/1.1"
	plainH2    protocol = "h2c"
	push       protocol = "push"
	mailTLS    protocol = "smtp starttls"
	stun       protocol = "stun"
	ntp        protocol = "ntp"
	dot        protocol = "dot"
	doh        protocol = "doh"
	doq        protocol = "doq"
	dead       protocol = "unanswered"
	caster     protocol = "mdns and http"
)

// The users of the device that own sockets (Android numbers them like this).
const (
	uidApp    = 10234 // org.example.practice
	uidPush   = 10098 // the push service
	uidDNS    = 1051  // the system's resolver: it asks for every app
	uidSystem = 1000
)

// A service is something that listens under a name.
type service struct {
	key   string
	host  string // empty: reached by address alone
	cname string // the name's DNS answer goes by way of this one
	at    [2][]string
	port  uint16
	speak protocol
	uid   int32
	in    [2]string // ten marks a version: in which sessions it is used ("#") or not (".")
	// pinned says that a version takes the addresses from its own configuration instead of DNS.
	pinned [2]bool
	https  string // parameters of an HTTPS record: "h3" or "ech"
	shows  string
}

const (
	always = "##########"
	never  = ".........."
)

// both returns the same addresses for both versions.
func both(addrs ...string) [2][]string { return [2][]string{addrs, addrs} }

var services = []service{
	{key: "api", host: "api.practice.example", at: both("198.18.10.10", "2001:2:0:1000::10"), port: 443, speak: http2, uid: uidApp,
		in: [2]string{always, always}, shows: "first party, IPv4 and IPv6"},
	{key: "login", host: "login.practice.example", at: both("198.18.12.20"), port: 443, speak: http1, uid: uidApp,
		in: [2]string{always, always}, shows: "first party in the vantage's own country"},
	{key: "upload", host: "upload.practice.example", at: [2][]string{{"198.18.10.30"}, {"198.18.30.30"}}, port: 443, speak: http1, uid: uidApp,
		in: [2]string{always, always}, pinned: [2]bool{false, true}, shows: "moved: Emerald Cloud in IE in version 1, Merlion Hosting in SG in version 2"},
	{key: "feed", host: "feed.practice.example", at: both("198.18.11.40", "2001:2:0:1100::40"), port: 443, speak: http3, uid: uidApp,
		in: [2]string{always, always}, https: "h3", shows: "QUIC"},
	{key: "images", host: "img-origin.practice.example", at: both("198.18.43.50"), port: 443, speak: http2, uid: uidApp,
		in: [2]string{always, always}, shows: "regional prefix inside an anycast one"},
	{key: "chat", host: "chat.practice.example", at: both("198.18.21.60"), port: 443, speak: tls12, uid: uidApp,
		in: [2]string{always, always}, shows: "TLS 1.2 with a server name and a visible certificate; by NAT64 in v2/s07"},
	{key: "mail", host: "mail.practice.example", at: both("198.18.10.25"), port: 587, speak: mailTLS, uid: uidApp,
		in: [2]string{"..#...#...", ".#....#..."}, shows: "SMTP with STARTTLS"},
	{key: "legacy", host: "legacy.practice.example", at: both("198.18.10.70"), port: 80, speak: plainHTTP, uid: uidApp,
		in: [2]string{always, never}, shows: "version 1 only: plaintext HTTP with a query, a cookie and an authorization that no report may print"},
	{key: "old", host: "old.practice.example", at: both("192.0.2.80"), port: 443, speak: dead, uid: uidApp,
		in: [2]string{"#..#....#.", "..#.#...#."}, shows: "a documentation address: nobody answers"},
	{key: "void", host: "void.practice.example", at: both("240.10.20.30"), port: 443, speak: dead, uid: uidApp,
		in: [2]string{"......#.#.", "...#....#."}, shows: "a reserved address: nobody answers"},
	{key: "self", at: both("127.0.0.1"), port: 8088, speak: plainHTTP, uid: uidApp,
		in: [2]string{"#......#..", ".#....#..."}, shows: "a server on the device itself: loopback"},
	{key: "tally", host: "metrics.tally.example", cname: "tally.pr-east-1.prairie.example", at: both("198.18.20.10", "2001:2:0:2000::10"), port: 443,
		speak: http2, uid: uidApp, in: [2]string{never, "#########."}, shows: "version 2 only: an analytics firm in US, named by a CNAME chain"},
	{key: "saudade", host: "beacon.saudade.example", at: both("198.18.70.10"), port: 443, speak: http1, uid: uidApp,
		in: [2]string{"##.####.##", "#.####.###"}, shows: "databases alone say BR"},
	{key: "crash", host: "crash.mirage.example", at: both("198.18.71.10"), port: 443, speak: http1, uid: uidApp,
		in: [2]string{"#.####.##.", "##.##.####"}, shows: "databases say AU, the round trip says no"},
	{key: "ads", host: "ads.adrift.example", at: both("198.18.72.10"), port: 443, speak: http2, uid: uidApp,
		in: [2]string{"#....#..#.", always}, shows: "frequency changes: 3 of 10 sessions, then 10 of 10"},
	{key: "pixel", host: "pixel.adrift.example", at: both("198.18.73.10"), port: 80, speak: plainHTTP, uid: uidApp,
		in: [2]string{".#.##.#..#", "##..#.#.#."}, shows: "plaintext HTTP to a third party"},
	{key: "tiles", host: "tiles.meridian.example", at: both("198.18.74.10"), port: 443, speak: http3, uid: uidApp,
		in: [2]string{"####.###.#", "#.####.###"}, shows: "QUIC with a Retry; databases differ"},
	{key: "private", host: "private.veil.example", at: both("198.18.44.10"), port: 443, speak: echTLS, uid: uidApp, https: "ech",
		in: [2]string{"#.#..#.##.", ".##.#..#.#"}, shows: "encrypted ClientHello behind the cover name cover.veil-edge.example"},
	{key: "turn", host: "fra3.turn.parley.example", at: both("198.18.81.10"), port: 3478, speak: stun, uid: uidApp,
		in: [2]string{"#.#.#.#.#.", ".#.#.#.#.#"}, shows: "STUN and TURN; name from DNS only"},
	{key: "relay", host: "relay.parley.example", at: both("198.18.81.20"), port: 8080, speak: plainH2, uid: uidApp,
		in: [2]string{"........#.", "..#.#..#.#"}, shows: "HTTP/2 in clear text; 1 of 10 sessions, then 4: too few to say"},
	{key: "hearth", at: both("198.18.75.10"), port: 443, speak: tls12NoSNI, uid: uidApp,
		in: [2]string{"#.##..#..#", ".##..#.##."}, shows: "TLS 1.2 without a server name: the certificate names gw.hearth.example"},
	{key: "bare", at: both("198.18.76.20"), port: 443, speak: tlsNoSNI, uid: uidApp,
		in: [2]string{".#....#..#", "#...#...#."}, shows: "TLS 1.3 without a server name: no name at all"},
	{key: "nowhere", host: "beta.nowhere.example", at: both("198.18.99.10"), port: 443, speak: http1, uid: uidApp,
		in: [2]string{"...#.....#", ".#......#."}, shows: "no dataset knows the address"},
	{key: "portal", host: "portal.fjord.example", at: both("100.64.0.1"), port: 80, speak: plainHTTP, uid: uidSystem,
		in: [2]string{"#...#..#..", "..#...#..#"}, shows: "the line's own portal at a CGNAT address"},
	{key: "tv", host: "livingroom-tv.local", at: both("192.168.50.40"), port: 8088, speak: caster, uid: uidApp,
		in: [2]string{"..#..#..#.", ".#..#..#.."}, shows: "mDNS and plaintext HTTP to a television in the local network"},
	{key: "dot", host: "dns.beacon.example", at: both("198.18.53.53"), port: 853, speak: dot, uid: uidDNS,
		in: [2]string{"...#...#..", "...#..#..."}, shows: "DNS over TLS"},
	{key: "doh", host: "doh.beacon.example", at: both("198.18.53.54"), port: 443, speak: doh, uid: uidApp,
		in: [2]string{".....#....", ".......#.."}, shows: "DNS over HTTPS"},
	{key: "doq", host: "dns.beacon.example", at: both("198.18.53.53"), port: 853, speak: doq, uid: uidDNS,
		in: [2]string{"......#...", ".....#...."}, shows: "DNS over QUIC"},
	{key: "time", host: "time.tick.example", at: both("198.18.60.123"), port: 123, speak: ntp, uid: uidSystem,
		in: [2]string{"#....#....", ".#....#..."}, shows: "NTP of the operating system; name from DNS only"},
	{key: "push", host: "lhr2.push.pigeon.example", at: both("198.18.80.10", "2001:2:0:8000::10"), port: 5228, speak: push, uid: uidPush,
		in: [2]string{"#.#.##.#.#", ".#.##.#.##"}, shows: "push service"},
	{key: "check", host: "connect.os.example", at: both("198.18.90.10", "2001:2:0:9000::10"), port: 80, speak: plainHTTP, uid: uidSystem,
		in: [2]string{"##.#.##.#.", ".##.#.##.#"}, shows: "connectivity check of the operating system"},
	{key: "update", host: "update.os.example", at: both("198.18.90.20"), port: 443, speak: http2, uid: uidSystem,
		in: [2]string{"...#......", ".......#.."}, shows: "updates of the operating system"},
}

// coverName is what the ECH front shows on the wire instead of private.veil.example.
const coverName = "cover.veil-edge.example"

// cdnPool holds the names of the rotating CDN hosts; every session uses a few names of its version's half, at addresses of its own.
var cdnPool = [2][]string{
	{"cdn-2c07", "cdn-3f41", "cdn-51b8", "cdn-6a90", "cdn-7e13", "cdn-90d5", "cdn-a4f2", "cdn-bb60"},
	{"cdn-0d94", "cdn-1e57", "cdn-48c1", "cdn-5f02", "cdn-83ae", "cdn-97b3", "cdn-c61f", "cdn-e028"},
}

const cdnSuffix = ".flurry.example"

// The recording's own side.
const (
	phoneAddr   = "192.168.50.23"
	phoneAddr6  = "2001:2:0:50::23"
	laptopAddr  = "192.168.50.31"
	gatewayAddr = "192.168.50.1"
	gatewayLink = "fe80::a8:1dff:fe50:1"
	phoneLink   = "fe80::b0:2cff:fe50:23"
)

func serviceNamed(key string) service {
	for _, s := range services {
		if s.key == key {
			return s
		}
	}
	panic("no service " + key)
}

// used reports whether the n-th session (0-based) of a version (0 or 1) uses the service.
func (s *service) used(version, n int) bool { return s.in[version][n] == '#' }

// addrs returns the addresses of one family.
func (s *service) addrs(version int, v6 bool) (list []netip.Addr) {
	for _, a := range s.at[version] {
		if addr := netip.MustParseAddr(a); addr.Is6() == v6 {
			list = append(list, addr)
		}
	}
	return list
}

// networkOf returns the most specific network that holds addr.
func networkOf(addr netip.Addr) (best *network) {
	bits := -1
	for i := range networks {
		for _, p := range networks[i].prefixes {
			if prefix := netip.MustParsePrefix(p); prefix.Contains(addr) && prefix.Bits() > bits {
				best, bits = &networks[i], prefix.Bits()
			}
		}
	}
	return best
}

func lower(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }
