package reports

import (
	"slices"
	"strings"
)

// A countryLaws is what the overlay says of one country: each text once, with the levels at which the country stands.
type countryLaws struct {
	Country foreign // its code
	Name    foreign
	Stands  []foreign // "J1: 3 destinations, 1 of them only said to be there"
	Texts   []lawText
}

// A lawText is one row of the overlay, at the levels where it applies.
type lawText struct {
	lawRow // of the first level
	Short  foreign
	Levels []lawLevel
}

// A lawLevel is the row that says so at one level, and of how much it speaks there.
type lawLevel struct{ ID, Level, Applies string }

// byCountry groups the rows of the overlay: most texts apply at several levels of the same country.
func byCountry(rows []lawRow) (list []countryLaws) {
	for i := range rows {
		l := &rows[i]
		at := slices.IndexFunc(list, func(c countryLaws) bool { return c.Country == l.Country })
		if at < 0 {
			at = len(list)
			list = append(list, countryLaws{Country: l.Country, Name: nation(string(l.Country))})
		}
		c := &list[at]
		if says := foreign(l.Level+": ") + l.Applies; !slices.Contains(c.Stands, says) {
			c.Stands = append(c.Stands, says)
		}
		k := slices.IndexFunc(c.Texts, func(t lawText) bool { return t.same(l) })
		if k < 0 {
			k = len(c.Texts)
			c.Texts = append(c.Texts, lawText{lawRow: *l, Short: l.short()})
		}
		c.Texts[k].Levels = append(c.Texts[k].Levels, lawLevel{l.ID.String(), l.Level, l.Applies.String()})
	}
	slices.SortStableFunc(list, func(x, y countryLaws) int { return strings.Compare(string(x.Country), string(y.Country)) })
	return list
}

// same reports whether l says the same at another level.
func (t *lawText) same(l *lawRow) bool {
	return t.Regime == l.Regime && t.Kind == l.Kind && t.Instrument == l.Instrument && t.Says == l.Says && t.Condition == l.Condition &&
		t.Valid == l.Valid && t.Grade == l.Grade && t.Source == l.Source && slices.Equal(t.Notes, l.Notes)
}

// short names a text in a line: "EU membership", "US access: 18 USC 2713 (CLOUD Act), on a condition (not checked)".
func (l *lawRow) short() foreign {
	s := l.Regime + foreign(" "+l.Kind)
	if l.Instrument != s {
		s += ": " + l.Instrument
	}
	if l.Condition != "" {
		s += ", on a condition (not checked)"
	}
	if l.Unread {
		s += ", unverified"
	}
	return s
}

// At lists the levels of a text: "J1, J3".
func (t *lawText) At() string {
	var levels []string
	for _, l := range t.Levels {
		if !slices.Contains(levels, l.Level) {
			levels = append(levels, l.Level)
		}
	}
	return strings.Join(levels, ", ")
}
