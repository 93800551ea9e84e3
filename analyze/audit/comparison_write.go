package audit

import (
	"encoding/json"
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

// ReadComparison reads what WriteComparison wrote and checks it.
func ReadComparison(r io.Reader) (*Comparison, error) {
	var c Comparison
	if err := json.NewDecoder(r).Decode(&c); err != nil {
		if _, ok := errors.AsType[*json.SyntaxError](err); ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: %v", ErrCompareSchema, err)
		}
		return nil, fmt.Errorf("read comparison: %w", err)
	}
	if model, _, _ := strings.Cut(CompareSchema, "."); !strings.HasPrefix(c.Schema, model+".") {
		return nil, fmt.Errorf("%w: schema is %q, this program reads %q", ErrCompareSchema, c.Schema, CompareSchema)
	}
	if err := CheckComparison(&c); err != nil {
		return nil, fmt.Errorf("check comparison: %w", err)
	}
	return &c, nil
}
