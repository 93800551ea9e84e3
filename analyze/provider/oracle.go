package provider

import "abroad/analyze/dataset"

var oracle = &Format{
	Name:  "oracle",
	Doc:   "Reads public_ip_ranges.json of Oracle Cloud: ranges by region.",
	Knows: func(file []byte) bool { return mentions(file, "last_updated_timestamp", "regions", "cidrs") },
	Read:  readOracle,
}

// oracleFile is https://docs.oracle.com/iaas/tools/public_ip_ranges.json, as
// https://docs.oracle.com/iaas/Content/General/Concepts/addressranges.htm describes it.
type oracleFile struct {
	Updated string `json:"last_updated_timestamp"`
	Regions []struct {
		Region string `json:"region"`
		Ranges []struct {
			Prefix string `json:"cidr"`
		} `json:"cidrs"`
	} `json:"regions"`
}

func readOracle(_ string, file []byte) (*Table, error) {
	var f oracleFile
	if err := decode(file, &f); err != nil {
		return nil, err
	}
	r := newRanges("oracle", "Oracle Cloud")
	for _, region := range f.Regions {
		for _, p := range region.Ranges {
			r.add(p.Prefix, region.Region, either)
		}
	}
	var set dataset.Dataset
	set.Name, set.Title, set.Publisher, set.Licence = "oracle-ranges", "Oracle Cloud IP ranges", "Oracle", "not stated"
	set.AsOf = dateIn(f.Updated)
	return r.table(set)
}
