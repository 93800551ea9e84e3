package law

import (
	"slices"
	"strings"
	"sync"
)

// A Member is one country's membership of a group.
type Member struct {
	Group   string // "EU", "EEA", "EFTA"
	Country string // ISO 3166-1 alpha-2
	Part    bool   // a territory with a country code of its own in which the group's law applies as in its state: Réunion (RE) is in the EU
	From    string // first day, 2006-01-02
	To      string // last day; empty = no end is known
	Source  string // key in the sources table; empty = unverified
}

// Groups lists the groups that Members knows.
var Groups = []string{"EEA", "EFTA", "EU"}

// IsGroup reports whether s names a group and not a country.
func IsGroup(s string) bool { return slices.Contains(Groups, s) }

// Members returns the country codes of a group on a day (2006-01-02), sorted, with the codes of territories that belong to it: Réunion is in
// the EU, Greenland is not. States leaves the territories out. An unknown group or an empty day gives nil.
func Members(group, day string) []string { return members(group, day, true) }

// States returns the member states of a group on a day, sorted: 27 of the EU in 2026.
func States(group, day string) []string { return members(group, day, false) }

func members(group, day string, parts bool) []string {
	if day == "" {
		return nil
	}
	var list []string
	for _, m := range memberTable() {
		if m.Group == group && (parts || !m.Part) && within(day, m.From, m.To) {
			list = append(list, m.Country)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// within reports whether day lies between from and to, both included; an empty bound is open.
func within(day, from, to string) bool {
	return (from == "" || day >= from) && (to == "" || day <= to)
}

var memberTable = sync.OnceValue(func() []Member {
	rows, err := readTable("members.csv", memberColumns)
	if err != nil {
		return nil // it is embedded: a test reads it
	}
	list := make([]Member, 0, len(rows))
	for _, r := range rows {
		for group := range strings.FieldsSeq(r[0]) {
			list = append(list, Member{Group: group, Country: r[1], Part: r[2] == "part", From: r[3], To: r[4], Source: r[5]})
		}
	}
	return list
})

var memberColumns = []string{"group", "country", "part", "from", "to", "source"}
