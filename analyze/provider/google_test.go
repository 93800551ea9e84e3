package provider

import "testing"

const googleSample = `{"syncToken": "1", "creationTime": "2025-07-24T19:16:28.780563", "prefixes": [
 {"ipv4Prefix": "142.250.0.0/15"}, {"ipv6Prefix": "2a00:1450::/32"}, {"ipv4Prefix": "8.8.8.0/24"}]}`

func TestGoogle(t *testing.T) {
	reads(t, google, "goog.json", googleSample, "2025-07-24",
		"prefix,provider,region,country",
		"8.8.8.0/24,Google,goog.json,",
		"142.250.0.0/15,Google,goog.json,",
		"2a00:1450::/32,Google,goog.json,",
		"these ranges hold those of Google Cloud, whose regions are in cloud.json: import that too")
	cut(t, google, googleSample)
}

func TestGoogleMalformed(t *testing.T) {
	refuses(t, google, `{"creationTime":"","prefixes":[{"ipv6Prefix":"8.8.8.0/24"}]}`, `no prefix in it is one ("8.8.8.0/24")`)
	refuses(t, google, `[]`, "at byte 1: ")
}

func FuzzGoogle(f *testing.F) { fuzz(f, google, googleSample) }
