package locate

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"

	"github.com/oschwald/maxminddb-golang/v2"
)

// The digest that datasets carry is the file's, and the file is whole.
func TestEmbeddedFile(t *testing.T) {
	text, err := embeddedFiles.ReadFile("embedded/default.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%x  default.mmdb\n", sha256.Sum256(embeddedDB)); string(text) != want {
		t.Errorf("default.sha256 is %q, want %q", text, want)
	}
	db, err := maxminddb.OpenBytes(embeddedDB)
	if err != nil {
		t.Fatal(err)
	}
	if db.Metadata.RecordSize != 24 || db.Metadata.IPVersion != 6 {
		t.Errorf("metadata: %+v", db.Metadata)
	}
	index, err := readEmbedded("embedded/datasets.csv")
	if err != nil {
		t.Fatal(err)
	}
	newest := ""
	for _, d := range index {
		newest = max(newest, d.AsOf)
		if d.Licence == "" || d.Credit == "" || d.Origin == "" {
			t.Errorf("%+v", d)
		}
	}
	if got := db.Metadata.BuildTime().UTC().Format(time.DateOnly); got != newest {
		t.Errorf("built %s, its newest part is of %s", got, newest)
	}
	if testing.Short() {
		return
	}
	if err := db.Verify(); err != nil {
		t.Error(err)
	}
}

// Both parts name the prefix that answered, and their own dataset.
func TestEmbeddedClaims(t *testing.T) {
	l := open(t, Options{})
	for _, c := range []struct{ address, country, organisation, prefix string }{
		{"8.8.8.8", "US", "Google LLC", "8.8.8.0/24"},
		{"2a00:1450:4001::1", "DE", "Google LLC", "2a00:1450:4001::/48"},
		{"119.28.148.10", "KR", "Shenzhen Tencent Computer Systems Company Limited", "119.28.144.0/20"},
	} {
		var country, network audit.Claim
		for _, claim := range l.Claims(Query{Address: addr(c.address)}) {
			switch claim.Kind {
			case audit.ClaimDatabase:
				country = claim
			case audit.ClaimNetwork:
				network = claim
			}
		}
		if country.Country != c.country || country.Said.Key != c.prefix || country.By != "embedded" || country.Said.Dataset.String() != "d1" {
			t.Errorf("%s: %+v", c.address, country)
		}
		if network.Organisation != c.organisation || network.AS == 0 || network.Said.Key != c.prefix || network.Said.Dataset.String() != "d2" {
			t.Errorf("%s: %+v", c.address, network)
		}
	}
	if claims := l.Claims(Query{Address: addr("11.0.0.0")}); claims == nil {
		t.Error("nothing about 11.0.0.0")
	}
}

// The credits stand in NOTICE too, with the packages that the data come from.
func TestNotice(t *testing.T) {
	notice, err := os.ReadFile("../../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	index, err := readEmbedded("embedded/datasets.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range index {
		name, version, _ := strings.Cut(strings.TrimPrefix(d.Origin, "npm @"), "@")
		for _, want := range []string{"@" + name, version, d.Publisher} {
			if !bytes.Contains(notice, []byte(want)) {
				t.Errorf("NOTICE does not name %q", want)
			}
		}
	}
}

// Every row of our own list names who says so and when it was read, and no range is listed under another one of the same operator.
func TestAnycastFile(t *testing.T) {
	rows := csv.NewReader(bytes.NewReader(anycastFile))
	rows.Comment = '#'
	all, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type listed struct {
		prefix   netip.Prefix
		operator string
	}
	var seen []listed
	for _, row := range all[1:] {
		if !strings.HasPrefix(row[3], "https://") {
			t.Errorf("%q: source %q", row[0], row[3])
		}
		if _, err := time.Parse(time.DateOnly, row[4]); err != nil && row[4] != "unverified" || row[4] > anycastAsOf && row[4] != "unverified" {
			t.Errorf("%q: read %q", row[0], row[4])
		}
		prefix, err := netip.ParsePrefix(row[0])
		if err != nil {
			continue // an AS
		}
		if class, _ := Classify(prefix.Addr()); class != audit.ClassPublic {
			t.Errorf("%s is %s", prefix, class)
		}
		for _, o := range seen {
			if o.operator == row[1] && o.prefix.Overlaps(prefix) {
				t.Errorf("%s and %s of %s overlap", o.prefix, prefix, row[1])
			}
		}
		seen = append(seen, listed{prefix, row[1]})
	}
	if len(seen) < 700 {
		t.Errorf("%d ranges", len(seen))
	}
	if dataset.Anycast.MaxAge() < 365 {
		t.Error("the list ages faster than it is read")
	}
}
