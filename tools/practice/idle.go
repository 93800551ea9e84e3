package main

import (
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// idleNoise adds what a phone says to its own network when nobody touches it: mDNS over both families, and a search for devices (SSDP).
func (x *session) idleNoise() {
	q := new(dns.Msg).SetQuestion("_services._dns-sd._udp.local.", dns.TypePTR)
	q.Id, q.RecursionDesired = 0, false
	question, err := q.Pack()
	if err != nil {
		panic("pack mdns") // constants above
	}
	const search = "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n"
	phone, link := netip.MustParseAddr(phoneAddr), netip.MustParseAddr(phoneLink)
	for i := range 3 {
		at := time.Duration(120+1150*i)*second + time.Duration(x.rng.IntN(900))*ms
		x.strays = append(x.strays,
			stray{at, true, netip.AddrPortFrom(phone, 5353), netip.MustParseAddrPort("224.0.0.251:5353"), question, uidSystem},
			stray{at + 2*ms, true, netip.AddrPortFrom(link, 5353), netip.MustParseAddrPort("[ff02::fb]:5353"), question, uidSystem},
			stray{at + 9*second, true, netip.AddrPortFrom(phone, 50022), netip.MustParseAddrPort("239.255.255.250:1900"), []byte(search), uidSystem})
	}
}
