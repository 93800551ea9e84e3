package owner

import (
	"bytes"
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"abroad/analyze/audit"
)

func table(t testing.TB) *Table {
	t.Helper()
	owners, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return owners
}

// TestTable reads the embedded table strictly.
func TestTable(t *testing.T) {
	owners := table(t)
	for key, o := range owners.organisations {
		if o.Name == "" || checkCountry(o.Seat) != nil || checkCountry(o.Headquarters) != nil ||
			o.Seat == "" && o.SeatBy != nil || o.Headquarters == "" && o.HeadquartersBy != nil {
			t.Errorf("organisation %s: %+v", key, *o)
		}
	}
	for key, rows := range owners.parents {
		for i, p := range rows {
			for _, q := range rows[:i] {
				if (q.To == "" || p.From == "" || p.From <= q.To) && (p.To == "" || q.From == "" || q.From <= p.To) {
					t.Errorf("organisation %s has two parents at one time", key)
				}
			}
			for _, day := range []string{p.From, p.To} {
				if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
					t.Errorf("organisation %s: %v", key, err)
				}
			}
		}
	}
	for suffix, rows := range owners.suffixes {
		for _, r := range rows {
			if suffix != strings.ToLower(suffix) || len(r.Roles) == 0 {
				t.Errorf("suffix %s: %+v", suffix, r)
			}
			// A row that its own first name cannot reach would never answer.
			if m, ok := owners.Find("name."+suffix, "2026-11-23"); !ok || m.Suffix.Suffix != suffix {
				t.Errorf("suffix %s is not found by a name under it: %+v", suffix, m)
			}
		}
	}
	for as := range owners.networks {
		if key, said, ok := owners.Network(as); !ok || owners.organisations[key] == nil || said.Grade == "" {
			t.Errorf("AS%d: %q %+v", as, key, said)
		}
	}
}

// TestSources: a source is whole, and every file of sources is used.
func TestSources(t *testing.T) {
	owners := table(t)
	seen := map[string]bool{}
	check := func(s *Source) {
		if s == nil || seen[s.Key] {
			return
		}
		seen[s.Key] = true
		if _, err := time.Parse(time.DateOnly, s.Read); err != nil || !strings.HasPrefix(s.URL, "http") || s.Title == "" ||
			s.Grade != audit.Primary && s.Grade != audit.Secondary {
			t.Errorf("source %+v", *s)
		}
	}
	for _, o := range owners.organisations {
		check(o.SeatBy)
		check(o.HeadquartersBy)
	}
	for _, rows := range owners.parents {
		for _, p := range rows {
			check(p.By)
		}
	}
	for s := range owners.All() {
		check(s.By)
	}
	if len(seen) < 50 {
		t.Errorf("only %d sources", len(seen))
	}
}

// TestCount holds how many rows were read and how many are from memory: a row without a source must not slip in as one that was read.
func TestCount(t *testing.T) {
	want := Counts{
		Suffixes: Count{321, 87}, Networks: Count{58, 0}, Seats: Count{64, 74}, Headquarters: Count{48, 69}, Parents: Count{37, 47},
		Organisations: 138, Whole: 41,
	}
	if got := table(t).Count(); got != want {
		t.Errorf("the table has %+v, want %+v", got, want)
	}
}

// TestSDKHosts: the hosts of mobile SDKs that the table was begun with all have an owner.
func TestSDKHosts(t *testing.T) {
	f, err := os.Open("testdata/hosts.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 174 {
		t.Fatalf("%d hosts, %v", len(rows), err)
	}
	owners := table(t)
	read := 0
	for _, r := range rows {
		m, ok := owners.Find(r[0], "2026-11-23")
		if !ok || m.Organisation != r[1] {
			t.Errorf("%s belongs to %q, want %q", r[0], m.Organisation, r[1])
		}
		if m.Said.Verified {
			read++
		}
	}
	if read < 138 {
		t.Errorf("the owner of %d hosts was read", read)
	}
}

func TestFind(t *testing.T) {
	owners := table(t)
	for _, c := range []struct{ name, key, suffix string }{
		{"graph.facebook.com", "meta", "facebook.com"},
		{"Graph.Facebook.COM.", "meta", "facebook.com"},
		{"*.facebook.com", "meta", "facebook.com"},
		{"facebook.com", "meta", "facebook.com"},
		{"notfacebook.com", "", ""},
		{"facebook.com.evil.example", "", ""},
		{"com", "", ""},
		{"", "", ""},
		{"api.fonts.googleapis.com", "google", "googleapis.com"},
		{"d1234.cloudfront.net", "amazon", "cloudfront.net"},
		{"bucket.s3.eu-west-1.amazonaws.com", "amazon", "amazonaws.com"},
		{"x.unityads.unity3d.com", "unity", "unityads.unity3d.com"},
		{"config.unity3d.com", "unity", "unity3d.com"},
		{"192.0.2.1", "", ""},
	} {
		m, ok := owners.Find(c.name, "2026-11-23")
		if ok != (c.key != "") || m.Organisation != c.key || m.Suffix.Suffix != c.suffix {
			t.Errorf("%q: %q by %q", c.name, m.Organisation, m.Suffix.Suffix)
		}
	}
	if m, _ := owners.Find("d1234.cloudfront.net", "2026-11-23"); m.Said.Contested == "" {
		t.Error("a name on a platform is said to be the platform's, uncontested")
	}
	if m, _ := owners.Find("graph.facebook.com", "2026-11-23"); m.Said.Contested != "" || !m.Said.Verified {
		t.Errorf("%+v", m.Said)
	}
}

// TestTikTokUS: the US service has another parent since 22 January 2026.
func TestTikTokUS(t *testing.T) {
	owners := table(t)
	m, ok := owners.Find("api.tiktokv.us", "2026-01-21")
	if !ok {
		t.Fatal("no owner")
	}
	for day, want := range map[string]string{"2026-01-21": "ByteDance Ltd.", "2026-01-22": "TikTok USDS Joint Venture LLC", "": ""} {
		o, _ := owners.At(m.Organisation, day)
		if o.Parent != want {
			t.Errorf("on %q the parent is %q, want %q", day, o.Parent, want)
		}
	}
	before, _ := owners.At(m.Organisation, "2026-01-21")
	after, _ := owners.At(m.Organisation, "2026-01-22")
	if before.ParentSeat != "KY" || after.ParentSeat != "US" {
		t.Errorf("the parent sits in %q, then in %q", before.ParentSeat, after.ParentSeat)
	}
	if europe, _ := owners.At("tiktok", "2026-06-01"); europe.Parent != "ByteDance Ltd." || europe.Seat != "IE" {
		t.Errorf("in Europe: %+v", europe)
	}
}

// TestUnverified: whatever is not read says so, and an organisation is verified only if all that is said of it is.
func TestUnverified(t *testing.T) {
	owners := table(t)
	for key := range owners.organisations {
		o, _ := owners.At(key, "2026-11-23")
		all := len(o.Facts) > 0
		for _, f := range o.Facts {
			all = all && f.Verified
			if f.Verified == (f.Grade == audit.Unverified) || f.Verified && (f.Source == "" || f.Date == "") {
				t.Errorf("%s: %+v", key, f)
			}
		}
		if o.Verified != all {
			t.Errorf("%s is verified: %v", key, o.Verified)
		}
		if (o.Seat != "") != slices.ContainsFunc(o.Facts, func(f audit.Fact) bool { return f.About == "seat" }) {
			t.Errorf("%s: a seat without a fact", key)
		}
	}
}

func TestRead(t *testing.T) {
	owners := table(t)
	mine, err := owners.Read("mine.csv", strings.NewReader(`# ours
suffix,organisation,seat,headquarters,parent,parent_seat,role,source,date
tracker.test.org,Tracker AB,SE,SE,Holding BV,NL,ads;push,https://example.org/imprint,2026-11-01
graph.facebook.com,Other Ltd,IE,,,,social,,
AS64500,Tracker AB,,,,,,contract,2026-10-01
`))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := mine.Find("a.tracker.test.org", "2026-11-23")
	if !ok || m.Said.Grade != audit.Declared || !slices.Equal(m.Roles, []string{"ads", "push"}) {
		t.Fatalf("%+v", m)
	}
	o, _ := mine.At(m.Organisation, "2026-11-23")
	if o.Seat != "SE" || o.Parent != "Holding BV" || o.ParentSeat != "NL" || !o.Verified {
		t.Errorf("%+v", o)
	}
	if m, _ := mine.Find("graph.facebook.com", "2026-11-23"); m.Said.Verified || m.Said.Grade != audit.Unverified {
		t.Errorf("a row without a source: %+v", m.Said)
	}
	if m, _ := mine.Find("www.facebook.com", "2026-11-23"); m.Organisation != "meta" {
		t.Errorf("a more specific row hides the rest: %+v", m)
	}
	if key, _, _ := mine.Network(64500); key != m.Organisation {
		t.Errorf("AS64500: %q", key)
	}
	if m, _ := owners.Find("graph.facebook.com", "2026-11-23"); m.Organisation != "meta" {
		t.Error("reading a file changes the table")
	}
}

func TestReadErrors(t *testing.T) {
	const head = "suffix,organisation,seat,parent,parent_seat,from,to,source,date,above\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":       {"", "f.csv: read header: the file is empty"},
		"column":      {"suffix,organisation,colour\n", `f.csv:1: column "colour" is unknown`},
		"missing":     {"suffix,seat\n", `f.csv:1: no column "organisation"`},
		"country":     {head + "a.org,A,Ireland,,,,,,,\n", `f.csv:2: country "Ireland"`},
		"umlaut":      {head + "bücher.org,A,IE,,,,,,,\n", `f.csv:2: suffix "bücher.org": write it as packets have it, "xn--bcher-kva.org"`},
		"no country":  {head + "a.org,A,XX,,,,,,,\n", `f.csv:2: country "XX": want an ISO 3166-1 code`},
		"small":       {head + "a.org,A,ie,,,,,,,\n", `f.csv:2: country "ie"`},
		"of a parent": {head + "a.org,A,IE,B,ZZ,,,,,\n", `f.csv:2: country "ZZ"`},
		"uk":          {head + "a.org,A,UK,,,,,,,\n", "the United Kingdom is GB"},
		"public":      {head + "co.uk,A,GB,,,,,,,\n", `f.csv:2: suffix "co.uk" is a public suffix`},
		"platform":    {head + "github.io,A,US,,,,,,,\n", `say "above"`},
		"no name":     {head + "https://a.org/,A,GB,,,,,,,\n", "want a domain name"},
		"day":         {head + "a.org,A,GB,,,yesterday,,,,\n", `f.csv:2: date "yesterday"`},
		"backwards":   {head + "a.org,A,GB,,,2026-02-01,2026-01-01,,,\n", "is after to"},
		"source":      {head + "a.org,A,GB,,,,,https://a.org,,\n", "on which day was it read?"},
		"date":        {head + "a.org,A,GB,,,,,,2026-01-01,\n", "of which source?"},
		"parent":      {head + "a.org,A,GB,,US,,,,,\n", "of which parent?"},
		"twice":       {head + "a.org,A,GB,,,,,,,\na.org,B,GB,,,,,,,\n", `f.csv:3: suffix "a.org": a row of the same days stands at f.csv:2`},
		"contradicts": {head + "a.org,A,GB,,,,,,,\nb.org,A,IE,,,,,,,\n", `f.csv:3: "A": seat IE contradicts GB above`},
		"short":       {head + "a.org\n", "wrong number of fields"},
		"control":     {head + "a.org,A\x1b[31m,GB,,,,,,,\n", "cannot be printed"},
		"dated AS":    {head + "AS64500,A,GB,,,2026-01-01,,,,\n", `f.csv:2: AS64500: column "from" is of rows of names`},
		"AS twice":    {head + "AS64500,A,GB,,,,,,,\nas64500,B,IE,,,,,,,\n", "f.csv:3: AS64500: a row of it stands at f.csv:2"},
		"nobody":      {head + "a.org,,GB,,,,,,,\n", "f.csv:2: no organisation"},
	} {
		if _, err := table(t).Read("f.csv", strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// FuzzRead: what can be read answers for its own suffixes, and nothing panics.
func FuzzRead(f *testing.F) {
	f.Add([]byte("suffix,organisation,seat,parent,from,to\na.example.org,A,IE,B,2026-01-01,\n"))
	f.Add([]byte("suffix,organisation\nAS64500,A\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		owners, err := newTable().Read("f.csv", bytes.NewReader(text))
		if err != nil {
			return
		}
		for s := range owners.All() {
			day := s.From
			if day == "" {
				day = s.To
			}
			if day == "" {
				day = "2026-11-23"
			}
			m, ok := owners.Find(s.Suffix, day)
			if !ok {
				continue // only the names under a platform's suffix are anybody's
			}
			if o, ok := owners.At(m.Organisation, day); !ok || o.Name == "" {
				t.Fatalf("%q: no organisation %q", s.Suffix, m.Organisation)
			}
		}
	})
}

// TestKnows: an organisation is known by its key or its name, whatever the case.
func TestKnows(t *testing.T) {
	for name, want := range map[string]bool{"meta": true, "META": true, "meta platforms, inc.": true, "Byte Dance": false, "": false} {
		if got := table(t).Knows(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// TestCheckDomain: a maker's domain is neither a public suffix nor an address; nothing is said of the columns of a file.
func TestCheckDomain(t *testing.T) {
	for name, want := range map[string]string{
		"example.com": "", "practice.example": "", "co.uk": "is a public suffix: nobody owns all names under it", "github.io": "is a public suffix: others have names under it",
		"192.0.2.1": "want a domain name", "com": "is a public suffix", "*.example.com": "want a domain name", "": "want a domain name",
	} {
		err := CheckDomain(name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

// TestAbove: a row of a public suffix answers for the names under it only if it says that it is above, and a platform is contested there.
func TestAbove(t *testing.T) {
	for _, above := range []bool{false, true} {
		owners := newTable()
		owners.organisations["x"] = &Organisation{Key: "x", Name: "X"}
		owners.suffixes["github.io"] = []Suffix{{Suffix: "github.io", Organisation: "x", Roles: []string{"cloud"}, Above: above}}
		m, ok := owners.Find("someone.github.io", "2026-11-23")
		if ok != above || ok && m.Said.Contested == "" {
			t.Errorf("above %v: found %v, contested %q", above, ok, m.Said.Contested)
		}
	}
}

// TestDatedNames: a name has the owner of the day, both days of a row included; on an unknown day only a row without days answers.
func TestDatedNames(t *testing.T) {
	owners, err := newTable().Read("f.csv", strings.NewReader(`suffix,organisation,from,to
a.example.org,Old Ltd,,2026-01-21
a.example.org,New Ltd,2026-01-22,2026-03-31
example.org,Above Ltd,,
`))
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{
		"2025-01-01": "old ltd", "2026-01-21": "old ltd", "2026-01-22": "new ltd", "2026-03-31": "new ltd", "2026-04-01": "above ltd", "": "above ltd",
	} {
		if m, ok := owners.Find("x.a.example.org", day); !ok || m.Organisation != want {
			t.Errorf("on %q: %q, want %q", day, m.Organisation, want)
		}
	}
}

// TestReplaces: a user's row takes the place of what the table says of the suffix, of the seat and of the parent, with the user's source.
func TestReplaces(t *testing.T) {
	owners, err := table(t).Read("f.csv", strings.NewReader(`suffix,organisation,seat,parent,parent_seat,source,date
facebook.com,Google LLC,IE,Some Holding,LU,https://a.example/,2026-11-01
`))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := owners.Find("graph.facebook.com", "2026-11-23")
	o, _ := owners.At(m.Organisation, "2026-11-23")
	if m.Organisation != "google" || o.Seat != "IE" || o.Parent != "Some Holding" || o.ParentSeat != "LU" {
		t.Errorf("%s: %+v", m.Organisation, o)
	}
	for _, f := range o.Facts {
		if f.About == "seat" && (f.Grade != audit.Declared || f.Date != "2026-11-01") {
			t.Errorf("%+v", f)
		}
	}
	memory, err := table(t).Read("f.csv", strings.NewReader("suffix,organisation,seat\nfacebook.com,Google LLC,IE\n"))
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := memory.At("google", "2026-11-23"); o.Seat != "IE" || o.Verified || o.SureSeat() != "" {
		t.Errorf("a seat without a source keeps the table's: %+v", o)
	}
}

// TestBrokenChain: where the table does not say who is above, no parent is named, and a circle of parents ends.
func TestBrokenChain(t *testing.T) {
	owners := newTable()
	for _, key := range []string{"a", "b", "c"} {
		owners.organisations[key] = &Organisation{Key: key, Name: strings.ToUpper(key), Seat: "IE"}
	}
	owners.parents["a"] = []Parent{{Of: "a", Key: "b"}}
	if o, _ := owners.At("a", "2026-01-01"); o.Parent != "" || o.ParentSeat != "" {
		t.Errorf("a chain that breaks names %q", o.Parent)
	}
	owners.parents["b"] = []Parent{{Of: "b", Key: "a"}}
	if o, _ := owners.At("a", "2026-01-01"); o.Parent != "" {
		t.Errorf("a circle names %q", o.Parent)
	}
	owners.parents["b"] = []Parent{{Of: "b", Key: "b"}}
	if o, _ := owners.At("a", "2026-01-01"); o.Parent != "B" || o.ParentSeat != "IE" {
		t.Errorf("%+v", o)
	}
	owners.organisations["a"].Contested = "or FR"
	if o, _ := owners.At("a", "2026-01-01"); o.Facts[0].Contested != "or FR" || o.SureSeat() != "" {
		t.Errorf("a contested seat: %+v", o.Facts[0])
	}
}

// TestReadLimits: a user's file is bounded.
func TestReadLimits(t *testing.T) {
	const head = "suffix,organisation\n"
	long := head + strings.Repeat("#"+strings.Repeat("x", 1000)+"\n", MaxFile/1000)
	var b strings.Builder
	b.WriteString(head)
	for i := range MaxRows + 1 {
		b.WriteString("AS" + strconv.Itoa(i+1) + ",A\n")
	}
	for name, c := range map[string]struct{ text, want string }{"long": {long, "more than 4194304 bytes"}, "many": {b.String(), "f.csv:50002: more than 50000 rows"}} {
		if _, err := newTable().Read("f.csv", strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
