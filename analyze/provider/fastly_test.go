package provider

import "testing"

const fastlySample = `{"addresses":["151.101.0.0/16","23.235.32.0/20"],"ipv6_addresses":["2a04:4e40::/32"]}`

func TestFastly(t *testing.T) {
	reads(t, fastly, "fastly-2026-08-22.json", fastlySample, "2026-08-22",
		"match,operator,kind,source,read",
		"23.235.32.0/20,Fastly,edge,https://api.fastly.com/public-ip-list,",
		"151.101.0.0/16,Fastly,edge,https://api.fastly.com/public-ip-list,",
		"2a04:4e40::/32,Fastly,edge,https://api.fastly.com/public-ip-list,")
	cut(t, fastly, fastlySample)
}

func TestFastlyMalformed(t *testing.T) {
	reads(t, fastly, "x", `{"addresses":["151.101.0.0/16","151.101.0.1/16"],"ipv6_addresses":[]}`, "",
		"match,operator,kind,source,read",
		"151.101.0.0/16,Fastly,edge,https://api.fastly.com/public-ip-list,",
		`left out 1 row that cannot be interpreted (first: "151.101.0.1/16")`)
	refuses(t, fastly, `{"addresses":[],"ipv6_addresses":[]}`, "no prefixes in it")
	refuses(t, fastly, `{"addresses":["a","b"],"ipv6_addresses":[]}`, "2 of 2 rows cannot be interpreted")
	refuses(t, fastly, `{"addresses":[1],"ipv6_addresses":[]}`, "at byte")
}

func FuzzFastly(f *testing.F) { fuzz(f, fastly, fastlySample) }
