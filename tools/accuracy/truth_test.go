package main

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInside(t *testing.T) {
	for _, text := range []string{"1.2.3.4/32", "1.2.3.0/24", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1/128", "2001:db8:8000::/33"} {
		p := netip.MustParsePrefix(text)
		a := inside(p)
		if !p.Contains(a) || a != inside(p) {
			t.Errorf("%s: %s", p, a)
		}
		if p.Bits() < p.Addr().BitLen()-8 && a == p.Addr() {
			t.Errorf("%s: its first address", p)
		}
	}
}

func TestOlderFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"aws-2025-07-31.json", "aws-2026-06.json", "aws-2026-08-22.json", "azure-2025-07.json", "azure-2025-11-17.json", "gcp-2025-07.json", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := olderFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, set := range combinations(files) {
		var names []string
		for _, f := range set {
			names = append(names, f.provider+" "+filepath.Base(f.path)+" "+f.asOf)
		}
		got = append(got, strings.Join(names, ", "))
	}
	want := "aws aws-2025-07-31.json 2025-07-31, azure azure-2025-07.json 2025-07-01\n" +
		"aws aws-2026-06.json 2026-06-01, azure azure-2025-07.json 2025-07-01"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if files, err := olderFiles(filepath.Join(dir, "none")); files != nil || err != nil {
		t.Errorf("no folder: %v, %v", files, err)
	}
}

func TestTally(t *testing.T) {
	r := &row{country: "IE"}
	var got tally
	for _, a := range []answer{
		{Country: "IE"}, {Country: "GB"}, {Candidates: []string{"GB", "IE"}}, {Candidates: []string{"GB", "US"}}, {Role: "edge"}, {Within: []string{"IE", "GB"}},
	} {
		got.add(r, &a)
	}
	if want := (tally{all: 6, named: 2, right: 1, several: 3, among: 2, none: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if percent(1, 3) != "33.33%" || percent(0, 0) != "-" {
		t.Error("percent")
	}
}

func TestNothingToMeasure(t *testing.T) {
	var out bytes.Buffer
	m := &measurement{out: &out}
	if err := m.run(filepath.Join(t.TempDir(), "truth.csv"), ""); err != nil || !strings.HasPrefix(out.String(), "nothing measured: ") {
		t.Errorf("%q, %v", out.String(), err)
	}
	path := filepath.Join(t.TempDir(), "truth.csv")
	for _, text := range []string{"", "provider,prefix,region,country\n", "provider,prefix,region,country\naws,x,r,IE\n", "a,b\nc\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if rows, err := readTruth(path); err == nil {
			t.Errorf("%q: %v", text, rows)
		}
	}
}

func TestKM(t *testing.T) {
	if d := km(vantages[0], vantages[2]); d < 10_200 || d > 10_400 {
		t.Errorf("Frankfurt to Singapore: %g km", d)
	}
	if d := km(vantages[0], vantages[0]); d != 0 {
		t.Errorf("nowhere: %g km", d)
	}
	where, err := places(filepath.Join("..", "..", "analyze", "provider", "regions.csv"))
	if err != nil || where[[2]string{"aws", "eu-central-1"}].name != "Frankfurt" {
		t.Errorf("%v, %v", where[[2]string{"aws", "eu-central-1"}], err)
	}
}
