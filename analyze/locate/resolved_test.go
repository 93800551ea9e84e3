package locate

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"
	"abroad/capture"

	"crypto/sha256"
	"fmt"
)

const resolvedSample = `question,type,resolver,transport,subnet,time,rtt_us,code,record,owner,value,ttl
46.4.0.1,PTR,192.0.2.53:53,udp,,2026-05-06T07:08:09Z,1200,NOERROR,PTR,1.0.4.46.in-addr.arpa,ec2.eu-west-1.compute.amazonaws.com,60
ec2.eu-west-1.compute.amazonaws.com,A,192.0.2.53:53,udp,,2026-05-06T07:08:10Z,1300,NOERROR,A,ec2.eu-west-1.compute.amazonaws.com,46.4.0.1,60
46.4.0.2,PTR,192.0.2.53:53,udp,,2026-05-06T07:08:09Z,1200,NOERROR,PTR,2.0.4.46.in-addr.arpa,x.us-east-1.compute.amazonaws.com,60
x.us-east-1.compute.amazonaws.com,A,192.0.2.53:53,udp,,2026-05-06T07:08:10Z,,timeout,,,,
api.example.com,A,https://dns.example/dns-query,doh,203.0.113.0/24,2026-05-06T07:08:10Z,1,NOERROR,CNAME,api.example.com,front.example.net,60
api.example.com,A,https://dns.example/dns-query,doh,203.0.113.0/24,2026-05-07T07:08:10Z,1,NOERROR,A,front.example.net,46.4.0.3,60
`

func TestResolved(t *testing.T) {
	answer, err := readResolved([]byte(resolvedSample))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"46.4.0.1": "ec2.eu-west-1.compute.amazonaws.com " + ReverseConfirmed + " ec2.eu-west-1.compute.amazonaws.com " + ForwardAnswer,
		"46.4.0.2": "x.us-east-1.compute.amazonaws.com " + ReverseUnconfirmed,
		"46.4.0.3": "api.example.com " + ForwardAnswer,
		"46.4.0.4": "",
	} {
		s := &sheet{asked: netip.MustParseAddr(address)}
		answer(s)
		var got []string
		for _, c := range s.claims {
			if c.Kind != audit.ClaimResolved || c.Country != "" || c.Said.Key == "" {
				t.Errorf("%s: %+v", address, c)
			}
			got = append(got, c.Name+" "+c.Detail)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", address, strings.Join(got, " "), want)
		}
	}
	if day, err := ResolvedDay([]byte(resolvedSample)); err != nil || day != "2026-05-07" {
		t.Errorf("day %q, %v", day, err)
	}
}

func TestResolvedRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"46.4.0.1,PTR", "nowhere,PTR", `line 2: question "nowhere"`},
		{"2026-05-06T07:08:09Z", "yesterday", `line 2: time "yesterday"`},
		{",A,", ",MX,", `line 3: type "MX"`},
		{"com,46.4.0.1,60", "com,46.4.0.x,60", `line 3: value "46.4.0.x"`},
		{"NOERROR", "", "is empty"},
		{"question", "q", "header"},
	} {
		if _, err := readResolved([]byte(strings.Replace(resolvedSample, c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.new, err, c.want)
		}
	}
	for i := range resolvedSample {
		readResolved([]byte(resolvedSample[:i])) // must not panic
	}
}

// Only a name that gave its address back may speak for a place, and only under an operator's own suffix.
func TestResolvedTokens(t *testing.T) {
	l := libraryOf(t, map[string]string{"resolved": resolvedSample})
	for address, want := range map[string]string{"46.4.0.1": "IE ec2.eu-west-1.compute.amazonaws.com (reverse look-up, made later)", "46.4.0.2": ""} {
		got := ""
		for _, c := range l.Claims(Query{Address: netip.MustParseAddr(address)}) {
			if c.Kind == audit.ClaimToken {
				got += c.Country + " " + c.Detail
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

// libraryOf opens a directory with one dataset of each of these kinds.
func libraryOf(t *testing.T, files map[string]string) *Library {
	t.Helper()
	l, err := Open(Options{Data: putInto(t, files)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if broken := l.Broken(); len(broken) > 0 {
		t.Fatal(broken)
	}
	return l
}

func putInto(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for kind, text := range files {
		var d dataset.Dataset
		d.Name, d.Title, d.Kind, d.Publisher, d.AsOf = "my-"+kind, "Mine", dataset.Kind(kind), "P", "2026-05-06"
		if _, err := dataset.Put(dir, d, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// An older audit's list is repeated, also with the version before, and nothing else is used.
func TestOnly(t *testing.T) {
	const older, newer = "1.0.0.0/8,IE\n", "1.0.0.0/8,DE\n"
	dir := putInto(t, map[string]string{"geofeed": older})
	l, err := Open(Options{Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	list := l.Datasets()
	l.Close()
	var d dataset.Dataset
	d.Name, d.Title, d.Kind, d.Publisher, d.AsOf = "my-geofeed", "Mine", dataset.Geofeed, "P", "2026-06-06"
	if _, err := dataset.Put(dir, d, []byte(newer)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, OverridesName), []byte("overrides:\n- {prefix: 1.0.0.0/8, country: NO, author: A, date: 2026-05-06, reason: R}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err = Open(Options{Data: dir, Only: list})
	if err != nil {
		t.Fatal(err)
	}
	countries := ""
	for _, c := range l.Claims(Query{Address: netip.MustParseAddr("1.2.3.4")}) {
		if c.Kind == audit.ClaimOperator || c.Kind == audit.ClaimOverride {
			countries += c.Country
		}
	}
	l.Close()
	if countries != "IE" {
		t.Errorf("countries %q, want IE: the version before, and no correction", countries)
	}

	for name, edit := range map[string]func([]audit.Dataset) []audit.Dataset{
		"my-geofeed":        func(l []audit.Dataset) []audit.Dataset { return l },
		"dbip-country-lite": func(l []audit.Dataset) []audit.Dataset { return l },
		"gone": func(l []audit.Dataset) []audit.Dataset {
			return append(l, audit.Dataset{Name: "gone", AsOf: "2025-01-01", SHA256: sha256.Sum256([]byte("x"))})
		},
	} {
		changed := edit(append([]audit.Dataset(nil), list...))
		for i := range changed {
			if changed[i].Name == name && name != "gone" {
				changed[i].SHA256 = capture.Digest(sha256.Sum256([]byte("y")))
			}
		}
		if _, err := Open(Options{Data: dir, Only: changed}); err == nil || !strings.Contains(err.Error(), `dataset "`+name+`" of `) || !strings.Contains(err.Error(), "is missing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestManyMissing keeps the error of a list that is not there at all to one line that ends.
func TestManyMissing(t *testing.T) {
	var list []audit.Dataset
	for i := range 14 {
		list = append(list, audit.Dataset{Name: fmt.Sprint("set", i), AsOf: "2025-01-01"})
	}
	err := new(Library).missing(list, nil)
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), `dataset "set2" of `) || !strings.HasSuffix(err.Error(), "; and so are 11 more") {
		t.Errorf("got %v", err)
	}
	if err := new(Library).missing(nil, nil); err != nil {
		t.Error(err)
	}
}

func FuzzResolved(f *testing.F) {
	f.Add([]byte(resolvedSample))
	f.Fuzz(func(t *testing.T, file []byte) {
		replies, _, err := parseResolved(file)
		if err != nil {
			return
		}
		for a, list := range replies {
			if len(list) > maxResolved {
				t.Fatalf("%s has %d names", a, len(list))
			}
			for _, r := range list {
				if plainName(r.name) != r.name || r.key == "" {
					t.Fatalf("%s: %+v", a, r)
				}
			}
		}
	})
}
