package provider

import (
	"net/netip"
	"strings"

	"abroad/analyze/dataset"
)

var bgptools = &Format{
	Name:  "bgptools",
	Doc:   "Reads the anycast prefixes of bgp.tools: a prefix a line, alone or with the address that answered.",
	Knows: knowsBGPTools,
	Read:  readBGPTools,
}

// knowsBGPTools wants the answering address: a list of prefixes alone can be anybody's, and is read only if the user says what it is.
func knowsBGPTools(file []byte) bool {
	first := firstLine(file)
	if len(first) != 2 {
		return false
	}
	return answers(first)
}

// answers reports whether a line is a prefix and an address in it.
func answers(f []string) bool {
	p, ok := prefixOf(f[0])
	a, err := netip.ParseAddr(f[1])
	return ok && err == nil && p.Contains(a)
}

// readBGPTools reads the lists of https://github.com/bgptools/anycast-prefixes. They hold whole announced prefixes, which are broader than
// what is anycast in them; a region inside one decides for itself (locate.Weigh).
func readBGPTools(_ string, file []byte) (*Table, error) {
	prefixes := map[netip.Prefix]bool{}
	var wrong []string
	rows := 0
	err := eachLine(file, func(_ int, f []string) error {
		rows++
		p, ok := prefixOf(f[0])
		if !ok || !strings.Contains(f[0], "/") || len(f) > 2 || len(f) == 2 && !answers(f) {
			wrong = append(wrong, f[0])
			return nil
		}
		prefixes[p] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := mostlyWrong(wrong, rows-len(wrong)); err != nil {
		return nil, err
	}
	var set dataset.Dataset
	set.Name, set.Title, set.Publisher, set.Licence = "bgptools-anycast"+familyName(prefixes), "bgp.tools anycast list", "bgp.tools", "not stated"
	t, err := anycastTable(set, prefixes, "bgp.tools")
	if err == nil {
		t.Notes = wrongNote(wrong)
	}
	return t, err
}
