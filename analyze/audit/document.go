package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Limits of a document that is read: it may come from a stranger. It is read member by member and element by element, so that what is wrong
// with it shows before it fills the memory.
const (
	MaxDocument = 4 << 30  // bytes
	MaxElement  = 32 << 20 // bytes of one element of a list, or of a member that is no list
	MaxValues   = 1 << 19  // values in one element: "[{},{},…" takes a hundred times more memory than bytes
	MaxListed   = 1 << 18  // elements of a list that does not grow with the traffic

	chunk    = 64 << 10 // bytes that are read at once
	maxBlank = 1 << 20  // bytes of white space between two values
)

// A document reads the members of one JSON object.
type document struct {
	gauge *gauge
	dec   *json.Decoder
	place string // member and element that is read
	known map[string]bool
}

func newDocument(r io.Reader) *document {
	g := &gauge{r: r}
	return &document{gauge: g, dec: json.NewDecoder(g), known: map[string]bool{}}
}

// members calls read for every member until it says that it has enough. A member that read does not take is passed over. With enough the
// rest is not looked at; else nothing may stand behind the object.
func (d *document) members(read func(name string) (taken, enough bool, err error)) error {
	if t, err := d.token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return d.says("it does not begin with {")
	}
	for d.dec.More() {
		t, err := d.token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if d.known[name] || len(d.known) == maxMembers {
			return d.says(fmt.Sprintf("member %.40q stands there twice, or is one too many", name))
		}
		d.known[name] = true
		d.place = fmt.Sprintf("%.40q", name)
		taken, enough, err := read(name)
		if err == nil && !taken && !enough {
			err = d.skip()
		}
		if err != nil || enough {
			return err
		}
		d.place = ""
	}
	if _, err := d.token(); err != nil {
		return err
	}
	switch _, err := d.token(); {
	case err == nil:
		return d.says("something stands behind its end")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	default:
		return err
	}
}

// maxMembers is how many members an object may have; a later revision may have some that this program does not know.
const maxMembers = 200

// value reads a member that is no list, or an element.
func (d *document) value(into any) error {
	d.gauge.begin()
	if err := d.dec.Decode(into); err != nil {
		return d.fault(err)
	}
	return nil
}

// skip passes over a member, token by token.
func (d *document) skip() error {
	for depth := 0; ; {
		switch t, err := d.token(); {
		case err != nil:
			return err
		case t == json.Delim('['), t == json.Delim('{'):
			if depth++; depth > maxNested {
				return d.says("its members lie too deep in each other")
			}
		case t == json.Delim(']'), t == json.Delim('}'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// maxNested is how deep lists and objects in a member that is passed over may lie in each other.
const maxNested = 1000

// token reads one token.
func (d *document) token() (json.Token, error) {
	d.gauge.begin()
	t, err := d.dec.Token()
	if err != nil {
		return nil, d.fault(err)
	}
	return t, nil
}

// elements reads a list of at most most elements, and checks each as soon as it was read. The word null is a list of none.
func elements[T any](d *document, into *[]T, most int, check func(i int, v *T) error) error {
	switch t, err := d.token(); {
	case err != nil:
		return err
	case t == nil:
		*into = nil
		return nil
	case t != json.Delim('['):
		return d.says("it is no list")
	}
	member, all := d.place, []T{}
	for d.dec.More() {
		d.place = fmt.Sprintf("%s, element %d", member, len(all)+1)
		if len(all) == most {
			return d.says(fmt.Sprintf("more than %d elements", most))
		}
		var v T
		if err := d.value(&v); err != nil {
			return err
		}
		if check != nil {
			if err := check(len(all), &v); err != nil {
				return fmt.Errorf("check %s: %w", member, err)
			}
		}
		all = append(all, v)
	}
	d.place = member
	*into = all
	_, err := d.token()
	return err
}

// errForm says that a document has not the form that it should have.
var errForm = errors.New("not a document of this form")

// says is an error about the form of a document, with its place.
func (d *document) says(what string) error {
	return d.at(fmt.Errorf("%w%s", errForm, what), what)
}

func (d *document) at(err error, what string) error {
	place := ""
	if d.place != "" {
		place = ", in " + d.place
	}
	return &formError{fmt.Sprintf("at byte %d%s: %s", d.dec.InputOffset(), place, what), err}
}

// fault gives an error of the decoder its place.
func (d *document) fault(err error) error {
	if d.gauge.err != nil {
		return d.at(d.gauge.err, d.gauge.err.Error())
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	what := err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		what = "it ends too early"
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		what = fmt.Sprintf("%.40s where %s should stand", wrong.Value, wrong.Type)
	}
	return d.at(err, what)
}

// A formError is a fault of a document at a place.
type formError struct {
	text string
	err  error
}

func (e *formError) Error() string { return e.text }
func (e *formError) Unwrap() error { return e.err }

// isForm reports whether an error is about the form of a document: not about reading it, and not about what it holds.
func isForm(err error) bool {
	_, ok := errors.AsType[*json.SyntaxError](err)
	return ok || errors.Is(err, errForm) || errors.Is(err, io.ErrUnexpectedEOF)
}

// A gauge reads no more than the limits allow for one element.
type gauge struct {
	r      io.Reader
	all    int64
	bytes  int // since begin
	values int
	blank  int // white space at the end of what was read, in whole reads
	err    error
}

func (g *gauge) begin() { g.bytes, g.values = 0, 0 }

// Read implements io.Reader.
func (g *gauge) Read(b []byte) (int, error) {
	switch {
	case g.err != nil:
	case g.all >= MaxDocument:
		g.err = fmt.Errorf("more than %d bytes", int64(MaxDocument))
	case g.bytes >= MaxElement:
		g.err = fmt.Errorf("more than %d bytes of one element", MaxElement)
	case g.values >= MaxValues:
		g.err = fmt.Errorf("more than %d values in one element", MaxValues)
	}
	if g.err == nil && g.blank >= maxBlank { // the decoder looks at all of it again with every read
		g.err = fmt.Errorf("more than %d bytes of white space", maxBlank)
	}
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(b[:min(len(b), chunk)])
	g.all, g.bytes, g.values = g.all+int64(n), g.bytes+n, g.values+bytes.Count(b[:n], []byte{','})
	if g.blank += n; len(bytes.TrimLeft(b[:n], " \t\r\n")) > 0 {
		g.blank = 0
	}
	if err != nil && err != io.EOF {
		g.err = err
	}
	return n, err
}
