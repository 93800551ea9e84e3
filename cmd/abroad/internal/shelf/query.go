package shelf

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A Hit is an audit that holds what was looked for.
type Hit struct {
	Card
	Value   string `json:"value"`  // what matched
	Detail  string `json:"detail"` // how: "J1 L3", "recipient", "sni" …
	BytesTo uint64 `json:"bytes_to"`
}

const cardColumns = `a.path, a.app, a.version, a.first, a.last, a.sessions, a.failed, a.practice, a.hosts, a.bytes_up, a.contradicted, a.consistent, a.silent, a.countries`

// scan reads the columns of a card, and what comes before them.
func (c *Card) scan(rows interface{ Scan(...any) error }, before ...any) error {
	var countries string
	var up int64
	into := append(before, &c.Path, &c.App, &c.Version, &c.First, &c.Last, &c.Sessions, &c.Failed, &c.Practice, &c.Hosts, &up,
		&c.Contradicted, &c.Consistent, &c.Silent, &countries)
	if err := rows.Scan(into...); err != nil {
		return err
	}
	c.BytesUp, c.Countries = uint64(up), []string{}
	if countries != "" {
		c.Countries = strings.Split(countries, ";")
	}
	return nil
}

// Audits lists the audits of an app, or of all if app is empty, of one version or of all: by app, time and path.
func (s *Shelf) Audits(ctx context.Context, app, version string) ([]Card, error) {
	query := `SELECT ` + cardColumns + ` FROM audits a WHERE a.fault = ''`
	var args []any
	if app != "" {
		query, args = query+` AND a.app = ?`, append(args, app)
	}
	if version != "" {
		query, args = query+` AND a.version = ?`, append(args, version)
	}
	rows, err := s.db.QueryContext(ctx, query+` ORDER BY a.app, a.first, a.last, a.version, a.path`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Card{}
	for rows.Next() {
		var c Card
		if err := c.scan(rows); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// A Found is a version of an app of which audits hold what was looked for.
type Found struct {
	App, Version string
	First, Last  string // days of the first and the last session in these audits
	Audits       int
	Value        string // the first that matched, of the first of these audits
	Values       int    // the most that matched in one audit
	Detail       string // the first, of the first audit
}

// A match is a name that was looked for.
type match struct {
	value string
	held  holdings
}

// matches lists the names that a question means, in order, and all details that holdings cite.
func (s *Shelf) matches(ctx context.Context, kind, value string) (list []match, details map[int64]string, err error) {
	where, args, err := condition(kind, value)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT value, held FROM names WHERE kind = ? AND `+where+` ORDER BY value`, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m match
		if err := rows.Scan(&m.value, &m.held); err != nil {
			return nil, nil, err
		}
		list = append(list, m)
	}
	if err := rows.Err(); err != nil || len(list) == 0 {
		return nil, nil, err
	}
	details = map[int64]string{}
	texts, err := s.db.QueryContext(ctx, `SELECT id, text FROM details`)
	if err != nil {
		return nil, nil, err
	}
	defer texts.Close()
	for texts.Next() {
		var id int64
		var text string
		if err := texts.Scan(&id, &text); err != nil {
			return nil, nil, err
		}
		details[id] = text
	}
	return list, details, texts.Err()
}

// Find lists every audit, and in it everything, that matches: a host (the name itself and every name below it, or an address), an organisation (part of its
// name), a country (ISO 3166-1 alpha-2), an AS ("AS64496" or "64496").
func (s *Shelf) Find(ctx context.Context, kind, value string) ([]Hit, error) {
	list := []Hit{}
	matches, details, err := s.matches(ctx, kind, value)
	if err != nil || len(matches) == 0 {
		return list, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT a.id, `+cardColumns+` FROM audits a`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cards := map[int64]*Card{}
	for rows.Next() {
		var id int64
		c := new(Card)
		if err := c.scan(rows, &id); err != nil {
			return nil, err
		}
		cards[id] = c
	}
	for _, m := range matches {
		if kind == KindHost {
			m.value = reversed(m.value)
		}
		for one := range m.held.all {
			if c := cards[one.audit]; c != nil {
				list = append(list, Hit{*c, m.value, details[one.detail], one.bytesUp})
			}
		}
	}
	slices.SortFunc(list, func(x, y Hit) int {
		return cmp.Or(compareCards(&x.Card, &y.Card), strings.Compare(x.Value, y.Value), strings.Compare(x.Detail, y.Detail))
	})
	return list, rows.Err()
}

// Sum lists the apps and versions of the audits that Find would list, by app, first day and version.
func (s *Shelf) Sum(ctx context.Context, kind, value string) ([]Found, error) {
	matches, details, err := s.matches(ctx, kind, value)
	if err != nil || len(matches) == 0 {
		return nil, err
	}
	type tally struct {
		names, last int // how many match, and one more than the index of the last of them
		value       string
		detail      string
	}
	audits := map[int64]*tally{}
	number, detail := int64(0), "" // most holdings of a name have the detail of the one before
	for i, m := range matches {
		for one := range m.held.all {
			if one.detail != number {
				number, detail = one.detail, details[one.detail]
			}
			t := audits[one.audit]
			if t == nil {
				t = &tally{value: m.value, detail: detail}
				audits[one.audit] = t
			}
			if t.last != i+1 {
				t.names, t.last = t.names+1, i+1
			}
			t.detail = min(t.detail, detail)
		}
	}
	rows, err := s.db.QueryContext(ctx, `SELECT id, app, version, first, last FROM audits ORDER BY app, version, first, path`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Found
	for rows.Next() {
		var id int64
		var f Found
		if err := rows.Scan(&id, &f.App, &f.Version, &f.First, &f.Last); err != nil {
			return nil, err
		}
		t := audits[id]
		if t == nil {
			continue
		}
		if n := len(list) - 1; n >= 0 && list[n].App == f.App && list[n].Version == f.Version {
			at := &list[n]
			at.Audits, at.Last, at.Values = at.Audits+1, max(at.Last, f.Last), max(at.Values, t.names)
			continue
		}
		f.Audits, f.Values, f.Value, f.Detail = 1, t.names, t.value, t.detail
		if kind == KindHost {
			f.Value = reversed(f.Value)
		}
		list = append(list, f)
	}
	slices.SortStableFunc(list, func(x, y Found) int {
		return cmp.Or(strings.Compare(x.App, y.App), strings.Compare(x.First, y.First), strings.Compare(x.Version, y.Version))
	})
	return list, rows.Err()
}

func compareCards(x, y *Card) int {
	return cmp.Or(strings.Compare(x.App, y.App), strings.Compare(x.First, y.First), strings.Compare(x.Version, y.Version), strings.Compare(x.Path, y.Path))
}

// condition is the part of a query that says what matches.
func condition(kind, value string) (where string, args []any, err error) {
	args = []any{kind}
	switch kind {
	case KindHost:
		if addr, err := netip.ParseAddr(value); err == nil {
			where, args = `value = ?`, append(args, addr.String())
			break
		}
		name := reversed(value)
		where, args = `(value = ? OR value >= ? AND value < ?)`, append(args, name, name+".", name+"/") // "/" follows "."
	case KindOrg:
		escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(value)
		where, args = `value LIKE ? ESCAPE '\'`, append(args, "%"+escaped+"%")
	case KindCountry:
		where, args = `value = ?`, append(args, strings.ToUpper(value))
	case KindAS:
		digits := strings.TrimPrefix(strings.ToUpper(value), "AS")
		if _, err := strconv.ParseUint(digits, 10, 32); err != nil {
			return "", nil, fmt.Errorf("AS %q: want a number, like AS64496", value)
		}
		where, args = `value = ?`, append(args, "AS"+digits)
	default:
		return "", nil, fmt.Errorf("kind %q: want one of %s", kind, strings.Join(Kinds, ", "))
	}
	return where, args, nil
}
