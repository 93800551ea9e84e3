package analyze

import (
	"encoding/csv"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

// reykjavik is where the practice recordings were made.
var reykjavik = audit.Vantage{Lat: 64.147, Lon: -21.942, Radius: 10}

// bounded audits practice recordings with options.
func bounded(t *testing.T, o audit.Options, names ...string) *audit.Audit {
	t.Helper()
	var inputs []Input
	for _, name := range names {
		paths, err := filepath.Glob(filepath.Join("..", "capture", "lab", "practice", name))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v, %v", name, paths, err)
		}
		for _, path := range paths {
			inputs = append(inputs, fileInput(path))
		}
	}
	a, err := Run(t.Context(), inputs, Config{Version: "test", Library: testLibrary(t), Options: o})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// physical counts the claims that round trips make.
func physical(a *audit.Audit) int {
	n := 0
	for i := range a.Claims {
		if a.Claims[i].Kind == audit.ClaimPhysics {
			n++
		}
	}
	return n
}

// practiceTruth reads where the fiction's machines are.
func practiceTruth(t *testing.T) map[netip.Prefix]string {
	t.Helper()
	f, err := os.Open("../capture/lab/practice/truth.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	truth := map[netip.Prefix]string{}
	for _, row := range rows[1:] {
		truth[netip.MustParsePrefix(row[0])] = row[1]
	}
	return truth
}

// No round trip of the practice recordings excludes where a machine is; L4 is always right.
func TestPhysicsIsRight(t *testing.T) {
	a := bounded(t, audit.Options{Vantage: &reykjavik}, "v1/*", "v2/*")
	truth := practiceTruth(t)
	confined, sure := 0, 0
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		if len(e.Place.Within) == 0 {
			continue
		}
		confined++
		asked := e.Address
		if e.Translated.IsValid() {
			asked = e.Translated
		}
		for prefix, country := range truth {
			if prefix.Contains(asked) && !slices.Contains(e.Place.Within, country) {
				t.Errorf("%s is in %s: within is %v", asked, country, e.Place.Within)
			}
			if prefix.Contains(asked) && e.Place.Grade == audit.L4 {
				sure++
			}
		}
	}
	if confined < 30 || sure < 3 {
		t.Errorf("%d endpoints confined, %d to one country", confined, sure)
	}
	if !slices.ContainsFunc(a.Datasets, func(d audit.Dataset) bool { return d.Name == "natural-earth" }) {
		t.Error("the map is not among the datasets")
	}
}

func TestPhysicsOfPractice(t *testing.T) {
	a := bounded(t, audit.Options{Vantage: &reykjavik}, "v2/*")
	places := map[string]*audit.Place{}
	for i := range a.Endpoints {
		places[a.Endpoints[i].Address.String()] = &a.Endpoints[i].Place
	}
	for _, c := range []struct {
		address string
		grade   audit.Grade
		country string
		words   string // part of them
	}{
		{"198.18.12.20", audit.L4, "IS", "in IS (the round trip allows no other country); refuted by the round trip: Atlas says IE"},
		{"198.18.53.53", audit.L4, "", "no single country; what answers is within {IS}"},
		{"198.18.71.10", audit.L0, "", "no source can be right: Atlas and Borealis say AU"},
		{"198.18.72.10", audit.L1, "IE", "Borealis says IE; refuted by the round trip: Atlas says US"},
		{"198.18.74.10", audit.L1, "", "undetermined"},
		{"198.18.10.10", audit.L3, "IE", "in IE (its operator and databases agree)"},
	} {
		p := places[c.address]
		if p == nil || p.Grade != c.grade || p.Country != c.country || !strings.Contains(p.Words, c.words) {
			t.Errorf("%s: %+v, want %s %s %q", c.address, p, c.grade, c.country, c.words)
		}
	}
}

func TestPhysicsOff(t *testing.T) {
	for _, c := range []struct {
		name    string
		options audit.Options
		file    string
		note    string // part of one; empty: no note about round trips
	}{
		{"no vantage", audit.Options{}, "v2/s01.pcapng", ""},
		{"a VPN", audit.Options{Vantage: &reykjavik, VPN: true}, "v2/s01.pcapng", string(locate.OffVPN)},
		{"on the device", audit.Options{Vantage: &reykjavik}, "copies/pcapdroid.pcap", "round trips in r1 exclude no country: " + string(locate.OffOnDevice)},
		{"a wrong vantage", audit.Options{Vantage: &audit.Vantage{Lat: -36.85, Lon: 174.76, Radius: 10}}, "v2/s01.pcapng", string(locate.OffTooFast)},
		{"a vantage on no map", audit.Options{Vantage: &audit.Vantage{Country: "XX"}}, "v2/s01.pcapng", `no territory "XX"`},
	} {
		a := bounded(t, c.options, c.file)
		if n := physical(a); n > 0 {
			t.Errorf("%s: %d claims", c.name, n)
		}
		for i := range a.Endpoints {
			if p := a.Endpoints[i].Place; len(p.Within) > 0 || p.Grade == audit.L4 {
				t.Errorf("%s: %+v", c.name, p)
			}
		}
		if slices.ContainsFunc(a.Datasets, func(d audit.Dataset) bool { return d.Name == "natural-earth" }) {
			t.Errorf("%s: cites the map", c.name)
		}
		notes := strings.Join(a.Notes, "\n")
		if !strings.Contains(notes, c.note) || c.note == "" && strings.Contains(notes, "round trip") {
			t.Errorf("%s: notes %q, want %q", c.name, notes, c.note)
		}
	}
}

// Recordings that exclude nothing do not keep the others from it.
func TestPhysicsOffInOne(t *testing.T) {
	a := bounded(t, audit.Options{Vantage: &reykjavik}, "copies/pcapdroid.pcap", "v2/s03.pcapng")
	if physical(a) == 0 {
		t.Error("no claims")
	}
	for i := range a.Claims {
		if c := &a.Claims[i]; c.Kind == audit.ClaimPhysics && !strings.Contains(c.Said.Key, " r2#") {
			t.Errorf("%s", c.Said.Key)
		}
	}
}
