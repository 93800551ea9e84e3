package audit

import (
	"encoding/json"
	"fmt"
	"io"
)

// Write writes a as JSON, one list element a line, in the order of the struct's fields. It refuses a document that fails Check.
// The same document gives the same bytes.
func Write(w io.Writer, a *Audit) error {
	if err := Check(a); err != nil {
		return fmt.Errorf("internal: audit does not hold together: %w", err)
	}
	e := &encoder{w: w, b: make([]byte, 0, 256<<10)}
	e.raw("{")
	e.field("schema", a.Schema)
	e.field("tool", a.Tool)
	e.field("subject", a.Subject)
	e.field("options", a.Options)
	if a.Practice {
		e.field("practice", true)
	}
	reflected(e, "recordings", a.Recordings)
	reflected(e, "sessions", a.Sessions)
	reflected(e, "datasets", a.Datasets)
	e.field("coverage", a.Coverage)
	reflected(e, "jurisdictions", a.Jurisdictions)
	reflected(e, "endpoints", a.Endpoints)
	reflected(e, "findings", a.Findings)
	lines(e, "claims", a.Claims, appendClaim)
	lines(e, "flows", a.Flows, func(b []byte, f **Flow) []byte { return appendFlow(b, *f) })
	lines(e, "observations", a.Observations, appendObservation)
	lines(e, "answers", a.Answers, appendAnswer)
	reflected(e, "anomalies", a.Anomalies)
	lines(e, "overflow", a.Overflow, appendOverflow)
	e.field("notes", a.Notes)
	e.raw("\n}\n")
	e.flush(0)
	return e.err
}

// encoder gathers bytes and hands them on in large pieces.
type encoder struct {
	w      io.Writer
	b      []byte
	err    error
	fields int
}

func (e *encoder) raw(s string) { e.b = append(e.b, s...) }

// flush hands on what has been gathered if it is more than limit bytes.
func (e *encoder) flush(limit int) {
	if len(e.b) > limit {
		if e.err == nil {
			_, e.err = e.w.Write(e.b)
		}
		e.b = e.b[:0]
	}
}

func (e *encoder) name(k string) {
	if e.fields > 0 {
		e.raw(",")
	}
	e.fields++
	e.raw("\n\"" + k + "\": ")
}

func (e *encoder) field(k string, v any) {
	e.name(k)
	e.value(v)
}

func (e *encoder) value(v any) {
	b, err := json.Marshal(v)
	if err != nil && e.err == nil {
		e.err = err
	}
	e.b = append(e.b, b...)
}

// lines writes a list with one element a line.
func lines[T any](e *encoder, k string, v []T, item func([]byte, *T) []byte) {
	e.name(k)
	if v == nil {
		e.raw("null")
		return
	}
	e.raw("[")
	for i := range v {
		if i > 0 {
			e.raw(",")
		}
		e.raw("\n")
		e.b = item(e.b, &v[i])
		e.flush(192 << 10)
	}
	e.raw("]")
}

// reflected is lines for short lists.
func reflected[T any](e *encoder, k string, v []T) {
	lines(e, k, v, func(b []byte, item *T) []byte {
		j, err := json.Marshal(item)
		if err != nil && e.err == nil {
			e.err = err
		}
		return append(b, j...)
	})
}
