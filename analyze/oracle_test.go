package analyze

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/dissect"
	"abroad/capture/corpus"
)

// The oracle test reads every real capture that is at hand and compares the names found with what independent tools found in the same
// file (tshark, nDPI, Zeek, Arkime, PCAPdroid). Recall is scored on names that two of them share; precision against all their names.

// truth is an oracle's file; the collection's README describes it.
type truth struct {
	Flows []struct {
		Proto string                         `json:"proto"`
		AIP   netip.Addr                     `json:"a_ip"`
		APort uint16                         `json:"a_port"`
		BIP   netip.Addr                     `json:"b_ip"`
		BPort uint16                         `json:"b_port"`
		Names map[string]map[string][]string `json:"names"`
	} `json:"flows"`
	Answers []struct {
		Name    string `json:"qname"`
		Address string `json:"addr"`
	} `json:"dns_answers"`
}

// pair is an unordered 5-tuple.
type pair struct {
	proto audit.Proto
	a, b  netip.AddrPort
}

func pairOf(proto audit.Proto, a, b netip.AddrPort) pair {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return pair{proto, a, b}
}

// compared is a name as names are compared: lower case, without port and final dot.
func compared(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	name = strings.TrimSuffix(hostName(name), ".")
	return strings.Trim(name, "[]")
}

// score counts names of one kind.
type score struct{ found, wanted, contradicted int }

// misses are names that two oracles share and we do not find, each with the reason; a miss without a reason fails the test.
var misses = map[string]string{
	"arkime/tests/pcap/dns-update.pcap: dns answer xxxxxxxxx.com 10.0.0.1":                                          zoneUpdate,
	"zeek/testing/btest/Traces/dns/dynamic-update.pcap: dns answer stratolab.org 192.168.1.105":                     zoneUpdate,
	"zeek/testing/btest/Traces/dns/dynamic-update.pcap: dns answer stratolab.org 192.168.1.106":                     zoneUpdate,
	"zeek/testing/btest/Traces/http/methods.pcap: http over tcp 128.2.6.136:46578-173.194.75.103:80 www.google.com": "nothing stands between target and version of the request line",
}

const zoneUpdate = "a record of a DNS UPDATE (RFC 2136) is a request to change a zone, not an answer that somebody got"

// TestMain lets a dissector's panic fail the tests instead of becoming an anomaly.
func TestMain(m *testing.M) {
	dissect.Rethrow = true
	os.Exit(m.Run())
}

func TestOracles(t *testing.T) {
	if testing.Short() {
		t.Skip("reads every capture")
	}
	scores := map[string]*score{}
	of := func(kind string) *score {
		if scores[kind] == nil {
			scores[kind] = &score{}
		}
		return scores[kind]
	}
	var missed, wrong []string
	for _, c := range corpus.All(t) {
		a := auditOf(t, c)
		if a == nil || c.Truth == "" {
			continue
		}
		raw, err := os.ReadFile(c.Truth)
		if err != nil {
			t.Fatal(err)
		}
		var want truth
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatalf("%s: %v", c.Truth, err)
		}
		got, answers := namesIn(a)
		for _, f := range want.Flows {
			proto := audit.TCP
			if f.Proto == "udp" {
				proto = audit.UDP
			}
			key := pairOf(proto, netip.AddrPortFrom(f.AIP, f.APort), netip.AddrPortFrom(f.BIP, f.BPort))
			for kind, names := range f.Names {
				if kind == "other" {
					continue
				}
				label := kind + " over " + f.Proto
				for name, oracles := range names {
					if len(slices.Compact(slices.Sorted(slices.Values(oracles)))) < 2 || compared(name) == "" {
						continue
					}
					of(label).wanted++
					if hasName(got[key][kind], compared(name)) {
						of(label).found++
						continue
					}
					miss := fmt.Sprintf("%s: %s %s-%s %s", c.Name, label, key.a, key.b, name)
					if reason := misses[miss]; reason != "" {
						t.Logf("missed, %s: %s", reason, miss)
					} else {
						missed = append(missed, miss)
					}
				}
				if kind == "sni" || kind == "http" {
					for _, name := range got[key][kind] {
						if !known(names, name) {
							of(label).contradicted++
							wrong = append(wrong, fmt.Sprintf("%s: %s %s-%s %q", c.Name, label, key.a, key.b, name))
						}
					}
				}
			}
		}
		for _, w := range want.Answers {
			of("dns answers").wanted++
			if answers[compared(w.Name)+" "+w.Address] {
				of("dns answers").found++
			} else {
				miss := fmt.Sprintf("%s: dns answer %s %s", c.Name, w.Name, w.Address)
				if reason := misses[miss]; reason != "" {
					t.Logf("missed, %s: %s", reason, miss)
				} else {
					missed = append(missed, miss)
				}
			}
		}
	}
	for _, kind := range slices.Sorted(keys(scores)) {
		s := scores[kind]
		t.Logf("%-14s recall %d of %d (%.2f %%), contradicted %d", kind, s.found, s.wanted, 100*float64(s.found)/float64(max(s.wanted, 1)), s.contradicted)
		if s.wanted > 0 && float64(s.found) < 0.995*float64(s.wanted) {
			t.Errorf("%s: recall is below 99.5 %%", kind)
		}
	}
	slices.Sort(missed)
	for _, m := range missed {
		t.Errorf("missed: %s", m)
	}
	slices.Sort(wrong)
	for _, w := range wrong {
		t.Errorf("no oracle knows: %s", w)
	}
}

func keys[K cmp.Ordered, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// hasName reports whether name is among names; nDPI keeps the last 79 characters only.
func hasName(names []string, name string) bool {
	for _, n := range names {
		if n == name || len(name) == 79 && strings.HasSuffix(n, name) {
			return true
		}
	}
	return false
}

func known(names map[string][]string, ours string) bool {
	for name := range names {
		if c := compared(name); c == ours || len(c) == 79 && strings.HasSuffix(ours, c) {
			return true
		}
	}
	return false
}

// auditOf runs the whole analysis on one capture; nil if it holds no packets.
func auditOf(t *testing.T, c corpus.Capture) *audit.Audit {
	t.Helper()
	a, err := Run(t.Context(), []Input{fileInput(c.Path)}, Config{Version: "test", Library: testLibrary(t)})
	if err != nil {
		t.Errorf("%s: %v", c.Name, err)
		return nil
	}
	if err := audit.Check(a); err != nil {
		t.Errorf("%s: %v", c.Name, err)
	}
	for _, x := range a.Anomalies {
		if x.Code == "dissector-panic" {
			t.Errorf("%s: %s", c.Name, x.Detail)
		}
	}
	return a
}

// namesIn lists what the audit found: names by flow and kind, and (name, address) pairs of answers.
func namesIn(a *audit.Audit) (map[pair]map[string][]string, map[string]bool) {
	names := map[pair]map[string][]string{}
	add := func(f *audit.Flow, kind, name string) {
		key := pairOf(f.Proto, f.A, f.B)
		if names[key] == nil {
			names[key] = map[string][]string{}
		}
		if name = compared(name); name != "" && !slices.Contains(names[key][kind], name) {
			names[key][kind] = append(names[key][kind], name)
		}
	}
	for i := range a.Observations {
		o := &a.Observations[i]
		f := a.Flows[o.Flow.N-1]
		switch o.Kind {
		case audit.SeenSNI:
			add(f, "sni", o.Value)
		case audit.SeenHost:
			add(f, "http", o.Value)
		case audit.SeenQuery:
			name, _, _ := strings.Cut(o.Value, " ")
			if o.By == "dns" {
				add(f, "dns", name)
			} else {
				add(f, "mdns", name)
			}
		}
	}
	pairs := map[string]bool{}
	for i := range a.Answers {
		v := &a.Answers[i]
		kind := "dns"
		if v.By != "dns" {
			kind = "mdns"
		}
		add(a.Flows[v.Flow.N-1], kind, v.Question)
		add(a.Flows[v.Flow.N-1], kind, v.Name)
		pairs[compared(v.Question)+" "+v.Value] = true
	}
	return names, pairs
}
