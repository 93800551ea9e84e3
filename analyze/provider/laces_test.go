package provider

import "testing"

const lacesSample = "prefix,number_of_sites,backing_prefix\n1.1.1.0/24,140,1.1.1.0/24\n2.16.0.0/24,3,2.16.0.0/13\n8.8.8.0/24,60,8.8.8.0/24\n"

func TestLACeS(t *testing.T) {
	reads(t, laces, "IPv4-2026-08-22.csv", lacesSample, "2026-08-22",
		"match,operator,kind,source,read",
		"1.1.1.0/24,,anycast,LACeS,",
		"8.8.8.0/24,,anycast,LACeS,",
		"left out 1 prefixes seen at fewer than 4 sites")
	cutLines(t, laces, lacesSample)
}

func TestLACeSMalformed(t *testing.T) {
	reads(t, laces, "x", "number_of_sites,prefix\n9,2001:db8::/48\n-1,1.1.1.0/24\n9,2001:db8:1::/48\n", "",
		"match,operator,kind,source,read",
		"2001:db8::/48,,anycast,LACeS,",
		"2001:db8:1::/48,,anycast,LACeS,",
		`left out 1 row that cannot be interpreted (first: "1.1.1.0/24,-1")`)
	refuses(t, laces, "", "no header")
	refuses(t, laces, "prefix,sites\n1.1.1.0/24,9\n", `line 1: header ["prefix" "sites"]`)
	refuses(t, laces, "prefix,number_of_sites\n1.1.1.0/24\n", "line 2: 1 fields")
	refuses(t, laces, "prefix,number_of_sites\n1.1.1.0/24,2\n", "no prefixes in it")
	refuses(t, laces, "prefix,number_of_sites\n1.1.1.1/24,9\n", "1 of 1 rows cannot be interpreted")
}

func FuzzLACeS(f *testing.F) { fuzz(f, laces, lacesSample) }
