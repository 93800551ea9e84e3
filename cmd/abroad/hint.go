package main

import (
	"errors"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/promise"
	"abroad/capture/source"
	"abroad/cmd/abroad/internal/workspace"
)

// hints say what to do about an error that has one cause.
var hints = []struct {
	err  error
	hint string
}{
	{source.ErrUnknown, "abroad help captures lists the formats that can be read"},
	{audit.ErrCompareSchema, "name a compare.json that abroad compare wrote, or the folder that holds it"},
	{audit.ErrSchema, "name an audit.json that abroad audit wrote, or the folder that holds it"},
	{workspace.ErrForeign, "--force writes into it and keeps what else it holds; -o names another folder"},
	{workspace.ErrInput, "-o names another place"},
	{errInterrupted, "nothing was written"},
	{analyze.ErrChanged, "abroad session verify says what is broken"},
	{promise.ErrUnknown, "abroad promise list shows the library"},
}

// hintFor returns what the user can do about err; empty if nothing is known.
func hintFor(err error) string {
	if usage, ok := errors.AsType[*usageError](err); ok {
		return usage.hint
	}
	if hinted, ok := errors.AsType[*hintedError](err); ok {
		return hinted.hint
	}
	if fault, ok := errors.AsType[*promise.Fault](err); ok {
		return fault.Hint
	}
	for _, h := range hints {
		if errors.Is(err, h.err) {
			return h.hint
		}
	}
	return ""
}

// A hintedError carries the hint that only the place of the error knows.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }
