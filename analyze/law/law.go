package law

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"abroad/analyze/audit"
)

// A Row is one line of the legal overlay.
type Row struct {
	Key        string
	Kind       string   // one of Kinds
	Regime     string   // whose law it is: "EU", "EEA", "GB", "CH", "US", "CN" …
	Countries  []string // it speaks of them, ISO 3166-1 alpha-2
	Levels     []string // of the jurisdiction vector, "J1" … "J4"
	Instrument string
	Says       string // in our words
	Condition  string // on the recipient; nobody has checked it
	From, To   string // first and last day; empty = open
	By         *Source
	Notes      []string
}

// Kinds lists the kinds of rows. An adequacy row with a condition is of kind condition: no country is adequate by itself then.
var Kinds = []string{"membership", "adequacy", "condition", "restriction", "localisation", "access"}

// A Source is where a row was read.
type Source struct {
	Key   string
	Grade string // audit.Primary or audit.Secondary
	Read  string // day on which it was read, 2006-01-02
	URL   string
	Title string
}

// Grade is the grade of the row's source; audit.Unverified without one.
func (r *Row) Grade() string {
	if r.By == nil {
		return audit.Unverified
	}
	return r.By.Grade
}

// URL is the address of the row's source, empty without one.
func (r *Row) URL() string {
	if r.By == nil {
		return ""
	}
	return r.By.URL
}

// At returns the rows that speak of a country on a day (2006-01-02), memberships first, in the order of the table. An empty day gives nothing:
// every row is dated.
func At(country, day string) []Row {
	if day == "" {
		return nil
	}
	var list []Row
	for _, group := range Groups {
		for _, m := range memberTable() {
			if m.Group == group && m.Country == country && within(day, m.From, m.To) {
				list = append(list, m.row())
			}
		}
	}
	for _, r := range All() {
		if slices.Contains(r.Countries, country) && within(day, r.From, r.To) {
			list = append(list, r)
		}
	}
	return list
}

// row puts a membership into the form of the other rows.
func (m *Member) row() Row {
	r := Row{
		Key: strings.ToLower(m.Group) + "-member", Kind: "membership", Regime: m.Group, Countries: []string{m.Country},
		Levels: []string{"J1", "J2", "J3", "J4"}, Instrument: m.Group + " membership", Says: "member state of the " + m.Group,
		From: m.From, To: m.To, By: sourceTable()[m.Source],
	}
	if m.Part {
		r.Says = "territory in which the law of the " + m.Group + " applies"
	}
	return r
}

// All returns the rows of laws.csv, in the order of the table; nobody may change them.
func All() []Row {
	rows, _ := table() // it is embedded: a test reads it
	return rows
}

var lawColumns = []string{"key", "kind", "regime", "countries", "levels", "instrument", "says", "condition", "from", "to", "source", "notes"}

var table = sync.OnceValues(func() ([]Row, error) {
	rows, err := readTable("laws.csv", lawColumns)
	if err != nil {
		return nil, err
	}
	list := make([]Row, 0, len(rows))
	for _, f := range rows {
		r := Row{
			Key: f[0], Kind: f[1], Regime: f[2], Countries: expand(f[3], f[8]), Levels: strings.Fields(f[4]), Instrument: f[5], Says: f[6],
			Condition: f[7], From: f[8], To: f[9],
		}
		if f[10] != "" {
			if r.By = sourceTable()[f[10]]; r.By == nil {
				return nil, fmt.Errorf("laws.csv: %s: source %q is not in sources.csv", r.Key, f[10])
			}
		}
		if f[11] != "" {
			r.Notes = strings.Split(f[11], "; ")
		}
		list = append(list, r)
	}
	return list, nil
})

// expand reads a list of countries; a group stands for its states on the day on which the row begins.
func expand(list, day string) []string {
	var countries []string
	for _, c := range strings.Fields(list) {
		if IsGroup(c) {
			countries = append(countries, States(c, day)...)
		} else {
			countries = append(countries, c)
		}
	}
	slices.Sort(countries)
	return slices.Compact(countries)
}

var sourceTable = sync.OnceValue(func() map[string]*Source {
	sources := map[string]*Source{}
	rows, err := readTable("sources.csv", []string{"key", "grade", "read", "url", "title"})
	if err != nil {
		return sources // it is embedded: a test reads it
	}
	for _, f := range rows {
		sources[f[0]] = &Source{f[0], f[1], f[2], f[3], f[4]}
	}
	return sources
})
