package provider

import (
	"errors"
	"testing"
)

const cloudflareSample = "173.245.48.0/20\n103.21.244.0/22\n"

func TestCloudflare(t *testing.T) {
	reads(t, cloudflare, "ips-v4-2026-08-22.txt", cloudflareSample, "2026-08-22",
		"match,operator,kind,source,read",
		"103.21.244.0/22,Cloudflare,anycast,https://www.cloudflare.com/ips/,",
		"173.245.48.0/20,Cloudflare,anycast,https://www.cloudflare.com/ips/,")
	cutLines(t, cloudflare, cloudflareSample)
	six, err := Read("", "x", []byte("2400:cb00::/32\n2606:4700::/32"))
	if err != nil || six.Set.Name != "cloudflare-ranges-v6" {
		t.Errorf("%v, %v", six, err)
	}
}

func TestCloudflareMalformed(t *testing.T) {
	for _, file := range []string{"1.0.0.0/24\n1.1.1.0/24\n", "173.245.48.0/20,US\n", "173.245.48.0/20\nwords\n", "173.245.48.0/20\n1.1.1.1\n", "2400:cb00::/32\n2606:4700:0::/32\n"} {
		if _, err := Read("", "x", []byte(file)); errors.Is(err, ErrUnknown) {
			continue
		}
		if f, _ := find("", []byte(file)); f == cloudflare {
			t.Errorf("%q passes for Cloudflare's", file)
		}
	}
	refuses(t, cloudflare, "", "no prefixes in it")
	refuses(t, cloudflare, "words\n", "1 of 1 rows cannot be interpreted")
}

func FuzzCloudflare(f *testing.F) { fuzz(f, cloudflare, cloudflareSample) }
