package provider

import (
	"os"
	"strings"
	"testing"
)

func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAWS(t *testing.T) {
	file := sample(t, "aws.json")
	reads(t, aws, "ip-ranges.json", file, "2026-01-02",
		"prefix,provider,region,country",
		"13.224.0.0/14,AWS,GLOBAL,",
		"15.220.0.0/20,AWS,eu-central-1-waw-1,PL", // not DE, where its region is
		"16.24.0.0/16,AWS,me-west-1,-",
		"52.16.0.0/15,AWS,eu-west-1,IE",
		"2a05:d018::/36,AWS,eu-west-1,IE",
		`region "me-west-1" is doubtful: its 1 prefix is kept without a country`)
	cut(t, aws, file)
}

func TestAWSMalformed(t *testing.T) {
	row := func(v4, region, v6 string) string {
		return `{"createDate":"","prefixes":[{"ip_prefix":"` + v4 + `","region":"eu-west-1","network_border_group":"` + region +
			`"},{"ip_prefix":"52.16.0.0/15","region":"eu-west-1"}],"ipv6_prefixes":[{"ipv6_prefix":"` + v6 + `","region":"eu-west-1"}]}`
	}
	for _, c := range []struct{ file, want string }{
		{row("10.0.0.1/8", "eu-west-1", "2a05::/16"), `left out 1 row that cannot be interpreted (first: "10.0.0.1/8")`},
		{row("2a06::/16", "eu-west-1", "2a05::/16"), `"2a06::/16"`}, // IPv6 among IPv4
		{row("10.0.0.0/8", "eu-west-1", "1.0.0.0/8"), `"1.0.0.0/8"`},
		{row("10.0.0.0/8", "eu-west-1", "::ffff:1.0.0.0/104"), `"::ffff:1.0.0.0/104"`},
		{row("10.0.0.0/8", "moon-1", "2a05::/16"), `region "moon-1" is not in the table of regions: its 1 prefix is kept without a country`},
		{row("52.16.0.0/15", "us-east-1", "2a05::/16"), "1 prefix is in regions of different countries: kept without a country"},
	} {
		table, err := Read("", "x", []byte(c.file))
		if err != nil || !strings.Contains(strings.Join(table.Notes, "\n"), c.want) {
			t.Errorf("%s: %v, %v, want %q", c.file, table, err, c.want)
			continue
		}
		plausible(t, table)
	}
	// A front stays a front, in whatever order the services of a prefix are listed.
	for _, groups := range [][2]string{{"GLOBAL", "eu-west-1"}, {"eu-west-1", "GLOBAL"}} {
		r := newRanges("aws", "AWS")
		r.add("1.0.0.0/8", "us-east-1", v4)
		r.add("1.0.0.0/8", groups[0], v4)
		r.add("1.0.0.0/8", groups[1], v4)
		if table, err := r.table(awsSet()); err != nil || lines(table)[1] != "1.0.0.0/8,AWS,GLOBAL," {
			t.Errorf("%v: %v %v", groups, table, err)
		}
	}
	refuses(t, aws, `{"prefixes":[{"ip_prefix":"x"}]}`, `no prefix in it is one ("x")`)
	refuses(t, aws, `{"prefixes":[]}`, "no prefixes in it")
	refuses(t, aws, `{"prefixes":7}`, "at byte 13: ")
	refuses(t, aws, `{"prefixes":[}`, "at byte 14: ")
	refuses(t, aws, strings.Repeat(`{"a":`, 20_000), "at byte ")
}

func FuzzAWS(f *testing.F) {
	fuzz(f, aws, sample(f, "aws.json"), `{"prefixes":[{"ip_prefix":"1.0.0.0/8","region":"x\n\"y\","},{"ip_prefix":"1.0.0.0/8","region":"GLOBAL"}]}`)
}
