package analyze

import (
	"fmt"
	"net/netip"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

// bound makes a recording of one flow per (start, server), binds names by the answers, and returns the flows' names.
func bound(t *testing.T, device string, flows []audit.Flow, answers []audit.Answer, observations []audit.Observation) []string {
	t.Helper()
	b := &builder{audit: &audit.Audit{Answers: answers, Observations: observations}, words: map[string]string{}}
	r := &recording{}
	if device != "" {
		r.device = flow.Device{Addresses: []netip.Addr{netip.MustParseAddr(device)}}
	}
	for i := range flows {
		f := &flow.Flow{Flow: flows[i]}
		f.ID = audit.ID{Kind: audit.KindFlow, N: uint32(i + 1)}
		r.flows = append(r.flows, f)
		b.audit.Flows = append(b.audit.Flows, &f.Flow)
	}
	b.bind(session{recs: []*recording{r}})
	var got []string
	for _, f := range r.flows {
		line := ""
		for _, n := range f.Names {
			line += fmt.Sprintf("%s %s %v %v; ", n.How, n.Name, n.Because, n.Via)
		}
		got = append(got, line)
	}
	return got
}

func to(at capture.Time, client, server string) audit.Flow {
	return audit.Flow{First: at, A: netip.MustParseAddrPort(client), B: netip.MustParseAddrPort(server)}
}

// answered is record number n of a message, in packet packet.
func answered(n, packet uint32, at capture.Time, client, question, kind, name, value string) audit.Answer {
	return audit.Answer{ID: audit.ID{Kind: audit.KindAnswer, N: n}, Flow: audit.ID{Kind: audit.KindFlow, N: 1}, Time: at, Client: netip.MustParseAddr(client),
		Question: question, Type: kind, Name: name, Value: value, By: "dns", Seen: capture.Ref{Recording: 1, Record: packet}}
}

func TestBindAnswers(t *testing.T) {
	answers := []audit.Answer{
		answered(1, 10, 100, "10.0.0.2", "www.a.example", "CNAME", "www.a.example", "edge.b.example"),
		answered(2, 10, 100, "10.0.0.2", "www.a.example", "A", "edge.b.example", "192.0.2.1"),
		answered(3, 20, 200, "10.0.0.2", "c.example", "A", "c.example", "192.0.2.1"),
		answered(4, 30, 300, "10.0.0.3", "other.example", "A", "other.example", "192.0.2.1"),
		answered(5, 40, 50, "2001:db8::2", "six.example", "HTTPS", "six.example", "1 . alpn=h3 ipv4hint=192.0.2.6,192.0.2.7"),
	}
	flows := []audit.Flow{
		to(90, "10.0.0.2:1", "192.0.2.1:443"),  // before anything was answered
		to(150, "10.0.0.2:2", "192.0.2.1:443"), // the first answer, with its chain
		to(250, "10.0.0.2:3", "192.0.2.1:443"), // a later answer gave the same address to another name
		to(350, "10.0.0.2:4", "192.0.2.1:443"), // what another client was told does not count
		to(350, "10.0.0.2:5", "192.0.2.7:443"), // an HTTPS hint, asked for by another address
	}
	want := []string{
		"",
		"dns www.a.example [a1 a2] [www.a.example edge.b.example]; ",
		"dns c.example [a3] []; ",
		"dns c.example [a3] []; ",
		"",
	}
	if got := bound(t, "", flows, answers, nil); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// A device with two addresses is one client.
	b := &builder{audit: &audit.Audit{Answers: answers}, words: map[string]string{}}
	f := &flow.Flow{Flow: flows[4]}
	f.ID = audit.ID{Kind: audit.KindFlow, N: 1}
	r := &recording{flows: []*flow.Flow{f}, device: flow.Device{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("2001:db8::2")}}}
	b.audit.Flows = []*audit.Flow{&f.Flow}
	b.bind(session{recs: []*recording{r}})
	if len(f.Names) != 1 || f.Names[0].Name != "six.example" {
		t.Errorf("names of the device's other address: %+v", f.Names)
	}
}

// TestBindOrder: strongest way first, every way kept; of a certificate only what confirms the name that the flow shows.
func TestBindOrder(t *testing.T) {
	flows := []audit.Flow{to(150, "10.0.0.2:2", "192.0.2.1:443"), to(150, "10.0.0.2:2", "192.0.2.9:443")}
	seen := func(n, flow uint32, kind audit.ObservationKind, value string) audit.Observation {
		return audit.Observation{ID: audit.ID{Kind: audit.KindObservation, N: n}, Flow: audit.ID{Kind: audit.KindFlow, N: flow}, Kind: kind, Value: value}
	}
	got := bound(t, "10.0.0.2", flows, []audit.Answer{answered(1, 10, 100, "10.0.0.2", "dns.example", "A", "dns.example", "192.0.2.1")}, []audit.Observation{
		seen(1, 1, audit.SeenHost, "Host.Example:8080"),
		seen(2, 1, audit.SeenHost, "192.0.2.1"),
		seen(3, 1, audit.SeenSNI, "www.example."),
		seen(4, 1, audit.SeenCertName, "*.example other.example a.www.example"),
		seen(5, 2, audit.SeenCertName, "*.example other.example"),
	})
	want := []string{
		"sni www.example [o3] []; http host.example [o1] []; dns dns.example [a1] []; cert *.example [o4] []; ",
		"cert *.example [o5] []; cert other.example [o5] []; ",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, c := range []struct {
		name, host string
		want       bool
	}{{"*.example", "www.example", true}, {"*.example", "example", false}, {"*.example", "a.b.example", false}, {"a.example", "a.example", true}, {"a.example", "b.example", false}} {
		if covers(c.name, c.host) != c.want {
			t.Errorf("%s covers %s: %v", c.name, c.host, !c.want)
		}
	}
}

func TestHostName(t *testing.T) {
	for in, want := range map[string]string{"A.Example": "a.example", "a.example:80": "a.example", "a.example.": "a.example", "[2001:db8::1]:80": "[2001:db8::1]", "2001:db8::1": "2001:db8::1", "": ""} {
		if got := hostName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
