package provider

import "testing"

const gcpSample = `{"syncToken": "1", "creationTime": "2025-07-24T19:16:28.780563", "prefixes": [
 {"ipv4Prefix": "34.1.208.0/20", "service": "Google Cloud", "scope": "africa-south1"},
 {"ipv6Prefix": "2600:1900:8000::/44", "service": "Google Cloud", "scope": "africa-south1"},
 {"ipv4Prefix": "34.96.64.0/18", "service": "Google Cloud", "scope": "global"},
 {"ipv4Prefix": "34.65.0.0/16", "service": "Google Cloud", "scope": "europe-west6"}]}`

func TestGCP(t *testing.T) {
	reads(t, gcp, "cloud.json", gcpSample, "2025-07-24",
		"prefix,provider,region,country",
		"34.1.208.0/20,Google Cloud,africa-south1,ZA",
		"34.65.0.0/16,Google Cloud,europe-west6,CH",
		"34.96.64.0/18,Google Cloud,global,",
		"2600:1900:8000::/44,Google Cloud,africa-south1,ZA")
	cut(t, gcp, gcpSample)
}

func TestGCPMalformed(t *testing.T) {
	refuses(t, gcp, `{"prefixes":[{"ipv4Prefix":"2600::/16","scope":"us-east1"}]}`, `no prefix in it is one ("2600::/16")`)
	refuses(t, gcp, `{"prefixes":[{"scope":"us-east1"}]}`, "no prefixes in it")
	refuses(t, gcp, `{"prefixes":[{"ipv4Prefix":1}]}`, "at byte ")
}

func FuzzGCP(f *testing.F) { fuzz(f, gcp, gcpSample) }
