package reports

import (
	stdcsv "encoding/csv"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze/audit"
	"abroad/capture"
)

// The columns are a promise to other programs.
func TestColumnsOfCSV(t *testing.T) {
	want := map[string]string{
		"flows.csv":     "flow,recording,proto,a_ip,a_port,b_ip,b_port,first,last,packets_up,packets_down,bytes_up,bytes_down,app,attribution",
		"names.csv":     "flow,kind,name,record",
		"answers.csv":   "recording,record,time,flow,resolver,question,type,name,value,ttl",
		"endpoints.csv": "address,names,country,candidates,within,grade,role,as,organisation,as_registered,owner,owner_seat,parent,parent_seat,bytes_up,bytes_down,flows,corrected_by,owner_grade,parent_grade",
		"promises.csv": "verdict,promise,clause,outcome,reason,detail,weak,sessions,seen,days,bound,source,published,grade,force,polarity,aspect,places," +
			"quote,our_reading,says,leads,because,would_decide,tests,review",
		"tensions.csv":          "promise,from,to,note",
		"external_findings.csv": "promise,date,by,finding,status,bears_on,source",
		"hosts.csv": "host,name,domain,how,party,organisation,owner,owner_grade,roles,contested,suffix,source,read,endpoints,sessions,flows,bytes_up,bytes_down," +
			"payload_up,attribution",
		"organisations.csv": "organisation,key,name,seat,seat_grade,headquarters,headquarters_grade,parent,parent_seat,parent_grade,verified,contested,note,sources",
		"laws.csv":          "law,level,country,regime,kind,key,instrument,says,condition,from,to,as_of,grade,source,count,claimed,applies",
	}
	for _, f := range asCSV.Files {
		got, _, _ := strings.Cut(string(render(t, f, empty(), Screen{})), "\n")
		if got != want[f.Name] {
			t.Errorf("%s: columns %s, want %s", f.Name, got, want[f.Name])
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func table(t *testing.T, file int, a *audit.Audit) [][]string {
	t.Helper()
	rows, err := stdcsv.NewReader(strings.NewReader(string(render(t, asCSV.Files[file], a, Screen{})))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestNamesCSV: every way to learn a name has rows, by flow, with the packets that show it; times and sorted lists are exact.
func TestNamesCSV(t *testing.T) {
	b := newBuilder()
	r := b.recording(audit.Recording{Name: "x.pcap", Records: 100, First: noon, Last: noon})
	e := b.endpoint("192.0.2.1", audit.Endpoint{Place: audit.Place{Candidates: []string{"US", "IE"}}, Names: []string{"z.example", "a;b.example"}})
	ref := func(n uint32) capture.Ref { return capture.Ref{Recording: 1, Record: n} }
	flow := audit.Flow{Proto: audit.UDP, App: "dns"}
	f1 := b.flow(r, e, flow)
	a1 := b.answer(audit.Answer{Flow: f1.ID, Seen: ref(12)})
	a2 := b.answer(audit.Answer{Flow: f1.ID, Seen: ref(9)})
	a3 := b.answer(audit.Answer{Flow: f1.ID, Seen: ref(12)})
	f2 := b.flow(r, e, audit.Flow{Proto: 89, First: capture.NoTime, Last: capture.NoTime, A: netip.MustParseAddrPort("[2001:db8::1]:1")},
		audit.Name{Name: "sni.example", How: audit.BySNI}, audit.Name{Name: "dns.example", How: audit.ByDNS, Because: []audit.ID{a1, a2, a3}})
	f2.Attribution = &audit.Attribution{Grade: audit.A3, App: "Label", Process: "process"}
	b.observe(audit.Observation{Flow: f2.ID, Kind: audit.SeenQuery, Value: "late.example HTTPS", Seen: []capture.Ref{ref(31)}})
	b.observe(audit.Observation{Flow: f1.ID, Kind: audit.SeenQuery, Value: "with space.example A", Seen: []capture.Ref{ref(30)}})
	b.observe(audit.Observation{Flow: f1.ID, Kind: audit.SeenALPN, Value: "h2", Seen: []capture.Ref{ref(30)}})
	a := b.finish()
	want := [][]string{
		{"f1", "dns-query", "with space.example", "30"},
		{"f2", "sni", "sni.example", "14"},
		{"f2", "dns", "dns.example", "9;12"},
		{"f2", "dns-query", "late.example", "31"},
	}
	if diff := cmp.Diff(want, table(t, 1, a)); diff != "" {
		t.Error(diff)
	}
	flows := table(t, 0, a)
	if diff := cmp.Diff([]string{"f2", "r1", "ip-89", "2001:db8::1", "1", "192.0.2.1", "443", "", "", "0", "0", "0", "0", "Label", "A3"}, flows[1]); diff != "" {
		t.Error(diff)
	}
	if flows[0][7] != "2026-11-03T12:00:01.000000000Z" || flows[0][14] != "A0" {
		t.Errorf("flow f1: %q", flows[0])
	}
	if e := table(t, 3, a)[0]; e[1] != `a\x3bb.example;dns.example;sni.example;z.example` || e[3] != "IE;US" || e[5] != "L0" {
		t.Errorf("endpoint: %q", e)
	}
}
