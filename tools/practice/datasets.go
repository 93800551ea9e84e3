package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
)

// A dataset is one of the files of analyze/locate/practice, whose README says what they look like.
type dataset struct {
	file, kind, name, title, publisher, asOf string
	header                                   []string // nil: none
	rows                                     [][]string
}

// datasets makes every practice dataset from the world. Borealis is older than half a year at the time of the recordings, so that reports
// can show the warning about it.
func datasets() []dataset {
	list := []dataset{
		{"atlas.csv", "database", "practice-atlas", "Atlas", "Atlas Works (practice)", "2026-08-01", []string{"prefix", "country", "registered"}, nil},
		{"borealis.csv", "database", "practice-borealis", "Borealis", "Borealis Maps (practice)", "2026-02-10", []string{"prefix", "country", "registered"}, nil},
		{"providers.csv", "regions", "practice-providers", "practice region list", "Practice providers (practice)", "2026-07-15",
			[]string{"prefix", "provider", "region", "country"}, nil},
		{"geofeed.csv", "geofeed", "practice-geofeed", "practice geofeed", "Practice geofeed (practice)", "2026-08-20", nil, nil},
		{"anycast.csv", "anycast", "practice-anycast", "practice anycast list", "Practice anycast (practice)", "2026-08-10",
			[]string{"match", "operator", "kind", "source", "read"}, nil},
		{"networks.csv", "networks", "practice-networks", "practice AS table", "Practice registry (practice)", "2026-08-25",
			[]string{"prefix", "as", "organisation", "registered"}, nil},
		{"tokens.csv", "tokens", "practice-tokens", "practice name tokens", "Practice providers (practice)", "2026-07-15",
			[]string{"suffix", "operator", "token", "country", "city"}, nil},
		{"owners.csv", "owners", "practice-owners", "practice owners", "Practice owners (practice)", "2026-08-15",
			[]string{"suffix", "organisation", "seat", "parent", "parent_seat", "role"}, nil},
	}
	rows := func(file string, row ...string) {
		i := slices.IndexFunc(list, func(d dataset) bool { return d.file == file })
		list[i].rows = append(list[i].rows, row)
	}
	for _, p := range sortedPrefixes() {
		n, op := p.network, operatorNamed(p.network.operator)
		if n.unlisted {
			continue
		}
		if n.atlas != "" {
			rows("atlas.csv", p.prefix, n.atlas, op.registered)
		}
		if n.borealis != "" {
			rows("borealis.csv", p.prefix, n.borealis, "")
		}
		if n.region != "" {
			rows("providers.csv", p.prefix, op.key, n.region, n.table)
		}
		if n.geofeed != "" {
			rows("geofeed.csv", p.prefix, n.geofeed, "", n.city, "")
		}
		if n.anycast && n.key != wholeASNetwork {
			rows("anycast.csv", p.prefix, op.name, "anycast", "practice", "")
		}
		if n.edge {
			rows("anycast.csv", p.prefix, op.name, "edge", "practice", "")
		}
		rows("networks.csv", p.prefix, strconv.Itoa(int(op.as)), op.name, op.registered)
	}
	beacon := operatorNamed("beacon")
	rows("anycast.csv", fmt.Sprintf("AS%d", beacon.as), beacon.name, "anycast", "practice", "")
	for _, t := range slices.SortedFunc(slices.Values(tokens), func(a, b token) int {
		return cmp.Or(cmp.Compare(a.suffix, b.suffix), cmp.Compare(a.word, b.word))
	}) {
		rows("tokens.csv", t.suffix, operatorNamed(t.operator).name, t.word, t.country, t.city)
	}
	for _, o := range slices.SortedFunc(slices.Values(owners), func(a, b owner) int { return cmp.Compare(a.suffix, b.suffix) }) {
		rows("owners.csv", o.suffix, o.organisation, o.seat, o.parent, o.parentSeat, o.role)
	}
	return list
}

// wholeASNetwork is on the anycast list by its AS number, not by its prefix.
const wholeASNetwork = "beacon-dns"

// A placed prefix is one prefix of the world with its network.
type placedPrefix struct {
	prefix  string
	network *network
}

// sortedPrefixes lists every prefix: IPv4 before IPv6, by address, then by length.
func sortedPrefixes() (list []placedPrefix) {
	for i := range networks {
		for _, p := range networks[i].prefixes {
			list = append(list, placedPrefix{netip.MustParsePrefix(p).String(), &networks[i]})
		}
	}
	slices.SortFunc(list, func(a, b placedPrefix) int {
		p, q := netip.MustParsePrefix(a.prefix), netip.MustParsePrefix(b.prefix)
		return cmp.Or(p.Addr().Compare(q.Addr()), cmp.Compare(p.Bits(), q.Bits()))
	})
	return list
}

func operatorNamed(key string) operator {
	for _, o := range operators {
		if o.key == key {
			return o
		}
	}
	return operator{}
}

// bytes writes the dataset as its file stands.
func (d *dataset) bytes() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# Practice data: nothing here is about the real world. Made by tools/practice.\n")
	w := csv.NewWriter(&b)
	if d.header != nil {
		w.Write(d.header)
	}
	w.WriteAll(d.rows)
	return b.Bytes(), w.Error()
}

// index writes datasets.csv, the list of all.
func index(list []dataset) ([]byte, error) {
	d := dataset{header: []string{"file", "kind", "name", "title", "publisher", "as_of"}}
	for _, e := range list {
		d.rows = append(d.rows, []string{e.file, e.kind, e.name, e.title, e.publisher, e.asOf})
	}
	return d.bytes()
}
