package web

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// readCard reads an audit up to its long lists.
func readCard(path string) (card, error) {
	var c card
	f, err := os.Open(path)
	if err != nil {
		return c, errors.Unwrap(err)
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReaderSize(f, 256<<10))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return c, audit.ErrSchema
	}
	first := true
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return c, fmt.Errorf("%w: %v", audit.ErrSchema, err)
		}
		name, _ := key.(string)
		if first && name != "schema" {
			return c, audit.ErrSchema
		}
		first = false
		if name == "claims" {
			return c, nil
		}
		if err := c.member(d, name); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c *card) member(d *json.Decoder, name string) error {
	decode := func(v any) error {
		if err := d.Decode(v); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return audit.ErrSchema
			}
			return fmt.Errorf("%w: %v", audit.ErrSchema, err)
		}
		return nil
	}
	switch name {
	case "schema":
		var schema string
		if err := decode(&schema); err != nil || !strings.HasPrefix(schema, "abroad/audit/") {
			return audit.ErrSchema
		}
		return nil
	case "practice":
		return decode(&c.Practice)
	case "subject":
		var s audit.Subject
		if err := decode(&s); err != nil {
			return err
		}
		c.App, c.Version = s.App, s.Version
		return nil
	case "sessions":
		var list []audit.Session
		if err := decode(&list); err != nil {
			return err
		}
		c.sessions(list)
		return nil
	case "jurisdictions":
		var list []audit.Jurisdiction
		if err := decode(&list); err != nil {
			return err
		}
		c.places(list)
		return nil
	case "endpoints":
		var list []audit.Endpoint
		if err := decode(&list); err != nil {
			return err
		}
		c.things(list)
		return nil
	case "promises":
		var list []audit.Promise
		if err := decode(&list); err != nil {
			return err
		}
		for i := range list {
			for k := range list[i].Clauses {
				switch list[i].Clauses[k].Verdict.Outcome {
				case audit.Contradicted:
					c.Verdicts[0]++
				case audit.Consistent:
					c.Verdicts[1]++
				default:
					c.Verdicts[2]++
				}
			}
		}
		return nil
	}
	var skipped json.RawMessage
	return decode(&skipped)
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
		c.Things = append(c.Things, thing{e.ID, e.Names, e.Address.String(), strings.TrimSpace(e.Place.Words + " " + string(e.Place.Grade)),
			strings.TrimSpace(e.Owner + " " + e.Parent + " " + e.Organisation), e.BytesUp})
	}
}
