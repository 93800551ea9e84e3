package provider

import "testing"

const bgptoolsSample = "1.0.0.0/24,1.0.0.0\n1.1.1.0/24,1.1.1.1\n8.8.8.0/24,8.8.8.8\n"

func TestBGPTools(t *testing.T) {
	reads(t, bgptools, "anycast-20260822.csv", bgptoolsSample, "2026-08-22",
		"match,operator,kind,source,read",
		"1.0.0.0/24,,anycast,bgp.tools,",
		"1.1.1.0/24,,anycast,bgp.tools,",
		"8.8.8.0/24,,anycast,bgp.tools,")
	cutLines(t, bgptools, bgptoolsSample)
}

func TestBGPToolsMalformed(t *testing.T) {
	reads(t, bgptools, "x", "2001:db8::/32,2001:db8::1\n1.1.1.0/24,9.9.9.9\n2001:db8:2::/48\n", "",
		"match,operator,kind,source,read",
		"2001:db8::/32,,anycast,bgp.tools,",
		"2001:db8:2::/48,,anycast,bgp.tools,",
		`left out 1 row that cannot be interpreted (first: "1.1.1.0/24")`)
	// A list of prefixes alone is read only if the user says what it is.
	table, err := Read("bgptools", "anycatch-v4-prefixes.txt", []byte("1.0.0.0/24\n1.1.1.0/24\n"))
	if err != nil || table.Set.Name != "bgptools-anycast-v4" || len(lines(table)) != 3 {
		t.Errorf("%v, %v", table, err)
	}
	refuses(t, bgptools, "", "no prefixes in it")
	refuses(t, bgptools, "words\n", "1 of 1 rows cannot be interpreted")
}

func FuzzBGPTools(f *testing.F) { fuzz(f, bgptools, bgptoolsSample) }
