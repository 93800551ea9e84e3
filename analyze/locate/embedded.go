package locate

import (
	"bytes"
	"embed"
	"fmt"
	"net/netip"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"
	"abroad/capture"

	"github.com/oschwald/maxminddb-golang/v2"
)

var embedded = &Locator{
	Name: "embedded",
	Doc:  "Reads the data that the program carries: country by DB-IP Lite, AS by RouteViews, NRO and DB-IP Lite.",
	Open: openEmbedded,
}

// The database is embedded as it is, and read where it lies: opening it costs nothing. tools/data makes it.
//
//go:embed embedded/default.mmdb
var embeddedDB []byte

//go:embed embedded/datasets.csv embedded/default.sha256
var embeddedFiles embed.FS

// openEmbedded does not hash the file: its digest is in embedded/default.sha256, and a test compares them.
func openEmbedded(*options) ([]*Source, error) {
	index, err := readEmbedded("embedded/datasets.csv")
	if err != nil {
		return nil, err
	}
	sum, err := embeddedFiles.ReadFile("embedded/default.sha256")
	if err != nil {
		return nil, err
	}
	var digest capture.Digest
	text, _, _ := strings.Cut(string(sum), " ")
	if err := digest.UnmarshalText([]byte(text)); err != nil {
		return nil, fmt.Errorf("open embedded data: %w", err)
	}
	db, err := maxminddb.OpenBytes(embeddedDB, maxminddb.DisableStringCache())
	if err != nil {
		return nil, fmt.Errorf("open embedded data: %w", err)
	}
	both := &carried{db: db, rows: map[uintptr]carriedRow{}}
	var sources []*Source
	for _, d := range index {
		d.Embedded, d.SHA256 = true, digest
		switch d.Kind {
		case dataset.Databases:
			sources = append(sources, &Source{Dataset: d, Answer: both.country})
		case dataset.Networks:
			sources = append(sources, &Source{Dataset: d, Answer: both.network})
		default:
			return nil, fmt.Errorf("open embedded data: dataset %q has kind %q", d.Name, d.Kind)
		}
	}
	return sources, nil
}

func readEmbedded(name string) (dataset.Index, error) {
	text, err := embeddedFiles.ReadFile(name)
	if err != nil {
		return nil, err
	}
	index, err := dataset.Read(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return index, nil
}

// carried is the embedded database, which holds two datasets. Its prefixes are the parts in which both say one thing: the row that a claim
// quotes may be a part of the row that the publisher wrote.
type carried struct {
	db   *maxminddb.Reader
	rows map[uintptr]carriedRow // by place in the file: about 91,000 AS in 250 countries
	last netip.Addr             // the last question, since both parts are asked in a row
	row  carriedRow
	key  string
}

type carriedRow struct {
	Country string `maxminddb:"country_code"`
	AS      struct {
		Number       uint32 `maxminddb:"number"`
		Organisation string `maxminddb:"organisation"`
	} `maxminddb:"as"`
}

// find leaves the row about a in c.row; ok is false if there is none.
func (c *carried) find(a netip.Addr) (ok bool) {
	if a == c.last {
		return c.key != ""
	}
	c.last, c.key = a, ""
	result := c.db.Lookup(a)
	if !result.Found() {
		return false
	}
	row, known := c.rows[result.Offset()]
	if !known {
		if err := result.Decode(&row); err != nil {
			return false // the file is our own, and verified when it was made
		}
		c.rows[result.Offset()] = row
	}
	c.row, c.key = row, result.Prefix().String()
	return true
}

func (c *carried) country(s *sheet) {
	if c.find(s.asked) && c.row.Country != "" {
		s.say(c.key, audit.Claim{Kind: audit.ClaimDatabase, Country: c.row.Country})
	}
}

func (c *carried) network(s *sheet) {
	if c.find(s.asked) && c.row.AS.Number != 0 {
		s.say(c.key, audit.Claim{Kind: audit.ClaimNetwork, AS: c.row.AS.Number, Organisation: c.row.AS.Organisation})
	}
}
