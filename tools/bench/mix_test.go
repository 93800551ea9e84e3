package main

import (
	"net/netip"
	"testing"
)

func TestReaddress(t *testing.T) {
	device := map[netip.Addr]bool{netip.MustParseAddr("192.168.50.23"): true, netip.MustParseAddr("2001:2:0:50::23"): true}
	v4 := append([]byte{0x45, 19: 0}, 1, 2, 3)
	copy(v4[12:], []byte{198, 18, 0, 1})
	copy(v4[16:], []byte{192, 168, 50, 23})
	readdress(v4, device, 0x0203)
	if src, dst := netip.AddrFrom4([4]byte(v4[12:16])), netip.AddrFrom4([4]byte(v4[16:20])); src.String() != "198.18.0.1" || dst.String() != "10.2.3.23" {
		t.Errorf("got %v -> %v", src, dst)
	}
	v6 := append([]byte{0x60, 39: 0}, 1, 2, 3)
	from := netip.MustParseAddr("2001:2:0:50::23").As16()
	copy(v6[8:], from[:])
	readdress(v6, device, 0x0203)
	if src := netip.AddrFrom16([16]byte(v6[8:24])); src.String() != "fd01:2:203:50::23" {
		t.Errorf("got %v", src)
	}
	readdress([]byte{0x45}, device, 1) // too short to hold addresses: left alone
}
