package provider

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/dataset"
)

// unplaced stands in the country column of a prefix whose region has no country that can be believed.
const unplaced = "-"

// ranges collects the prefixes of a provider with the region of each.
type ranges struct {
	provider string // as regions.csv calls it
	operator string // as claims call it
	regions  map[netip.Prefix]string
	shared   map[netip.Prefix]bool // in regions of different countries
	wrong    []string              // what is no prefix, or of the wrong family
}

func newRanges(provider, operator string) *ranges {
	return &ranges{provider: provider, operator: operator, regions: map[netip.Prefix]string{}, shared: map[netip.Prefix]bool{}}
}

// A family is what a list of prefixes may hold.
type family int

const (
	either family = iota
	v4
	v6
)

// add notes that a prefix is in a region.
func (r *ranges) add(text, region string, want family) {
	p, err := netip.ParsePrefix(text)
	if err != nil || p != p.Masked() || p.Addr().Is4In6() || want == v4 && !p.Addr().Is4() || want == v6 && !p.Addr().Is6() {
		r.wrong = append(r.wrong, text)
		return
	}
	was, known := r.regions[p]
	switch {
	case !known || was == region:
	case r.country(was) == r.country(region): // an operator lists a prefix once for each service that uses it
		region = min(region, was)
	case r.country(was) == "":
		region = was // a front in a region is a front
	case r.country(region) == "":
		delete(r.shared, p)
	default:
		r.shared[p] = true
		region = min(region, was)
	}
	r.regions[p] = region
}

// country is what the country column holds for a region.
func (r *ranges) country(region string) string {
	known := regionOf(r.provider, region)
	if known == nil || known.Doubt != "" {
		return unplaced
	}
	return known.Country
}

// table writes the rows in the order of their prefixes, and says what is not as the publisher wrote it.
func (r *ranges) table(set dataset.Dataset) (*Table, error) {
	if len(r.regions) == 0 {
		if len(r.wrong) > 0 {
			return nil, fmt.Errorf("no prefix in it is one (%q)", r.wrong[0])
		}
		return nil, errNoPrefixes
	}
	prefixes := make([]netip.Prefix, 0, len(r.regions))
	for p := range r.regions {
		prefixes = append(prefixes, p)
	}
	slices.SortFunc(prefixes, comparePrefixes)
	unknown, doubtful := map[string]int{}, map[string]int{}
	rows := [][]string{{"prefix", "provider", "region", "country"}}
	for _, p := range prefixes {
		region := r.regions[p]
		country := r.country(region)
		switch known := regionOf(r.provider, region); {
		case r.shared[p]:
			country = unplaced
		case known == nil:
			unknown[region]++
		case known.Doubt != "":
			doubtful[region]++
		}
		rows = append(rows, []string{p.String(), r.operator, tidy(region), country})
	}
	set.Kind = dataset.Regions
	t := &Table{Set: set, File: write(rows)}
	t.Notes = append(t.Notes, wrongNote(r.wrong)...)
	if n := len(r.shared); n > 0 {
		t.Notes = append(t.Notes, prefixesAre(n)+" in regions of different countries: kept without a country")
	}
	t.Notes = append(t.Notes, regionNotes(unknown, "is not in the table of regions")...)
	t.Notes = append(t.Notes, regionNotes(doubtful, "is doubtful")...)
	return t, nil
}

var errNoPrefixes = errors.New("no prefixes in it")

func comparePrefixes(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}

func regionNotes(count map[string]int, why string) (notes []string) {
	names := make([]string, 0, len(count))
	for name := range count {
		names = append(names, name)
	}
	slices.Sort(names)
	const most = 20
	for i, name := range names {
		if i == most {
			return append(notes, fmt.Sprintf("so are %d more regions", len(names)-most))
		}
		notes = append(notes, fmt.Sprintf("region %q %s: its %s kept without a country", tidy(name), why, prefixesAre(count[name])))
	}
	return notes
}

func prefixesAre(n int) string {
	if n == 1 {
		return "1 prefix is"
	}
	return fmt.Sprintf("%d prefixes are", n)
}

func wrongNote(wrong []string) []string {
	if len(wrong) == 0 {
		return nil
	}
	rows := "rows"
	if len(wrong) == 1 {
		rows = "row"
	}
	return []string{fmt.Sprintf("left out %d %s that cannot be interpreted (first: %q)", len(wrong), rows, tidy(wrong[0]))}
}

// write writes CSV; nothing can fail in memory.
func write(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.WriteAll(rows)
	return b.Bytes()
}

// tidy cuts a word from a file to a size that fits a message.
func tidy(s string) string {
	const most = 100
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '\ufffd'
		}
		return r
	}, s)
}
