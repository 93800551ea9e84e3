package audit

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrCompareSchema says that a file is not a comparison, or one of a model that this program cannot read.
var ErrCompareSchema = errors.New("not an abroad comparison of this model")

// WriteComparison writes c as JSON, one list element a line. It refuses a document that fails CheckComparison. The same document gives the
// same bytes.
func WriteComparison(w io.Writer, c *Comparison) error {
	if err := CheckComparison(c); err != nil {
		return fmt.Errorf("internal: comparison does not hold together: %w", err)
	}
	e := &encoder{w: w}
	e.raw("{")
	e.field("schema", c.Schema)
	e.field("tool", c.Tool)
	if c.App != "" {
		e.field("app", c.App)
	}
	e.field("by", c.By)
	if c.Practice {
		e.field("practice", true)
	}
	reflected(e, "headline", c.Headline)
	reflected(e, "audits", c.Audits)
	reflected(e, "arms", c.Arms)
	reflected(e, "sessions", c.Sessions)
	e.field("design", c.Design)
	reflected(e, "tests", c.Tests)
	reflected(e, "items", c.Items)
	reflected(e, "changes", c.Changes)
	reflected(e, "clauses", c.Clauses)
	reflected(e, "limits", c.Limits)
	e.raw("\n}\n")
	e.flush(0)
	return e.err
}

// ReadComparison reads what WriteComparison wrote and checks it, with the limits of Read.
func ReadComparison(r io.Reader) (*Comparison, error) {
	c := &Comparison{}
	d := newDocument(r)
	err := d.members(func(name string) (taken, enough bool, err error) {
		read := c.reader(d, name)
		if read == nil {
			return false, false, nil
		}
		if err = read(); err == nil && name == "schema" {
			err = checkCompareSchema(c.Schema)
		}
		return true, false, err
	})
	if err == nil {
		err = checkCompareSchema(c.Schema)
	}
	switch {
	case err == nil:
	case isForm(err):
		return nil, fmt.Errorf("%w: %w", ErrCompareSchema, err)
	case errors.Is(err, ErrCompareSchema):
		return nil, err
	default:
		return nil, fmt.Errorf("read comparison: %w", err)
	}
	if err := CheckComparison(c); err != nil {
		return nil, fmt.Errorf("check comparison: %w", err)
	}
	return c, nil
}

func checkCompareSchema(schema string) error {
	if model, _, _ := strings.Cut(CompareSchema, "."); !strings.HasPrefix(schema, model+".") {
		return fmt.Errorf("%w: schema is %.100q, this program reads %q", ErrCompareSchema, schema, CompareSchema)
	}
	return nil
}

func (c *Comparison) reader(d *document, name string) func() error {
	of := func(into any) func() error { return func() error { return d.value(into) } }
	switch name {
	case "schema":
		return of(&c.Schema)
	case "tool":
		return of(&c.Tool)
	case "app":
		return of(&c.App)
	case "by":
		return of(&c.By)
	case "practice":
		return of(&c.Practice)
	case "design":
		return of(&c.Design)
	case "headline":
		return listed(d, &c.Headline, MaxListed, nil)
	case "audits":
		return listed(d, &c.Audits, MaxListed, nil)
	case "arms":
		return listed(d, &c.Arms, MaxListed, nil)
	case "sessions":
		return listed(d, &c.Sessions, MaxListed, nil)
	case "tests":
		return listed(d, &c.Tests, MaxListed, nil)
	case "items":
		return listed(d, &c.Items, MaxListed, nil)
	case "changes":
		return listed(d, &c.Changes, MaxListed, nil)
	case "clauses":
		return listed(d, &c.Clauses, MaxListed, nil)
	case "limits":
		return listed(d, &c.Limits, MaxListed, nil)
	}
	return nil
}
