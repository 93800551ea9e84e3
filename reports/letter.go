package reports

import (
	"io"
	"strconv"

	"abroad/analyze/audit"
)

var asLetter = &Format{
	Name:  "letter",
	Doc:   "A draft that asks whoever is named for a reply, before anything is published.",
	Files: []File{{"letter.txt", writeLetter}},
}

var letterBounds = bounds{jurisdictions: 20, destinations: 12, findings: 5, recordings: 1, limits: 4, names: 2}

// writeLetter asks, and says how the answers will be used. What a person has to fill in stands in [square brackets].
func writeLetter(w io.Writer, a *audit.Audit, screen Screen) error {
	v := newPage(a, letterBounds)
	p := newPen(w, Screen{Color: screen.Color, Columns: 84})
	say := func(s string) { p.text(0, 0, "", s); p.line() }
	if v.Practice {
		say(practiceBanner)
	}
	p.line("[your name, organisation and address]")
	p.line()
	p.text(0, 0, "", "To: "+addressee(a))
	p.line()
	p.line("[date]")
	p.line()
	p.text(0, 0, bold, "Questions about network traffic of "+v.Title.String())
	p.line()
	say("Dear Sir or Madam,")
	recorded, where := "", ""
	for _, f := range v.Card {
		switch f.Label {
		case "Recorded":
			recorded = f.Value.String()
		case "Vantage":
			where = f.Value.String()
		}
	}
	say("We recorded network traffic of " + v.Title.String() + " on a test device of our own: " + plural(len(a.Sessions), "session") + ", " + recorded + "; vantage " + where +
		". We intend to report on it. Before we do, we ask for your answer; what you write will be published with the report, word for word, unless you mark parts of it as not for publication.")
	p.text(0, 0, bold, "What was seen")
	for _, s := range v.Top {
		p.text(0, 0, "", s)
	}
	for _, s := range v.Level {
		p.text(0, 0, "", s)
	}
	p.line()
	p.text(0, 0, bold, "What we do not claim")
	for _, f := range v.NotShown {
		p.text(0, 2, "", "- "+f.Label+": "+f.Value.String())
	}
	p.line()
	p.text(0, 0, bold, "The destinations that we would name")
	n := 0
	for _, d := range v.Destinations {
		if special(audit.Class(d.Class)) {
			continue
		}
		n++
		p.text(0, 4, "", "("+strconv.Itoa(n)+") "+joined(d.Name, d.Address, d.Words, d.Grade)+"; "+size(d.Up)+" up, "+plural(d.Flows, "flow")+" in "+plural(d.Sessions, "session")+who(&d))
	}
	if n == 0 {
		p.text(0, 2, "", "None: no destination was reached.")
	}
	if v.MoreAddresses.N > 0 {
		p.text(0, 2, "", "and "+plural(v.MoreAddresses.N, "more destination")+", listed in the report")
	}
	p.line()
	p.text(0, 0, "", "A grade of L3 or L4 means that several kinds of evidence, or round-trip times, support the place. Below that it is what a source says, and sources err.")
	p.line()
	statementsAsked(p, a)
	p.text(0, 0, bold, "Our questions")
	for i, q := range questions(a) {
		p.text(0, 3, "", strconv.Itoa(i+1)+". "+q)
	}
	p.line()
	say("Please answer by [date, at least ten working days from now]. On request we send the full report, the document with every flow and its evidence, and the commands that repeat the analysis. If a fact is wrong, tell us which, and what shows that: we will correct it before publication.")
	say("Yours faithfully,")
	p.line("[name]")
	return p.w.Flush()
}

// addressee is the first controller or operator that a promise file names.
func addressee(a *audit.Audit) string {
	for _, role := range []string{"controller", "operator", "owner"} {
		for i := range a.Promises {
			for _, e := range a.Promises[i].Entities {
				if e.Role == role {
					return clip(string(e.Name), 120).String() + " [address; check that this is the right addressee]"
				}
			}
		}
	}
	return "[the company responsible, its data protection officer]"
}

func who(d *destination) string {
	if list := parts(d); len(list) > 0 {
		return "; " + joined(list...)
	}
	return ""
}

// statementsAsked quotes what was held against the traffic.
func statementsAsked(p *pen, a *audit.Audit) {
	const most = 12
	n := 0
	for i := range a.Promises {
		for k := range a.Promises[i].Clauses {
			c := &a.Promises[i].Clauses[k]
			if n++; n > most {
				continue
			}
			if n == 1 {
				p.text(0, 0, bold, "Statements of yours that we compared with the traffic")
			}
			said := quoted(c.Quote)
			if c.Quote == "" {
				said = "our reading: " + quoted(c.Restates)
			}
			p.text(0, 4, "", "- "+said+": "+visible(string(c.Verdict.Outcome))+". "+clip(sentence(c.Verdict.Says), 500).String())
		}
	}
	if n > most {
		p.text(0, 2, "", "and "+plural(n-most, "more statement")+", listed in the report")
	}
	if n > 0 {
		p.line()
	}
}

// questions are the same for everybody; what only a company can know is what traffic cannot show.
func questions(a *audit.Audit) []string {
	list := []string{
		"Which of these hosts do you run, which are run for you, and by whom?",
		"In which countries are the servers that answer under these names, for users in the place where we recorded?",
		"Which of them only pass traffic on (a delivery network, a proxy), and to which countries?",
		"What is sent to each, and for which purpose?",
		"Where is it kept afterwards, and for how long?",
		"From which countries can staff, contractors or affiliates read it?",
		"To whom is it passed on, and in which countries?",
		"Did any of this change in the last twelve months, or is a change planned?",
	}
	if len(a.Promises) > 0 {
		list = append(list, "Do the statements quoted above hold for the account, plan and place that we used? Which exceptions apply?")
	}
	return list
}
