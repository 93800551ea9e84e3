package locate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"

	"github.com/oschwald/maxminddb-golang/v2"
)

// A Complaint is about rows of a dataset.
type Complaint struct {
	Says       string // with the row
	Impossible bool   // cannot be true; otherwise it is only worth to be looked at
}

// MaxComplaints is how many complaints about one dataset are kept.
const MaxComplaints = 1000

// Inspect looks for rows that cannot be true: countries that are none, addresses that are no place, IPv4 addresses in IPv6 form, prefixes
// twice; and for prefixes inside one that names another country. more is how many complaints were not kept.
func Inspect(d *dataset.Dataset, file []byte) (list []Complaint, more int) {
	i := &inspection{}
	if d.Format == formatMMDB {
		i.database(file)
		return i.list, i.more
	}
	i.table(d.Kind, file)
	if err := Check(d, file); err != nil && !slices.ContainsFunc(i.list, func(c Complaint) bool { return c.Impossible }) {
		i.complain(true, "%v", err) // what a single row does not show
	}
	return i.list, i.more
}

type inspection struct {
	list []Complaint
	more int
}

func (i *inspection) complain(impossible bool, format string, args ...any) {
	if len(i.list) == MaxComplaints {
		i.more++
		return
	}
	i.list = append(i.list, Complaint{fmt.Sprintf(format, args...), impossible})
}

// table goes on behind a wrong row, unlike the readers.
func (i *inspection) table(kind dataset.Kind, file []byte) {
	header := readers[kind].header
	at := slices.Index(header, "country")
	if kind == dataset.Geofeed {
		at, file = 1, trimMark(file)
	}
	var rows []row[string]
	readRows(file, header, func(line int, f []string) error { // Check tells what readRows stops at
		country := ""
		if at >= 0 && at < len(f) {
			country = strings.TrimSpace(f[at])
		}
		if country != "" && country != unplaced && Country(country) == "" {
			i.complain(true, "line %d: %s: country %q is none", line, tidy(f[0]), tidy(country))
			country = ""
		}
		if kind == dataset.Tokens || kind == dataset.Resolved || strings.HasPrefix(f[0], "AS") {
			return nil
		}
		p, err := parsePrefix(f[0])
		switch {
		case err != nil:
			i.complain(true, "line %d: %v", line, err)
		case !public(p.Addr()):
			class, _ := Classify(p.Addr())
			i.complain(true, "line %d: %s: %s", line, p, called(class))
		default:
			rows = append(rows, row[string]{p, line, Country(country)})
		}
		return nil
	})
	nested, err := index(rows)
	if err != nil {
		return // Check tells it
	}
	for n, r := range nested.rows {
		for up := nested.parent[n]; up >= 0; up = nested.parent[up] {
			if around := nested.rows[up]; around.value != "" && r.value != "" {
				if around.value != r.value {
					i.complain(false, "line %d: %s is in %s, and lies in %s, which is in %s", r.line, r.prefix, r.value, around.prefix, around.value)
				}
				break
			}
		}
	}
}

func called(class audit.Class) string {
	if words := classWords[class]; words != "" {
		return words
	}
	return string(class)
}

// database walks a file in MaxMind's format.
func (i *inspection) database(file []byte) {
	db, err := openDatabase(file)
	if err != nil {
		i.complain(true, "%v", err)
		return
	}
	said := map[uintptr]string{} // by place in the file: what is wrong with the row
	mapped := netip.MustParsePrefix("::ffff:0:0/96")
	// A tree has a leaf more than nodes. Leaves without a row are asked for too, so that a tree made to branch without end cannot hide its size.
	leaves, most := 0, 2*(int(db.tree.Metadata.NodeCount)+1)
	for r := range db.tree.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if err := r.Err(); err != nil {
			i.complain(true, "%v", err)
			return
		}
		if leaves++; leaves > most {
			i.complain(true, "%d nodes lead to more than %d prefixes: some are in the tree more than once", db.tree.Metadata.NodeCount, most)
			return
		}
		if !r.Found() {
			continue
		}
		code, known := said[r.Offset()]
		if !known {
			code = badRow(r)
			if len(said) < maxRowsKept {
				said[r.Offset()] = code
			}
		}
		if code != "" {
			i.complain(true, "%s: %s", r.Prefix(), code)
		}
		if p := r.Prefix(); p.Addr().Is6() && p.Bits() >= mapped.Bits() && mapped.Contains(p.Addr()) {
			i.complain(true, "%s: an IPv4 address among the IPv6 addresses", p)
		}
	}
}

// badRow returns what is wrong with a row: it cannot be read, or says something in place of a country.
func badRow(r maxminddb.Result) string {
	var l loose
	if err := r.Decode(&l); err != nil {
		return "row cannot be read: " + tidy(err.Error())
	}
	for _, v := range []any{l.Country, l.CountryCode} {
		if m, ok := v.(map[string]any); ok {
			v = m["iso_code"]
		}
		if code := text(v); len(code) == 2 && Country(code) == "" {
			return fmt.Sprintf("country %q is none", tidy(code))
		}
	}
	return ""
}
