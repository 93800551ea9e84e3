package source

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"abroad/capture"
)

// Open finds the source that knows the format of r and returns the recording. Only its head has been read then. The name is for messages and
// for the manifest, which keeps its last element; "-" becomes "stdin".
//
// Errors are ErrUnknown and whatever r.Read returned, wrapped. Whoever opened r closes it; the recording must be closed too, unless
// its Records were read to the end.
func Open(name string, r io.Reader) (*Recording, error) {
	rec := &Recording{name: printable(name), stored: newPump(r, 2)}
	rec.manifest = capture.Manifest{Name: filepath.Base(name), First: capture.NoTime, Last: capture.NoTime}
	if name == "-" {
		rec.name, rec.manifest.Name = "stdin", "stdin"
	}
	rec.digest = newDigest(rec.stored, 0)
	go rec.stored.run()
	go rec.digest.run()
	if err := rec.choose(); err != nil {
		rec.Close()
		return nil, fmt.Errorf("open recording: %s: %w", rec.name, err)
	}
	return rec, nil
}

// choose looks at the head of the file, opens its compression and finds its source.
func (r *Recording) choose() error {
	r.window = newWindow(r.stored, 1)
	head, err := peekHead(r.window)
	if err != nil {
		return err
	}
	for i := range inflaters {
		if inflaters[i].sniff(head) {
			if head, err = r.inflate(&inflaters[i]); err != nil {
				return err
			}
			break
		}
	}
	for _, s := range append(All[:len(All):len(All)], empty) {
		if s.Sniff(head) {
			r.source, r.manifest.Format = s, s.Name
			return nil
		}
	}
	return ErrUnknown
}

func (r *Recording) inflate(kind *inflater) (head []byte, err error) {
	l := &lazyInflater{kind: kind, stored: r.window}
	r.inflated = newPump(l, 1)
	r.inflated.last = l.finish
	r.window = newWindow(r.inflated, 0)
	r.window.inflating = true
	r.manifest.Compression = kind.name
	go r.inflated.run()
	head, err = peekHead(r.window)
	var medium mediumError
	if err != nil && !errors.As(err, &medium) {
		err = fmt.Errorf("%w (%s: %w)", ErrUnknown, kind.name, err)
	}
	return head, err
}

// peekHead returns the first HeadLen bytes, or the whole file if it is shorter. A file that breaks off after a few bytes is still worth
// reading, for it may be told what it was.
func peekHead(w *Window) ([]byte, error) {
	head := w.Peek(HeadLen)
	if len(head) == 0 && w.Broken() {
		return nil, w.from.err
	}
	return head, nil
}

// printable returns a name as it is if it can be printed, and quoted otherwise.
func printable(name string) string {
	if q := strconv.Quote(name); q != `"`+name+`"` {
		return q
	}
	return name
}
