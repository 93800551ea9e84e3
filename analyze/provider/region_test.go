package provider

import "testing"

func TestRegions(t *testing.T) {
	list := Regions()
	if len(list) < 280 {
		t.Fatalf("%d regions", len(list))
	}
	for _, want := range []Region{
		{Provider: "aws", Name: "eu-central-1-waw-1", Country: "PL"}, // a local zone of a German region
		{Provider: "aws", Name: "us-east-1-qro-1", Country: "MX"},
		{Provider: "aws", Name: "me-south-1-mct-1", Country: "OM"},
		{Provider: "azure", Name: "germanywc", Country: "DE"},
		{Provider: "gcp", Name: "europe-west6", Country: "CH"},
		{Provider: "oracle", Name: "eu-jovanovac-1", Country: "RS"},
		{Provider: "gcp", Name: "global"},
	} {
		if got := regionOf(want.Provider, want.Name); got == nil || got.Country != want.Country || got.Doubt != "" {
			t.Errorf("%s %s: %+v", want.Provider, want.Name, got)
		}
	}
	for _, key := range [][2]string{{"azure", "northeurope2"}, {"aws", "me-west-1"}, {"aws", "sa-west-1"}} {
		if r := regionOf(key[0], key[1]); r == nil || r.Doubt == "" {
			t.Errorf("%q is not marked doubtful", key)
		}
	}
	if regionOf("aws", "germanywc") != nil {
		t.Error("a region of another provider")
	}
}

func TestRegionsRefused(t *testing.T) {
	const header = "provider,region,country,city,lat,lon,source,doubt\n"
	for _, file := range []string{
		"", "provider,region\n", header + "aws,r,XX,,,,unverified,\n", header + "aws,r,IE,,,,,\n", header + "aws,r,IE,Dublin,,,unverified,\n",
		header + "aws,r,IE,Dublin,91,0,unverified,\n", header + "aws,r,IE,,,,unverified,\naws,r,GB,,,,unverified,\n", header + "aws,,IE,,,,unverified,\n",
	} {
		if list, err := readTable([]byte(file)); err == nil {
			t.Errorf("%q gives %v", file, list)
		}
	}
}
