package locate

import (
	"testing"

	"abroad/analyze/dataset"

	"github.com/google/go-cmp/cmp"
)

func TestCompare(t *testing.T) {
	statement := func(name string, kind dataset.Kind, file string) Statement {
		d := &dataset.Dataset{Kind: kind}
		d.Name = name
		return Statement{d, []byte(file)}
	}
	got := Compare([]Statement{
		statement("ranges", dataset.Regions, "prefix,provider,region,country\n52.16.0.0/15,AWS,eu-west-1,IE\n54.0.0.0/16,AWS,us-east-1,US\n55.0.0.0/16,AWS,x,-\n"),
		statement("feed", dataset.Geofeed, "52.17.3.0/24,PL,,,\n52.17.4.0/24,IE,,,\n54.0.0.0/16,CA,,,\n55.0.0.0/17,DE,,,\n56.0.0.0/8,US,,,\n54.0.0.0/16,MX,,,\n"),
		statement("third", dataset.Geofeed, "54.0.0.0/15,US,,,\n"),
		statement("database", dataset.Databases, "prefix,country,registered\n52.16.0.0/15,DE,\n"),
		statement("broken", dataset.Regions, "words\n"),
	})
	want := []string{
		"feed and ranges differ about 1 prefixes (first: 54.0.0.0/16 is in US by ranges, in CA (54.0.0.0/16) by feed)",
		"ranges and feed differ about 1 prefixes (first: 52.17.3.0/24 is in PL by feed, in IE (52.16.0.0/15) by ranges)",
		"third and feed differ about 1 prefixes (first: 54.0.0.0/16 is in CA by feed, in US (54.0.0.0/15) by third)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
