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

// A Found is an audit that holds what was looked for, with what matched summed.
type Found struct {
	Card
	Value  string // the first one that matched
	Values int
	Detail string // the first one
}

// Find lists every audit, and in it everything, that matches: a host (the name itself and every name below it, or an address), an organisation (part of its
// name), a country (ISO 3166-1 alpha-2), an AS ("AS64496" or "64496").
func (s *Shelf) Find(ctx context.Context, kind, value string) ([]Hit, error) {
	where, args, err := condition(kind, value)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT n.value, t.detail, t.bytes_up, `+cardColumns+`
		FROM names n JOIN things t ON t.name = n.id JOIN audits a ON a.id = t.audit WHERE n.kind = ? AND `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Hit{}
	for rows.Next() {
		var h Hit
		var to int64
		if err := h.Card.scan(rows, &h.Value, &h.Detail, &to); err != nil {
			return nil, err
		}
		h.BytesTo = uint64(to)
		if kind == KindHost {
			h.Value = reversed(h.Value)
		}
		list = append(list, h)
	}
	slices.SortFunc(list, func(x, y Hit) int {
		return cmp.Or(compareCards(&x.Card, &y.Card), strings.Compare(x.Value, y.Value), strings.Compare(x.Detail, y.Detail))
	})
	return list, rows.Err()
}

// Sum lists the audits that Find would, each once.
func (s *Shelf) Sum(ctx context.Context, kind, value string) ([]Found, error) {
	where, args, err := condition(kind, value)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT h.value, h.n, h.detail, `+cardColumns+` FROM (
		SELECT t.audit AS audit, min(n.value) AS value, count(DISTINCT n.id) AS n, min(t.detail) AS detail
		FROM names n JOIN things t ON t.name = n.id WHERE n.kind = ? AND `+where+` GROUP BY t.audit) h JOIN audits a ON a.id = h.audit`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Found{}
	for rows.Next() {
		var f Found
		if err := f.Card.scan(rows, &f.Value, &f.Values, &f.Detail); err != nil {
			return nil, err
		}
		if kind == KindHost {
			f.Value = reversed(f.Value)
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(x, y Found) int { return compareCards(&x.Card, &y.Card) })
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
			where, args = `n.value = ?`, append(args, addr.String())
			break
		}
		name := reversed(value)
		where, args = `(n.value = ? OR n.value >= ? AND n.value < ?)`, append(args, name, name+".", name+"/") // "/" follows "."
	case KindOrg:
		escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(value)
		where, args = `n.value LIKE ? ESCAPE '\'`, append(args, "%"+escaped+"%")
	case KindCountry:
		where, args = `n.value = ?`, append(args, strings.ToUpper(value))
	case KindAS:
		digits := strings.TrimPrefix(strings.ToUpper(value), "AS")
		if _, err := strconv.ParseUint(digits, 10, 32); err != nil {
			return "", nil, fmt.Errorf("AS %q: want a number, like AS64496", value)
		}
		where, args = `n.value = ?`, append(args, "AS"+digits)
	default:
		return "", nil, fmt.Errorf("kind %q: want one of %s", kind, strings.Join(Kinds, ", "))
	}
	return where, args, nil
}
