package owner

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"abroad/analyze/audit"
)

// A Source is where a row was read.
type Source struct {
	Key   string
	Grade string // "primary": the organisation's own word, a filing or a register; "secondary": somebody else's
	Read  string // day on which it was read, 2006-01-02
	URL   string
	Title string
}

// An Organisation is a legal person or a group, without its parents.
type Organisation struct {
	Key, Name       string
	Seat            string // country of the legal seat, ISO 3166-1 alpha-2; empty = unknown
	Headquarters    string // country
	SeatBy          *Source
	HeadquartersBy  *Source
	Contested, Note string // why seat or headquarters can be seen otherwise; anything else a reader must know
}

// A Parent says who controls an organisation for some time.
type Parent struct {
	Of, Key  string // keys; the same = nobody above it
	From, To string // first and last day; empty = open
	By       *Source
	Note     string
}

// A Suffix says whose the names under it are.
type Suffix struct {
	Suffix, Organisation string
	Roles                []string
	From, To             string
	Above                bool // holds for names whose registrable domain is longer: hosting for customers
	Contested            string
	By                   *Source
	At                   string // "file:line" of a user's row
}

// A Network says who runs an autonomous system.
type Network struct {
	AS           uint32
	Organisation string
	By           *Source
	At           string
}

// A Table is the owner table. It does not change once it is read.
type Table struct {
	organisations map[string]*Organisation
	parents       map[string][]Parent
	suffixes      map[string][]Suffix
	networks      map[uint32]Network
	datasets      []audit.Dataset
}

//go:embed sources.csv organisations.csv parents.csv suffixes.csv networks.csv
var files embed.FS

// Default returns the embedded table, read once.
func Default() (*Table, error) { return embedded() }

var embedded = sync.OnceValues(func() (*Table, error) {
	t := newTable()
	sources := map[string]*Source{}
	for _, step := range []struct {
		file, columns string
		add           func(r []string) error
	}{
		{"sources.csv", "key,grade,read,url,title", func(r []string) error {
			if sources[r[0]] != nil {
				return fmt.Errorf("source %q twice", r[0])
			}
			sources[r[0]] = &Source{Key: r[0], Grade: r[1], Read: r[2], URL: r[3], Title: r[4]}
			return nil
		}},
		{"organisations.csv", "key,name,seat,seat_source,headquarters,headquarters_source,contested,note", func(r []string) error {
			if t.organisations[r[0]] != nil {
				return fmt.Errorf("organisation %q twice", r[0])
			}
			o := &Organisation{Key: r[0], Name: r[1], Seat: r[2], Headquarters: r[4], Contested: r[6], Note: r[7]}
			t.organisations[r[0]] = o
			return named(sources, r[3], &o.SeatBy, r[5], &o.HeadquartersBy)
		}},
		{"parents.csv", "organisation,parent,from,to,source,note", func(r []string) error {
			p := Parent{Of: r[0], Key: r[1], From: r[2], To: r[3], Note: r[5]}
			if p.Key == "itself" {
				p.Key = p.Of
			}
			err := named(sources, r[4], &p.By)
			t.parents[p.Of] = append(t.parents[p.Of], p)
			return err
		}},
		{"suffixes.csv", "suffix,organisation,roles,source,above,contested,from,to", func(r []string) error {
			s := Suffix{Suffix: r[0], Organisation: r[1], Roles: strings.Fields(r[2]), Above: r[4] == "above", Contested: r[5], From: r[6], To: r[7]}
			err := named(sources, r[3], &s.By)
			t.suffixes[s.Suffix] = append(t.suffixes[s.Suffix], s)
			return err
		}},
		{"networks.csv", "as,organisation,source", func(r []string) error {
			as, err := strconv.ParseUint(r[0], 10, 32)
			if err != nil {
				return err
			}
			n := Network{AS: uint32(as), Organisation: r[1]}
			err = named(sources, r[2], &n.By)
			t.networks[n.AS] = n
			return err
		}},
	} {
		if err := readTable(step.file, step.columns, step.add); err != nil {
			return nil, err
		}
	}
	d, err := embeddedDataset()
	if err != nil {
		return nil, err
	}
	t.datasets = []audit.Dataset{d}
	return t, t.check()
})

func newTable() *Table {
	return &Table{
		organisations: map[string]*Organisation{}, parents: map[string][]Parent{}, suffixes: map[string][]Suffix{}, networks: map[uint32]Network{},
	}
}

// named resolves the keys of sources: key, where to, key, where to …; an empty key stays nil.
func named(sources map[string]*Source, pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		key, to := pairs[i].(string), pairs[i+1].(**Source)
		if key == "" {
			continue
		}
		if *to = sources[key]; *to == nil {
			return fmt.Errorf("source %q is not in sources.csv", key)
		}
	}
	return nil
}

// readTable reads an embedded table: CSV with "#" comments and exactly these columns.
func readTable(name, columns string, add func(row []string) error) error {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], strings.Split(columns, ",")) {
		return fmt.Errorf("%s: want the columns %s", name, columns)
	}
	for _, row := range rows[1:] {
		if err := add(row); err != nil {
			return fmt.Errorf("%s: %q: %w", name, row[0], err)
		}
	}
	return nil
}

// check proves that every key leads to an organisation and that no chain of parents is a circle.
func (t *Table) check() error {
	known := func(what, key string) error {
		if t.organisations[key] == nil {
			return fmt.Errorf("%s: organisation %q is not in the table", what, key)
		}
		return nil
	}
	for suffix, rows := range t.suffixes {
		for _, r := range rows {
			if err := known(suffix, r.Organisation); err != nil {
				return err
			}
		}
	}
	for as, n := range t.networks {
		if err := known("AS"+strconv.FormatUint(uint64(as), 10), n.Organisation); err != nil {
			return err
		}
	}
	for of, rows := range t.parents {
		if err := known("parents", of); err != nil {
			return err
		}
		for _, r := range rows {
			if err := known(of, r.Key); err != nil {
				return err
			}
		}
	}
	return nil
}
