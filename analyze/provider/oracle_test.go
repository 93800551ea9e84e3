package provider

import "testing"

const oracleSample = `{"last_updated_timestamp": "2025-07-21T07:13:25.457838", "regions": [
 {"region": "us-ashburn-1", "cidrs": [{"cidr": "129.80.0.0/16", "tags": ["OCI"]}, {"cidr": "129.80.0.0/16", "tags": ["OSN"]}]},
 {"region": "eu-zurich-1", "cidrs": [{"cidr": "140.238.168.0/22", "tags": ["OCI"]}, {"cidr": "zurich", "tags": []}]}]}`

func TestOracle(t *testing.T) {
	reads(t, oracle, "public_ip_ranges.json", oracleSample, "2025-07-21",
		"prefix,provider,region,country",
		"129.80.0.0/16,Oracle Cloud,us-ashburn-1,US",
		"140.238.168.0/22,Oracle Cloud,eu-zurich-1,CH",
		`left out 1 row that cannot be interpreted (first: "zurich")`)
	cut(t, oracle, oracleSample)
}

func TestOracleMalformed(t *testing.T) {
	refuses(t, oracle, `{"regions":[{"region":"us-ashburn-1"}]}`, "no prefixes in it")
	refuses(t, oracle, `{"regions":{"region":"us-ashburn-1"}}`, "at byte ")
}

func FuzzOracle(f *testing.F) { fuzz(f, oracle, oracleSample) }
