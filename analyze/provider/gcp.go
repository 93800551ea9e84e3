package provider

import "abroad/analyze/dataset"

var gcp = &Format{
	Name:  "gcp",
	Doc:   "Reads cloud.json of Google Cloud: ranges by region, and the global ones as edges.",
	Knows: func(file []byte) bool { return mentions(file, "creationTime", "prefixes", "scope") },
	Read:  readGCP,
}

// googleFile is https://www.gstatic.com/ipranges/cloud.json or goog.json, as https://support.google.com/a/answer/10026322 describes them.
type googleFile struct {
	CreationTime string `json:"creationTime"` // 2025-07-24T19:16:28.780563
	Prefixes     []struct {
		V4    string `json:"ipv4Prefix"`
		V6    string `json:"ipv6Prefix"`
		Scope string `json:"scope"` // cloud.json only: a region, or "global"
	} `json:"prefixes"`
}

// ranges collects the prefixes; region says where one of a scope is.
func (f *googleFile) ranges(r *ranges, region func(scope string) string) {
	for _, p := range f.Prefixes {
		if p.V4 != "" {
			r.add(p.V4, region(p.Scope), v4)
		}
		if p.V6 != "" {
			r.add(p.V6, region(p.Scope), v6)
		}
	}
}

func readGCP(_ string, file []byte) (*Table, error) {
	var f googleFile
	if err := decode(file, &f); err != nil {
		return nil, err
	}
	r := newRanges("gcp", "Google Cloud")
	f.ranges(r, func(scope string) string { return scope })
	var set dataset.Dataset
	set.Name, set.Title, set.Publisher, set.Licence = "gcp-cloud", "Google Cloud IP ranges", "Google", "not stated"
	set.AsOf = dateIn(f.CreationTime)
	return r.table(set)
}
