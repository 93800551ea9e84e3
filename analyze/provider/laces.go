package provider

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"abroad/analyze/dataset"
)

var laces = &Format{
	Name:  "laces",
	Doc:   "Reads the anycast census of LACeS: prefixes that were measured at many sites.",
	Knows: func(file []byte) bool { return lacesColumns(firstLine(file)) != nil },
	Read:  readLACeS,
}

// fewestSites is how many sites a prefix must have been seen at. Of prefixes with two or three, other lists know few: they are often
// measured wrongly, or stand in one region.
const fewestSites = 4

// lacesColumns finds the columns prefix and number_of_sites in a header; nil if it is not one of the census.
func lacesColumns(header []string) []int {
	at := []int{slices.Index(header, "prefix"), slices.Index(header, "number_of_sites")}
	if slices.Contains(at, -1) {
		return nil
	}
	return at
}

// readLACeS reads the CSV files of https://github.com/ut-dacs/anycast-census: prefix, number_of_sites, backing_prefix. A row says nothing
// about who runs the address.
func readLACeS(_ string, file []byte) (*Table, error) {
	var at []int
	var wrong []string
	few, rows := 0, 0
	prefixes := map[netip.Prefix]bool{}
	err := eachLine(file, func(line int, f []string) error {
		if at == nil {
			if at = lacesColumns(f); at == nil {
				return fmt.Errorf("line %d: header %q has no columns prefix and number_of_sites", line, f)
			}
			return nil
		}
		rows++
		if len(f) <= max(at[0], at[1]) {
			return fmt.Errorf("line %d: %d fields", line, len(f))
		}
		p, ok := prefixOf(f[at[0]])
		sites, err := strconv.ParseUint(f[at[1]], 10, 32)
		switch {
		case !ok || err != nil:
			wrong = append(wrong, f[at[0]]+","+f[at[1]])
		case sites < fewestSites:
			few++
		default:
			prefixes[p] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if at == nil {
		return nil, errors.New("no header")
	}
	if err := mostlyWrong(wrong, rows-len(wrong)); err != nil {
		return nil, err
	}
	var set dataset.Dataset
	set.Name, set.Title, set.Publisher, set.Licence = "laces-anycast"+familyName(prefixes), "LACeS anycast census", "LACeS", "not stated"
	t, err := anycastTable(set, prefixes, "LACeS")
	if err != nil {
		return nil, err
	}
	t.Notes = wrongNote(wrong)
	if few > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("left out %d prefixes seen at fewer than %d sites", few, fewestSites))
	}
	return t, nil
}

// anycastTable writes prefixes whose operator is not known.
func anycastTable(set dataset.Dataset, prefixes map[netip.Prefix]bool, source string) (*Table, error) {
	return edgeTable(set, prefixes, "", "anycast", source)
}

// edgeTable writes prefixes that have no one place; kind is "anycast" or "edge".
func edgeTable(set dataset.Dataset, prefixes map[netip.Prefix]bool, operator, kind, source string) (*Table, error) {
	if len(prefixes) == 0 {
		return nil, errNoPrefixes
	}
	list := make([]netip.Prefix, 0, len(prefixes))
	for p := range prefixes {
		list = append(list, p)
	}
	slices.SortFunc(list, comparePrefixes)
	rows := [][]string{{"match", "operator", "kind", "source", "read"}}
	for _, p := range list {
		rows = append(rows, []string{p.String(), operator, kind, source, ""})
	}
	set.Kind = dataset.Anycast
	return &Table{Set: set, File: write(rows)}, nil
}
