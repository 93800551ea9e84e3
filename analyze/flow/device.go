package flow

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// Bounds of the search for the device.
const (
	maxCandidates = 65_536 // addresses that are weighed
	maxDevice     = 16     // addresses that one device may have; more means that the evidence is about something else (a router)
)

// A Device is the side of the flows that is under test, decided once a recording, with the reason.
type Device struct {
	Addresses []netip.Addr // sorted; empty if unknown
	MACs      []MAC
	Reason    string // audit.Device's words
}

// Has reports whether a is one of the device's addresses.
func (d *Device) Has(a netip.Addr) bool {
	_, found := slices.BinarySearchFunc(d.Addresses, a, netip.Addr.Compare)
	return found
}

// candidate is what speaks for one address being the device's.
type candidate struct {
	addr       netip.Addr
	flows      int // it takes part in
	begun      int // it began
	attributed int // it began, and the recording names their owner
	toward     int // whose marked directions make it the recording machine
	away       int // … or the other side
	mac        MAC
}

// FindDevice decides which addresses are the device's (architecture section 5): declared is an address or a MAC, or empty.
func FindDevice(flows []*Flow, declared string) Device {
	byAddr := weigh(flows)
	all := make([]*candidate, 0, len(byAddr))
	for _, c := range byAddr {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *candidate) int { return a.addr.Compare(b.addr) })
	if declared != "" {
		return declaredDevice(flows, byAddr, declared)
	}
	if d, ok := attributedDevice(flows, all); ok {
		return d
	}
	if d, ok := directedDevice(all); ok {
		return d
	}
	if d, ok := sharedDevice(flows, all); ok {
		return d
	}
	return Device{Reason: "unknown"}
}

// weigh counts what every address of the flows took part in.
func weigh(flows []*Flow) map[netip.Addr]*candidate {
	byAddr := map[netip.Addr]*candidate{}
	of := func(a netip.Addr, mac MAC) *candidate {
		c := byAddr[a]
		if c == nil {
			if len(byAddr) >= maxCandidates || a.IsMulticast() || a.IsUnspecified() || a == broadcast {
				return &candidate{} // counted nowhere
			}
			c = &candidate{addr: a}
			byAddr[a] = c
		}
		if c.mac == (MAC{}) {
			c.mac = mac
		}
		c.flows++
		return c
	}
	for _, f := range flows {
		a, b := of(f.A.Addr(), f.macA), of(f.B.Addr(), f.macB)
		a.begun++
		if f.Attributed != nil && !f.B.Addr().IsMulticast() {
			a.attributed++
		}
		toA, toB := f.marked&(outA|inB) != 0, f.marked&(outB|inA) != 0
		switch {
		case toA && !toB:
			a.toward++
			b.away++
		case toB && !toA:
			b.toward++
			a.away++
		}
	}
	return byAddr
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

func declaredDevice(flows []*Flow, byAddr map[netip.Addr]*candidate, declared string) Device {
	d := Device{Reason: "declared"}
	if a, err := netip.ParseAddr(declared); err == nil {
		d.Addresses = []netip.Addr{a.Unmap()}
		return d
	}
	hw, err := net.ParseMAC(strings.ToLower(declared))
	if err != nil || len(hw) != len(MAC{}) {
		return d
	}
	mac := MAC(hw)
	d.MACs = []MAC{mac}
	d.Addresses = addressesOf(flows, mac)
	return d
}

// addressesOf lists the addresses that send from mac.
func addressesOf(flows []*Flow, mac MAC) []netip.Addr {
	set := map[netip.Addr]bool{}
	for _, f := range flows {
		if f.macA == mac {
			set[f.A.Addr()] = true
		}
		if f.macB == mac {
			set[f.B.Addr()] = true
		}
	}
	delete(set, netip.IPv4Unspecified())
	delete(set, netip.IPv6Unspecified())
	return sorted(set)
}

func sorted(set map[netip.Addr]bool) []netip.Addr {
	list := make([]netip.Addr, 0, len(set))
	for a := range set {
		list = append(list, a)
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list
}

// attributedDevice: a recording that names the owners of sockets was made on the device; those who began the named flows are it, unless the
// marked directions say that their packets arrived (a neighbour's multicast has an owner too: whoever listens).
func attributedDevice(flows []*Flow, all []*candidate) (Device, bool) {
	d := Device{}
	for _, c := range all {
		if c.attributed > 0 && c.attributed*2 >= c.flows && c.toward >= c.away {
			d.Addresses = append(d.Addresses, c.addr)
		}
	}
	if len(d.Addresses) == 0 || len(d.Addresses) > maxDevice {
		return Device{}, false
	}
	for _, f := range flows {
		if f.Attributed != nil {
			d.Reason = f.Attributed.By
			break
		}
	}
	return d, true
}

// directedDevice: link layers that mark packets as sent or received tell which side the recording machine is on. That machine is the
// device, or the gateway in front of it: the side with fewer addresses is the device's.
func directedDevice(all []*candidate) (Device, bool) {
	var toward, away []netip.Addr
	for _, c := range all {
		if c.toward > c.away {
			toward = append(toward, c.addr)
		} else if c.away > c.toward {
			away = append(away, c.addr)
		}
	}
	side := toward
	if len(away) < len(toward) && len(away) > 0 {
		side = away
	}
	if len(side) == 0 || len(side) > maxDevice || len(toward) == len(away) && !local(side) {
		return Device{}, false
	}
	return Device{Addresses: side, Reason: "direction"}, true
}

func local(addrs []netip.Addr) bool {
	for _, a := range addrs {
		if isLocal(a) {
			return true
		}
	}
	return false
}

var cgnat = netip.MustParsePrefix("100.64.0.0/10")

// isLocal reports whether a can only be on this side of a NAT or on this link.
func isLocal(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLinkLocalUnicast() || cgnat.Contains(a)
}

// sharedDevice: the local address that most flows share, and its MAC's other addresses.
func sharedDevice(flows []*Flow, all []*candidate) (Device, bool) {
	var best *candidate
	for _, c := range all {
		if !isLocal(c.addr) {
			continue
		}
		if best == nil || c.flows > best.flows || c.flows == best.flows && c.begun > best.begun {
			best = c
		}
	}
	if best == nil || best.flows*2 <= len(flows) {
		return Device{}, false
	}
	d := Device{Addresses: []netip.Addr{best.addr}, Reason: "most-flows"}
	if best.mac == (MAC{}) {
		return d, true
	}
	for _, f := range flows {
		if f.macA == best.mac && f.macB == best.mac {
			return d, true // both sides send from one MAC: it says nothing (a tunnel's or a synthetic Ethernet header)
		}
	}
	if others := addressesOf(flows, best.mac); len(others) <= maxDevice {
		d.Addresses, d.MACs = others, []MAC{best.mac}
	}
	return d, true
}

// Orient makes the device's side A in every flow, with its counters, and marks the flows that are the device's.
func Orient(flows []*Flow, d *Device) {
	for _, f := range flows {
		a, b := d.Has(f.A.Addr()), d.Has(f.B.Addr())
		if b && !a {
			f.swap()
		}
		f.Device = a || b
	}
}

// swap turns a flow that the other side began. Its round trips ran between us and the device: they say nothing about the far side.
func (f *Flow) swap() {
	f.A, f.B = f.B, f.A
	f.macA, f.macB = f.macB, f.macA
	f.PacketsUp, f.PacketsDown = f.PacketsDown, f.PacketsUp
	f.BytesUp, f.BytesDown = f.BytesDown, f.BytesUp
	f.PayloadUp, f.PayloadDown = f.PayloadDown, f.PayloadUp
	f.RTT = nil
}

// String formats m as "02:00:00:00:00:01".
func (m MAC) String() string { return net.HardwareAddr(m[:]).String() }

// Audit returns the device in document form.
func (d *Device) Audit() audit.Device {
	out := audit.Device{Addresses: d.Addresses, Reason: d.Reason}
	for _, m := range d.MACs {
		out.MACs = append(out.MACs, m.String())
	}
	return out
}
