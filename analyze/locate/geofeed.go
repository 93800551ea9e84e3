package locate

import (
	"errors"
	"fmt"
	"strings"

	"abroad/analyze/audit"
)

// readGeofeed reads an operator's geofeed (RFC 8805, section 2.1): prefix, country, region, city, postal code; all but the first may be
// empty or missing. Files in the wild carry a byte order mark, blanks around fields and more columns.
func readGeofeed(file []byte) (func(*sheet), error) {
	type place struct{ country, region, city string }
	rows := 0
	table, err := prefixTable(trimMark(file), nil, func(f []string) (place, error) {
		rows++
		field := func(i int) string {
			if i >= len(f) {
				return ""
			}
			return strings.TrimSpace(f[i])
		}
		country, err := parseCountry(field(1))
		if err == nil && field(2) != "" && country != "" && !strings.HasPrefix(strings.ToUpper(field(2)), country+"-") {
			err = fmt.Errorf("region %q is not in %s", field(2), country) // RFC 8805, section 2.1.1.3
		}
		return place{country, tidy(field(2)), tidy(field(3))}, err
	})
	if err == nil && rows == 0 {
		err = errNoRows
	}
	return func(s *sheet) {
		if r := table.find(s.asked); r != nil && r.value.country != "" {
			s.say(r.prefix.String(), audit.Claim{Kind: audit.ClaimOperator, Country: r.value.country, Region: r.value.region, City: r.value.city,
				Role: audit.RoleHost})
		}
	}, err
}

var errNoRows = errors.New("no rows")

func trimMark(file []byte) []byte {
	if len(file) >= 3 && file[0] == 0xef && file[1] == 0xbb && file[2] == 0xbf {
		return file[3:]
	}
	return file
}
