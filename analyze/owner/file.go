package owner

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

// Limits of a user's file.
const (
	MaxFile  = 4 << 20 // bytes
	MaxRows  = 50_000
	maxField = 500 // bytes
)

// Columns lists the columns of a user's file; the first two must be there, the others may stand in any order or not at all.
var Columns = []string{
	"suffix", "organisation", "seat", "headquarters", "parent", "parent_seat", "role", "from", "to", "source", "date", "above",
}

// Read returns t with the rows of a user's file added; a row replaces what t says of the same suffix or AS, and what it says of an
// organisation replaces what t says of one with the same name. t itself does not change.
//
// A file is CSV (RFC 4180) with a header line; lines that begin with "#" are comments. A suffix is a domain name, or "AS64500" for a network.
// A row without a source is unverified. Errors name file and line.
func (t *Table) Read(name string, r io.Reader) (*Table, error) { return t.read(name, r, nil) }

// ReadPractice reads the table of the practice fiction: a whole table of its own, whose rows are sourced by the file.
func ReadPractice(name string, r io.Reader) (*Table, error) {
	return newTable().read(name, r, &Source{Key: name, Grade: audit.Secondary, URL: name, Title: "practice data"})
}

func (t *Table) read(name string, r io.Reader, all *Source) (*Table, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > MaxFile {
		return nil, fmt.Errorf("%s: more than %d bytes", name, MaxFile)
	}
	rows := csv.NewReader(bytes.NewReader(text))
	rows.Comment, rows.ReuseRecord = '#', false
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: read header: %w", name, noEOF(err))
	}
	t = t.clone()
	d := audit.Dataset{Name: filepath.Base(name), Title: UserTitle, Publisher: "the user", Licence: "not declared", SHA256: sha256.Sum256(text)}
	if all != nil {
		d.Name, d.Title, d.Publisher, d.Licence, d.Embedded, d.Practice = "practice-owners", "Owner table of the practice fiction", "abroad", "Apache-2.0", true, true
		d.AsOf = Compiled
	}
	t.datasets = append(t.datasets, d)
	f := &file{table: t, name: name, all: all, at: map[string]int{}, fresh: map[string]bool{}}
	for i, column := range header {
		if _, twice := f.at[column]; twice || !slices.Contains(Columns, column) {
			return nil, fmt.Errorf("%s:1: column %q is unknown or repeated; there are %s", name, column, strings.Join(Columns, ", "))
		}
		f.at[column] = i
	}
	for _, column := range Columns[:2] {
		if _, ok := f.at[column]; !ok {
			return nil, fmt.Errorf("%s:1: no column %q", name, column)
		}
	}
	for n := 0; ; n++ {
		row, err := rows.Read()
		if err == io.EOF {
			if own := &f.table.datasets[len(f.table.datasets)-1]; own.AsOf == "" {
				own.AsOf = f.latest
			}
			return f.table, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := rows.FieldPos(0)
		if n == MaxRows {
			return nil, fmt.Errorf("%s:%d: more than %d rows", name, line, MaxRows)
		}
		if err := f.add(row, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty")
	}
	return err
}

// clone copies the maps; rows are never changed in place.
func (t *Table) clone() *Table {
	return &Table{maps.Clone(t.organisations), maps.Clone(t.parents), maps.Clone(t.suffixes), maps.Clone(t.networks), slices.Clone(t.datasets)}
}

// A file is a user's file while it is read.
type file struct {
	table  *Table
	name   string
	all    *Source         // of every row; nil = each row names its own
	at     map[string]int  // column -> field
	latest string          // day on which a source was read
	fresh  map[string]bool // suffixes, and "org KEY", that this file has spoken of
}

func (f *file) get(row []string, column string) string {
	if i, ok := f.at[column]; ok {
		return strings.TrimSpace(row[i])
	}
	return ""
}

func (f *file) add(row []string, line int) error {
	for i, field := range row {
		if len(field) > maxField || strings.ContainsFunc(field, unprintable) {
			return fmt.Errorf("field %d is longer than %d bytes or holds what cannot be printed", i+1, maxField)
		}
	}
	by, err := f.source(row)
	if err != nil {
		return err
	}
	key, err := f.organisation(row, by)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("%s:%d", f.name, line)
	suffix := strings.TrimSuffix(strings.ToLower(f.get(row, "suffix")), ".")
	if as, ok := asNumber(suffix); ok {
		for _, column := range []string{"role", "from", "to", "above"} {
			if f.get(row, column) != "" {
				return fmt.Errorf("AS%d: column %q is of rows of names, not of networks", as, column)
			}
		}
		if old := f.table.networks[as]; f.fresh[suffix] {
			return fmt.Errorf("AS%d: a row of it stands at %s", as, old.At)
		}
		f.fresh[suffix] = true
		f.table.networks[as] = Network{as, key, by, at}
		return nil
	}
	s := Suffix{
		Suffix: suffix, Organisation: key, Roles: strings.FieldsFunc(f.get(row, "role"), func(r rune) bool { return r == ';' }),
		From: f.get(row, "from"), To: f.get(row, "to"), By: by, At: at,
	}
	switch above := f.get(row, "above"); above {
	case "above":
		s.Above = true
	case "":
	default:
		return fmt.Errorf("above %q: want \"above\" or nothing", above)
	}
	if err := checkSuffix(suffix, s.Above); err != nil {
		return err
	}
	for _, day := range []string{s.From, s.To} {
		if err := checkDay(day); err != nil {
			return err
		}
	}
	if s.From != "" && s.To != "" && s.From > s.To {
		return fmt.Errorf("from %s is after to %s", s.From, s.To)
	}
	if !f.fresh[suffix] {
		f.fresh[suffix], f.table.suffixes[suffix] = true, nil
	}
	for _, old := range f.table.suffixes[suffix] {
		if (old.To == "" || s.From == "" || s.From <= old.To) && (s.To == "" || old.From == "" || old.From <= s.To) {
			return fmt.Errorf("suffix %q: a row of the same days stands at %s", suffix, old.At)
		}
	}
	f.table.suffixes[suffix] = append(slices.Clip(f.table.suffixes[suffix]), s)
	return nil
}

// source is where a row says that it was read.
func (f *file) source(row []string) (*Source, error) {
	if f.all != nil {
		return f.all, nil
	}
	text, day := f.get(row, "source"), f.get(row, "date")
	if err := checkDay(day); err != nil {
		return nil, err
	}
	switch {
	case text == "" && day != "":
		return nil, fmt.Errorf("date %s: of which source?", day)
	case text == "":
		return nil, nil
	case day == "":
		return nil, fmt.Errorf("source %q: on which day was it read? (column date)", text)
	}
	f.latest = max(f.latest, day)
	return &Source{Key: text, Grade: audit.Declared, Read: day, URL: text, Title: f.name}, nil
}

// organisation takes the organisation and the parent of a row into the table and returns the organisation's key.
func (f *file) organisation(row []string, by *Source) (string, error) {
	name := f.get(row, "organisation")
	if name == "" {
		return "", errors.New("no organisation")
	}
	seat, hq, parent, parentSeat := f.get(row, "seat"), f.get(row, "headquarters"), f.get(row, "parent"), f.get(row, "parent_seat")
	for _, c := range []string{seat, hq, parentSeat} {
		if err := checkCountry(c); err != nil {
			return "", err
		}
	}
	if parent == "" && parentSeat != "" {
		return "", fmt.Errorf("parent_seat %s: of which parent?", parentSeat)
	}
	key, err := f.say(name, seat, hq, by)
	if err != nil || parent == "" {
		return key, err
	}
	above, err := f.say(parent, parentSeat, "", by)
	if err != nil {
		return "", err
	}
	f.table.parents[key] = []Parent{{Of: key, Key: above, By: by}}
	if above != key && f.table.parents[above] == nil {
		f.table.parents[above] = []Parent{{Of: above, Key: above, By: by}} // the column asks for the ultimate parent
	}
	return key, nil
}

// say takes what a row says of an organisation: new to the table, or over what the table says. Two rows of one file must agree.
func (f *file) say(name, seat, hq string, by *Source) (key string, err error) {
	key = f.table.keyOf(name)
	o := Organisation{Key: key, Name: name}
	if old := f.table.organisations[key]; old != nil {
		o = *old
	}
	for _, v := range []struct {
		said string
		has  *string
		by   **Source
		mark string
	}{{seat, &o.Seat, &o.SeatBy, "seat "}, {hq, &o.Headquarters, &o.HeadquartersBy, "headquarters "}} {
		if v.said == "" {
			continue
		}
		if f.fresh[v.mark+key] && *v.has != v.said {
			return "", fmt.Errorf("%q: %s%s contradicts %s above", name, v.mark, v.said, *v.has)
		}
		*v.has, *v.by, f.fresh[v.mark+key] = v.said, by, true
	}
	f.table.organisations[key] = &o
	return key, nil
}

// Knows reports whether the table has an organisation of this key or name, whatever the case.
func (t *Table) Knows(name string) bool { return t.organisations[t.keyOf(name)] != nil }

// keyOf finds an organisation by key or name; a new one gets its name in lower case as key.
func (t *Table) keyOf(name string) string {
	lower := strings.ToLower(name)
	if t.organisations[lower] != nil {
		return lower
	}
	found := ""
	for key, o := range t.organisations {
		if strings.EqualFold(o.Name, name) && (found == "" || key < found) {
			found = key
		}
	}
	if found != "" {
		return found
	}
	return lower
}

func asNumber(s string) (uint32, bool) {
	digits, ok := strings.CutPrefix(s, "as")
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), ok && err == nil && n > 0
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// checkSuffix refuses what is no name, and a public suffix unless the row says that it speaks of the names of others.
func checkSuffix(s string, above bool) error {
	if s == "" || strings.ContainsAny(s, "/:*@ ") || strings.HasPrefix(s, ".") || strings.Contains(s, "..") || len(s) > 253 {
		return fmt.Errorf("suffix %q: want a domain name like example.com, or AS64500", s)
	}
	if plain, err := idna.ToASCII(s); err == nil && plain != s {
		return fmt.Errorf("suffix %q: write it as packets have it, %q", s, plain)
	}
	if public, icann := publicsuffix.PublicSuffix(s); public == s && (icann || !above) && !strings.HasSuffix(s, ".example") {
		if icann || !strings.Contains(s, ".") {
			return fmt.Errorf("suffix %q is a public suffix: nobody owns all names under it", s)
		}
		return fmt.Errorf("suffix %q is a public suffix under which others have names: say \"above\" in column above if you mean who runs it", s)
	}
	return nil
}

func checkDay(s string) error {
	if s == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return fmt.Errorf("date %q: want 2006-01-02", s)
	}
	return nil
}

// checkCountry accepts the codes of countries in capitals.
func checkCountry(s string) error {
	switch {
	case s == "UK":
		return fmt.Errorf("country %q: the United Kingdom is GB", s)
	case s != "" && locate.Country(s) != s:
		return fmt.Errorf("country %q: want an ISO 3166-1 code like IE", s)
	}
	return nil
}

// CheckDomain refuses what is no domain of a maker: a public suffix, an address, a pattern.
func CheckDomain(s string) error {
	err := checkSuffix(s, true)
	switch platform := err == nil && checkSuffix(s, false) != nil; {
	case strings.Trim(s, "0123456789.") == "", err == nil && !strings.Contains(s, "."):
		return fmt.Errorf("suffix %q: want a domain name like example.com", s)
	case platform:
		return fmt.Errorf("suffix %q is a public suffix: others have names under it", s)
	}
	return err
}
