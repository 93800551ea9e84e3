package provider

import "testing"

const azureSample = `{"changeNumber": 1, "cloud": "Public", "values": [
 {"name": "ActionGroup", "properties": {"region": "", "addressPrefixes": ["4.145.74.52/30"]}},
 {"name": "AzureFrontDoor.Frontend", "properties": {"region": "", "addressPrefixes": ["13.107.246.0/24", "2620:1ec:bdf::/48"]}},
 {"name": "AzureFrontDoor.FirstParty", "properties": {"region": "", "addressPrefixes": ["204.79.197.0/24"]}},
 {"name": "AzureFrontDoor.Backend", "properties": {"region": "", "addressPrefixes": ["4.153.250.0/29"]}},
 {"name": "AzureCloud", "properties": {"region": "", "addressPrefixes": ["20.0.0.0/8"]}},
 {"name": "AzureCloud.germanywc", "properties": {"region": "germanywc", "addressPrefixes": ["20.52.64.0/18", "2603:1020:c00::/47", "20.52.64.9/18"]}},
 {"name": "AzureCloud.northeurope2", "properties": {"region": "northeurope2", "addressPrefixes": ["20.166.0.0/16"]}}
]}`

func TestAzure(t *testing.T) {
	reads(t, azure, "ServiceTags_Public_20251117.json", azureSample, "2025-11-17",
		"prefix,provider,region,country",
		"13.107.246.0/24,Azure,AzureFrontDoor.Frontend,",
		"20.52.64.0/18,Azure,germanywc,DE",
		"20.166.0.0/16,Azure,northeurope2,-",
		"204.79.197.0/24,Azure,AzureFrontDoor.FirstParty,",
		"2603:1020:c00::/47,Azure,germanywc,DE",
		"2620:1ec:bdf::/48,Azure,AzureFrontDoor.Frontend,",
		`left out 1 row that cannot be interpreted (first: "20.52.64.9/18")`,
		`region "northeurope2" is doubtful: its 1 prefix is kept without a country`)
	cut(t, azure, azureSample)
}

func TestAzureMalformed(t *testing.T) {
	refuses(t, azure, `{"values":[{"name":"AzureCloud","properties":{"addressPrefixes":["1.0.0.0/8"]}}]}`, "no prefixes in it")
	refuses(t, azure, `{"values":[{"name":"AzureCloud.westus","properties":{"addressPrefixes":"1.0.0.0/8"}}]}`, "at byte ")
	refuses(t, azure, `{"values":[{"name":"AzureCloud.westus","properties":{"addressPrefixes":["westus"]}}]}`, `no prefix in it is one ("westus")`)
}

func FuzzAzure(f *testing.F) { fuzz(f, azure, azureSample) }
