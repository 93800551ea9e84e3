package locate

import (
	"strings"
	"testing"

	"abroad/analyze/dataset"

	"github.com/google/go-cmp/cmp"
)

func TestInspect(t *testing.T) {
	for _, c := range []struct {
		kind dataset.Kind
		file string
		want []string
	}{
		{dataset.Databases, "prefix,country,registered\n1.0.0.0/8,IE,US\n2001:470::/32,US,\n", nil},
		{dataset.Databases, "prefix,country,registered\n1.0.0.0/8,XX,\n::ffff:1.2.3.0/120,IE,\n10.0.0.0/8,IE,\n2001:db8::/32,IE,\n1.0.0.1/8,IE,\n", []string{
			`! line 2: 1.0.0.0/8: country "XX" is none`,
			`! line 3: prefix "::ffff:1.2.3.0/120": IPv4 in IPv6 form`,
			"! line 4: 10.0.0.0/8: a private address, not a place",
			"! line 5: 2001:db8::/32: an address for documentation, not a place",
			`! line 6: prefix "1.0.0.1/8": want "1.0.0.0/8"`,
		}},
		{dataset.Regions, "prefix,provider,region,country\n1.0.0.0/8,c,a,IE\n1.2.0.0/16,c,b,-\n1.2.3.0/24,c,d,GB\n1.3.0.0/16,c,a,IE\n1.4.0.0/16,c,g,\n", []string{
			"? line 4: 1.2.3.0/24 is in GB, and lies in 1.0.0.0/8, which is in IE",
		}},
		{dataset.Regions, "prefix,provider,region,country\n1.0.0.0/8,c,a,IE\n1.2.0.0/16,c,b,GB\n1.2.3.0/24,c,d,GB\n", []string{ // the nearest counts
			"? line 3: 1.2.0.0/16 is in GB, and lies in 1.0.0.0/8, which is in IE",
		}},
		{dataset.Geofeed, "\ufeff1.0.0.0/8, ie \n1.0.0.0/8,ie\n", []string{"! line 2: 1.0.0.0/8 is also on line 1"}},
		{dataset.Anycast, "match,operator,kind,source,read\n1.0.0.0/8,A,anycast,,\nAS64500,A,edge,,\n", nil},
		{dataset.Tokens, "suffix,operator,token,country,city\na.example,A,x,ZZ,\n", []string{`! line 2: a.example: country "ZZ" is none`}},
		{dataset.Networks, "", []string{`! no header: want "prefix,as,organisation,registered"`}},
		{dataset.Owners, "", []string{`! nothing reads kind "owners"`}},
	} {
		list, more := Inspect(&dataset.Dataset{Kind: c.kind}, []byte(c.file))
		var got []string
		for _, says := range list {
			sign := "? "
			if says.Impossible {
				sign = "! "
			}
			got = append(got, sign+says.Says)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || more != 0 {
			t.Errorf("%s %q: %d more, %s", c.kind, c.file, more, diff)
		}
	}
	many := "prefix,country,registered\n" + strings.Repeat("1.0.0.0/8,XX,\n", MaxComplaints+5)
	if list, more := Inspect(&dataset.Dataset{Kind: dataset.Databases}, []byte(many)); len(list) != MaxComplaints || more != 5 {
		t.Errorf("%d complaints and %d more", len(list), more)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add("prefix,country,registered\n1.0.0.0/8,XX,\n::ffff:1.2.3.0/120,IE,\n")
	f.Add("1.0.0.0/8,IE,IE-D,Dublin,\n")
	f.Fuzz(func(t *testing.T, file string) {
		for kind := range readers {
			d := &dataset.Dataset{Kind: kind}
			list, _ := Inspect(d, []byte(file))
			bad := 0
			for _, c := range list {
				if c.Impossible {
					bad++
				}
			}
			if err := Check(d, []byte(file)); err != nil && bad == 0 {
				t.Fatalf("%s: Inspect finds nothing, and %v", kind, err)
			}
		}
	})
}
