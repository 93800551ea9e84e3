package provider

import (
	"strings"
	"testing"

	"abroad/analyze/dataset"
)

func TestTable(t *testing.T) {
	for header, want := range map[string]dataset.Kind{
		"prefix,country,registered\n1.0.0.0/8,IE,\n": dataset.Databases, "prefix,provider,region,country\n1.0.0.0/8,a,r,IE\n": dataset.Regions,
		"# c\nprefix,as,organisation,registered\n": dataset.Networks, "match,operator,kind,source,read\n": dataset.Anycast,
		"suffix,operator,token,country,city\n": dataset.Tokens,
	} {
		table, err := Read("", "mine.csv", []byte(header))
		if err != nil || table.Set.Kind != want || table.Set.Name != "mine" || string(table.File) != header {
			t.Errorf("%q: %v, %v", header, table, err)
		}
	}
	refuses(t, table, "a,b\n", "no table has this header")
	refuses(t, table, "prefix,country,registered\n1.0.0.0/8,XX,\n", `line 2: country "XX"`)
}

// A database that is cut, or that has only its end, is an error.
func TestDatabase(t *testing.T) {
	end := strings.Repeat("x", 100) + string(mmdbMark)
	if !mmdb.Knows([]byte(end)) {
		t.Error("the mark at the end is not seen")
	}
	for i := range end {
		if table, err := Read("mmdb", "x.mmdb", []byte(end[:i])); err == nil {
			t.Fatalf("cut at %d: %v", i, table)
		}
	}
}
