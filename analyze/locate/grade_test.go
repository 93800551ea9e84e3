package locate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The datasets that test claims cite, by the letter of their publisher or use.
var testDatasets = []audit.Dataset{
	{Title: "DB-IP", Publisher: "DB-IP"},
	{Title: "GeoLite2", Publisher: "MaxMind"},
	{Title: "DB-IP City", Publisher: "DB-IP"},
	{Title: "one.mmdb"}, // of unknown publishers
	{Title: "two.mmdb"},
	{Title: "provider list", Publisher: "P"},
	{Title: "geofeed", Publisher: "P"},
	{Title: "edges", Publisher: "abroad"},
	{Title: "tokens", Publisher: "abroad"},
	{Title: "AS table", Publisher: "RIRs"},
	{Title: "overrides", Publisher: "the user"},
	{Title: "physics", Publisher: "abroad"},
}

// cited returns them numbered.
func cited() []audit.Dataset {
	list := slices.Clone(testDatasets)
	for i := range list {
		list[i].ID = audit.ID{Kind: audit.KindDataset, N: uint32(i + 1)}
	}
	return list
}

// claim makes one from a line: kind, what it says, and the row it quotes:
//
//	dbip IE · maxmind IE · dbip2 IE · one IE · two IE · region IE 1.2.3.0/24 · geofeed IE 1.2.3.0/24 · edge 1.2.0.0/16 · edge AS1
//	token IE · unread IE · registered US · override IE · physics
func claim(line string) audit.Claim {
	words := strings.Fields(line)
	at := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	c := audit.Claim{Country: at(1), Said: audit.Citation{Key: at(2)}}
	set := map[string]uint32{"dbip": 1, "maxmind": 2, "dbip2": 3, "one": 4, "two": 5, "region": 6, "geofeed": 7, "edge": 8, "token": 9, "unread": 9,
		"registered": 10, "override": 11, "physics": 12}[words[0]]
	if set == 0 {
		panic(line)
	}
	c.Said.Dataset = audit.ID{Kind: audit.KindDataset, N: set}
	switch words[0] {
	case "region":
		c.Kind, c.By, c.Organisation, c.Region = audit.ClaimOperator, "regions", "Cloud", "r1"
	case "geofeed":
		c.Kind, c.By = audit.ClaimOperator, byGeofeed
	case "edge":
		c.Kind, c.Country, c.Said.Key, c.Detail, c.Organisation, c.Role = audit.ClaimEdge, "", at(1), "anycast", "Cloudflare", audit.RoleEdge
	case "token":
		c.Kind, c.Organisation, c.Said.Key = audit.ClaimToken, "Cloud", "x under y"
	case "unread":
		c.Kind, c.Organisation, c.Said.Key, c.By = audit.ClaimToken, "Cloud", "x under y", byUnread
	case "registered":
		c.Kind = audit.ClaimRegistration
	case "override":
		c.Kind = audit.ClaimOverride
	case "physics":
		c.Kind, c.Country = audit.ClaimPhysics, ""
	default:
		c.Kind = audit.ClaimDatabase
	}
	if c.Said.Key == "" {
		c.Said.Key = "1.2.0.0/16"
	}
	return c
}

func claims(lines ...string) []audit.Claim {
	var list []audit.Claim
	for i, line := range lines {
		c := claim(line)
		c.ID = audit.ID{Kind: audit.KindClaim, N: uint32(i + 1)}
		list = append(list, c)
	}
	return list
}

func TestWeigh(t *testing.T) {
	list := func(words ...string) []string { return words }
	for _, c := range []struct {
		name       string
		claims     []string
		within     []string
		grade      audit.Grade
		country    string
		candidates string
		role       audit.Role
		words      string
		rejected   string // ids
	}{
		{"nothing", nil, nil, audit.L0, "", "", "", "no dataset says where it is", ""},
		{"registered only", list("registered US"), nil, audit.L0, "", "", "", "no dataset says where it is; registered in US", ""},
		{"one database", list("dbip IE"), nil, audit.L1, "IE", "IE", "", "DB-IP says IE", ""},
		{"registration is no place", list("dbip IE", "registered US"), nil, audit.L1, "IE", "IE", "", "DB-IP says IE", ""},
		{"databases differ", list("dbip IE", "maxmind US"), nil, audit.L1, "", "IE US", "", "undetermined: DB-IP says IE; GeoLite2 says US", ""},
		{"no majority", list("dbip IE", "maxmind US", "one IE", "two IE"), nil, audit.L1, "", "IE US", "",
			"undetermined: DB-IP, one.mmdb and two.mmdb say IE; GeoLite2 says US", ""},
		{"two publishers agree", list("dbip IE", "maxmind IE"), nil, audit.L2, "IE", "IE", "", "DB-IP and GeoLite2 say IE", ""},
		{"one publisher twice", list("dbip IE", "dbip2 IE"), nil, audit.L1, "IE", "IE", "", "DB-IP and DB-IP City say IE", ""},
		{"one publisher twice is one opinion beside an operator", list("region IE 1.2.3.0/24", "dbip IE", "dbip2 IE"), nil, audit.L3, "IE", "IE", audit.RoleHost,
			"in IE (its operator and a database agree)", ""},
		{"one publisher differs from itself", list("dbip IE", "dbip2 GB"), nil, audit.L1, "", "GB IE", "", "undetermined: DB-IP says IE; DB-IP City says GB", ""},
		{"unknown publishers are not two", list("one IE", "two IE"), nil, audit.L1, "IE", "IE", "", "one.mmdb and two.mmdb say IE", ""},
		{"an unknown publisher may be the known one", list("dbip IE", "one IE"), nil, audit.L1, "IE", "IE", "", "DB-IP and one.mmdb say IE", ""},
		{"databases never give L3", list("dbip IE", "maxmind IE", "one IE", "two IE"), nil, audit.L2, "IE", "IE", "",
			"DB-IP, GeoLite2, one.mmdb and two.mmdb say IE", ""},

		{"operator alone", list("region IE 1.2.3.0/24"), nil, audit.L2, "IE", "IE", audit.RoleHost, "its operator Cloud says IE", ""},
		{"geofeed alone", list("geofeed IE 1.2.3.0/24"), nil, audit.L2, "IE", "IE", audit.RoleHost, "its operator (geofeed) says IE", ""},
		{"token alone", list("token IE"), nil, audit.L2, "IE", "IE", audit.RoleHost, "a host name of Cloud says IE", ""},
		{"operator against databases", list("dbip US", "maxmind DE", "region SE 1.2.3.0/24"), nil, audit.L2, "SE", "SE", audit.RoleHost,
			"its operator Cloud says SE; against it: DB-IP says US; GeoLite2 says DE", "c1 c2"},
		{"operator and database", list("dbip IE", "region IE 1.2.3.0/24"), nil, audit.L3, "IE", "IE", audit.RoleHost,
			"in IE (its operator and a database agree)", ""},
		{"operator and one of two databases", list("dbip IE", "maxmind US", "region IE 1.2.3.0/24"), nil, audit.L3, "IE", "IE", audit.RoleHost,
			"in IE (its operator and a database agree); against it: GeoLite2 says US", "c2"},
		{"operator and token", list("region IE 1.2.3.0/24", "token IE"), nil, audit.L3, "IE", "IE", audit.RoleHost,
			"in IE (its operator and a host name of its operator agree)", ""},
		{"token and databases", list("token IE", "dbip IE", "maxmind IE"), nil, audit.L3, "IE", "IE", audit.RoleHost,
			"in IE (a host name of its operator and databases agree)", ""},
		{"a token that nobody read", list("unread IE"), nil, audit.L2, "IE", "IE", audit.RoleHost, "a host name of Cloud (unverified) says IE", ""},
		{"a token that nobody read is no second kind", list("unread IE", "dbip IE", "maxmind IE"), nil, audit.L2, "IE", "IE", audit.RoleHost,
			"a host name of Cloud (unverified), DB-IP and GeoLite2 say IE", ""},
		{"nor beside an operator", list("unread IE", "region IE 1.2.3.0/24"), nil, audit.L2, "IE", "IE", audit.RoleHost,
			"its operator Cloud and a host name of Cloud (unverified) say IE", ""},
		{"a token that nobody read beside two kinds", list("unread IE", "region IE 1.2.3.0/24", "dbip IE"), nil, audit.L3, "IE", "IE", audit.RoleHost,
			"in IE (its operator and a database agree)", ""},
		{"a token that nobody read still disputes", list("unread FI", "region IE 1.2.3.0/24", "dbip IE"), nil, audit.L1, "", "FI IE", audit.RoleHost,
			"undetermined: its operator Cloud and DB-IP say IE; a host name of Cloud (unverified) says FI", ""},
		{"a read token beside one that nobody read", list("unread IE", "token IE", "dbip IE"), nil, audit.L3, "IE", "IE", audit.RoleHost,
			"in IE (a host name of its operator and a database agree)", ""},
		{"region list and geofeed are one kind", list("region IE 1.2.3.0/24", "geofeed IE 1.2.3.0/24"), nil, audit.L2, "IE", "IE", audit.RoleHost,
			"its operator Cloud and its operator (geofeed) say IE", ""},
		{"region list beats geofeed, and L3 is out of reach", list("region SE 1.2.3.0/24", "geofeed FI 1.2.3.0/25", "dbip SE"), nil, audit.L2, "SE", "SE",
			audit.RoleHost, "its operator Cloud and DB-IP say SE; against it: its operator (geofeed) says FI", "c2"},
		{"the more specific region list", list("region SE 1.2.0.0/16", "region FI 1.2.3.0/24", "dbip FI"), nil, audit.L2, "FI", "FI", audit.RoleHost,
			"its operator Cloud and DB-IP say FI; against it: its operator Cloud says SE", "c1"},
		{"two region lists of one length differ", list("region SE 1.2.3.0/24", "region FI 1.2.3.0/24"), nil, audit.L1, "", "FI SE", audit.RoleHost,
			"undetermined: its operator Cloud says SE; its operator Cloud says FI", ""},
		{"operator and token differ", list("region SE 1.2.3.0/24", "token FI", "dbip SE"), nil, audit.L1, "", "FI SE", audit.RoleHost,
			"undetermined: its operator Cloud and DB-IP say SE; a host name of Cloud says FI", ""},
		{"two tokens differ", list("token SE", "token FI"), nil, audit.L1, "", "FI SE", audit.RoleHost,
			"undetermined: a host name of Cloud says SE; a host name of Cloud says FI", ""},

		{"edge", list("edge 1.2.0.0/16", "dbip AU", "maxmind AU"), nil, audit.L1, "", "", audit.RoleEdge, "anycast of Cloudflare: no single country", "c2 c3"},
		{"edge alone", list("edge 1.2.0.0/16"), nil, audit.L1, "", "", audit.RoleEdge, "anycast of Cloudflare: no single country", ""},
		{"edge by AS", list("edge AS20940", "dbip DE"), nil, audit.L1, "", "", audit.RoleEdge, "anycast of Cloudflare: no single country", "c2"},
		{"a token does not make an edge a place", list("edge 1.2.0.0/16", "token IE", "dbip IE"), nil, audit.L1, "", "", audit.RoleEdge,
			"anycast of Cloudflare: no single country", "c2 c3"},
		{"a broader region prefix does not either", list("edge 1.2.3.0/24", "region IE 1.2.0.0/16", "dbip IE"), nil, audit.L1, "", "", audit.RoleEdge,
			"anycast of Cloudflare: no single country", "c2 c3"},
		{"nor one of the same length", list("edge 1.2.3.0/24", "region IE 1.2.3.0/24"), nil, audit.L1, "", "", audit.RoleEdge,
			"anycast of Cloudflare: no single country", "c2"},
		{"a more specific region prefix does", list("edge 1.2.0.0/16", "region NL 1.2.3.0/24", "dbip NL", "maxmind US"), nil, audit.L3, "NL", "NL",
			audit.RoleHost, "in NL (its operator and a database agree); against it: GeoLite2 says US", "c1 c4"},
		{"any region prefix beats an AS", list("edge AS20940", "region NL 1.0.0.0/8"), nil, audit.L2, "NL", "NL", audit.RoleHost,
			"its operator Cloud says NL", "c1"},
		{"all edge ranges must be broader", list("edge 1.2.0.0/16", "edge 1.2.3.0/25", "region NL 1.2.3.0/24"), nil, audit.L1, "", "", audit.RoleEdge,
			"anycast of Cloudflare: no single country", "c3"},

		{"physics confines nothing said", nil, list("GB", "IE"), audit.L0, "", "", "", "no dataset says where it is", ""},
		{"physics refutes the only database", list("dbip AU"), list("GB", "IE"), audit.L0, "", "", "",
			"no source can be right: DB-IP says AU, but the round trip is too short for it", "c1"},
		{"physics decides between databases", list("dbip CN", "maxmind SG", "physics"), list("ID", "MY", "SG"), audit.L1, "SG", "SG", "",
			"GeoLite2 says SG; refuted by the round trip: DB-IP says CN", "c1"},
		{"physics leaves one country", list("region IS 1.2.3.0/24", "dbip IE"), list("IS"), audit.L4, "IS", "IS", audit.RoleHost,
			"in IS (the round trip allows no other country); refuted by the round trip: DB-IP says IE", "c2"},
		{"physics alone", nil, list("IS"), audit.L4, "IS", "IS", "", "in IS (the round trip allows no other country)", ""},
		{"physics confines an edge", list("edge 1.2.3.0/24", "dbip US", "physics"), list("IS"), audit.L4, "", "", audit.RoleEdge,
			"anycast of Cloudflare: no single country; what answers is within {IS}", "c2"},
		{"physics confines an edge to some", list("edge 1.2.3.0/24", "dbip US"), list("GB", "IE"), audit.L1, "", "", audit.RoleEdge,
			"anycast of Cloudflare: no single country; what answers is within {GB IE}", "c2"},
		{"a refuted operator still disputes", list("region US 1.2.3.0/24", "token IE", "dbip IE"), list("GB", "IE"), audit.L2, "IE", "IE", audit.RoleHost,
			"a host name of Cloud and DB-IP say IE; refuted by the round trip: its operator Cloud says US", "c1"},
		{"physics leaves two publishers that agree", list("dbip IE", "maxmind IE", "one AU"), list("GB", "IE"), audit.L2, "IE", "IE", "",
			"DB-IP and GeoLite2 say IE; refuted by the round trip: one.mmdb says AU", "c3"},

		{"by hand", list("override NO", "dbip SE", "region SE 1.2.3.0/24"), nil, audit.L2, "NO", "NO", audit.RoleHost,
			"a correction by hand says NO; against it: its operator Cloud and DB-IP say SE", "c2 c3"},
		{"by hand, and an operator agrees", list("override SE", "region SE 1.2.3.0/24", "dbip SE"), nil, audit.L2, "SE", "SE", audit.RoleHost,
			"a correction by hand, its operator Cloud and DB-IP say SE", ""},
		{"by hand against an edge", list("override NO", "edge 1.2.0.0/16", "dbip SE"), nil, audit.L2, "NO", "NO", audit.RoleHost,
			"a correction by hand says NO; against it: DB-IP says SE", "c2 c3"},
		{"by hand against physics", list("override AU", "dbip IE"), list("GB", "IE"), audit.L1, "IE", "IE", "",
			"DB-IP says IE; refuted by the round trip: a correction by hand says AU", "c1"},
	} {
		got := Weigh(audit.ClassPublic, claims(c.claims...), cited(), c.within)
		var rejected []string
		for _, r := range got.Rejected {
			rejected = append(rejected, r.Claim.String())
			if r.Why == "" {
				t.Errorf("%s: %s rejected without a reason", c.name, r.Claim)
			}
		}
		if got.Grade != c.grade || got.Country != c.country || strings.Join(got.Candidates, " ") != c.candidates || got.Role != c.role ||
			got.Words != c.words || strings.Join(rejected, " ") != c.rejected {
			t.Errorf("%s:\n got %s %q {%s} %q %q rejected %s\nwant %s %q {%s} %q %q rejected %s", c.name,
				got.Grade, got.Country, strings.Join(got.Candidates, " "), got.Role, got.Words, strings.Join(rejected, " "),
				c.grade, c.country, c.candidates, c.role, c.words, c.rejected)
		}
		if (len(got.Missing) == 0) != got.Grade.Place() {
			t.Errorf("%s: grade %s is missing %q", c.name, got.Grade, got.Missing)
		}
	}
}

func TestWeighBecause(t *testing.T) {
	place := Weigh(audit.ClassPublic, claims("dbip IE", "maxmind US", "registered US", "region IE 1.2.3.0/24", "physics"), cited(), []string{"IE", "US"})
	want := []audit.ID{{Kind: audit.KindClaim, N: 1}, {Kind: audit.KindClaim, N: 4}, {Kind: audit.KindClaim, N: 5}}
	if diff := cmp.Diff(want, place.Because); diff != "" {
		t.Error(diff)
	}
}

// What is only implausible is shown and no more: it is neither cited nor does it speak against anything.
func TestWeighImplausible(t *testing.T) {
	list := claims("physics", "dbip IE", "physics")
	list[2].Bound, list[2].Country = audit.BoundImplausible, "IE"
	p := Weigh(audit.ClassPublic, list, cited(), []string{"GB", "IE"})
	if diff := cmp.Diff([]audit.ID{list[0].ID, list[1].ID}, p.Because); diff != "" || p.Country != "IE" {
		t.Errorf("%+v: %s", p, diff)
	}
}

func TestWeighMissing(t *testing.T) {
	for _, c := range []struct {
		claims []string
		within []string
		want   []string
	}{
		{nil, nil, []string{missDatabase, missOperator}},
		{[]string{"dbip IE"}, nil, []string{missPublisher, missOperator, missRTT}},
		{[]string{"dbip IE", "dbip2 IE"}, nil, []string{missPublisher, missOperator, missRTT}},
		{[]string{"dbip IE", "maxmind US"}, nil, []string{missOperator, missRTT}},
		{[]string{"dbip IE", "maxmind IE"}, nil, []string{missOperator, missRTT}},
		{[]string{"dbip AU"}, []string{"GB", "IE"}, []string{missOperator, missRTT}},
		{[]string{"token IE"}, nil, []string{missAgreement, missRTT}},
		{[]string{"unread IE"}, nil, []string{missOperator, missRTT}},
		{[]string{"unread IE", "dbip IE"}, nil, []string{missOperator, missRTT}},
		{[]string{"region IE 1.2.3.0/24", "dbip US"}, nil, []string{missAgreement, missRTT}},
		{[]string{"region IE 1.2.3.0/24", "token GB"}, nil, []string{missRTT}},
		{[]string{"edge 1.2.3.0/24", "dbip US"}, nil, []string{missRTT}},
		{[]string{"region IE 1.2.3.0/24", "dbip IE"}, nil, nil},
		{nil, []string{"IE"}, nil},
	} {
		if diff := cmp.Diff(c.want, Weigh(audit.ClassPublic, claims(c.claims...), cited(), c.within).Missing); diff != "" {
			t.Errorf("%q within %q: %s", c.claims, c.within, diff)
		}
	}
}

func TestWeighClasses(t *testing.T) {
	for class := range classWords {
		place := Weigh(class, nil, nil, nil)
		if place.Grade != audit.L0 || place.Words == "" || place.Missing != nil || strings.Contains(place.Words, "unknown") {
			t.Errorf("%s: %+v", class, place)
		}
		if place := Weigh(class, claims("override IE"), cited(), nil); place.Country != "IE" { // somebody knows better
			t.Errorf("%s, corrected: %+v", class, place)
		}
	}
	for _, class := range []audit.Class{audit.ClassPublic, audit.ClassNAT64, audit.ClassPractice} {
		if place := Weigh(class, claims("dbip IE"), cited(), nil); place.Country != "IE" {
			t.Errorf("%q: %+v", class, place)
		}
	}
}

// drawClaims makes any set of claims about one address.
func drawClaims(t *rapid.T, label string) []audit.Claim {
	kinds := []string{"dbip", "maxmind", "dbip2", "one", "two", "region", "geofeed", "token", "unread", "registered", "override", "edge", "physics"}
	prefixes := []string{"1.0.0.0/8", "1.2.0.0/16", "1.2.3.0/24"}
	var lines []string
	for range rapid.IntRange(0, 8).Draw(t, label+" count") {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		country := rapid.SampledFrom([]string{"IE", "US", "CN", "SG"}).Draw(t, "country")
		prefix := rapid.SampledFrom(prefixes).Draw(t, "prefix")
		switch kind {
		case "edge":
			lines = append(lines, kind+" "+rapid.SampledFrom(append(prefixes, "AS1")).Draw(t, "range"))
		default:
			lines = append(lines, kind+" "+country+" "+prefix)
		}
	}
	return claims(lines...)
}

func drawWithin(t *rapid.T) []string {
	var within []string
	for _, country := range []string{"CN", "IE", "SG", "US"} {
		if rapid.Bool().Draw(t, country) {
			within = append(within, country)
		}
	}
	if len(within) == 4 {
		return nil
	}
	return within
}

func TestWeighIgnoresOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list, within := drawClaims(t, "claims"), drawWithin(t)
		want := Weigh(audit.ClassPublic, list, cited(), within)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if diff := cmp.Diff(want, Weigh(audit.ClassPublic, list, cited(), within)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestWeighHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list, within := drawClaims(t, "claims"), drawWithin(t)
		p := Weigh(audit.ClassPublic, list, cited(), within)
		kinds := map[audit.ClaimKind]bool{}
		named := map[string]bool{}
		for _, c := range list {
			if c.By != byUnread {
				kinds[c.Kind] = true
			}
			if c.Kind != audit.ClaimRegistration {
				named[c.Country] = true
			}
		}
		for _, country := range p.Candidates {
			if len(within) > 0 && !slices.Contains(within, country) {
				t.Fatalf("%s is a candidate, and physics excludes it", country)
			}
			if !named[country] && p.Grade != audit.L4 {
				t.Fatalf("%s is a candidate, and nobody says it", country)
			}
		}
		if p.Role == audit.RoleEdge && (p.Country != "" || len(p.Candidates) > 0) {
			t.Fatalf("an edge has country %q, candidates %q", p.Country, p.Candidates)
		}
		if p.Grade == audit.L4 && len(within) != 1 || p.Grade == audit.L3 && p.Country == "" {
			t.Fatalf("%s with country %q within %q", p.Grade, p.Country, within)
		}
		if p.Grade == audit.L3 && !kinds[audit.ClaimOperator] && !kinds[audit.ClaimToken] {
			t.Fatalf("L3 from %v", kinds)
		}
		if p.Country != "" && !slices.Equal(p.Candidates, []string{p.Country}) {
			t.Fatalf("country %q of candidates %q", p.Country, p.Candidates)
		}
		if !p.Grade.Place() && (strings.Contains(p.Words, "in "+p.Country+" ") || strings.HasPrefix(p.Words, "in ") || strings.Contains(p.Words, "is in")) {
			t.Fatalf("%s says %q", p.Grade, p.Words)
		}
		// Every claim of a place is followed or rejected, and none is both.
		seen := map[audit.ID]int{}
		for _, id := range p.Because {
			seen[id]++
		}
		for _, r := range p.Rejected {
			seen[r.Claim]++
		}
		for _, c := range list {
			want := 1
			switch c.Kind {
			case audit.ClaimRegistration, audit.ClaimNetwork:
				want = 0
			case audit.ClaimPhysics:
				want = min(len(within), 1)
			}
			if seen[c.ID] != want {
				t.Fatalf("%s (%s %s) stands %d times in because and rejected, want %d", c.ID, c.Kind, c.Country, seen[c.ID], want)
			}
		}
	})
}

// One more database never makes a place, and takes no candidate away: only the rules that rank kinds and physics do.
func TestWeighMoreDatabases(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list, within := drawClaims(t, "claims"), drawWithin(t)
		onlyDatabases := !slices.ContainsFunc(list, func(c audit.Claim) bool {
			return c.Kind != audit.ClaimDatabase && c.Kind != audit.ClaimRegistration
		})
		before := Weigh(audit.ClassPublic, list, cited(), within)
		more := claim(rapid.SampledFrom([]string{"dbip ", "maxmind ", "one "}).Draw(t, "who") + rapid.SampledFrom([]string{"IE", "US", "CN"}).Draw(t, "where"))
		more.ID = audit.ID{Kind: audit.KindClaim, N: uint32(len(list) + 1)}
		after := Weigh(audit.ClassPublic, append(slices.Clone(list), more), cited(), within)
		for _, country := range before.Candidates {
			if !slices.Contains(after.Candidates, country) {
				t.Fatalf("%s was a candidate before %s said %s", country, more.By, more.Country)
			}
		}
		if onlyDatabases && after.Grade.Place() && len(within) != 1 {
			t.Fatalf("databases alone give %s", after.Grade)
		}
	})
}

// Any claim may take candidates away only by a rule: a stronger kind, or an edge.
func TestWeighMoreClaims(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list, within := drawClaims(t, "claims"), drawWithin(t)
		extra := drawClaims(t, "extra")
		if len(extra) == 0 {
			return
		}
		more := extra[0]
		more.ID = audit.ID{Kind: audit.KindClaim, N: uint32(len(list) + 1)}
		before := Weigh(audit.ClassPublic, list, cited(), within)
		after := Weigh(audit.ClassPublic, append(slices.Clone(list), more), cited(), within)
		for _, country := range before.Candidates {
			if slices.Contains(after.Candidates, country) || len(within) == 1 {
				continue // physics alone names the country of a host, and none of an edge
			}
			switch more.Kind {
			case audit.ClaimDatabase, audit.ClaimRegistration, audit.ClaimNetwork, audit.ClaimPhysics:
				t.Fatalf("a %s claim took %s away", more.Kind, country)
			}
			if !slices.ContainsFunc(after.Rejected, func(r audit.Rejected) bool { return list[r.Claim.N-1].Country == country }) {
				t.Fatalf("%s is gone, and no claim that names it was rejected", country)
			}
		}
	})
}

func BenchmarkWeigh(b *testing.B) {
	list, sets := claims("dbip IE", "edge 1.2.0.0/16", "registered US"), cited()
	b.ReportAllocs()
	for b.Loop() {
		Weigh(audit.ClassPublic, list, sets, nil)
	}
}
