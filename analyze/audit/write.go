package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
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
	if len(a.Public) > 0 {
		reflected(e, "public", a.Public)
	}
	reflected(e, "recordings", a.Recordings)
	reflected(e, "sessions", a.Sessions)
	reflected(e, "datasets", a.Datasets)
	e.field("coverage", a.Coverage)
	reflected(e, "jurisdictions", a.Jurisdictions)
	reflected(e, "endpoints", a.Endpoints)
	reflected(e, "hosts", a.Hosts)
	reflected(e, "organisations", a.Organisations)
	reflected(e, "laws", a.Laws)
	reflected(e, "promises", a.Promises)
	reflected(e, "overrides", a.Overrides)
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
	e.b = appendVisible(e.b, b)
}

// lines writes a list with one element a line. Long lists are written in blocks by several goroutines; the blocks keep their order.
func lines[T any](e *encoder, k string, v []T, item func([]byte, *T) []byte) {
	e.name(k)
	if v == nil {
		e.raw("null")
		return
	}
	e.raw("[")
	block := func(b []byte, from, to int) []byte {
		for i := from; i < to; i++ {
			if i > 0 {
				b = append(b, ',')
			}
			b = item(append(b, '\n'), &v[i])
		}
		return b
	}
	if len(v) <= blockItems {
		e.b = block(e.b, 0, len(v))
	} else {
		e.flush(0)
		e.blocks(len(v), block)
	}
	e.raw("]")
	e.flush(192 << 10)
}

// blockItems is how many items of a long list one goroutine writes at a time.
const blockItems = 1024

// blocks writes n items with as many goroutines as there are processors.
func (e *encoder) blocks(n int, block func(b []byte, from, to int) []byte) {
	workers := runtime.GOMAXPROCS(0)
	turn := make(chan chan []byte, workers)
	free := make(chan []byte, workers+1)
	go func() {
		defer close(turn)
		for from := 0; from < n; from += blockItems {
			out := make(chan []byte, 1)
			turn <- out // waits while every worker is busy
			go func() {
				var b []byte
				select {
				case b = <-free:
				default:
				}
				out <- block(b[:0], from, min(from+blockItems, n))
			}()
		}
	}()
	for out := range turn {
		b := <-out
		if e.err == nil {
			_, e.err = e.w.Write(b)
		}
		select {
		case free <- b:
		default:
		}
	}
}

// reflected is lines for short lists.
func reflected[T any](e *encoder, k string, v []T) {
	lines(e, k, v, func(b []byte, item *T) []byte {
		j, err := json.Marshal(item)
		if err != nil {
			panic(err) // the document's types always marshal
		}
		return appendVisible(b, j)
	})
}
