package locate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abroad/analyze/audit"

	"github.com/google/go-cmp/cmp"
)

const epoch = 1_780_000_000 // 2026-05-28

// write puts a database into a file.
func (d testDB) write(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, d.bytes(t), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMMDBSchemas(t *testing.T) {
	nested := map[string]any{"country": iso("IE"), "registered_country": iso("US"), "represented_country": iso("GB"),
		"city": map[string]any{"names": map[string]any{"en": "Dublin", "de": "Dublin"}}, "subdivisions": []any{iso("L")},
		"traits": map[string]any{"is_anycast": true}}
	for _, c := range []struct {
		kind string
		row  map[string]any
		want []string
	}{
		{"GeoLite2-Country", nested, []string{"1.2.0.0/16 database IE L Dublin", "1.2.0.0/16 registration US registered country",
			"1.2.0.0/16 registration GB represented country", "1.2.0.0/16 edge  edge anycast"}},
		{"GeoIP2-Enterprise", map[string]any{"country": iso("IE"), "traits": map[string]any{"autonomous_system_number": uint32(64500),
			"autonomous_system_organization": "A"}}, []string{"1.2.0.0/16 database IE", "1.2.0.0/16 network  A AS64500"}},
		{"GeoLite2-ASN", map[string]any{"autonomous_system_number": uint32(64500), "autonomous_system_organization": "A"},
			[]string{"1.2.0.0/16 network  A AS64500"}},
		{"DBIP-Country-Lite", map[string]any{"country": iso("no")}, []string{"1.2.0.0/16 database NO"}},
		{"My-Own", nested, []string{"1.2.0.0/16 database IE Dublin", "1.2.0.0/16 registration US registered country",
			"1.2.0.0/16 registration GB represented country", "1.2.0.0/16 edge  edge anycast"}},
		{"country ipvAll", map[string]any{"country_code": "IE"}, []string{"1.2.0.0/16 database IE"}},
		{"city ipv4", map[string]any{"country_code": "IE", "city": "Dublin", "state1": "Leinster", "latitude": 53.3},
			[]string{"1.2.0.0/16 database IE Leinster Dublin"}},
		{"ipinfo lite", map[string]any{"country": "Ireland", "country_code": "IE", "asn": "AS64500", "as_name": "A"},
			[]string{"1.2.0.0/16 database IE", "1.2.0.0/16 network  A AS64500"}},
		{"ipinfo country", map[string]any{"country": "IE", "country_name": "Ireland"}, []string{"1.2.0.0/16 database IE"}},
		// The type promises MaxMind's rows, but they are flat: what is there is read all the same.
		{"GeoLite2-Country", map[string]any{"country_code": "IE"}, []string{"1.2.0.0/16 database IE"}},
		{"DBIP-Country-Lite", map[string]any{"country": "IE"}, []string{"1.2.0.0/16 database IE"}},
		{"asn", map[string]any{"asn": uint32(64500), "as_name": strings.Repeat("é", 120)},
			[]string{"1.2.0.0/16 network  " + strings.Repeat("é", 100) + "… AS64500"}},
	} {
		db, err := openDatabase(testDB{kind: c.kind, version: 6, epoch: epoch, rows: map[string]any{"1.2.0.0/16": c.row}}.bytes(t))
		if err != nil {
			t.Errorf("%s %v: %v", c.kind, c.row, err)
			continue
		}
		for range 2 { // read, then remembered
			if diff := cmp.Diff(c.want, ask(db.answer, "1.2.3.4")); diff != "" {
				t.Errorf("%s %v: %s", c.kind, c.row, diff)
			}
		}
		if got := ask(db.answer, "1.3.0.0"); len(got) > 0 {
			t.Errorf("%s: outside: %q", c.kind, got)
		}
	}
}

func TestMMDBRefuses(t *testing.T) {
	good := testDB{kind: "x", version: 6, epoch: epoch, rows: map[string]any{"1.2.0.0/16": map[string]any{"country_code": "IE"}}}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "invalid MaxMind DB"},
		{"text", []byte("prefix,country\n"), "invalid MaxMind DB"},
		{"no rows", testDB{kind: "x", version: 6, rows: nil}.bytes(t), "has no rows"},
		{"nothing known", testDB{kind: "x", version: 6, rows: map[string]any{"1.2.0.0/16": map[string]any{"colour": "red"}}}.bytes(t),
			`no row has a country or an AS that is understood (type "x")`},
		{"no country of the world", testDB{kind: "x", version: 6, rows: map[string]any{"1.2.0.0/16": map[string]any{"country_code": "ZZ"}}}.bytes(t),
			"no row has a country"},
		{"cut", good.bytes(t)[:40], "invalid MaxMind DB"},
	} {
		if _, err := openDatabase(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q in it", c.name, err, c.want)
		}
	}
}

// Every cut and every flipped byte gives an error, or a database that answers or not: never a panic, and never a country that is none.
func TestMMDBDamaged(t *testing.T) {
	whole := testDB{kind: "GeoLite2-City", version: 6, epoch: epoch, rows: map[string]any{
		"1.2.0.0/16": map[string]any{"country": iso("IE")}, "2a00::/16": map[string]any{"country": iso("NO")}}}.bytes(t)
	try := func(file []byte) {
		db, err := openDatabase(file)
		if err != nil {
			return
		}
		for _, a := range []string{"1.2.3.4", "2a00::1", "9.9.9.9"} {
			for _, line := range ask(db.answer, a) {
				if words := strings.Fields(line); words[1] == "database" && Country(words[2]) == "" {
					t.Errorf("%s: %q", a, line)
				}
			}
		}
	}
	for i := range whole {
		try(whole[:i])
		for _, bit := range []byte{0x01, 0x20, 0x80, 0xff} {
			twin := append([]byte{}, whole...)
			twin[i] ^= bit
			try(twin)
		}
	}
}

func FuzzMMDB(f *testing.F) {
	f.Add(testDB{kind: "GeoLite2-City", version: 6, epoch: epoch, rows: map[string]any{"1.2.0.0/16": map[string]any{"country": iso("IE")}}}.bytes(f))
	f.Add(testDB{kind: "x", version: 4, epoch: epoch, rows: map[string]any{"1.2.0.0/16": map[string]any{"country_code": "IE", "asn": "AS1"}}}.bytes(f))
	f.Fuzz(func(t *testing.T, file []byte) {
		db, err := openDatabase(file)
		if err != nil {
			return
		}
		if !db.v4 && !db.v6 {
			t.Fatal("opened without rows")
		}
		for _, a := range []string{"1.2.3.4", "2a00::1"} {
			for _, line := range ask(db.answer, a) {
				if words := strings.Fields(line); words[1] == "database" && Country(words[2]) == "" {
					t.Fatalf("%s: %q", a, line)
				}
			}
		}
	})
}

func TestMMDBFamilies(t *testing.T) {
	row := map[string]any{"country_code": "IE"}
	for _, c := range []struct {
		version uint16
		rows    map[string]any
		want    string
	}{
		{4, map[string]any{"1.2.0.0/16": row}, "has IPv4 addresses only"},
		{6, map[string]any{"1.2.0.0/16": row}, "has IPv4 addresses only"},
		{6, map[string]any{"1.2.0.0/16": row, "2002::/16": row}, "has IPv4 addresses only"}, // 6to4 leads back to IPv4
		{6, map[string]any{"2a00::/16": row}, "has IPv6 addresses only"},
		{6, map[string]any{"1.2.0.0/16": row, "2a00::/16": row}, ""},
	} {
		db, err := openDatabase(testDB{kind: "x", version: c.version, rows: c.rows}.bytes(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := db.note(); got != c.want {
			t.Errorf("version %d of %v: %q, want %q", c.version, c.rows, got, c.want)
		}
	}
}

// A row that cannot be read is told, and the others are read.
func TestMMDBBrokenRow(t *testing.T) {
	rows := map[string]any{"1.2.0.0/16": map[string]any{"country": iso("IE")}, "1.3.0.0/16": map[string]any{"country": "Ireland"}, "2a00::/16": map[string]any{"country": iso("NO")}}
	db, err := openDatabase(testDB{kind: "GeoLite2-Country", version: 6, rows: rows}.bytes(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(db.answer, "1.3.3.3"); len(got) != 0 {
		t.Errorf("broken row says %q", got)
	}
	if got := ask(db.answer, "1.2.3.3"); len(got) != 1 {
		t.Errorf("good row says %q", got)
	}
	if note := db.note(); !strings.Contains(note, "could not be read for 1 address (first: 1.3.0.0/16: ") {
		t.Errorf("note is %q", note)
	}
}

func TestOpenMMDB(t *testing.T) {
	a := testDB{kind: "GeoLite2-Country", version: 6, epoch: epoch, rows: map[string]any{"8.0.0.0/8": map[string]any{"country": iso("IE")}}}
	b := testDB{kind: "country ipvAll", version: 6, rows: map[string]any{"8.0.0.0/8": map[string]any{"country_code": "IE"}}}
	l, err := Open(Options{MMDB: []string{a.write(t, "first.mmdb"), b.write(t, "asn-country.mmdb")}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	sets := l.Datasets()
	got := sets[3:5] // behind what the program carries, before its names
	want := []audit.Dataset{
		{ID: got[0].ID, Name: "first", Title: "GeoLite2-Country", Publisher: "MaxMind", Licence: "as supplied by the user", AsOf: "2026-05-28", SHA256: got[0].SHA256},
		{ID: got[1].ID, Name: "asn-country", Title: "asn-country.mmdb", Publisher: "RIRs", Licence: "as supplied by the user", SHA256: got[1].SHA256},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	kinds := map[string]audit.ClaimKind{}
	for _, c := range l.Claims(Query{Address: addr("8.8.8.8")}) {
		if c.By == "mmdb" {
			kinds[sets[c.Said.Dataset.N-1].Name] = c.Kind
		}
	}
	if diff := cmp.Diff(map[string]audit.ClaimKind{"first": audit.ClaimDatabase, "asn-country": audit.ClaimRegistration}, kinds); diff != "" {
		t.Error(diff)
	}
	if notes := l.Notes(); len(notes) != 2 || notes[0] != `dataset "first" has IPv4 addresses only` {
		t.Errorf("notes are %q", notes)
	}
}

func TestOpenMMDBRefuses(t *testing.T) {
	a := testDB{kind: "GeoLite2-Country", version: 6, rows: map[string]any{"8.0.0.0/8": map[string]any{"country": iso("IE")}}}
	b := testDB{kind: "GeoLite2-Country", version: 6, rows: map[string]any{"8.0.0.0/8": map[string]any{"country": iso("NO")}}}
	text := filepath.Join(t.TempDir(), "text.mmdb")
	if err := os.WriteFile(text, []byte("no database"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"missing", []string{"no-such.mmdb"}, []string{`open database "no-such.mmdb"`}},
		{"text", []string{text}, []string{text, "invalid MaxMind DB"}},
		{"all that are broken", []string{"no-such.mmdb", text}, []string{`"no-such.mmdb"`, text}},
		{"same bytes", []string{a.write(t, "a.mmdb"), a.write(t, "b.mmdb")}, []string{`same bytes as "a.mmdb"`}},
		{"same name", []string{a.write(t, "a.mmdb"), b.write(t, "a.mmdb")}, []string{`dataset "a": there is another of this name`}},
		{"a name that the program uses", []string{a.write(t, "dbip-country-lite.mmdb")}, []string{`dataset "dbip-country-lite"`}},
	} {
		_, err := Open(Options{MMDB: c.files})
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error is %v, want %q in it", c.name, err, want)
			}
		}
	}
}

func TestIdentify(t *testing.T) {
	for _, c := range []struct {
		kind, description, file string
		want                    identity
	}{
		{"GeoLite2-City", "GeoLite2 City database", "x.mmdb", identity{"GeoLite2-City", "MaxMind", false}},
		{"GeoIP2-Country", "", "x.mmdb", identity{"GeoIP2-Country", "MaxMind", false}},
		{"DBIP-City-Lite", "", "x.mmdb", identity{"DBIP-City-Lite", "DB-IP", false}},
		{"DBIP-ASN-Lite (compat=GeoLite2-ASN)", "", "dbip-asn.mmdb", identity{"dbip-asn.mmdb", "DB-IP", false}},
		{"country ipvAll", "", "dbip-country.mmdb", identity{"dbip-country.mmdb", "DB-IP", false}},
		{"country ipvAll", "", "geolite2-country.mmdb", identity{"geolite2-country.mmdb", "MaxMind", false}},
		{"country ipv4", "", "geo-whois-asn-country-ipv4.mmdb", identity{"geo-whois-asn-country-ipv4.mmdb", "ip-location-db", false}},
		{"country ipv4", "", "asn-country.mmdb", identity{"asn-country.mmdb", "RIRs", true}},
		{"country ipv4", "", "iptoasn-country.mmdb", identity{"iptoasn-country.mmdb", "iptoasn", true}},
		{"ipinfo bundle_location_lite.mmdb", "", "i.mmdb", identity{"i.mmdb", "IPinfo", false}},
		{"", "IP2Location LITE", "i.mmdb", identity{"i.mmdb", "IP2Location", false}},
		{"Mine", "", "my.mmdb", identity{"Mine", "", false}},
		{"", "", "my.mmdb", identity{"my.mmdb", "", false}},
	} {
		m := metadata(c.kind, c.description)
		if got := identify(m, c.file); got != c.want {
			t.Errorf("%q %q %q: %+v, want %+v", c.kind, c.description, c.file, got, c.want)
		}
	}
}
