package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abroad/analyze/audit"

	"github.com/miekg/dns"
)

// visit is a recording of one visit: the device asks for api.app.net, is told 46.4.0.3, and sends it a datagram.
func visit(t *testing.T) []byte {
	t.Helper()
	device, resolver, host := netip.MustParseAddr("192.168.1.2"), netip.MustParseAddr("192.168.1.1"), netip.MustParseAddr("46.4.0.3")
	question := new(dns.Msg)
	question.SetQuestion("api.app.net.", dns.TypeA)
	answer := new(dns.Msg)
	answer.SetReply(question)
	answer.Answer = append(answer.Answer, record(t, "api.app.net. 60 IN A 46.4.0.3"))
	pack := func(m *dns.Msg) []byte {
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const raw = 101 // LINKTYPE_RAW
	file := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	file = append(file, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, raw, 0, 0, 0)
	for i, p := range [][]byte{
		datagram(device, resolver, 40000, 53, pack(question)),
		datagram(resolver, device, 53, 40000, pack(answer)),
		datagram(device, host, 40001, 9999, []byte("hello")),
	} {
		file = binary.LittleEndian.AppendUint32(file, uint32(1778050000+i))
		file = binary.LittleEndian.AppendUint32(file, 0)
		file = binary.LittleEndian.AppendUint32(file, uint32(len(p)))
		file = append(binary.LittleEndian.AppendUint32(file, uint32(len(p))), p...)
	}
	return file
}

func record(t *testing.T, text string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return rr
}

// datagram makes an IPv4 packet without checksums.
func datagram(from, to netip.Addr, sport, dport uint16, payload []byte) []byte {
	b := []byte{0x45, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(28+len(payload)))
	b = append(b, 0, 0, 0, 0, 64, 17, 0, 0)
	b = append(append(b, from.AsSlice()...), to.AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, sport)
	b = binary.BigEndian.AppendUint16(b, dport)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	return append(append(b, 0, 0), payload...)
}

// nameserver answers on loopback over UDP.
func nameserver(t *testing.T, zone map[string]string) string {
	t.Helper()
	p, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	s := &dns.Server{PacketConn: p, NotifyStartedFunc: func() { close(ready) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) {
		r := new(dns.Msg)
		r.SetReply(m)
		if text, ok := zone[m.Question[0].Name+" "+dns.TypeToString[m.Question[0].Qtype]]; ok {
			r.Answer = append(r.Answer, record(t, text))
		}
		w.WriteMsg(r)
	})}
	go s.ActivateAndServe()
	<-ready
	t.Cleanup(func() { s.Shutdown() })
	return p.LocalAddr().String()
}

// From a recording over a resolver on loopback into a dataset directory, and into an audit, where it stays weak.
func TestResolve(t *testing.T) {
	t.Setenv("ABROAD_DATA", "none")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("visit.pcap"), visit(t), 0o600); err != nil {
		t.Fatal(err)
	}
	server := nameserver(t, map[string]string{
		"3.0.4.46.in-addr.arpa. PTR":           "3.0.4.46.in-addr.arpa. 60 IN PTR x.eu-west-1.compute.amazonaws.com.",
		"x.eu-west-1.compute.amazonaws.com. A": "x.eu-west-1.compute.amazonaws.com. 60 IN A 46.4.0.3",
		"api.app.net. A":                       "api.app.net. 60 IN A 46.4.0.99",
	})
	command := func(code int, args ...string) (stdout, stderr string) {
		t.Helper()
		var out, err bytes.Buffer
		if got := run(args, strings.NewReader(""), &out, &err); got != code {
			t.Fatalf("abroad %s exits %d, want %d:\n%s", strings.Join(args, " "), got, code, err.String())
		}
		return out.String(), err.String()
	}
	if list, _ := command(0, "resolve", "--list", at("visit.pcap")); list != "46.4.0.3 PTR\napi.app.net A\napi.app.net AAAA\napi.app.net HTTPS\n" {
		t.Errorf("questions:\n%s", list)
	}
	command(0, "audit", "--quiet", "-o", at("before"), at("visit.pcap"))
	if _, said := command(0, "resolve", "--server", server, "-o", at("resolved.csv"), at("before")); !strings.Contains(said, server+" answered 5 of 5 questions") {
		t.Errorf("stderr: %s", said)
	}
	if info, err := os.Stat(at("resolved.csv")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, said := command(1, "resolve", "--server", server, "-o", at("resolved.csv"), at("before")); !strings.Contains(said, "it is there") {
		t.Errorf("stderr: %s", said)
	}
	if out, _ := command(0, "data", "import", "--data", at("data"), at("resolved.csv")); !strings.Contains(out, "resolved of abroad resolve, as of 20") {
		t.Errorf("stdout: %s", out)
	}
	command(0, "data", "verify", "--data", at("data"))
	command(0, "audit", "--quiet", "--data", at("data"), "-o", at("after"), at("visit.pcap"))
	before, after := readAudit(t, at("before")), readAudit(t, at("after"))
	flow := after.Flows[len(after.Flows)-1]
	if len(flow.Names) != 2 || flow.Names[0].Name != "api.app.net" || flow.Names[0].How != audit.ByDNS ||
		flow.Names[1].Name != "x.eu-west-1.compute.amazonaws.com" || flow.Names[1].How != audit.ByPTR {
		t.Errorf("names %+v", flow.Names)
	}
	if len(before.Answers) != len(after.Answers) || len(before.Flows) != len(after.Flows) {
		t.Error("what was seen changed")
	}
	said := 0
	for _, c := range after.Claims {
		if c.Kind == audit.ClaimResolved && c.Address == netip.MustParseAddr("46.4.0.3") {
			said++
		}
	}
	if said != 2 {
		t.Errorf("%d resolved claims about the host", said)
	}
	if report, _ := command(0, "report", "-f", "html", at("after")); !strings.Contains(report, "x.eu-west-1.compute.amazonaws.com") {
		t.Error("the report does not show the name")
	}
	command(0, "resolve", "--server", server, "-o", "-", at("visit.pcap"))
}

func TestResolveUsage(t *testing.T) {
	dir := t.TempDir()
	recording := filepath.Join(dir, "visit.pcap")
	if err := os.WriteFile(recording, visit(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"no resolver given":                {recording},
		"want an address like":             {"--server", "dns.example", "-o", "-", recording},
		"is named twice":                   {"--server", "192.0.2.1,192.0.2.1:53", "-o", "-", recording},
		"no file to write given":           {"--server", "192.0.2.1", recording},
		"want a prefix like":               {"--server", "192.0.2.1", "--ecs", "203.0.113.1/24", "-o", "-", recording},
		"would name a household":           {"--server", "192.0.2.1", "--ecs", "203.0.113.1/32", "-o", "-", recording},
		"want 1 to 1000":                   {"--server", "192.0.2.1", "--rate", "0", "-o", "-", recording},
		"none of the others can be":        {"--server", "192.0.2.1", "--dot", "--doh", "-o", "-", recording},
		"neither a recording nor an audit": {"--server", "192.0.2.1", "-o", "-", "resolve_test.go"},
		"no name or address that a public": {"--server", "192.0.2.1", "-o", "-", filepath.Join(practice(t), "v2", "s01.pcapng")},
		"no such file":                     {"--server", "192.0.2.1", "-o", "-", filepath.Join(dir, "gone")},
	} {
		var out, err bytes.Buffer
		if code := run(append([]string{"resolve"}, args...), strings.NewReader(""), &out, &err); code == 0 || !strings.Contains(err.String(), want) {
			t.Errorf("%q: exits %d, %s", args, code, err.String())
		}
	}
}

func readAudit(t *testing.T, dir string) *audit.Audit {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, auditFile))
	if err != nil {
		t.Fatal(err)
	}
	a := new(audit.Audit)
	if err := json.Unmarshal(b, a); err != nil {
		t.Fatal(err)
	}
	return a
}
