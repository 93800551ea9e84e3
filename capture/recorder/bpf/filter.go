package bpf

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// WholeFrame is how much of a frame is kept when nothing else is asked for: more than any frame has, offloading included.
const WholeFrame = 256 << 10

// A Filter takes frames from or to any of the MACs, Addresses or Prefixes, and everything when there is none. The zero Filter takes everything.
type Filter struct {
	MACs     []net.HardwareAddr // of 6 octets; only where frames have an Ethernet header
	Prefixes []netip.Prefix     // IPv4 (ARP too) and IPv6; an address is a prefix of full length
	Without  netip.AddrPort     // leaves out TCP of this port of this address: the connection that the recording is watched through
	SnapLen  uint32             // octets to keep of each frame; 0 is WholeFrame
}

// Parse makes a filter of texts: "02:00:5e:00:53:17", "198.51.100.23", "2001:db8::/32".
func Parse(macs, addresses []string) (f Filter, err error) {
	for _, text := range macs {
		mac, err := net.ParseMAC(text)
		if err != nil || len(mac) != 6 {
			return Filter{}, fmt.Errorf("%q is no hardware address; one looks like 02:00:5e:00:53:17", text)
		}
		f.MACs = append(f.MACs, mac)
	}
	for _, text := range addresses {
		p, err := parsePrefix(text)
		if err != nil {
			return Filter{}, err
		}
		f.Prefixes = append(f.Prefixes, p)
	}
	return f, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	bad := fmt.Errorf("%q is no address or prefix; they look like 198.51.100.23, 2001:db8::23 and 198.51.100.0/24", text)
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" || a.Is4In6() {
			return netip.Prefix{}, bad
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, bad
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("%q has bits behind its length; did you mean %s?", text, p.Masked())
	}
	return p, nil
}

// String returns the expression that means the same to tcpdump; "" takes everything.
func (f Filter) String() string {
	var any []string
	for _, m := range f.MACs {
		any = append(any, "ether host "+m.String())
	}
	for _, p := range f.Prefixes {
		if p.IsSingleIP() {
			any = append(any, "host "+p.Addr().String())
		} else {
			any = append(any, "net "+p.String())
		}
	}
	all := strings.Join(any, " or ")
	if f.Without.IsValid() {
		not := fmt.Sprintf("not (tcp port %d and host %s)", f.Without.Port(), f.Without.Addr())
		if all == "" {
			return not
		}
		return "(" + all + ") and " + not
	}
	return all
}
