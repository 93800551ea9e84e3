package main

// An answeredError ends a command that did its work and whose answer is an exit code of its own: 3 or 4.
type answeredError struct {
	code int
	err  error
}

func (e *answeredError) Error() string { return e.err.Error() }
func (e *answeredError) Unwrap() error { return e.err }
