package provider

import (
	"bytes"
	"net/netip"
	"strings"

	"abroad/analyze/dataset"
)

var cloudflare = &Format{
	Name:  "cloudflare",
	Doc:   "Reads the lists of Cloudflare's ranges (ips-v4, ips-v6), as anycast.",
	Knows: knowsCloudflare,
	Read:  readCloudflare,
}

// A list of prefixes alone can be anybody's. These two have been in Cloudflare's lists since they exist.
var cloudflareSigns = []string{"173.245.48.0/20", "2400:cb00::/32"}

func knowsCloudflare(file []byte) bool {
	const far = 64 << 10
	signed := false
	for line := range bytes.Lines(file[:min(len(file), far)]) {
		text := string(bytes.TrimSpace(line))
		if text == "" {
			continue
		}
		if p, ok := prefixOf(text); !ok || p.String() != text {
			return false
		}
		signed = signed || text == cloudflareSigns[0] || text == cloudflareSigns[1]
	}
	return signed
}

// readCloudflare reads https://www.cloudflare.com/ips-v4 or ips-v6: a prefix a line, no date.
func readCloudflare(_ string, file []byte) (*Table, error) {
	prefixes := map[netip.Prefix]bool{}
	var wrong []string
	for line := range strings.Lines(string(bytes.TrimPrefix(file, mark))) {
		text := strings.TrimSpace(line)
		if text == "" {
			continue
		}
		if p, ok := prefixOf(text); ok && strings.Contains(text, "/") {
			prefixes[p] = true
		} else {
			wrong = append(wrong, text)
		}
	}
	if err := mostlyWrong(wrong, len(prefixes)); err != nil {
		return nil, err
	}
	var set dataset.Dataset
	set.Name, set.Title, set.Publisher, set.Licence = "cloudflare-ranges"+familyName(prefixes), "Cloudflare IP ranges", "Cloudflare", "not stated"
	t, err := edgeTable(set, prefixes, "Cloudflare", "anycast", "https://www.cloudflare.com/ips/")
	if err == nil {
		t.Notes = wrongNote(wrong)
	}
	return t, err
}
