package source

import (
	"bytes"
	"fmt"

	"abroad/capture"
)

// options calls fn for every option (draft-ietf-opsawg-pcapng, section 3.5) in b, the part of a block that holds nothing else. It reports
// whether all could be read; fn returns false for one whose value is impossible.
func (r *pcapngReader) options(b []byte, fn func(code uint16, v []byte) bool) bool {
	for len(b) >= 4 {
		code, n := r.uint16(b), int(r.uint16(b[2:]))
		if code == 0 {
			return true // opt_endofopt
		}
		if n > len(b)-4 || !fn(code, b[4:4+n]) {
			return false
		}
		b = b[min(4+(n+3)&^3, len(b)):]
	}
	return len(b) == 0
}

// optionsRead says that an option of the block at hand could not be read, unless ok.
func (r *pcapngReader) optionsRead(ok bool, of string) bool {
	return ok || r.yield(anomaly(capture.BadOption, r.off, fmt.Sprintf("an option of a %s is impossible; it and those behind it are ignored", of)))
}

// comments yields the comments that options put into r.notes.
func (r *pcapngReader) comments(on string) bool {
	for _, text := range r.notes.list {
		if !r.yield(&capture.Note{On: on, Text: text}) {
			return false
		}
	}
	return r.notes.over == 0 || r.yield(anomaly(capture.Limit, r.off, r.notes.dropped()))
}

// onlyComments reads the options of a block of which nothing but the comments is of use.
func (r *pcapngReader) onlyComments(b []byte, on string) bool {
	r.notes.reset()
	ok := r.options(b, func(code uint16, v []byte) bool {
		if code == 1 {
			r.notes.add(v)
		}
		return true
	})
	return r.comments(on) && r.optionsRead(ok, on+" block")
}

// texts collects comments. Recorders that put one on every packet (PCAPdroid's "u-10123") repeat a few, so short ones are made into strings
// only once.
type texts struct {
	list  []string
	over  int // how many more than maxTexts there were
	known map[string]string
}

const (
	maxTexts     = 1000 // of one block
	maxKnown     = 1024 // texts
	maxKnownText = 128  // bytes
)

func (t *texts) reset() { t.list, t.over = t.list[:0], 0 }

func (t *texts) dropped() string {
	return fmt.Sprintf("%d comments in one block; the first %d were read", len(t.list)+t.over, len(t.list))
}

func (t *texts) add(v []byte) {
	if len(t.list) == maxTexts {
		t.over++
		return
	}
	v = bytes.TrimRight(v, "\x00")
	s, ok := t.known[string(v)]
	if !ok {
		s = string(v)
		if len(v) <= maxKnownText && len(t.known) < maxKnown {
			if t.known == nil {
				t.known = map[string]string{}
			}
			t.known[s] = s
		}
	}
	t.list = append(t.list, s)
}
