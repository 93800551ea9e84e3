package provider

import (
	"slices"
	"strings"

	"abroad/analyze/dataset"
)

var azure = &Format{
	Name:  "azure",
	Doc:   "Reads the service tags of Microsoft Azure: the ranges of AzureCloud by region, and Front Door's as edges.",
	Knows: func(file []byte) bool { return mentions(file, "changeNumber", "values", "addressPrefixes") },
	Read:  readAzure,
}

// azureFile is ServiceTags_Public_*.json, as https://learn.microsoft.com/azure/virtual-network/service-tags-overview describes it. It says
// no date; the name under which it is handed out does.
type azureFile struct {
	Cloud  string `json:"cloud"`
	Values []struct {
		Name       string `json:"name"`
		Properties struct {
			Prefixes []string `json:"addressPrefixes"`
		} `json:"properties"`
	} `json:"values"`
}

// fronts are the tags of addresses that are announced at every edge of the network: Front Door, Microsoft's own sites behind it, and its
// security services. AzureFrontDoor.Backend is where Front Door calls from, which is no address of a server.
var fronts = []string{"AzureFrontDoor.Frontend", "AzureFrontDoor.FirstParty", "AzureFrontDoor.MicrosoftSecurity"}

func readAzure(_ string, file []byte) (*Table, error) {
	var f azureFile
	if err := decode(file, &f); err != nil {
		return nil, err
	}
	r := newRanges("azure", "Azure")
	for _, tag := range f.Values {
		region, ok := strings.CutPrefix(tag.Name, "AzureCloud.") // other tags are parts of these, or global
		if slices.Contains(fronts, tag.Name) {
			region, ok = tag.Name, true
		}
		if !ok {
			continue
		}
		for _, p := range tag.Properties.Prefixes {
			r.add(p, region, either)
		}
	}
	var set dataset.Dataset
	set.Name, set.Title, set.Publisher, set.Licence = "azure-service-tags", "Azure service tags", "Microsoft", "not stated"
	return r.table(set)
}
