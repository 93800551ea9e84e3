package online

import (
	"strings"
	"time"
)

// A Publisher is one row: one file that somebody publishes on a server of his own.
type Publisher struct {
	Dataset string // name of the dataset that it becomes
	URL     string // "{month}" stands for the month as 2006-01; files of this month may not be out yet
	Link    string // if not empty, URL is a page, and the file is the link on it that begins and ends so: "https://…*.json"
	Format  string // of package provider
	Gzip    bool   // the file is compressed, and is unpacked
	Most    int64  // bytes: more is refused, before and after unpacking
	Large   bool   // fetched only if it is named

	Publisher, Title, Licence, Credit string // what the file does not say; empty leaves what package provider says
	Note                              string // for people
}

const mega = 1 << 20

// Publishers lists what "abroad data update" fetches. The addresses were read in programs that fetch them, or in the publishers' documents, on
// 2026-11-23; none was asked then. Those that were found in one place only say so in their note.
var Publishers = []Publisher{
	{Dataset: "dbip-country", URL: "https://download.db-ip.com/free/dbip-country-lite-{month}.mmdb.gz", Format: "mmdb", Gzip: true, Most: 64 * mega,
		Publisher: "DB-IP", Title: "DB-IP", Licence: "CC BY 4.0", Credit: "IP Geolocation by DB-IP (https://db-ip.com)",
		Note: "monthly; newer than the built-in one, of the same publisher"},
	{Dataset: "dbip-asn", URL: "https://download.db-ip.com/free/dbip-asn-lite-{month}.mmdb.gz", Format: "mmdb", Gzip: true, Most: 64 * mega,
		Publisher: "DB-IP", Title: "DB-IP ASN", Licence: "CC BY 4.0", Credit: "IP to ASN by DB-IP (https://db-ip.com)",
		Note: "monthly"},
	{Dataset: "dbip-city", URL: "https://download.db-ip.com/free/dbip-city-lite-{month}.mmdb.gz", Format: "mmdb", Gzip: true, Most: 512 * mega, Large: true,
		Publisher: "DB-IP", Title: "DB-IP City", Licence: "CC BY 4.0", Credit: "IP Geolocation by DB-IP (https://db-ip.com)",
		Note: "monthly; above 100 MB, and its countries are those of dbip-country"},
	{Dataset: "aws-ranges", URL: "https://ip-ranges.amazonaws.com/ip-ranges.json", Format: "aws", Most: 32 * mega, Note: "several times a week"},
	{Dataset: "aws-geofeed", URL: "https://ip-ranges.amazonaws.com/geo-ip-feed.csv", Format: "geofeed", Most: 32 * mega,
		Publisher: "Amazon Web Services", Title: "AWS geofeed", Note: "knows local zones that ip-ranges.json does not"},
	{Dataset: "azure-service-tags", URL: "https://www.microsoft.com/en-us/download/details.aspx?id=56519",
		Link: "https://download.microsoft.com/*.json", Format: "azure", Most: 64 * mega, Note: "weekly; the page names the week's file"},
	{Dataset: "gcp-cloud", URL: "https://www.gstatic.com/ipranges/cloud.json", Format: "gcp", Most: 16 * mega, Note: "Google Cloud by region"},
	{Dataset: "google-ranges", URL: "https://www.gstatic.com/ipranges/goog.json", Format: "google", Most: 16 * mega, Note: "all of Google, as edges"},
	{Dataset: "oracle-ranges", URL: "https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json", Format: "oracle", Most: 16 * mega, Note: "Oracle Cloud by region"},
	{Dataset: "digitalocean-geofeed", URL: "https://www.digitalocean.com/geo/google.csv", Format: "geofeed", Most: 16 * mega,
		Publisher: "DigitalOcean", Title: "DigitalOcean geofeed", Note: "where its addresses are, by city"},
	{Dataset: "linode-geofeed", URL: "https://geoip.linode.com/", Format: "geofeed", Most: 16 * mega, Publisher: "Akamai (Linode)", Title: "Linode geofeed",
		Note: "where its addresses are, by city"},
	{Dataset: "vultr-geofeed", URL: "https://geofeed.constant.com/", Format: "geofeed", Most: 16 * mega, Publisher: "Vultr", Title: "Vultr geofeed",
		Note: "unverified: other formats are at the same address with a query"},
	{Dataset: "cloudflare-ranges-v4", URL: "https://www.cloudflare.com/ips-v4", Format: "cloudflare", Most: mega, Note: "all of it anycast"},
	{Dataset: "cloudflare-ranges-v6", URL: "https://www.cloudflare.com/ips-v6", Format: "cloudflare", Most: mega, Note: "all of it anycast"},
	{Dataset: "fastly-ranges", URL: "https://api.fastly.com/public-ip-list", Format: "fastly", Most: mega, Note: "edges"},
}

// Names lists the datasets of the rows.
func Names() []string {
	names := make([]string, len(Publishers))
	for i := range Publishers {
		names[i] = Publishers[i].Dataset
	}
	return names
}

// addresses returns where the file may be, the newest first.
func (p *Publisher) addresses(now time.Time) []string {
	if !strings.Contains(p.URL, "{month}") {
		return []string{p.URL}
	}
	now = now.UTC()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	var list []string
	for back := range 2 {
		list = append(list, strings.ReplaceAll(p.URL, "{month}", first.AddDate(0, -back, 0).Format("2006-01")))
	}
	return list
}
