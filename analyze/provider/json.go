package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxValues is how many values a document may have: a list of empty ones takes many times more memory than bytes.
const maxValues = 2 << 20

// decode reads a whole JSON document; errors name the byte.
func decode(file []byte, into any) error {
	if n := bytes.Count(file, []byte{','}); n > maxValues {
		return fmt.Errorf("%d values in it, want at most %d", n, maxValues)
	}
	err := json.Unmarshal(bytes.TrimPrefix(file, mark), into)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if syntax.Offset >= int64(len(file)) {
			return cutError(len(file))
		}
		return fmt.Errorf("at byte %d: %w", syntax.Offset, err)
	}
	if typed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("at byte %d: %w", typed.Offset, err)
	}
	return err
}

// A cutError is a document that ends at this byte, too early.
type cutError int

func (e cutError) Error() string { return fmt.Sprintf("at byte %d: it ends too early", int(e)) }
func (e cutError) Unwrap() error { return io.ErrUnexpectedEOF }

// mark is the byte order mark, which some tools write.
var mark = []byte("\xef\xbb\xbf")

// mentions reports whether the beginning of a JSON object has all of these keys.
func mentions(file []byte, keys ...string) bool {
	const far = 16 << 10
	head := bytes.TrimLeft(bytes.TrimPrefix(file[:min(len(file), far)], mark), " \t\r\n")
	if len(head) == 0 || head[0] != '{' {
		return false
	}
	for _, key := range keys {
		if !bytes.Contains(head, []byte(`"`+key+`"`)) {
			return false
		}
	}
	return true
}
