package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tshark returns the values of fields in the packets of a recording that a filter selects, one list a packet. Wireshark is the second
// opinion: it shares no code with the generator.
func tshark(t *testing.T, name, filter string, fields ...string) (rows [][]string) {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("ABROAD_STRICT") != "" {
			t.Fatal("tshark is missing, and ABROAD_STRICT is set")
		}
		t.Skip("tshark is missing")
	}
	args := []string{"-r", filepath.Join(root, recordingsDir, filepath.FromSlash(name)), "-o", "tcp.reassemble_out_of_order:TRUE", "-d", "udp.port==853,quic",
		"-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-Y", filter, "-T", "fields"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command(path, args...).Output()
	if err != nil {
		t.Fatalf("tshark %s: %v", name, err)
	}
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimRight(line, "\n"), "\t"))
	}
	return rows
}

// set returns the distinct values of one field.
func set(t *testing.T, name, filter, field string) []string {
	t.Helper()
	values := map[string]bool{}
	for _, r := range tshark(t, name, filter, field) {
		for v := range strings.SplitSeq(r[0], ",") {
			values[v] = true
		}
	}
	return slices.Sorted(maps.Keys(values))
}

func names() (list []string) {
	list = []string{"baseline/idle.pcapng", "copies/gateway.pcapng", "copies/pcapdroid.pcap", "copies/pcapdroid.pcapng", "copies/pktap.pcapng"}
	for _, p := range plans() {
		list = append(list, recordingName(p))
	}
	return list
}

func recordingName(p plan) string { return fmt.Sprintf("v%d/s%02d.pcapng", p.version+1, p.n+1) }

func TestNothingIsMalformed(t *testing.T) {
	for _, name := range names() {
		bad := "_ws.malformed || ip.checksum.status == \"Bad\" || tcp.checksum.status == \"Bad\" || udp.checksum.status == \"Bad\" || icmpv6.checksum.status == \"Bad\""
		if name == recordingName(plan{version: 1, n: truncatedSession}) {
			bad = "(" + bad + ") && frame.cap_len == frame.len"
		}
		for _, r := range tshark(t, name, bad, "frame.number", "_ws.col.Info") {
			t.Errorf("%s: packet %s: %s", name, r[0], r[1])
		}
	}
}

// Names on the wire are those that the table says, in every session.
func TestNamesOfEverySession(t *testing.T) {
	for _, p := range plans() {
		name := recordingName(p)
		var sni, asked, hosts []string
		secure := ""
		for _, s := range services {
			if s.used(p.version, p.n) && (s.speak == dot || s.speak == doh || s.speak == doq) {
				secure = s.host
			}
		}
		for _, s := range services {
			if !s.used(p.version, p.n) {
				continue
			}
			if s.key == "self" {
				hosts = append(hosts, "127.0.0.1:8088")
			}
			if s.host == "" {
				continue
			}
			switch s.speak {
			case http1, http2, http3, tls12, doh, push, mailTLS, dot, doq:
				sni = append(sni, s.host)
			case echTLS:
				sni = append(sni, coverName)
			case plainHTTP:
				hosts = append(hosts, s.host)
			case caster:
				hosts = append(hosts, "192.168.50.40:8088")
			}
			if s.speak != caster && !s.pinned[p.version] && (secure == "" || s.host == secure) {
				asked = append(asked, s.host)
			}
		}
		sni = append(sni, cdnNames(p.version, p.n)...)
		if secure == "" {
			asked = append(asked, cdnNames(p.version, p.n)...)
		}
		if p.n == bigAnswerSession {
			asked = append(asked, bigName)
		}
		got := map[string]map[string]bool{"server names": {}, "questions": {}, "hosts": {}, "steps": {}}
		note := func(what, value string) {
			if value != "" {
				got[what][value] = true
			}
		}
		for _, r := range tshark(t, name, "tls.handshake.extensions_server_name || dns.flags.response == 0 || http.host || frame.comment",
			"tls.handshake.extensions_server_name", "dns.qry.name", "http.host", "frame.comment", "tcp.dstport", "udp.dstport") {
			note("server names", r[0])
			if r[4] == "53" || r[5] == "53" {
				note("questions", r[1])
			}
			if r[4] != "443" { // not what a key log opens
				note("hosts", r[2])
			}
			note("steps", r[3])
		}
		if p != (plan{1, truncatedSession, p.start}) { // there the ClientHellos are cut
			compare(t, name, "server names", slices.Sorted(maps.Keys(got["server names"])), sni)
		}
		compare(t, name, "questions", slices.Sorted(maps.Keys(got["questions"])), asked)
		compare(t, name, "hosts", slices.Sorted(maps.Keys(got["hosts"])), hosts)
		var steps []string
		for _, st := range script {
			if slices.ContainsFunc(st.visits, func(v visit) bool {
				if strings.HasPrefix(v.service, cdn) {
					return true
				}
				s := serviceNamed(v.service)
				return s.used(p.version, p.n)
			}) {
				steps = append(steps, "step: "+st.words)
			}
		}
		compare(t, name, "steps", slices.Sorted(maps.Keys(got["steps"])), steps)
	}
}

func compare(t *testing.T, name, what string, got, want []string) {
	t.Helper()
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(got, want) {
		t.Errorf("%s: %s:\n got %q\nwant %q", name, what, got, want)
	}
}

// Each thing that the README promises is there.
func TestWhatIsShown(t *testing.T) {
	for _, tt := range []struct {
		what, name, filter string
		field              string
		want               string // one of the values; empty: any packet will do
	}{
		{"QUIC server name", "v2/s01.pcapng", "quic && tls.handshake.extensions_server_name", "tls.handshake.extensions_server_name", "feed.practice.example"},
		{"QUIC version 2", "v2/s10.pcapng", "quic.version == 0x6b3343cf", "ip.dst", "198.18.11.40"},
		{"QUIC Retry", "v2/s01.pcapng", "quic.long.packet_type == 3", "ip.src", "198.18.74.10"},
		{"ECH", "v2/s03.pcapng", "tls.handshake.extension.type == 65037", "tls.handshake.extensions_server_name", coverName},
		{"HTTPS record", "v2/s03.pcapng", "dns.qry.type == 65", "dns.qry.name", "private.veil.example"},
		{"CNAME chain", "v2/s03.pcapng", "dns.cname", "dns.cname", "tally.pr-east-1.prairie.example"},
		{"certificate without a server name", "v2/s03.pcapng", "x509ce.dNSName", "x509ce.dNSName", gatewayName + ",*.hearth.example"},
		{"uid", "v2/s03.pcapng", "ip.dst == 198.18.30.30", "nflog.uid", "10234"},
		{"resolver's uid", "v2/s03.pcapng", "dns", "nflog.uid", "1051"},
		{"cleartext HTTP/2", "v2/s03.pcapng", "tcp.dstport == 8080 && http2", "http2.headers.authority", "relay.parley.example:8080"},
		{"mDNS", "v2/s02.pcapng", "mdns && dns.a", "dns.a", "192.168.50.40"},
		{"broadcast", "v2/s02.pcapng", "ip.dst == 255.255.255.255", "", ""},
		{"STARTTLS", "v2/s02.pcapng", "smtp.req.command == \"STAR\"", "", ""},
		{"STUN", "v2/s02.pcapng", "stun.att.ipv4", "stun.att.ipv4", "198.18.60.7"},
		{"TURN relay", "v2/s02.pcapng", "stun.att.type == 0x0016", "stun.att.ipv4", "198.18.81.11,198.18.60.7"},
		{"NTP", "v2/s02.pcapng", "ntp", "ip.dst", "198.18.60.123"},
		{"HTTP opened by the key log", "v2/s02.pcapng", "http.request.method == PUT", "http.host", "upload.practice.example"},
		{"IPv6", "v2/s02.pcapng", "ipv6.dst == 2001:2:0:1000::10", "", ""},
		{"NAT64", "v2/s07.pcapng", "ipv6.dst == 64:ff9b::c612:153c && tls.handshake.extensions_server_name", "tls.handshake.extensions_server_name", "chat.practice.example"},
		{"DNS over TLS", "v2/s04.pcapng", "tcp.port == 853 && tls", "", ""},
		{"DNS over HTTPS", "v2/s08.pcapng", "ip.dst == 198.18.53.54 && tls", "", ""},
		{"DNS over QUIC", "v2/s06.pcapng", "udp.port == 853 && quic", "", ""},
		{"DNS over TCP", "v2/s01.pcapng", "tcp.srcport == 53 && dns", "dns.qry.name", bigName},
		{"link-local resolver", "v2/s09.pcapng", "dns && ipv6.dst == " + gatewayLink, "", ""},
		{"CGNAT", "v2/s03.pcapng", "ip.dst == 100.64.0.1", "", ""},
		{"unanswered", "v2/s03.pcapng", "ip.dst == 192.0.2.80 && tcp.flags.syn == 1", "", ""},
		{"RST", "v1/s03.pcapng", "tcp.flags.reset == 1", "ip.dst", "198.18.71.10"},
		{"repeated SYN", "v1/s06.pcapng", "tcp.analysis.retransmission && tcp.flags.syn == 1", "ip.dst", "198.18.70.10"},
		{"repeated ClientHello", "v2/s04.pcapng", "tcp.analysis.retransmission && ip.dst == 198.18.20.10 || tcp.analysis.out_of_order && ip.dst == 198.18.20.10", "", ""},
		{"cut packets", "v2/s06.pcapng", "frame.cap_len < frame.len", "", ""},
		{"plaintext to a third party", "v2/s02.pcapng", "http.host == \"pixel.adrift.example\"", "", ""},
		{"push", "baseline/idle.pcapng", "tcp.dstport == 5228 && tls.handshake.extensions_server_name", "nflog.uid", fmt.Sprint(uidPush)},
		{"SSDP", "baseline/idle.pcapng", "ssdp", "", ""},
		{"ARP", "copies/gateway.pcapng", "arp", "", ""},
		{"LLDP", "copies/gateway.pcapng", "lldp", "", ""},
		{"ICMP", "copies/gateway.pcapng", "icmp", "", ""},
		{"neighbour discovery", "copies/gateway.pcapng", "icmpv6.type == 135", "", ""},
		{"second device", "copies/gateway.pcapng", "ip.src == " + laptopAddr, "eth.src", "02:1a:70:50:00:31"},
		{"fragments", "copies/gateway.pcapng", "ip.flags.mf == 1", "ip.dst", laptopAddr},
		{"reassembled answer", "copies/gateway.pcapng", "dns.txt && ip.dst == " + laptopAddr, "dns.qry.name", bigName},
		{"PCAPdroid trailer", "copies/pcapdroid.pcap", "frame contains 01:07:20:21:00:00:27:fa:50:72:61:63:74:69:63:65:00", "", ""},
		{"PCAPdroid comment", "copies/pcapdroid.pcapng", "frame.comment contains \"u-10234\"", "", ""},
		{"PCAPdroid without owner", "copies/pcapdroid.pcap", "ip.addr == 198.18.75.10 && frame contains 01:07:20:21:ff:ff:ff:ff:00", "", ""},
		{"DHCP from nowhere", "copies/gateway.pcapng", "dhcp && ip.src == 0.0.0.0", "", ""},
		{"reserved address", "v2/s04.pcapng", "ip.dst == 240.10.20.30", "", ""},
		{"loopback", "v2/s02.pcapng", "ip.dst == 127.0.0.1 && http", "nflog.uid", "10234"},
		{"packet tap", "copies/pktap.pcapng", "pktap && ip.dst == 198.18.30.30", "pktap.cmdname", "Practice"},
	} {
		if tt.field == "" {
			tt.field = "frame.number"
		}
		rows := tshark(t, tt.name, tt.filter, tt.field)
		if !slices.ContainsFunc(rows, func(r []string) bool { return tt.want == "" || r[0] == tt.want }) {
			t.Errorf("%s: %s: got %q, want %q", tt.name, tt.what, rows, tt.want)
		}
	}
}

// The idle device talks to its vendor only; none of it belongs to the app.
func TestBaselineHasNothingOfTheApp(t *testing.T) {
	compare(t, "baseline", "users", set(t, "baseline/idle.pcapng", "nflog.uid", "nflog.uid"), []string{"1000", "10098", "1051"})
	compare(t, "baseline", "server names", set(t, "baseline/idle.pcapng", "tls.handshake.extensions_server_name", "tls.handshake.extensions_server_name"),
		[]string{"lhr2.push.pigeon.example", "update.os.example"})
}

// The least TLS round trip to the host in Reykjavik must confine it to Iceland; the repeated ClientHello must look shorter than it is.
func TestRoundTripsOnTheWire(t *testing.T) {
	least := 1e9
	for _, p := range plans()[:6] {
		var hello float64
		for _, r := range tshark(t, recordingName(p), "ip.addr == 198.18.12.20 && tcp.len > 0", "frame.time_relative", "ip.dst") {
			var at float64
			fmt.Sscan(r[0], &at)
			if r[1] == "198.18.12.20" {
				hello = at
			} else if hello > 0 {
				least = min(least, (at-hello)*1000)
				break
			}
		}
	}
	if least < 1.3 || least*vacuumKM > 560 {
		t.Errorf("least round trip %.3f ms: reach %.0f km", least, least*vacuumKM)
	}
	rows := tshark(t, "v2/s04.pcapng", "ip.addr == 198.18.20.10 && tcp.len > 0", "frame.time_relative", "ip.dst")
	var sent, got float64
	for _, r := range rows {
		if r[1] != "198.18.20.10" {
			fmt.Sscan(r[0], &got)
			break
		}
		fmt.Sscan(r[0], &sent)
	}
	if d := (got - sent) * 1000; d > 4 || d < 1 {
		t.Errorf("answer %.3f ms after the repeated ClientHello, want about 3", d)
	}
}
