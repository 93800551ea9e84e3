package provider

import "abroad/analyze/dataset"

var aws = &Format{
	Name:  "aws",
	Doc:   "Reads ip-ranges.json of Amazon Web Services: ranges by network border group, and the global ones as edges.",
	Knows: func(file []byte) bool { return mentions(file, "createDate", "prefixes", "ip_prefix") },
	Read:  readAWS,
}

// awsFile is https://ip-ranges.amazonaws.com/ip-ranges.json, as https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html
// describes it.
type awsFile struct {
	CreateDate string `json:"createDate"` // YY-MM-DD-hh-mm-ss, in fact with the century
	Prefixes   []struct {
		Prefix string `json:"ip_prefix"`
		awsPlace
	} `json:"prefixes"`
	Prefixes6 []struct {
		Prefix string `json:"ipv6_prefix"`
		awsPlace
	} `json:"ipv6_prefixes"`
}

type awsPlace struct {
	Region string `json:"region"`
	Group  string `json:"network_border_group"`
}

// place is where the addresses are announced: a local zone is a border group of its own, often in another country than its region.
func (p awsPlace) place() string {
	if p.Group != "" {
		return p.Group
	}
	return p.Region
}

func readAWS(_ string, file []byte) (*Table, error) {
	var f awsFile
	if err := decode(file, &f); err != nil {
		return nil, err
	}
	r := newRanges("aws", "AWS")
	for _, p := range f.Prefixes {
		r.add(p.Prefix, p.place(), v4)
	}
	for _, p := range f.Prefixes6 {
		r.add(p.Prefix, p.place(), v6)
	}
	set := awsSet()
	set.AsOf = dateIn(f.CreateDate)
	return r.table(set)
}

func awsSet() (set dataset.Dataset) {
	set.Name, set.Title, set.Publisher, set.Licence = "aws-ranges", "AWS IP ranges", "Amazon Web Services", "not stated"
	return set
}
