package locate_test

import (
	"net/netip"
	"os"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
	"abroad/analyze/provider"
)

// tokensIn returns the countries that names of an address are said to stand for.
func tokensIn(t *testing.T, l *locate.Library, name string) string {
	t.Helper()
	var said []string
	for _, c := range l.Claims(locate.Query{Address: netip.MustParseAddr("46.4.0.1"), Names: []string{name}}) {
		if c.Kind == audit.ClaimToken {
			said = append(said, c.Country)
		}
	}
	return strings.Join(said, " ")
}

func TestNames(t *testing.T) {
	l, err := locate.Open(locate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, want := range map[string]string{
		"bucket.s3.eu-west-1.amazonaws.com":                        "IE",
		"s3.dualstack.us-east-2.amazonaws.com":                     "US",
		"s3-eu-west-1.amazonaws.com":                               "IE",
		"abc.execute-api.ap-southeast-1.amazonaws.com":             "SG",
		"lb-123.eu-central-1.elb.amazonaws.com":                    "DE",
		"ec2-1-2-3-4.ap-east-2.compute.amazonaws.com":              "TW",
		"x.lambda-url.eu-north-1.on.aws":                           "SE",
		"s3.cn-north-1.amazonaws.com.cn":                           "CN",
		"vm.westeurope.cloudapp.azure.com":                         "NL",
		"vm.switzerlandnorth.cloudapp.azure.com":                   "CH",
		"vm.eastus2.cloudapp.azure.com":                            "US",
		"objectstorage.eu-frankfurt-1.oraclecloud.com":             "DE",
		"ns.compat.objectstorage.me-jeddah-1.oci.customer-oci.com": "SA",
		"space.fra1.digitaloceanspaces.com":                        "DE",
		"bucket.ap-south-1.linodeobjects.com":                      "SG", // the same word is India for others
		"s3.ap-south-1.amazonaws.com":                              "IN",
		"s3.eu-central-1.wasabisys.com":                            "NL",
		"ec2-1-2-3-4.compute-1.amazonaws.com":                      "US",
		"s3.uk-2.wasabisys.com":                                    "GB",
		"bucket.s3.sgp.io.cloud.ovh.net":                           "SG",
		"s3.gra.cloud.ovh.net":                                     "FR",
		"s3.private.osl01.cloud-object-storage.appdomain.cloud":    "NO",
		"obs.eu-west-101.myhuaweicloud.eu":                         "IE",
		"bucket.oss-eu-central-1.aliyuncs.com":                     "DE",
		"bucket.oss-cn-hongkong.aliyuncs.com":                      "HK",
		"bucket.cn-shanghai.oss.aliyuncs.com":                      "CN",
		"app-125.cos.ap-guangzhou.myqcloud.com":                    "CN",
		"tos-s3-cn-beijing.volces.com":                             "CN",
		"ark.cn-beijing.volces.com":                                "CN",
		"obs.ap-southeast-1.myhuaweicloud.com":                     "HK",
		"fra16s51-in-f14.1e100.net":                                "DE",
		"server-13-224-189-10.ath50.r.cloudfront.net":              "GR",
		"edge-star-shv-01-vie1.facebook.com":                       "AT",
		"scontent-sof1-2.xx.fbcdn.net":                             "BG",

		// What customers choose, and what only looks like a word, says nothing.
		"eu-west-1-pictures.s3.amazonaws.com":        "",
		"eu-west-1.s3.amazonaws.com":                 "",
		"us-east-1.example.com":                      "",
		"s3.eu-west-1.amazonaws.com.evil.net":        "",
		"s3.eu-west-1.notamazonaws.com":              "",
		"amazonaws.com":                              "",
		"eu-west-1.amazonaws.com.":                   "",
		"westeurope.vm.cloudapp.azure.com":           "",
		"eastus22.cloudapp.azure.com":                "",
		"space.fra1.cdn.digitaloceanspaces.com":      "", // a front
		"europe-west1-project.cloudfunctions.net":    "", // behind a front
		"europe-west1-docker.pkg.dev":                "",
		"api.sdk.com":                                "",
		"app.lon.net":                                "",
		"lhr.1e100.net":                              "",
		"-in-f14.1e100.net":                          "",
		"zzz9.1e100.net":                             "",
		"fra-1.facebook.com":                         "",
		"graph.facebook.com":                         "",
		"www.fra.facebook.com":                       "",
		"oss-eu-central-1-internal.aliyuncs.com":     "",
		"oss.aliyuncs.com":                           "",
		"compute-1.s3.amazonaws.com":                 "",
		"io.cloud.ovh.net":                           "",
		"s3.us.cloud-object-storage.appdomain.cloud": "", // of three regions
		"":    "",
		"...": "",
	} {
		if got := tokensIn(t, l, name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// A name whose form or word nobody read in a document of the operator does not lift a place to L3, and says so.
func TestUnreadNames(t *testing.T) {
	l, err := locate.Open(locate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, want := range map[string]audit.Grade{
		"s3.eu-central-1.amazonaws.com":            audit.L3,
		"lb.eu-central-1.elb.amazonaws.com":        audit.L3,
		"s3.eu-central-2.wasabisys.com":            audit.L3,
		"space.fra1.digitaloceanspaces.com":        audit.L2, // form unread
		"ec2.eu-central-1-ham-1.amazonaws.com":     audit.L2, // word unread
		"vm.germanywestcentral.cloudapp.azure.com": audit.L3,
	} {
		said := l.Ask(locate.Query{Address: netip.MustParseAddr("46.4.0.1"), Names: []string{name}}) // which DB-IP says to be in DE
		var claims []audit.Claim
		unread := false
		for _, c := range said.Claims {
			c.ID = audit.ID{Kind: audit.KindClaim, N: uint32(len(claims) + 1)}
			claims = append(claims, c)
			unread = unread || c.Kind == audit.ClaimToken && strings.HasSuffix(c.Detail, "(what it means is unverified)")
		}
		p := locate.Weigh(said.Class, claims, l.Datasets(), nil)
		if p.Grade != want || p.Country != "DE" || unread != (want == audit.L2) || strings.Contains(p.Words, "unverified") != unread {
			t.Errorf("%s: %s %s %q, unread %v", name, p.Grade, p.Country, p.Words, unread)
		}
	}
}

// The words of providers whose regions have a table are those of the table.
func TestWordsAreRegions(t *testing.T) {
	file, err := os.ReadFile("embedded/words.csv")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for line := range strings.Lines(string(file)) {
		if f := strings.Split(line, ","); len(f) > 2 && f[0][0] != '#' {
			words[f[0]+" "+f[1]] = f[2]
		}
	}
	for _, r := range provider.Regions() {
		key := r.Provider + " " + strings.ToLower(r.Name)
		country, ok := words[key]
		delete(words, key)
		switch {
		case r.Provider != "aws" && r.Provider != "azure" && r.Provider != "oracle":
		case r.Country == "" || r.Doubt != "":
			if ok {
				t.Errorf("%s is a word", key)
			}
		case country != r.Country:
			t.Errorf("%s is %q, want %q", key, country, r.Country)
		}
	}
	for key := range words {
		if v, _, _ := strings.Cut(key, " "); v == "aws" || v == "azure" || v == "oracle" {
			t.Errorf("%s is no region", key)
		}
	}
}
