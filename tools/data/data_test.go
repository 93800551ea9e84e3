package main

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// countryDB builds a flat country database like the packaged one.
func countryDB(t *testing.T, rows map[string]string) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{BuildEpoch: 1, DatabaseType: "country ipvAll", IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for prefix, code := range rows {
		if err := tree.Insert(ipNet(netip.MustParsePrefix(prefix)), mmdbtype.Map{keyCountry: mmdbtype.String(code)}); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBuild(t *testing.T) {
	countries := countryDB(t, map[string]string{
		"5.0.0.0/8": "DE", "6.0.0.0/8": "XK", "7.0.0.0/8": "ZZ", "2a00::/16": "FR", "10.0.0.0/8": "US",
	})
	networks := [][]byte{
		[]byte("5.1.0.0,5.1.2.255,64500,\"Fünf\u00ad  Netz \"\n9.0.0.0,9.0.0.255,64501,\n9.1.0.9,9.1.0.1,64502,Backwards\n"),
		[]byte("2a00:1::,2a00:1:ffff:ffff:ffff:ffff:ffff:ffff,4200000000,Six\n"),
	}
	built, c, err := build(countries, networks)
	if err != nil {
		t.Fatal(err)
	}
	if want := (counts{countries: 4, ranges: 3, reserved: 1, unknown: 1, bad: 1}); c != want {
		t.Errorf("counts are %+v, want %+v", c, want)
	}
	if err := verify(built, countries, networks, c); err != nil {
		t.Error(err)
	}
	again, _, err := build(countries, networks)
	if err != nil || !bytes.Equal(built, again) {
		t.Errorf("a second build differs (error %v)", err)
	}
	other := countryDB(t, map[string]string{"5.0.0.0/8": "CH", "5.128.0.0/9": "AT"})
	for range every - 1 { // look at every row of a file this small
		networks[0] = append(networks[0], "5.1.0.0,5.1.2.255,64999,Other\n"...)
	}
	if err := verify(built, other, networks, c); err == nil || !strings.Contains(err.Error(), "AS is") {
		t.Errorf("verify against other sources gave %v", err)
	}
}

func TestTidy(t *testing.T) {
	for in, want := range map[string]string{" a \u00a0b ": "a b", "x\u00ady": "xy", "ok\xff": "ok", " ": ""} {
		if got := tidy(in); got != want {
			t.Errorf("tidy(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestMade(t *testing.T) {
	made, err := country.made()
	if err != nil || made.Format("2006-01-02") != "2026-06-01" {
		t.Errorf("made is %v, %v", made, err)
	}
	if _, err := (source{version: "1.2.3"}).made(); err == nil {
		t.Error("a version without an hour was accepted")
	}
}

func TestReadRefusesOtherBytes(t *testing.T) {
	dir := t.TempDir()
	if _, err := country.read(dir); err == nil {
		t.Error("a missing tarball was accepted")
	}
	if err := os.WriteFile(filepath.Join(dir, country.tarball()), []byte("other bytes"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := country.read(dir); err == nil || !strings.Contains(err.Error(), "integrity") {
		t.Errorf("other bytes gave %v", err)
	}
}
