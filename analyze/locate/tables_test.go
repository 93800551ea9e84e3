package locate

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"

	"github.com/google/go-cmp/cmp"
)

// ask returns what a reader's answer says about an address, one line a claim.
func ask(answer func(*sheet), address string, names ...string) []string {
	s := &sheet{asked: netip.MustParseAddr(address), names: names}
	answer(s)
	lines := []string{}
	for _, c := range s.claims {
		line := fmt.Sprintf("%s %s %s", c.Said.Key, c.Kind, c.Country)
		for _, part := range []string{c.Region, c.City, c.Organisation, string(c.Role), c.Detail} {
			if part != "" {
				line += " " + part
			}
		}
		if c.AS != 0 {
			line += fmt.Sprintf(" AS%d", c.AS)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestReaders(t *testing.T) {
	for _, c := range []struct {
		kind    dataset.Kind
		file    string
		address string
		names   []string
		want    []string
	}{
		{dataset.Databases, "prefix,country,registered\n1.0.0.0/8,IE,US\n1.2.0.0/16,,GB\n", "1.1.1.1", nil,
			[]string{"1.0.0.0/8 database IE", "1.0.0.0/8 registration US registered country"}},
		{dataset.Databases, "prefix,country,registered\n1.0.0.0/8,IE,US\n1.2.0.0/16,,GB\n", "1.2.1.1", nil,
			[]string{"1.2.0.0/16 registration GB registered country"}},
		{dataset.Regions, "# c\nprefix,provider,region,country\n1.0.0.0/8,cloud,,\n1.2.0.0/16,cloud,eu-1,IE\n", "1.2.1.1", nil,
			[]string{"1.2.0.0/16 operator IE eu-1 cloud host"}},
		{dataset.Regions, "prefix,provider,region,country\n1.0.0.0/8,cloud,GLOBAL,\n", "1.2.1.1", nil,
			[]string{"1.0.0.0/8 edge  GLOBAL cloud edge edge"}},
		{dataset.Regions, "prefix,provider,region,country\n1.0.0.0/8,cloud,eu-1,IE\n1.2.0.0/16,cloud,moon-1,-\n", "1.2.1.1", nil, []string{}},
		{dataset.Anycast, "match,operator,kind,source,read\n1.0.0.0/8,,anycast,census,\n", "1.2.3.4", nil, []string{"1.0.0.0/8 edge  edge anycast"}},
		{dataset.Networks, "prefix,as,organisation,registered\n2001:db8::/32,64500,\"A, B\",NO\n", "2001:db8::1", nil,
			[]string{"2001:db8::/32 network  A, B AS64500", "2001:db8::/32 registration NO A, B AS registered AS64500"}},
		{dataset.Geofeed, "\ufeff# feed\n1.2.3.0/24, ie ,IE-D,Dublin,\n1.2.3.4,GB\n1.9.0.0/16,,,,\n", "1.2.3.9", nil,
			[]string{"1.2.3.0/24 operator IE IE-D Dublin host"}},
		{dataset.Geofeed, "1.2.3.0/24,IE,,,\n1.2.3.4,GB\n", "1.2.3.4", nil, []string{"1.2.3.4/32 operator GB host"}},
		{dataset.Geofeed, "1.2.3.0/24,IE,,,\n1.2.3.4,\n", "1.2.3.4", nil, []string{}},
		{dataset.Anycast, "match,operator,kind,source,read\n1.0.0.0/8,A,edge,,\n1.2.0.0/16,B,anycast,,\n", "1.2.3.4", nil,
			[]string{"1.2.0.0/16 edge  B edge anycast"}},
		{dataset.Tokens, "suffix,operator,token,country,city\ncloud.example,Cloud,eu-west-1,IE,Dublin\ncloud.example,Cloud,lhr,GB,\n", "1.2.3.4",
			[]string{"a.eu-west-1.cloud.example", "b.eu-west-1.cloud.example", "edge.lhr2.cloud.example"},
			[]string{"eu-west-1 under cloud.example token IE Dublin Cloud host a.eu-west-1.cloud.example",
				"lhr under cloud.example token GB Cloud host edge.lhr2.cloud.example"}},
		// The word counts under its operator's suffix only, and as a label of its own.
		{dataset.Tokens, "suffix,operator,token,country,city\ncloud.example,Cloud,app,PG,\n", "1.2.3.4",
			[]string{"app.other.example", "app.cloud.example.org", "apple.cloud.example", "myapp.cloud.example", "cloud.example", "app.xcloud.example"}, []string{}},
	} {
		answer, err := readers[c.kind].read([]byte(c.file))
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		if diff := cmp.Diff(c.want, ask(answer, c.address, c.names...)); diff != "" {
			t.Errorf("%s about %s: %s", c.kind, c.address, diff)
		}
	}
}

func TestReadersRefuse(t *testing.T) {
	for _, c := range []struct {
		kind       dataset.Kind
		file, want string
	}{
		{dataset.Databases, "", "no header"},
		{dataset.Databases, "prefix,country\n", `line 1: header is "prefix,country"`},
		{dataset.Databases, "prefix,country,registered\n1.2.3.4/24,IE,\n", `line 2: prefix "1.2.3.4/24": want "1.2.3.0/24"`},
		{dataset.Databases, "prefix,country,registered\n\n1.2.3.0/33,IE,\n", "line 3: prefix"},
		{dataset.Databases, "prefix,country,registered\n::ffff:1.2.3.0/120,IE,\n", "line 2: prefix"},
		{dataset.Databases, "prefix,country,registered\n1.2.3.0/24,XX,\n", `line 2: country "XX"`},
		{dataset.Databases, "prefix,country,registered\n1.2.3.0/24,IE,EU\n", `line 2: country "EU"`},
		{dataset.Databases, "prefix,country,registered\n1.2.3.0/24,IE,\n1.2.3.0/24,GB,\n", "line 3: 1.2.3.0/24 is also on line 2"},
		{dataset.Databases, "prefix,country,registered\n1.2.3.0/24,IE\n", "line 2"},
		{dataset.Regions, "prefix,provider,region,country\n1.2.3.0/24,,r,IE\n", "no provider"},
		{dataset.Networks, "prefix,as,organisation,registered\n1.2.3.0/24,AS1,,\n", `as "AS1"`},
		{dataset.Networks, "prefix,as,organisation,registered\n1.2.3.0/24,0,,\n", `as "0"`},
		{dataset.Geofeed, "", "no rows"},
		{dataset.Geofeed, "# nothing\n", "no rows"},
		{dataset.Geofeed, "<!DOCTYPE html>\n", `line 1: prefix "<!DOCTYPE html>"`},
		{dataset.Geofeed, "1.2.3.0/24,IE,GB-LND,London,\n", `line 1: region "GB-LND" is not in IE`},
		{dataset.Anycast, "match,operator,kind,source,read\n1.2.3.0/24,A,host,,\n", `kind "host"`},
		{dataset.Anycast, "match,operator,kind,source,read\nAS0,A,edge,,\n", `match "AS0"`},
		{dataset.Anycast, "match,operator,kind,source,read\nAS1,A,edge,,\nAS1,B,edge,,\n", "AS1 is there twice"},
		{dataset.Tokens, "suffix,operator,token,country,city\na.example,A,x,,\n", "want all of them"},
		{dataset.Tokens, "suffix,operator,token,country,city\na.example,A,x,IE,\nA.example,A,X,GB,\n", "is there twice"},
	} {
		if _, err := readers[c.kind].read([]byte(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %q: error is %v, want %q in it", c.kind, c.file, err, c.want)
		}
	}
}

// Cut anywhere, a table is an error or answers less: never a country that the whole table does not name.
func TestReadersCut(t *testing.T) {
	const file = "prefix,country,registered\n1.0.0.0/8,IE,\n1.2.0.0/16,GB,US\n2001:db8::/32,NO,\n"
	for i := range file {
		answer, err := readDatabase([]byte(file[:i]))
		if err != nil {
			continue
		}
		for _, line := range append(ask(answer, "1.2.3.4"), ask(answer, "1.9.9.9")...) {
			if !strings.Contains("1.0.0.0/8 database IE|1.2.0.0/16 database GB|1.2.0.0/16 registration US registered country|", line+"|") {
				t.Errorf("cut at %d: %q", i, line)
			}
		}
	}
}

func FuzzReaders(f *testing.F) {
	f.Add("prefix,country,registered\n1.0.0.0/8,IE,US\n")
	f.Add("prefix,provider,region,country\n1.0.0.0/8,cloud,eu-1,IE\n1.2.0.0/16,cloud,GLOBAL,\n")
	f.Add("prefix,as,organisation,registered\n1.2.0.0/16,64500,A,NO\n")
	f.Add("1.2.3.0/24,IE,IE-D,Dublin,\n2001:db8::/32,GB\n")
	f.Add("match,operator,kind,source,read\n1.0.0.0/8,A,edge,,\nAS64500,B,anycast,,\n")
	f.Add("suffix,operator,token,country,city\ncloud.example,Cloud,lhr,GB,\n")
	address, names := netip.MustParseAddr("1.2.3.4"), []string{"a.lhr1.cloud.example", "", ".", "..example"}
	f.Fuzz(func(t *testing.T, file string) {
		for kind, r := range readers {
			answer, err := r.read([]byte(file))
			if err != nil {
				continue
			}
			s := &sheet{asked: address, names: names, as: 64500}
			answer(s)
			for _, c := range s.claims {
				if c.Said.Key == "" || c.Country != Country(c.Country) || len(c.Organisation) > maxText+3 {
					t.Fatalf("%s: claim %+v", kind, c)
				}
				if p, err := netip.ParsePrefix(c.Said.Key); err == nil && !p.Contains(address) {
					t.Fatalf("%s: %s does not contain %s", kind, p, address)
				}
				if c.Country == "" && (c.Kind == audit.ClaimDatabase || c.Kind == audit.ClaimOperator || c.Kind == audit.ClaimToken) {
					t.Fatalf("%s: a %s claim without a country", kind, c.Kind)
				}
			}
		}
	})
}
