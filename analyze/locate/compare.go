package locate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/dataset"
)

// A Statement is a dataset with its file, to be compared with others.
type Statement struct {
	Set  *dataset.Dataset
	File []byte
}

// Compare tells where two operators' statements, or two of one operator, name different countries for the same addresses: lists of regions
// and geofeeds, one sentence a pair. Nothing says which is wrong; an audit quotes both. Databases are not compared: they measure and guess,
// where they differ is no fault of a file, and where they agree is no proof.
func Compare(list []Statement) []string {
	type said struct {
		name  string
		table prefixes[string]
	}
	var tables []said
	for _, s := range list {
		if at := operatorCountry(s.Set.Kind); at > 0 {
			tables = append(tables, said{s.Set.Name, countriesIn(s.Set.Kind, s.File, at)})
		}
	}
	slices.SortFunc(tables, func(a, b said) int { return strings.Compare(a.name, b.name) })
	var notes []string
	for i := range tables {
		for j := range tables {
			a, b := &tables[i], &tables[j]
			if i == j {
				continue
			}
			n, first := 0, ""
			for k := range b.table.rows { // rows of b inside rows of a; of equal prefixes only once
				r := &b.table.rows[k]
				around := a.table.find(r.prefix.Addr())
				if around == nil || around.prefix.Bits() > r.prefix.Bits() || around.prefix.Bits() == r.prefix.Bits() && i > j || around.value == r.value {
					continue
				}
				if n++; n == 1 {
					first = fmt.Sprintf("%s is in %s by %s, in %s (%s) by %s", r.prefix, r.value, b.name, around.value, around.prefix, a.name)
				}
			}
			if n > 0 {
				notes = append(notes, fmt.Sprintf("%s and %s differ about %d prefixes (first: %s)", a.name, b.name, n, first))
			}
		}
	}
	return notes
}

// operatorCountry is the column of the country in an operator's table; 0 for other kinds.
func operatorCountry(kind dataset.Kind) int {
	switch kind {
	case dataset.Regions:
		return 3
	case dataset.Geofeed:
		return 1
	}
	return 0
}

// countriesIn reads the rows that name a country; what cannot be read, Inspect tells.
func countriesIn(kind dataset.Kind, file []byte, at int) prefixes[string] {
	var rows []row[string]
	seen := map[netip.Prefix]bool{}
	readRows(trimMark(file), readers[kind].header, func(line int, f []string) error {
		if len(f) <= at {
			return nil
		}
		country := Country(strings.TrimSpace(f[at]))
		if p, err := parsePrefix(f[0]); err == nil && country != "" && !seen[p] {
			seen[p] = true
			rows = append(rows, row[string]{p, line, country})
		}
		return nil
	})
	table, err := index(rows)
	if err != nil {
		return prefixes[string]{} // cannot be: no prefix is there twice
	}
	return table
}
