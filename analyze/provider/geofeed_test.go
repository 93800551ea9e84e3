package provider

import "testing"

func TestGeofeed(t *testing.T) {
	file := sample(t, "geofeed.csv")
	reads(t, geofeed, "operator.csv", file, "2026-03-01",
		"5.101.96.0/21,NL,NL-NH,Amsterdam,",
		"24.144.64.0/22,US,US-NJ,North Bergen,",
		"2a03:b0c0::/32,NL,NL-NH,Amsterdam,")
	cutLines(t, geofeed, file)
}

// The twin has what geofeeds in the wild have: a byte order mark, small letters, blanks, hosts for prefixes, rows twice, rows that cannot
// be meant. A row that loses its country must not leave the word to a broader one.
func TestGeofeedMalformed(t *testing.T) {
	reads(t, geofeed, "feed-20260301.csv", "\ufeff5.0.0.0/8, nl ,nl-nh,Amsterdam,,more\n5.1.2.3,DE\n5.2.0.0/16,EU,,,\n5.3.0.0/16,DE,FR-75,Paris,\n"+
		"5.4.0.0/16,DE,,,\n5.4.0.0/16,DE,,Berlin,\n5.5.0.0/16,DE,,,\n5.5.0.0/16,AT,,,\n5.6.1.0/16,DE,,,\n5.7.0.0/16\n::ffff:5.0.0.0/104,DE,,,\n", "2026-03-01",
		"5.0.0.0/8,NL,NL-NH,Amsterdam,",
		"5.1.2.3/32,DE,,,",
		"5.2.0.0/16,,,,",
		"5.3.0.0/16,,,,",
		"5.4.0.0/16,DE,,Berlin,",
		"5.5.0.0/16,,,,",
		"5.7.0.0/16,,,,",
		`left out 4 rows that cannot be interpreted (first: "line 3: 5.2.0.0/16,EU,,,")`,
		`1 prefix is there with different countries: kept without one (first: "5.5.0.0/16")`)
	refuses(t, geofeed, "", "no row names a country")
	refuses(t, geofeed, "5.0.0.0/8\n6.0.0.0/8\n", "no row names a country")
	refuses(t, geofeed, "a,b\nc,d\n5.0.0.0/8,NL\n", `2 of 3 rows cannot be interpreted (first: "line 1: a")`)
	refuses(t, geofeed, "5.0.0.0/8,NL\n\"5.1", "line 2")
}

func FuzzGeofeed(f *testing.F) {
	fuzz(f, geofeed, sample(f, "geofeed.csv"), "\ufeff5.0.0.0/8, nl ,nl-nh,\"Ams\nterdam\",\n5.5.0.0/16,DE,,,\n5.5.0.0/16,AT,,,\n")
}
