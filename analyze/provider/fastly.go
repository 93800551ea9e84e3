package provider

import (
	"net/netip"

	"abroad/analyze/dataset"
)

var fastly = &Format{
	Name:  "fastly",
	Doc:   "Reads the public IP list of Fastly: all of its ranges, as edges.",
	Knows: func(file []byte) bool { return mentions(file, "addresses", "ipv6_addresses") },
	Read:  readFastly,
}

// readFastly reads https://api.fastly.com/public-ip-list, as https://www.fastly.com/documentation/reference/api/utils/public-ip-list
// describes it. It says no date.
func readFastly(_ string, file []byte) (*Table, error) {
	var f struct {
		V4 []string `json:"addresses"`
		V6 []string `json:"ipv6_addresses"`
	}
	if err := decode(file, &f); err != nil {
		return nil, err
	}
	prefixes := map[netip.Prefix]bool{}
	var wrong []string
	for _, list := range [][]string{f.V4, f.V6} {
		for _, text := range list {
			if p, ok := prefixOf(text); ok {
				prefixes[p] = true
			} else {
				wrong = append(wrong, text)
			}
		}
	}
	if err := mostlyWrong(wrong, len(prefixes)); err != nil {
		return nil, err
	}
	var set dataset.Dataset
	set.Name, set.Title, set.Publisher, set.Licence = "fastly-ranges", "Fastly public IP list", "Fastly", "not stated"
	t, err := edgeTable(set, prefixes, "Fastly", "edge", "https://api.fastly.com/public-ip-list")
	if err == nil {
		t.Notes = wrongNote(wrong)
	}
	return t, err
}
