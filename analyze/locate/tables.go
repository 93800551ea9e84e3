package locate

import (
	"fmt"
	"strconv"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"
)

// The tables of our own form, one a kind of dataset. Each reader takes a whole file and returns how it answers.
var readers = map[dataset.Kind]struct {
	read   func(file []byte) (func(*sheet), error)
	header []string // nil if the file has none
	by     string   // what claims made from it name as reader
	names  bool
}{
	dataset.Databases: {read: readDatabase, header: databaseHeader, by: "database"},
	dataset.Networks:  {read: readNetworks, header: networksHeader, by: "networks"},
	dataset.Regions:   {read: readRegions, header: regionsHeader, by: "regions"},
	dataset.Geofeed:   {read: readGeofeed, by: byGeofeed},
	dataset.Anycast:   {read: readAnycast, header: anycastHeader, by: "anycast"},
	dataset.Tokens:    {read: readTokens, header: tokensHeader, by: "tokens", names: true},
	dataset.Resolved:  {read: readResolved, header: resolvedHeader, by: "resolved"},
}

var (
	databaseHeader = []string{"prefix", "country", "registered"}
	regionsHeader  = []string{"prefix", "provider", "region", "country"}
	networksHeader = []string{"prefix", "as", "organisation", "registered"}
)

// unplaced in place of a country: the provider names a region, and nothing that can be believed says where it is. Such a row says nothing,
// and a broader one does not speak for it.
const unplaced = "-"

// byGeofeed marks the claims that come from a geofeed: a provider's list of regions weighs more (grade.go).
const byGeofeed = "geofeed"

// prefixTable reads a table whose first column is a prefix.
func prefixTable[T any](file []byte, header []string, value func(fields []string) (T, error)) (prefixes[T], error) {
	var rows []row[T]
	err := readRows(file, header, func(line int, f []string) error {
		prefix, err := parsePrefix(f[0])
		if err != nil {
			return err
		}
		v, err := value(f)
		rows = append(rows, row[T]{prefix, line, v})
		return err
	})
	if err != nil {
		return prefixes[T]{}, err
	}
	return index(rows)
}

// readDatabase reads the columns prefix, country, registered.
func readDatabase(file []byte) (func(*sheet), error) {
	type places struct{ country, registered string }
	table, err := prefixTable(file, databaseHeader, func(f []string) (p places, err error) {
		if p.country, err = parseCountry(f[1]); err == nil {
			p.registered, err = parseCountry(f[2])
		}
		return p, err
	})
	return func(s *sheet) {
		r := table.find(s.asked)
		if r == nil {
			return
		}
		if r.value.country != "" {
			s.say(r.prefix.String(), audit.Claim{Kind: audit.ClaimDatabase, Country: r.value.country})
		}
		if r.value.registered != "" {
			s.say(r.prefix.String(), audit.Claim{Kind: audit.ClaimRegistration, Country: r.value.registered, Detail: "registered country"})
		}
	}, err
}

// readRegions reads the columns prefix, provider, region, country: what a provider publishes about its own ranges. A region without a
// country is one that is nowhere in particular; one whose country is "-" is somewhere unknown.
func readRegions(file []byte) (func(*sheet), error) {
	type region struct{ provider, name, country string }
	table, err := prefixTable(file, regionsHeader, func(f []string) (region, error) {
		country, err := f[3], error(nil)
		if country != unplaced {
			country, err = parseCountry(country)
		}
		if err == nil && f[1] == "" {
			err = fmt.Errorf("no provider")
		}
		return region{tidy(f[1]), tidy(f[2]), country}, err
	})
	return func(s *sheet) {
		r := table.find(s.asked)
		switch {
		case r == nil, r.value.country == unplaced:
		case r.value.country == "":
			s.say(r.prefix.String(), audit.Claim{Kind: audit.ClaimEdge, Organisation: r.value.provider, Region: r.value.name,
				Role: audit.RoleEdge, Detail: "edge"})
		default:
			s.say(r.prefix.String(), audit.Claim{Kind: audit.ClaimOperator, Organisation: r.value.provider, Region: r.value.name,
				Country: r.value.country, Role: audit.RoleHost})
		}
	}, err
}

// readNetworks reads the columns prefix, as, organisation, registered.
func readNetworks(file []byte) (func(*sheet), error) {
	type network struct {
		as                       uint32
		organisation, registered string
	}
	table, err := prefixTable(file, networksHeader, func(f []string) (network, error) {
		as, err := strconv.ParseUint(f[1], 10, 32)
		if err != nil || as == 0 {
			return network{}, fmt.Errorf("as %q: want a number", f[1])
		}
		registered, err := parseCountry(f[3])
		return network{uint32(as), tidy(f[2]), registered}, err
	})
	return func(s *sheet) {
		r := table.find(s.asked)
		if r == nil {
			return
		}
		s.say(r.prefix.String(), audit.Claim{Kind: audit.ClaimNetwork, AS: r.value.as, Organisation: r.value.organisation})
		if r.value.registered != "" {
			s.say(r.prefix.String(), audit.Claim{Kind: audit.ClaimRegistration, Country: r.value.registered, AS: r.value.as,
				Organisation: r.value.organisation, Detail: "AS registered"})
		}
	}, err
}
