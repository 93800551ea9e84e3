package flow

import (
	"fmt"
	"net/netip"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// made is a flow in short form.
func made(a, b string, change func(*Flow)) *Flow {
	f := &Flow{pulse: new(pulse), Flow: audit.Flow{Proto: audit.TCP, A: netip.MustParseAddrPort(a), B: netip.MustParseAddrPort(b), PacketsUp: 1, PacketsDown: 2}}
	f.macA, f.macB = MAC{2, 0, 0, 0, 0, 1}, MAC{2, 0, 0, 0, 0, 9}
	if change != nil {
		change(f)
	}
	f.marked = f.seen
	return f
}

func TestFindDevice(t *testing.T) {
	uid := &Attribution{By: "nflog", UID: 10123}
	out := func(f *Flow) { f.directed(true, capture.DirOut); f.directed(false, capture.DirIn) }
	in := func(f *Flow) { f.directed(true, capture.DirIn); f.directed(false, capture.DirOut) }
	both := func(f *Flow) { out(f); in(f) }
	for _, c := range []struct {
		name     string
		flows    []*Flow
		declared string
		want     string
	}{
		{"nothing", nil, "", "unknown []"},
		{"public only", []*Flow{made("192.0.2.1:1", "192.0.2.2:2", nil)}, "", "unknown []"},
		{"most flows", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", nil), made("10.0.0.2:2", "192.0.2.3:2", nil), made("10.0.0.3:2", "192.0.2.3:2", func(f *Flow) { f.macA[5] = 3 })}, "", "most-flows [10.0.0.2]"},
		{"with its MAC's other addresses", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", nil), made("10.0.0.2:3", "192.0.2.2:2", nil), made("[2001:db8::2]:2", "[2001:db8::9]:2", nil)}, "", "most-flows [10.0.0.2 2001:db8::2]"},
		{"half is not most", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", nil), made("10.0.0.3:2", "192.0.2.3:2", func(f *Flow) { f.macA[5] = 3 })}, "", "unknown []"},
		{"carrier NAT", []*Flow{made("100.64.0.2:1", "192.0.2.2:2", nil)}, "", "most-flows [100.64.0.2]"},
		{"the one who asks", []*Flow{made("10.0.0.9:1", "10.0.0.2:2", nil)}, "", "most-flows [10.0.0.9]"},
		{"declared address", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", nil)}, "192.0.2.2", "declared [192.0.2.2]"},
		{"declared MAC", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", nil)}, "02-00-00-00-00-09", "declared [192.0.2.2]"},
		{"attributed", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", func(f *Flow) { f.Attributed = uid }), made("10.0.0.3:1", "192.0.2.2:2", nil), made("10.0.0.3:2", "192.0.2.2:2", nil)}, "", "nflog [10.0.0.2]"},
		{"a neighbour's multicast", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", func(f *Flow) { f.Attributed = uid }), made("10.0.0.9:5353", "224.0.0.251:5353", func(f *Flow) { f.Attributed = uid })}, "", "nflog [10.0.0.2]"},
		{"a neighbour's request", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", func(f *Flow) { f.Attributed = uid; out(f) }), made("10.0.0.9:5", "10.0.0.2:6", func(f *Flow) { f.Attributed = uid; in(f) })}, "", "nflog [10.0.0.2]"},
		{"recorded on the device", []*Flow{made("198.51.100.7:1", "192.0.2.2:2", out), made("198.51.100.7:1", "192.0.2.3:2", out)}, "", "direction [198.51.100.7]"},
		{"recorded on the gateway", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", in), made("10.0.0.2:1", "192.0.2.3:2", in)}, "", "direction [10.0.0.2]"},
		{"seen twice on any", []*Flow{made("10.0.0.2:1", "192.0.2.2:2", both)}, "", "most-flows [10.0.0.2]"},
	} {
		d := FindDevice(c.flows, c.declared)
		if got := fmt.Sprint(d.Reason, " ", d.Addresses); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOrient(t *testing.T) {
	incoming := made("192.0.2.9:5", "10.0.0.2:80", func(f *Flow) { f.RTT = []audit.RTT{{NS: 5}}; f.BytesUp, f.BytesDown = 10, 20 })
	other := made("192.0.2.9:5", "192.0.2.8:80", nil)
	Orient([]*Flow{incoming, other}, &Device{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.2")}})
	if incoming.A.String() != "10.0.0.2:80" || !incoming.Device || incoming.BytesUp != 20 || incoming.PacketsUp != 2 || incoming.RTT != nil {
		t.Errorf("incoming flow is %+v", incoming.Flow)
	}
	if other.Device || other.A.String() != "192.0.2.9:5" {
		t.Errorf("foreign flow is %+v", other.Flow)
	}
}
