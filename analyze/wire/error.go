package wire

import (
	"errors"
	"fmt"
	"io"
)

// Every parser ends in one of four ways: nil, io.ErrUnexpectedEOF (the input ended too early: Need says how many bytes would help),
// ErrOther or ErrMalformed. What was read before an error is returned with it.
var (
	// ErrOther says that the bytes are not of this format at all.
	ErrOther = errors.New("another format")
	// ErrMalformed says that the bytes are of this format and break its rules.
	ErrMalformed = errors.New("malformed")
	// ErrLimit says that the bytes may be right, but that one of this package's limits was reached.
	ErrLimit = errors.New("limit reached")
)

// An Error says at which byte the input stopped making sense. It wraps io.ErrUnexpectedEOF when the input ended too early.
type Error struct {
	Off  int // where the field begins that could not be read
	Need int // with io.ErrUnexpectedEOF: at least how many bytes the input must have to get further; otherwise 0
	Err  error
}

func (e *Error) Error() string {
	if e.Err == io.ErrUnexpectedEOF {
		return fmt.Sprintf("at byte %d: it ends too early", e.Off)
	}
	return fmt.Sprintf("at byte %d: %v", e.Off, e.Err)
}

// Unwrap returns what went wrong, without the position.
func (e *Error) Unwrap() error { return e.Err }

// Need returns how many bytes the input of a parser must have at least to get further than it did; 0 if more bytes do not help.
func Need(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Need
	}
	return 0
}

// cut returns the error of an input that ends while the field at off is read, and that must have need bytes.
func cut(off, need int) *Error { return &Error{Off: off, Need: need, Err: io.ErrUnexpectedEOF} }

// other returns the error of an input that shows at off that it is not of the format.
func other(off int) *Error { return &Error{Off: off, Err: ErrOther} }

// malformed returns the error of an input that breaks the format's rules at off.
func malformed(off int) *Error { return &Error{Off: off, Err: ErrMalformed} }
