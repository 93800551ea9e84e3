package web

import (
	"bufio"
	"cmp"
	"errors"
	"os"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// maxNames is how many destinations of one audit the search looks through, most bytes up first.
const maxNames = 20_000

// A card is what lists and the search know of an audit.
type card struct {
	App, Version string
	Practice     bool
	First, Last  string
	Sessions     int
	Failed       int
	Places       []string // "IE L3", most bytes up first
	Up           uint64
	Verdicts     [3]int // contradicted, consistent, silent
	Things       []thing
	Destinations int
}

// A thing is a destination, as far as the search goes.
type thing struct {
	ID                  audit.ID
	Names               []string
	Address, Words, Who string
	Up                  uint64
}

// readCard reads an audit up to its long lists, element by element: a document from a stranger does not fill the memory.
func readCard(path string) (card, error) {
	var c card
	f, err := os.Open(path)
	if err != nil {
		return c, errors.Unwrap(err)
	}
	defer f.Close()
	a, err := audit.ReadHead(bufio.NewReaderSize(f, 256<<10), "subject", "practice", "sessions", "jurisdictions", "endpoints", "promises")
	if err != nil {
		return c, err
	}
	c.App, c.Version, c.Practice = a.Subject.App, a.Subject.Version, a.Practice
	c.sessions(a.Sessions)
	c.places(a.Jurisdictions)
	c.things(a.Endpoints)
	for i := range a.Promises {
		for k := range a.Promises[i].Clauses {
			switch a.Promises[i].Clauses[k].Verdict.Outcome {
			case audit.Contradicted:
				c.Verdicts[0]++
			case audit.Consistent:
				c.Verdicts[1]++
			default:
				c.Verdicts[2]++
			}
		}
	}
	return c, nil
}

func (c *card) sessions(list []audit.Session) {
	for i := range list {
		s := &list[i]
		if s.Failed != "" {
			c.Failed++
			continue
		}
		c.Sessions++
		if s.Day != "" && (c.First == "" || s.Day < c.First) {
			c.First = s.Day
		}
		c.Last = max(c.Last, s.Day)
	}
}

func (c *card) places(list []audit.Jurisdiction) {
	slices.SortStableFunc(list, func(a, b audit.Jurisdiction) int { return cmp.Compare(b.BytesUp, a.BytesUp) })
	for _, j := range list {
		c.Up += j.BytesUp
		if j.Country != "" {
			c.Places = append(c.Places, j.Country+" "+string(j.Grade))
		}
	}
	slices.Sort(c.Places)
	c.Places = slices.Compact(c.Places)
}

func (c *card) things(list []audit.Endpoint) {
	c.Destinations = len(list)
	if len(list) > maxNames {
		slices.SortStableFunc(list, func(a, b audit.Endpoint) int { return cmp.Compare(b.BytesUp, a.BytesUp) })
		list = list[:maxNames]
	}
	for i := range list {
		e := &list[i]
		words := e.Place.Words
		if e.Place.Grade != "" {
			words += " (" + string(e.Place.Grade) + ")"
		}
		c.Things = append(c.Things, thing{e.ID, e.Names, e.Address.String(), words, who(e), e.BytesUp})
	}
}

// who says whose a destination is, each once: owner, parent, network.
func who(e *audit.Endpoint) string {
	var parts []string
	say := func(label, name string) {
		if name != "" {
			parts = append(parts, label+name)
		}
	}
	say("", e.Owner)
	if e.Parent != e.Owner {
		say("parent ", e.Parent)
	}
	say("network ", e.Organisation)
	return strings.Join(parts, "; ")
}
