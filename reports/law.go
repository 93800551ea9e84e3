package reports

import (
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// A lawRow is one row of the legal overlay: that an instrument exists, whom it names and since when, never what follows from it.
type lawRow struct {
	ID         audit.ID
	Level      string
	Country    foreign
	Regime     foreign
	Kind       string
	Instrument foreign
	Says       foreign
	Condition  foreign
	Valid      foreign
	Grade      foreign
	Source     foreign
	Unread     bool
	Applies    foreign // to how many, and how well it is known that they are of that country
	Notes      []foreign
}

const maxLaws = 300

// levels says what the levels of the jurisdiction vector ask.
var levels = []fact{
	{"J1", "Where does the server answer, as seen from here?"},
	{"J2", "Who runs the network, and where is that organisation registered?"},
	{"J3", "Which organisation receives, and where is its legal seat?"},
	{"J4", "Who ultimately controls the recipient, and where is its seat?"},
}

// laws lists the overlay of an audit.
func laws(a *audit.Audit) (rows []lawRow, more uint64) {
	for i := range a.Laws {
		if len(rows) == maxLaws {
			return rows, uint64(len(a.Laws) - maxLaws)
		}
		l := &a.Laws[i]
		row := lawRow{
			ID: l.ID, Level: oneOf(l.Level, "J1", "J2", "J3", "J4"), Country: clip(l.Country, 20), Regime: clip(l.Regime, 20), Kind: kindWord(l.Kind),
			Instrument: instrument(l), Says: clip(l.Says, 300), Condition: clip(l.Condition, 300), Grade: clip(l.Grade, 20),
			Source: clip(l.Source, 300), Unread: l.Grade == audit.Unverified, Applies: clip(applies(l), 200), Notes: clipAll(l.Notes, 4, 300),
		}
		row.Valid = clip(validity(l.From, l.To), 60)
		rows = append(rows, row)
	}
	return rows, 0
}

// instrument is the title of a text, in marks: it is not ours. A membership is in our words.
func instrument(l *audit.Law) foreign {
	if l.Kind == "membership" {
		return clip(string(l.Instrument), 200)
	}
	return foreign(quoted(clipTheirs(l.Instrument, 200)))
}

// lawDay is the day for which the overlay was asked, empty if there is none.
func lawDay(a *audit.Audit) foreign {
	if len(a.Laws) == 0 {
		return ""
	}
	return clip(a.Laws[0].AsOf, 20)
}

func kindWord(kind string) string {
	return oneOf(kind, "membership", "adequacy", "condition", "restriction", "localisation", "access")
}

// oneOf keeps to the words that are known: a stranger's audit says nothing in ours.
func oneOf(word string, known ...string) string {
	if slices.Contains(known, word) {
		return word
	}
	return "other"
}

func validity(from, to string) string {
	var words []string
	if from != "" {
		words = append(words, "from "+from)
	}
	if to != "" {
		words = append(words, "until "+to)
	}
	return strings.Join(words, " ")
}

// applies says of how much a row speaks: "3 destinations, 1 of them only said to be there".
func applies(l *audit.Law) string {
	thing, weak := "organisation", "by an unverified row"
	if l.Level == "J1" || l.Level == "J2" {
		thing = "destination"
	}
	if l.Level == "J1" {
		weak = "only said to be there"
	}
	s := plural(uint64(l.Count), thing)
	if l.Claimed > 0 {
		s += ", " + count(uint64(l.Claimed)) + " of them " + weak
	}
	return s
}
