package session

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abroad/capture"
)

// A Session is a session's folder as it was found.
type Session struct {
	Dir      string
	About    About
	Events   []Event        // up to the first that is broken
	Manifest *Manifest      // nil if the session was not closed
	Root     capture.Digest // of manifest.json
	Torn     int64          // bytes behind the last whole event: what a kill leaves
	Broken   error          // *BrokenLink of the chain of events; nil if it holds
	Segments []string       // paths with slashes, in order, as they lie in the folder

	aboutSum, head capture.Digest
	chain          int64 // whole bytes of events.jsonl
}

// ErrNotSession says that a folder holds no session.
var ErrNotSession = errors.New("it holds no session.json")

const maxDocument = 16 << 20 // bytes of session.json and manifest.json

// IsSession reports whether a folder looks like a session's.
func IsSession(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, aboutFile))
	return err == nil && info.Mode().IsRegular()
}

// Open reads everything about a session but its packets. A broken chain is no error: see Broken.
func Open(dir string) (*Session, error) {
	s := &Session{Dir: dir}
	about, err := readDocument(filepath.Join(dir, aboutFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open session %s: %w", dir, ErrNotSession)
	}
	if err == nil {
		err = decode(about, &s.About, Schema, func() string { return s.About.Schema })
	}
	if err == nil {
		err = checkID(s.About.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("open session %s: read %s: %w", dir, aboutFile, err)
	}
	s.aboutSum = sha256.Sum256(about)
	manifest, err := readDocument(filepath.Join(dir, manifestFile))
	switch {
	case err == nil:
		s.Manifest = &Manifest{}
		s.Root = sha256.Sum256(manifest)
		if err := decode(manifest, s.Manifest, ManifestSchema, func() string { return s.Manifest.Schema }); err != nil {
			return nil, fmt.Errorf("open session %s: read %s: %w", dir, manifestFile, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open session %s: %w", dir, err)
	}
	if err := s.readEvents(); err != nil {
		return nil, fmt.Errorf("open session %s: %w", dir, err)
	}
	if s.Segments, err = segmentsOf(dir); err != nil {
		return nil, fmt.Errorf("open session %s: %w", dir, err)
	}
	return s, nil
}

// readEvents reads the chain.
func (s *Session) readEvents() error {
	f, err := openPlain(filepath.Join(s.Dir, eventsFile))
	if errors.Is(err, fs.ErrNotExist) {
		s.Broken = &BrokenLink{File: eventsFile, Says: "it is missing"}
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	first := s.aboutSum
	if s.Manifest != nil && s.Manifest.Of != nil {
		first = s.Manifest.Of.About
	}
	s.Events, s.chain, s.head, err = readChain(f, first)
	if link := (*BrokenLink)(nil); errors.As(err, &link) {
		s.Broken = link
	} else if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	s.Torn = info.Size() - s.chain
	return nil
}

// segmentsOf lists the segments in a folder.
func segmentsOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, captureDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []string
	for _, e := range entries {
		if name := e.Name(); e.Type().IsRegular() && isSegment(name) {
			list = append(list, captureDir+"/"+name)
		}
	}
	slices.Sort(list)
	return list, nil
}

// isSegment accepts "000001.pcapng" and "000001.pcapng.zst".
func isSegment(name string) bool {
	number, ok := strings.CutSuffix(strings.TrimSuffix(name, ".zst"), ".pcapng")
	return ok && len(number) == 6 && strings.Trim(number, "0123456789") == ""
}

// State returns how the session was closed.
func (s *Session) State() State {
	if s.Manifest == nil {
		return Unclosed
	}
	return s.Manifest.State
}

// Counters returns the last counters that the session holds. If it was not closed, they are those of the last statistics, and what was lost
// after them.
func (s *Session) Counters() Counted {
	if s.Manifest != nil {
		return s.Manifest.Counters
	}
	var last Counted
	for i := range s.Events {
		switch s.Events[i].Kind {
		case EventStats:
			var v struct {
				Counters Counted `json:"counters"`
			}
			if json.Unmarshal(s.Events[i].Data, &v) == nil {
				last = v.Counters
			}
		case EventDrops:
			var v Drops
			if json.Unmarshal(s.Events[i].Data, &v) == nil {
				last.DroppedKernel = more(last.DroppedKernel, v.Kernel)
				last.DroppedInterface = more(last.DroppedInterface, v.Interface)
			}
		}
	}
	return last
}

// more adds n to a counter, which is known from then on if n is not 0.
func more(counter *uint64, n uint64) *uint64 {
	if n == 0 {
		return counter
	}
	if counter != nil {
		n += *counter
	}
	return &n
}

// Digest returns what the session says a segment's SHA-256 is: in its manifest, else in the event that closed it. The zero digest means that
// it says nothing.
func (s *Session) Digest(path string) capture.Digest {
	if s.Manifest != nil {
		for i := range s.Manifest.Files {
			if s.Manifest.Files[i].Path == path {
				return s.Manifest.Files[i].SHA256
			}
		}
		return capture.Digest{}
	}
	sum, _ := s.closedSegment(path)
	return sum
}

// closedSegment returns what the event says that closed a segment.
func (s *Session) closedSegment(path string) (sum capture.Digest, packets uint64) {
	for i := range s.Events {
		if s.Events[i].Kind != EventSegmentClose {
			continue
		}
		var v struct {
			Path    string         `json:"path"`
			SHA256  capture.Digest `json:"sha256"`
			Packets uint64         `json:"packets"`
		}
		if json.Unmarshal(s.Events[i].Data, &v) == nil && v.Path == path {
			sum, packets = v.SHA256, v.Packets
		}
	}
	return sum, packets
}

// A Marker is an event that the operator made.
type Marker struct {
	At     capture.Time
	Text   string
	Action string
	Event  uint32
}

// Markers lists the operator's marks in the order of the chain.
func (s *Session) Markers() []Marker {
	var list []Marker
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != EventMarker && e.Kind != EventAction {
			continue
		}
		m := Marker{At: e.T, Event: e.N}
		var v MarkData
		if json.Unmarshal(e.Data, &v) == nil {
			m.Text, m.Action = v.Text, v.Action
		}
		list = append(list, m)
	}
	return list
}

// MarkData is the data of EventMarker and EventAction.
type MarkData struct {
	Text   string `json:"text,omitempty"`
	Action string `json:"action,omitempty"`
	Step   int    `json:"step,omitempty"` // of the plan, from 1
	Salt   string `json:"salt,omitempty"` // so that a mark that an export leaves out cannot be found by trying words against the hash of its line
}

// readDocument reads a plain file of at most maxDocument bytes.
func readDocument(path string) ([]byte, error) {
	f, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(b) > maxDocument {
		err = fmt.Errorf("more than %d bytes", maxDocument)
	}
	return b, err
}

// openPlain opens a file of a session, which may come from a stranger: a pipe or a device in its place would never end.
func openPlain(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no plain file", filepath.Base(path))
	}
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// decode reads a document of a schema, and nothing that the schema does not know.
func decode(b []byte, v any, schema string, got func() string) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	} else if err != nil {
		return err
	}
	if got() != schema {
		return fmt.Errorf("its schema is %q, want %q", got(), schema)
	}
	return nil
}
