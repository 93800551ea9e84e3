package flow

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/corpus"
)

// trailed is an IP packet as PCAPdroid writes it.
func trailed(packet []byte, uid int32, app string) []byte {
	t := 0x0800
	if packet[0]>>4 == 6 {
		t = 0x86dd
	}
	b := join(make([]byte, 12), u16(t), packet)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	label := make([]byte, 20)
	copy(label, app)
	b = join(b, u32(trailerMagic), u32(int(uid)), label)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func TestTrailer(t *testing.T) {
	for pad := range 4 {
		packet := ip4(17, udp(4242, 443, text(20+pad)))
		o, kind, ok, codes := decode(t, &capture.Packet{Link: 1, Data: trailed(packet, 10123, "KakaoTalk")})
		want := &Attribution{By: "pcapdroid", UID: 10123, GID: -1, Label: "KakaoTalk"}
		if diff := cmp.Diff(want, o.Attribution); !ok || len(codes) > 0 || diff != "" {
			t.Errorf("%v %v %s", kind, codes, diff)
		}
		if len(o.Payload) != 20+pad || o.IPLen != uint32(len(packet)) || o.SrcMAC != (MAC{}) {
			t.Errorf("%+v", o)
		}
	}
	o, _, _, _ := decode(t, &capture.Packet{Link: 1, Data: trailed(inside6(), -1, "")})
	if o.Attribution == nil || o.Attribution.UID != -1 || o.Attribution.Label != "" {
		t.Errorf("%+v", o.Attribution)
	}
	cut := trailed(inside6(), 1, strings.Repeat("ж", 12)) // 19 bytes and a NUL: half a character at the end
	if o, _, _, _ = decode(t, &capture.Packet{Link: 1, Data: cut}); o.Attribution == nil || len(o.Attribution.Label) != 20 {
		t.Errorf("%+v", o.Attribution)
	}
}

// TestTrailerDamaged changes every byte of a frame with a trailer. None may attribute the packet to somebody else.
func TestTrailerDamaged(t *testing.T) {
	good := trailed(inside4(), 10123, "Practice")
	damaged := 0
	for i := range good {
		b := slices.Clone(good)
		b[i] ^= 0x10
		o, _, ok, codes := decode(t, &capture.Packet{Link: 1, Data: b})
		if ok && o.Attribution != nil {
			t.Errorf("byte %d: %+v", i, o.Attribution)
		}
		if slices.Contains(codes, capture.TrailerDamaged) {
			damaged++
		}
	}
	if damaged < len(good)/2 {
		t.Errorf("%d of %d changes were seen", damaged, len(good))
	}
	// another link type has no trailer, and neither has a packet inside a tunnel
	if o, _, _, _ := decode(t, &capture.Packet{Link: 113, Data: sllFrame(0, 0x0800, good[14:])}); o.Attribution != nil {
		t.Errorf("%+v", o.Attribution)
	}
}

// TestBarePacket: a snap length makes PCAPdroid write bare IP packets into an Ethernet file.
func TestBarePacket(t *testing.T) {
	for _, packet := range [][]byte{inside4(), inside6(), ip4from(host4, peer4, 6, tcp(1, 2, 16, text(500)))} {
		for _, before := range [][]byte{nil, trailed(inside4(), 10123, "Practice")} {
			for n := 40; n <= len(packet); n++ {
				d := NewDecoder(func(a capture.Anomaly) { t.Error(a) })
				var o Packet
				if before != nil {
					d.Decode(&capture.Packet{Link: 1, Data: before}, &o)
				}
				p := &capture.Packet{Number: 7, Link: 1, Data: packet[:n], OrigLen: uint32(len(packet))}
				if kind, ok := d.Decode(p, &o); !ok || o.Attribution != nil || o.SrcMAC != (MAC{}) || o.Src != host4 && o.Src != host6 || o.IPLen != uint32(len(packet)) {
					t.Fatalf("%d of %d bytes: %v %+v", n, len(packet), kind, o)
				}
				check(t, p, &o)
			}
		}
	}
	// an address that begins like an IP packet does not make an Ethernet frame one
	frame := join([]byte{0x45, 0, 0, 60, 1, 2}, hostMAC[:], u16(0x0800), ip4(17, udp(4242, 443, text(18))))
	if o, kind, ok, _ := decode(t, &capture.Packet{Link: 1, Data: frame}); !ok || o.SrcMAC != hostMAC || o.DstPort != 443 {
		t.Errorf("%v %+v", kind, o)
	}
}

func TestNotes(t *testing.T) {
	for _, test := range []struct {
		notes []string
		pid   uint32
		want  *Attribution
	}{
		{[]string{"u-10123"}, 0, &Attribution{By: "pcapdroid", UID: 10123, GID: -1}},
		{[]string{"step two", "u-0"}, 9, &Attribution{By: "pcapdroid", UID: 0, GID: -1}},
		{[]string{"u--1"}, 0, &Attribution{By: "pcapdroid", UID: -1, GID: -1}},
		{[]string{"u-99999999999"}, 0, nil},
		{[]string{"u-", "u-1x", "u--7", "hello"}, 0, nil},
		{nil, 501, &Attribution{By: "pcapng", UID: -1, GID: -1, PID: 501}},
		{[]string{"PID: 501, ProcName: nsurlsessiond, EPID: 777, EProcName: Practice, SVC: 0"}, 0, &Attribution{By: "pcapng", UID: -1, GID: -1, PID: 501, Process: "nsurlsessiond", EPID: 777, EName: "Practice"}},
		{[]string{"PID: 501, ProcName: a, b, EPID: -1, EProcName: , SVC: 9"}, 0, &Attribution{By: "pcapng", UID: -1, GID: -1, PID: 501, Process: "a, b"}},
		{[]string{"PID: -1, ProcName: , EPID: -1, EProcName: , SVC: 9"}, 0, nil},
		{[]string{"PID: 501"}, 0, nil},
		{[]string{"PID: 1, ProcName: " + strings.Repeat("x", 600) + ", EPID: 2, EProcName: y, SVC: 0"}, 0, nil},
	} {
		p := &capture.Packet{Link: 101, Data: inside4(), Notes: test.notes, Process: capture.Process{PID: test.pid}}
		o, _, _, _ := decode(t, p)
		if diff := cmp.Diff(test.want, o.Attribution); diff != "" {
			t.Errorf("%q: %s", test.notes, diff)
		}
	}
}

func TestAttributionOfHeaders(t *testing.T) {
	for _, test := range []struct {
		link capture.LinkType
		data []byte
		want Attribution
	}{
		{239, nflogFrame(binary.LittleEndian, 2, 3, inside4()), Attribution{By: "nflog", UID: 10123, GID: 10124}},
		{239, nflogFrame(binary.BigEndian, 2, 3, inside4()), Attribution{By: "nflog", UID: 10123, GID: 10124}},
		{258, pktapFrame(12, 1, inside4()), Attribution{By: "pktap", UID: -1, GID: -1, PID: 501, Process: "nsurlsessiond", EPID: 777, EName: "Practice"}},
	} {
		o, kind, _, _ := decode(t, &capture.Packet{Link: test.link, Data: test.data})
		if o.Attribution == nil || *o.Attribution != test.want {
			t.Errorf("%v %+v, want %+v", kind, o.Attribution, test.want)
		}
	}
}

// TestAttributionsAreBounded has more attributions than the table keeps.
func TestAttributionsAreBounded(t *testing.T) {
	d := NewDecoder(nil)
	for i := range 2 * MaxAttributions {
		for _, p := range []*capture.Packet{
			{Link: 1, Data: trailed(inside4(), int32(i), "x")},
			{Link: 101, Data: inside4(), Notes: []string{fmt.Sprint("u-", i)}},
		} {
			var o Packet
			if _, ok := d.Decode(p, &o); !ok || o.Attribution.UID != int32(i) {
				t.Fatalf("%+v", o)
			}
		}
	}
	if len(d.owner.byKey) != MaxAttributions || len(d.owner.byNote) != MaxAttributions {
		t.Errorf("%d and %d are kept", len(d.owner.byKey), len(d.owner.byNote))
	}
}

// TestPCAPdroid reads the captures that PCAPdroid's own writer made: every packet has the uid of the truth, and every flow its packets.
func TestPCAPdroid(t *testing.T) {
	for _, name := range []string{"shared-droid.pcap", "shared-droid.pcapng"} {
		var truth struct {
			Packets           int
			PacketsWithoutUID int                             `json:"packets_without_uid"`
			UIDs              map[string]struct{ App string } `json:"uid_map"`
			Flows             []struct {
				Proto   string
				A       string `json:"a_ip"`
				APort   uint16 `json:"a_port"`
				B       string `json:"b_ip"`
				BPort   uint16 `json:"b_port"`
				UIDs    map[string]int
				Packets int
			}
		}
		text, err := os.ReadFile(corpus.Shared(t, "captures", "droid", name+".truth.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &truth); err != nil {
			t.Fatal(err)
		}
		end := func(addr string, port uint16) string { return fmt.Sprint(addr, " ", port) }
		key := func(proto, a, b string) string { return proto + " " + min(a, b) + " " + max(a, b) }
		want, got := map[string]int{}, map[string]int{}
		for _, f := range truth.Flows {
			for uid, n := range f.UIDs {
				want[key(f.Proto, end(f.A, f.APort), end(f.B, f.BPort))+" uid "+uid] += n
			}
		}
		c := corpus.Capture{Name: name, Path: corpus.Shared(t, "captures", "droid", name)}
		packets, without := 0, 0
		eachPacket(t, c, func(d *Decoder, p *capture.Packet) {
			packets++
			var o Packet
			kind, ok := d.Decode(p, &o)
			if !ok || o.Attribution == nil {
				without++
				t.Errorf("%s: record %d: %v", name, p.Number, kind)
				return
			}
			if app := truth.UIDs[fmt.Sprint(o.Attribution.UID)].App; o.Attribution.By != "pcapdroid" || !strings.HasPrefix(app, o.Attribution.Label) {
				t.Errorf("%s: record %d: %+v, want %q", name, p.Number, o.Attribution, app)
			}
			if o.Proto != audit.TCP && o.Proto != audit.UDP {
				return // the truth lists none
			}
			got[key(o.Proto.String(), end(o.Src.String(), o.SrcPort), end(o.Dst.String(), o.DstPort))+fmt.Sprint(" uid ", o.Attribution.UID)]++
		}, func(*capture.Packet, *Packet) {})
		t.Logf("%s: %d packets, %d without uid, %d flows", name, packets, without, len(got))
		if packets != truth.Packets-truth.PacketsWithoutUID || without != 0 { // the truth counts uid map blocks as packets
			t.Errorf("%s: %d packets, %d without uid; want %d and none", name, packets, without, truth.Packets-truth.PacketsWithoutUID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
