package locate

import (
	"net/netip"
	"testing"

	"abroad/analyze/audit"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		address string
		class   audit.Class
		inner   string
	}{
		{"8.8.8.8", audit.ClassPublic, ""},
		{"9.255.255.255", audit.ClassPublic, ""},
		{"10.0.0.0", audit.ClassPrivate, ""},
		{"10.255.255.255", audit.ClassPrivate, ""},
		{"11.0.0.0", audit.ClassPublic, ""},
		{"100.63.255.255", audit.ClassPublic, ""},
		{"100.64.0.0", audit.ClassCGNAT, ""},
		{"100.127.255.255", audit.ClassCGNAT, ""},
		{"100.128.0.0", audit.ClassPublic, ""},
		{"127.0.0.53", audit.ClassLoopback, ""},
		{"169.254.1.1", audit.ClassLinkLocal, ""},
		{"172.15.255.255", audit.ClassPublic, ""},
		{"172.16.0.0", audit.ClassPrivate, ""},
		{"172.31.255.255", audit.ClassPrivate, ""},
		{"172.32.0.0", audit.ClassPublic, ""},
		{"192.0.0.1", audit.ClassReserved, ""},
		{"192.0.0.9", audit.ClassPublic, ""},
		{"192.0.0.170", audit.ClassReserved, ""},
		{"192.0.2.1", audit.ClassDocumentation, ""},
		{"192.88.99.1", audit.ClassReserved, ""},
		{"192.168.1.1", audit.ClassPrivate, ""},
		{"198.17.255.255", audit.ClassPublic, ""},
		{"198.18.0.1", audit.ClassBenchmark, ""},
		{"198.19.255.255", audit.ClassBenchmark, ""},
		{"198.20.0.0", audit.ClassPublic, ""},
		{"198.51.100.7", audit.ClassDocumentation, ""},
		{"203.0.113.7", audit.ClassDocumentation, ""},
		{"223.255.255.255", audit.ClassPublic, ""},
		{"224.0.0.251", audit.ClassMulticast, ""},
		{"239.255.255.250", audit.ClassMulticast, ""},
		{"240.0.0.1", audit.ClassReserved, ""},
		{"255.255.255.254", audit.ClassReserved, ""},
		{"255.255.255.255", audit.ClassBroadcast, ""},
		{"0.0.0.0", audit.ClassUnspecified, ""},
		{"0.1.2.3", audit.ClassReserved, ""},
		{"::ffff:10.1.2.3", audit.ClassPrivate, ""},
		{"::ffff:8.8.8.8", audit.ClassPublic, ""},

		{"::", audit.ClassUnspecified, ""},
		{"::1", audit.ClassLoopback, ""},
		{"::8.8.8.8", audit.ClassReserved, ""}, // IPv4-compatible, deprecated
		{"100::1", audit.ClassReserved, ""},    // discard
		{"2606:4700::1", audit.ClassPublic, ""},
		{"2001:2::1", audit.ClassBenchmark, ""},
		{"2001:2:1::1", audit.ClassReserved, ""},
		{"2001:20::1", audit.ClassReserved, ""}, // ORCHID
		{"2001:1::1", audit.ClassPublic, ""},
		{"2001:4:112::1", audit.ClassPublic, ""},
		{"2001:db8::1", audit.ClassDocumentation, ""},
		{"3fff:fff::1", audit.ClassDocumentation, ""},
		{"3fff:1000::1", audit.ClassPublic, ""},
		{"4000::1", audit.ClassReserved, ""},
		{"5f00::1", audit.ClassReserved, ""},
		{"fbff::1", audit.ClassReserved, ""},
		{"fc00::1", audit.ClassPrivate, ""},
		{"fdff::1", audit.ClassPrivate, ""},
		{"fe80::1", audit.ClassLinkLocal, ""},
		{"fe80::1%eth0", audit.ClassLinkLocal, ""},
		{"fec0::1", audit.ClassReserved, ""},
		{"ff02::fb", audit.ClassMulticast, ""},

		{"64:ff9b::8.8.8.8", audit.ClassNAT64, "8.8.8.8"},
		{"64:ff9b::10.0.0.1", audit.ClassNAT64, "10.0.0.1"},
		{"64:ff9b:0:1::8.8.8.8", audit.ClassReserved, ""}, // not in the /96
		{"64:ff9b:1::8.8.8.8", audit.ClassNAT64, "8.8.8.8"},
		{"64:ff9b:1:808:8:800::", audit.ClassNAT64, "8.8.8.8"},          // /48
		{"64:ff9b:1:ab08:8:808::", audit.ClassNAT64, "8.8.8.8"},         // /56, subnet ab
		{"64:ff9b:1:abcd:8:808:800:0", audit.ClassNAT64, "8.8.8.8"},     // /64, subnet abcd
		{"64:ff9b:1:fffe:0:0:8.8.8.8", audit.ClassNAT64, "8.8.8.8"},     // /96
		{"64:ff9b:1:ffff:ff00::", audit.ClassNAT64, ""},                 // bits 64 to 71 are not zero
		{"64:ff9b:1:a00:0:100::", audit.ClassNAT64, ""},                 // 10.0.0.1 and readings that are no better
		{"2002:808:808::1", audit.ClassPublic, "8.8.8.8"},               // 6to4
		{"2002:a00:1::1", audit.ClassPrivate, "10.0.0.1"},               // 6to4 of a private address
		{"2001:0:4136:e378::f7f7:f7f7", audit.ClassPublic, "8.8.8.8"},   // Teredo
		{"2001:0:4136:e378::f5ff:fffe", audit.ClassPrivate, "10.0.0.1"}, // Teredo of a private address
	} {
		class, inner := Classify(netip.MustParseAddr(c.address))
		want := netip.Addr{}
		if c.inner != "" {
			want = netip.MustParseAddr(c.inner)
		}
		if class != c.class || inner != want {
			t.Errorf("%s: %q %v, want %q %v", c.address, class, inner, c.class, want)
		}
	}
	if class, inner := Classify(netip.Addr{}); class != audit.ClassUnspecified || inner.IsValid() {
		t.Errorf("no address: %q %v", class, inner)
	}
}

func FuzzClassify(f *testing.F) {
	f.Add([]byte{8, 8, 8, 8})
	f.Add(netip.MustParseAddr("64:ff9b:1:808:8:800::").AsSlice())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		class, inner := Classify(a)
		if inner.IsValid() && (!inner.Is4() || class == audit.ClassReserved && public(inner)) {
			t.Fatalf("%s: %q around %s", a, class, inner)
		}
		if class != audit.ClassPublic && class != audit.ClassNAT64 && classWords[class] == "" {
			t.Fatalf("%s: class %q has no words", a, class)
		}
	})
}
