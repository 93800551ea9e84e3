package session

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"abroad/capture"
)

// An Event is one line of events.jsonl.
type Event struct {
	N        uint32          `json:"n"` // line number, from 1
	T        capture.Time    `json:"t"` // of the recording machine's clock
	Mono     int64           `json:"mono_ns"`
	Kind     string          `json:"kind"`
	Data     json.RawMessage `json:"data,omitempty"`
	Redacted *Redacted       `json:"redacted,omitempty"` // in public exports
	Prev     capture.Digest  `json:"prev"`               // SHA-256 of the previous line without its newline; of session.json for the first line
}

// Limits of a chain. A line that is longer is refused: it would come from a source gone mad, or from a stranger.
const (
	maxEvent  = 1 << 20
	maxEvents = 1 << 22
	maxChain  = 256 << 20 // bytes of all events that are read; a week of recording has a hundredth of that
	reserve   = 64 << 10  // bytes of disk kept free for events, so that a full disk can be told
)

// A clock gives the wall time and the time since it was made, which no change of the wall clock moves.
type clock func() (capture.Time, time.Duration)

func newClock() clock {
	start := time.Now()
	return func() (capture.Time, time.Duration) {
		now := time.Now()
		return capture.Time(now.UnixNano()), now.Sub(start)
	}
}

// A chain writes events. Its methods may be called from any goroutine.
type chain struct {
	mu       sync.Mutex
	file     *os.File
	now      clock
	n        uint32
	size     int64 // of the whole lines
	reserved int64
	prev     capture.Digest
	broken   error
}

// newChain continues an event file behind n lines, the last of which (or session.json) has the hash prev.
func newChain(file *os.File, now clock, n uint32, size int64, prev capture.Digest) *chain {
	c := &chain{file: file, now: now, n: n, size: size, prev: prev}
	c.hold()
	return c
}

// hold keeps disk space free for events to come. Where that cannot be done, a full disk may not be told in the chain.
func (c *chain) hold() {
	if c.reserved-c.size < reserve/2 && reserveSpace(c.file, c.size, reserve) == nil {
		c.reserved = c.size + reserve
	}
}

// add appends one event: one write(2), whole or taken back.
func (c *chain) add(kind string, data any) (Event, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return Event{}, c.broken
	}
	e := Event{N: c.n + 1, Kind: kind, Prev: c.prev}
	var mono time.Duration
	e.T, mono = c.now()
	e.Mono = int64(mono)
	if data != nil {
		raw, err := marshal(data)
		if err != nil {
			return Event{}, fmt.Errorf("write event %q: %w", kind, err)
		}
		e.Data = raw
	}
	line, err := marshal(e)
	if err != nil {
		return Event{}, fmt.Errorf("write event %q: %w", kind, err)
	}
	if len(line) > maxEvent {
		return Event{}, fmt.Errorf("write event %q: %d bytes, more than %d", kind, len(line), maxEvent)
	}
	if _, err := c.file.WriteAt(append(line, '\n'), c.size); err != nil {
		c.file.Truncate(c.size)
		c.broken = fmt.Errorf("write event %q: %w", kind, err)
		return Event{}, c.broken
	}
	c.n, c.size, c.prev = e.N, c.size+int64(len(line))+1, sha256.Sum256(line)
	c.hold()
	return e, nil
}

// close gives the reserved space back, and syncs.
func (c *chain) close() (n uint32, head capture.Digest, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = errClosed
	}
	return c.n, c.prev, errors.Join(c.file.Truncate(c.size), c.file.Sync(), c.file.Close())
}

// marshal is JSON without HTML escapes and without a newline.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// A BrokenLink is a place where a session is not what it says.
type BrokenLink struct {
	File string
	Line uint32 // of events.jsonl; 0 = the file as a whole
	Says string
}

func (b *BrokenLink) Error() string {
	if b.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", b.File, b.Line, b.Says)
	}
	return b.File + ": " + b.Says
}

// readChain reads events up to the first broken link or torn line. It returns how many bytes are whole, and the hash of the last of them.
// A torn last line is no broken link: it is what a kill leaves, and comes back as whole < the file's size.
func readChain(r io.Reader, first capture.Digest) (events []Event, whole int64, head capture.Digest, err error) {
	all := newLines(r)
	head = first
	for {
		line, ok := all.next()
		if !ok {
			return events, whole, head, all.err
		}
		n := uint32(len(events) + 1)
		link := func(format string, args ...any) error {
			return &BrokenLink{eventsFile, n, fmt.Sprintf(format, args...)}
		}
		var e Event
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		switch err := dec.Decode(&e); {
		case whole+int64(len(line)) > maxChain:
			return events, whole, head, link("more than %d bytes of events", maxChain)
		case len(events) >= maxEvents:
			return events, whole, head, link("more than %d events", maxEvents)
		case err != nil:
			return events, whole, head, link("it cannot be read: %v", err)
		case e.N != n:
			return events, whole, head, link("it is numbered %d", e.N)
		case e.Prev != head && n == 1:
			return events, whole, head, link("it follows a session.json with SHA-256 %s, this one has %s", apart(e.Prev, head)...)
		case e.Prev != head:
			return events, whole, head, link("it follows a line with SHA-256 %s, the line before it has %s", apart(e.Prev, head)...)
		}
		head = sha256.Sum256(line)
		if e.Redacted != nil {
			head = e.Redacted.Line
		}
		whole += int64(len(line)) + 1
		events = append(events, e)
	}
}

// lines cuts a stream at newlines; a last line without one does not count.
type lines struct {
	r   io.Reader
	buf []byte
	at  int
	err error
	eof bool
}

func newLines(r io.Reader) *lines { return &lines{r: r} }

func (l *lines) next() ([]byte, bool) {
	scanned := l.at
	for {
		if i := bytes.IndexByte(l.buf[scanned:], '\n'); i >= 0 {
			line := l.buf[l.at : scanned+i]
			l.at = scanned + i + 1
			return line, true
		}
		if l.eof || l.err != nil {
			return nil, false
		}
		if len(l.buf)-l.at > maxEvent {
			l.err = &BrokenLink{File: eventsFile, Says: fmt.Sprintf("a line is longer than %d bytes", maxEvent)}
			return nil, false
		}
		rest := copy(l.buf, l.buf[l.at:])
		l.buf, l.at, scanned = l.buf[:rest], 0, rest
		if cap(l.buf)-rest < 64<<10 {
			l.buf = append(make([]byte, 0, 2*cap(l.buf)+128<<10), l.buf...)
		}
		n, err := l.r.Read(l.buf[rest:cap(l.buf)])
		l.buf = l.buf[:rest+n]
		if err == io.EOF {
			l.eof = true
		} else if err != nil {
			l.err = err
		}
	}
}
