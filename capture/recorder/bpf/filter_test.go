package bpf

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"abroad/capture"
	"abroad/capture/corpus"
	"abroad/capture/source"
)

// frames returns real frames, and changed ones: cut short, and with bits flipped in their headers. Raw ones are Ethernet frames without
// their first header.
func frames(t *testing.T, link Link, names ...string) (list [][]byte) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range names {
		f, err := os.Open(corpus.Shared(t, "captures", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rec, err := source.Open(name, f)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for r, err := range rec.Records() {
			if err != nil {
				t.Fatal(err)
			}
			p, ok := r.(*capture.Packet)
			if !ok || p.Link != capture.LinkEthernet || len(p.Data) < 34 {
				continue
			}
			if n++; n > 150 {
				break
			}
			whole := slices.Clone(p.Data)
			if link == Raw {
				whole = whole[etherLen:]
			}
			// Not cut inside of the addresses: what cannot be loaded refuses the frame, and tcpdump loads in an order of its optimizer.
			headers := 54
			if link == Raw {
				headers = 40
			}
			list = append(list, whole, whole[:min(headers+rng.IntN(20), len(whole))], whole[:rng.IntN(12)])
			if link == Ethernet && len(whole) > 60 { // as ARP or RARP with the packet's addresses where ARP has its own
				m := slices.Clone(whole)
				copy(m[12:], [][]byte{{0x08, 0x06}, {0x80, 0x35}}[n%2])
				copy(m[28+10*(n/2%2):], whole[26:30])
				list = append(list, m)
			}
			for range 3 {
				m := slices.Clone(whole)
				for range 1 + rng.IntN(3) {
					m[rng.IntN(min(len(m), 60))] ^= 1 << rng.IntN(8)
				}
				list = append(list, m)
			}
		}
	}
	if len(list) < 500 {
		t.Fatalf("%d frames only", len(list))
	}
	return list
}

// addressesIn collects what filters can ask for from the frames themselves, so that they take some and refuse some.
func addressesIn(list [][]byte, link Link) (macs []string, v4, v6 []netip.Addr) {
	seen := map[string]bool{}
	at := etherLen
	if link == Raw {
		at = 0
	}
	for _, b := range list {
		if len(b) < at+40 {
			continue
		}
		if link == Ethernet {
			if m := fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[6], b[7], b[8], b[9], b[10], b[11]); !seen[m] {
				seen[m], macs = true, append(macs, m)
			}
		}
		var a netip.Addr
		switch b[at] >> 4 {
		case 4:
			a = netip.AddrFrom4([4]byte(b[at+at4Source:]))
		case 6:
			a = netip.AddrFrom16([16]byte(b[at+at6Source:]))
		default:
			continue
		}
		if a.Is4In6() || seen[a.String()] {
			continue
		}
		if seen[a.String()] = true; a.Is4() {
			v4 = append(v4, a)
		} else {
			v6 = append(v6, a)
		}
	}
	return macs, v4, v6
}

func vm(t *testing.T, program []bpf.RawInstruction) *bpf.VM {
	t.Helper()
	list, ok := bpf.Disassemble(program)
	if !ok {
		t.Fatal("not all instructions are known")
	}
	m, err := bpf.NewVM(list)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// files hold IPv4 and IPv6, VLAN tags, fragments, TCP on the ports that filters leave out. ARP is made from them.
var files = []string{
	"ndpi/tests/cfgs/default/pcap/1kxun.pcap",
	"ndpi/tests/cfgs/default/pcap/dns_fragmented.pcap",
	"ndpi/tests/cfgs/default/pcap/hsrp2_ipv6.pcapng",
	"ndpi/tests/cfgs/default/pcap/ip_fragmented_garbage.pcap",
	"ndpi/tests/cfgs/default/pcap/KakaoTalk_chat.pcap",
	"ndpi/tests/cfgs/default/pcap/instagram.pcap",
}

// TestAgreesWithTcpdump runs our program and the one tcpdump makes of Filter.String over the same frames.
func TestAgreesWithTcpdump(t *testing.T) {
	tcpdump := corpus.Program(t, "tcpdump")
	for _, c := range []struct {
		name string
		link Link
	}{{"EN10MB", Ethernet}, {"RAW", Raw}} {
		t.Run(c.name, func(t *testing.T) {
			list := frames(t, c.link, files...)
			macs, v4, v6 := addressesIn(list, c.link)
			if len(v4) < 3 || len(v6) < 3 {
				t.Fatalf("%d and %d addresses in %d frames", len(v4), len(v6), len(list))
			}
			filters := []Filter{{}, {SnapLen: 96}}
			add := func(macs []string, without netip.AddrPort, addresses ...string) {
				f, err := Parse(macs, addresses)
				if err != nil {
					t.Fatal(err)
				}
				f.Without = without
				filters = append(filters, f)
			}
			var none netip.AddrPort
			for i := range 6 {
				a, b := v4[i%len(v4)], v6[i%len(v6)]
				add(nil, none, a.String())
				add(nil, none, b.String())
				add(nil, none, a.String(), b.String(), v4[(i+3)%len(v4)].String())
				p4, _ := a.Prefix(5 + 5*i)
				p6, _ := b.Prefix(17 + 17*i)
				add(nil, none, p4.String())
				add(nil, none, p6.String(), p4.String())
				for _, port := range []uint16{443, 80} {
					add(nil, netip.AddrPortFrom(a, port))
					add(nil, netip.AddrPortFrom(b, port), b.String(), a.String())
					add(nil, netip.AddrPortFrom(a, port), p4.String())
				}
				if len(macs) > 0 {
					m := macs[i%len(macs)]
					add([]string{m}, none)
					add([]string{m, macs[(i+1)%len(macs)]}, netip.AddrPortFrom(a, 443), p6.String(), p4.String())
				}
			}
			add(nil, none, "0.0.0.0/0")
			add(nil, none, "::/0")
			var many []string // more instructions than a conditional jump can step over
			for i := range 80 {
				many = append(many, v4[i%len(v4)].String(), v6[i%len(v6)].String())
			}
			add(nil, none, many...)
			took, refused := 0, 0
			for _, f := range filters {
				ours, err := f.Program(c.link)
				if err != nil {
					t.Fatal(err)
				}
				snap := f.SnapLen
				if snap == 0 {
					snap = WholeFrame
				}
				out, err := exec.Command(tcpdump, "-ddd", "-s", fmt.Sprint(snap), "-y", c.name, f.String()).Output()
				if err != nil {
					t.Fatalf("%s: %v", f, err)
				}
				theirs, err := ReadListing(strings.NewReader(string(out)))
				if err != nil {
					t.Fatalf("%s: %v", f, err)
				}
				if a, b := SnapLen(ours), SnapLen(theirs); a != snap || b != snap && f.String() != "" && b != 0 {
					t.Errorf("%s: keeps %d and %d octets", f, a, b)
				}
				a, b := vm(t, ours), vm(t, theirs)
				for i, frame := range list {
					x, err1 := a.Run(frame)
					y, err2 := b.Run(frame)
					if err1 != nil || err2 != nil {
						t.Fatal(err1, err2)
					}
					if x != y {
						t.Fatalf("%s: frame %d: we keep %d, tcpdump keeps %d\n%x", f, i, x, y, frame)
					}
					if x > 0 {
						took++
					} else {
						refused++
					}
				}
			}
			t.Logf("%d filters, %d frames: %d times taken, %d times refused", len(filters), len(list), took, refused)
			if took < 1000 || refused < 1000 {
				t.Error("the frames do not try the filters")
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ mac, address, want string }{
		{mac: "02:00:5e:00:53", want: "no hardware address"},
		{mac: "02:00:5e:00:53:17:00:01", want: "no hardware address"},
		{address: "198.51.100.256", want: "no address or prefix"},
		{address: "fe80::1%eth0", want: "no address or prefix"},
		{address: "::ffff:198.51.100.1", want: "no address or prefix"},
		{address: "198.51.100.7/24", want: "did you mean 198.51.100.0/24?"},
		{address: "", want: "no address or prefix"},
	} {
		var macs, addresses []string
		if c.mac != "" {
			macs = []string{c.mac}
		} else {
			addresses = []string{c.address}
		}
		if _, err := Parse(macs, addresses); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	f, _ := Parse([]string{"02:00:5e:00:53:17"}, nil)
	if _, err := f.Program(Raw); err == nil {
		t.Error("a filter of hardware addresses for frames that have none")
	}
	var many []string
	for i := range 700 {
		many = append(many, netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}).String())
	}
	f, _ = Parse(nil, many)
	if _, err := f.Program(Ethernet); err == nil || !strings.Contains(err.Error(), "the kernel takes 4096") {
		t.Errorf("700 addresses: %v", err)
	}
}
