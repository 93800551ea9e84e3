package locate

import (
	"crypto/sha256"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"
	"abroad/capture"

	"github.com/google/go-cmp/cmp"
	"github.com/oschwald/maxminddb-golang/v2"
)

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func metadata(kind, description string) *maxminddb.Metadata {
	return &maxminddb.Metadata{DatabaseType: kind, Description: map[string]string{"en": description}}
}

func open(t testing.TB, o Options) *Library {
	t.Helper()
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// weigh asks about an address and weighs the answer.
func weigh(l *Library, q Query, within ...string) audit.Place {
	said := l.Ask(q)
	list := append([]audit.Claim{}, said.Claims...)
	for i := range list {
		list[i].ID = audit.ID{Kind: audit.KindClaim, N: uint32(i + 1)}
	}
	return Weigh(said.Class, list, l.Datasets(), within)
}

// The addresses of the study (location.md, section 3): what a database says of them is wrong for most, and none may come out as a place.
func TestWellKnown(t *testing.T) {
	l := open(t, Options{})
	for _, c := range []struct {
		address, country string
		role             audit.Role
		words            string
	}{
		{"1.1.1.1", "", audit.RoleEdge, "anycast of Cloudflare: no single country"},
		{"8.8.8.8", "", audit.RoleEdge, "anycast of Google Public DNS: no single country"},
		{"9.9.9.9", "", audit.RoleEdge, "anycast of Quad9: no single country"},
		{"2001:4860:4860::8888", "", audit.RoleEdge, "anycast of Google Public DNS: no single country"},
		{"104.16.132.229", "", audit.RoleEdge, "anycast of Cloudflare: no single country"},
		{"2606:4700::6810:84e5", "", audit.RoleEdge, "anycast of Cloudflare: no single country"},
		{"151.101.1.140", "", audit.RoleEdge, "edge of Fastly: no single country"},
		{"146.75.118.132", "", audit.RoleEdge, "edge of Fastly: no single country"},
		{"142.250.185.78", "", audit.RoleEdge, "edge of Google front ends: no single country"},
		{"172.217.16.142", "", audit.RoleEdge, "edge of Google front ends: no single country"},
		{"2a00:1450:4001::1", "", audit.RoleEdge, "edge of Google front ends: no single country"},
		{"2404:6800:4004::1", "", audit.RoleEdge, "edge of Google front ends: no single country"},
		{"13.224.189.10", "", audit.RoleEdge, "edge of Amazon CloudFront: no single country"},
		{"99.84.9.10", "", audit.RoleEdge, "edge of Amazon CloudFront: no single country"},
		{"13.248.155.104", "", audit.RoleEdge, "anycast of AWS Global Accelerator: no single country"},
		{"157.240.252.35", "", audit.RoleEdge, "edge of Meta: no single country"},
		{"31.13.84.36", "", audit.RoleEdge, "edge of Meta: no single country"},
		{"23.32.238.10", "", audit.RoleEdge, "edge of Akamai: no single country"},
		{"204.79.197.200", "", audit.RoleEdge, "anycast of Microsoft: no single country"},
		{"13.107.246.45", "", audit.RoleEdge, "anycast of Azure Front Door: no single country"},
		{"2603:1020:206:1::5a1", "", audit.RoleEdge, "anycast of Azure Front Door: no single country"},
		{"2600:9000:5380::1", "", audit.RoleEdge, "edge of Amazon CloudFront: no single country"},
		{"2600:9000:a100::1", "", audit.RoleEdge, "anycast of AWS Global Accelerator: no single country"},
		{"34.120.0.1", "", audit.RoleEdge, "edge of Google Cloud (global): no single country"},
		{"205.251.192.1", "", audit.RoleEdge, "anycast of Amazon Route 53: no single country"},
		{"198.41.0.4", "", audit.RoleEdge, "anycast of A root server: no single country"},
		{"2001:dc3::35", "", audit.RoleEdge, "anycast of M root server: no single country"},
		{"64:ff9b::808:808", "", audit.RoleEdge, "anycast of Google Public DNS: no single country"}, // NAT64

		{"119.28.148.10", "KR", "", "DB-IP says KR"},
		{"8.209.112.10", "DE", "", "DB-IP says DE"},
		{"87.250.251.119", "RU", "", "DB-IP says RU"}, // Yandex
		{"71.18.0.1", "", "", ""},                     // ByteDance: whatever is said, it is one database
	} {
		p := weigh(l, Query{Address: addr(c.address)})
		if p.Grade != audit.L1 {
			t.Errorf("%s: grade %s (%s)", c.address, p.Grade, p.Words)
		}
		if c.words != "" && (p.Country != c.country || p.Role != c.role || p.Words != c.words) {
			t.Errorf("%s: %q %q %q, want %q %q %q", c.address, p.Country, p.Role, p.Words, c.country, c.role, c.words)
		}
	}
}

// A hoster's international network, where databases differ: alone one is L1, with another publisher there are two candidates, and a short
// round trip leaves the one that is possible, still at L1.
func TestDatabasesDiffer(t *testing.T) {
	maxmind := testDB{kind: "GeoLite2-Country", version: 6, epoch: epoch, rows: map[string]any{"119.28.0.0/16": map[string]any{"country": iso("HK")}}}
	l := open(t, Options{MMDB: []string{maxmind.write(t, "m.mmdb")}})
	q := Query{Address: addr("119.28.148.10")}
	if p := weigh(l, q); p.Grade != audit.L1 || p.Country != "" || !cmp.Equal(p.Candidates, []string{"HK", "KR"}) {
		t.Errorf("two databases: %+v", p)
	}
	if p := weigh(l, q, "CN", "HK", "MO", "TW"); p.Grade != audit.L1 || p.Country != "HK" || len(p.Rejected) != 1 {
		t.Errorf("and a round trip: %+v", p)
	}
}

func TestClasses(t *testing.T) {
	l := open(t, Options{Practice: true})
	for _, c := range []struct {
		address    string
		practice   bool
		class      audit.Class
		translated string
		claims     bool
	}{
		{"192.168.1.1", false, audit.ClassPrivate, "", false},
		{"198.18.10.1", false, audit.ClassBenchmark, "", false},
		{"198.18.10.1", true, audit.ClassPractice, "", true},
		{"2001:2:0:1000::1", true, audit.ClassPractice, "", true},
		{"2001:2:0:1000::1", false, audit.ClassBenchmark, "", false},
		{"64:ff9b::198.18.10.1", true, audit.ClassNAT64, "198.18.10.1", true},
		{"64:ff9b::198.18.10.1", false, audit.ClassNAT64, "", false},
		{"64:ff9b::8.8.8.8", false, audit.ClassNAT64, "8.8.8.8", true},
		{"64:ff9b::10.0.0.1", false, audit.ClassNAT64, "", false},
		{"2002:808:808::1", false, audit.ClassPublic, "8.8.8.8", true},
		{"2002:a00:1::1", false, audit.ClassPrivate, "", false},
		{"8.8.8.8", true, audit.ClassPublic, "", true},
		{"::ffff:8.8.8.8", false, audit.ClassPublic, "", true},
	} {
		said := l.Ask(Query{Address: addr(c.address), Practice: c.practice, Names: []string{"a.example"}})
		want := netip.Addr{}
		if c.translated != "" {
			want = addr(c.translated)
		}
		if said.Class != c.class || said.Translated != want || (len(said.Claims) > 0) != c.claims {
			t.Errorf("%s (practice %v): %q %v %d claims", c.address, c.practice, said.Class, said.Translated, len(said.Claims))
		}
		for _, claim := range said.Claims {
			if claim.Address != addr(c.address) || claim.By == "" || claim.Said.Key == "" || !claim.ID.IsZero() {
				t.Errorf("%s: claim %+v", c.address, claim)
			}
			if inside := l.Datasets()[claim.Said.Dataset.N-1].Practice; inside != (c.practice && c.class != audit.ClassPublic) {
				t.Errorf("%s: asked %s", c.address, claim.Said.Dataset)
			}
		}
	}
	if said := open(t, Options{}).Ask(Query{Address: addr("198.18.10.1"), Practice: true}); said.Class != audit.ClassBenchmark {
		t.Errorf("without practice datasets: %+v", said)
	}
}

func TestDatasets(t *testing.T) {
	l := open(t, Options{Practice: true})
	names := map[string]bool{}
	for i, d := range l.Datasets() {
		if d.ID.N != uint32(i+1) || d.ID.Kind != audit.KindDataset || d.SHA256.IsZero() || d.Title == "" || d.Publisher == "" || d.Licence == "" ||
			!d.Embedded || names[d.Name] {
			t.Errorf("dataset %+v", d)
		}
		if _, err := time.Parse(time.DateOnly, d.AsOf); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		names[d.Name] = true
	}
	for _, want := range []string{"dbip-country-lite", "ip-location-db-asn", "abroad-anycast", "practice-atlas"} {
		if !names[want] {
			t.Errorf("no dataset %q", want)
		}
	}
	first := l.Datasets()[0]
	if first.Name != "dbip-country-lite" || !strings.Contains(first.Credit, "DB-IP") {
		t.Errorf("first is %+v", first)
	}
	at, _ := time.Parse(time.DateOnly, "2027-06-01")
	if warning := l.Age(first.ID, capture.Time(at.UnixNano())); !strings.Contains(warning, "365 days older") {
		t.Errorf("warning is %q", warning)
	}
	if warning := l.Age(audit.ID{}, 0); warning != "" {
		t.Errorf("no dataset warns %q", warning)
	}
	if len(open(t, Options{}).Datasets()) != 4 {
		t.Errorf("%d datasets without practice", len(open(t, Options{}).Datasets()))
	}
}

// directoryOf writes a dataset directory.
func directoryOf(t *testing.T, files map[string]string, index dataset.Index) string {
	t.Helper()
	dir := t.TempDir()
	for i := range index {
		text := files[index[i].File]
		index[i].SHA256, index[i].Title, index[i].Publisher = sha256.Sum256([]byte(text)), index[i].Name, "P "+index[i].Name
		if err := os.WriteFile(filepath.Join(dir, index[i].File), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, dataset.IndexName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := index.Write(f); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDirectory(t *testing.T) {
	entry := func(name string, kind dataset.Kind, format string) dataset.Dataset {
		return dataset.Dataset{Dataset: audit.Dataset{Name: name}, File: name, Kind: kind, Format: format}
	}
	db := testDB{kind: "x", version: 6, rows: map[string]any{"8.8.0.0/16": map[string]any{"country_code": "NL"}}}
	dir := directoryOf(t, map[string]string{
		"feed":    "8.8.4.4/32,NL,,,\n",
		"broken":  "8.8.4.4/32,XX,,,\n",
		"db":      string(db.bytes(t)),
		"owners":  "anything",
		"strange": "anything",
	}, dataset.Index{entry("feed", dataset.Geofeed, ""), entry("broken", dataset.Geofeed, ""), entry("db", dataset.Databases, "mmdb"),
		entry("owners", dataset.Owners, ""), entry("strange", dataset.Regions, "klingon")})
	l := open(t, Options{Data: dir})
	var text []string
	for _, err := range l.Broken() {
		text = append(text, err.Error())
	}
	want := []string{`dataset "broken": broken: line 1: country "XX": want a code of ISO 3166-1`,
		`dataset "strange": strange: nothing reads format "klingon" of kind "regions"`}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
	// A geofeed's row for one address is more specific than the resolver's anycast range; with a database it makes a place.
	if p := weigh(l, Query{Address: addr("8.8.4.4")}); p.Grade != audit.L3 || p.Country != "NL" || p.Role != audit.RoleHost {
		t.Errorf("%+v", p)
	}
	if _, err := Open(Options{Data: filepath.Join(dir, "missing")}); err == nil {
		t.Error("a missing directory was opened")
	}
	if _, err := Open(Options{Data: directoryOf(t, map[string]string{"a": "8.8.4.4/32,NL,,,\n"}, dataset.Index{{Dataset: audit.Dataset{Name: "abroad-anycast"}, File: "a", Kind: dataset.Geofeed}})}); err == nil {
		t.Error("a dataset took the name of an embedded one")
	}
}

// Answers do not depend on what was asked before, or by whom.
func TestAskIsPure(t *testing.T) {
	l, fresh := open(t, Options{Practice: true}), open(t, Options{Practice: true})
	questions := []Query{
		{Address: addr("8.8.8.8")}, {Address: addr("1.1.1.1")}, {Address: addr("23.32.238.10")}, {Address: addr("198.18.80.1"), Practice: true},
		{Address: addr("198.18.80.1"), Practice: true, Names: []string{"lhr1.push.pigeon.example"}}, {Address: addr("198.18.80.1")},
		{Address: addr("2a00:1450:4001::1")}, {Address: addr("31.13.84.36")},
	}
	want := make([]Said, len(questions))
	for i := len(questions) - 1; i >= 0; i-- {
		want[i] = fresh.Ask(questions[i])
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				for i, q := range questions {
					if diff := cmp.Diff(want[i], l.Ask(q), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
						t.Errorf("%+v: %s", q, diff)
						return
					}
				}
			}
		})
	}
	group.Wait()
}

func TestAskAllocatesNothingTwice(t *testing.T) {
	l := open(t, Options{})
	q := Query{Address: addr("8.8.8.8")}
	l.Ask(q)
	if n := testing.AllocsPerRun(100, func() { l.Ask(q) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(Options{Practice: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAskNew(b *testing.B) {
	l := open(b, Options{})
	b.ReportAllocs()
	n := uint32(0)
	for b.Loop() {
		n += 2654435761 // spread over the whole space
		l.Ask(Query{Address: netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})})
	}
}

func BenchmarkAskCached(b *testing.B) {
	l := open(b, Options{})
	q := Query{Address: addr("8.8.8.8")}
	l.Ask(q)
	b.ReportAllocs()
	for b.Loop() {
		l.Ask(q)
	}
}
