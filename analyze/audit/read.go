package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrSchema says that a file is not an audit, or one of a model that this program cannot read.
var ErrSchema = errors.New("not an abroad audit of this model")

// Read reads what Write wrote and checks it. Unknown fields are ignored only when the document's revision is newer than ours.
func Read(r io.Reader) (*Audit, error) {
	dec := json.NewDecoder(r)
	var a Audit
	if err := dec.Decode(&a); err != nil {
		if _, ok := errors.AsType[*json.SyntaxError](err); ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: %v", ErrSchema, err)
		}
		return nil, fmt.Errorf("read audit: %w", err)
	}
	if model, _, _ := strings.Cut(Schema, "."); !strings.HasPrefix(a.Schema, model+".") {
		return nil, fmt.Errorf("%w: schema is %q, this program reads %q", ErrSchema, a.Schema, Schema)
	}
	if err := Check(&a); err != nil {
		return nil, fmt.Errorf("check audit: %w", err)
	}
	return &a, nil
}
