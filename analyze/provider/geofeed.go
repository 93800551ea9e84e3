package provider

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"abroad/analyze/dataset"
	"abroad/analyze/locate"
)

var geofeed = &Format{
	Name:  "geofeed",
	Doc:   "Reads a geofeed of any operator (RFC 8805): prefix, country, region, city, postal code.",
	Knows: knowsGeofeed,
	Read:  readGeofeed,
}

func knowsGeofeed(file []byte) bool {
	first := firstLine(file)
	if len(first) < 2 {
		return false
	}
	_, ok := prefixOf(first[0])
	return ok && (first[1] == "" || locate.Country(first[1]) != "")
}

// A statement is what a geofeed says of a prefix; without a country it says not to place it (RFC 8805, section 2.1.1.2).
type statement struct{ country, region, city string }

// readGeofeed drops what section 2.1.1 calls invalid. A prefix whose country cannot be meant, or that is there with two, keeps its row
// without a country: a broader row does not speak for it.
func readGeofeed(name string, file []byte) (*Table, error) {
	says := map[netip.Prefix]statement{}
	var wrong, two []string
	rows, placed := 0, 0
	err := eachLine(file, func(line int, f []string) error {
		rows++
		p, ok := prefixOf(f[0])
		if !ok {
			wrong = append(wrong, fmt.Sprintf("line %d: %s", line, f[0]))
			return nil
		}
		field := func(i int) string {
			if i < len(f) {
				return f[i]
			}
			return ""
		}
		s := statement{locate.Country(field(1)), strings.ToUpper(field(2)), field(3)}
		if s.country == "" && field(1) != "" || s.country != "" && s.region != "" && !strings.HasPrefix(s.region, s.country+"-") {
			wrong = append(wrong, fmt.Sprintf("line %d: %s", line, strings.Join(f, ",")))
			s = statement{}
		}
		if was, twice := says[p]; twice && was.country != s.country {
			two = append(two, p.String())
			s = statement{}
		}
		says[p] = s
		return nil
	})
	if err != nil {
		return nil, err
	}
	prefixes := make([]netip.Prefix, 0, len(says))
	for p, s := range says {
		prefixes = append(prefixes, p)
		if s.country != "" {
			placed++
		}
	}
	slices.SortFunc(prefixes, comparePrefixes)
	switch err := mostlyWrong(wrong, rows-len(wrong)); {
	case err != nil:
		return nil, err
	case placed == 0:
		return nil, errNoCountries
	}
	out := make([][]string, len(prefixes))
	for i, p := range prefixes {
		s := says[p]
		out[i] = []string{p.String(), s.country, tidy(s.region), tidy(s.city), ""}
	}
	var set dataset.Dataset
	set.Kind, set.Licence = dataset.Geofeed, "not stated"
	set.Name = strings.TrimSuffix(name, filepath.Ext(name))
	t := &Table{Set: set, File: write(out)}
	t.Set.AsOf = dateIn(comments(file))
	t.Notes = wrongNote(wrong)
	if len(two) > 0 {
		t.Notes = append(t.Notes, twiceNote(two))
	}
	return t, nil
}

// comments returns the comment lines before the first row, where operators write when they made the file.
func comments(file []byte) string {
	var text strings.Builder
	for line := range strings.Lines(string(file[:min(len(file), 4096)])) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		text.WriteString(line)
	}
	return text.String()
}
