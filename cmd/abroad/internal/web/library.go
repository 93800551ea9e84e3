package web

import (
	"bufio"
	"cmp"
	"context"
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
	"sync"
	"time"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/session"
)

// Limits of what is shown of a folder.
const (
	MaxFolders   = 200_000 // entries that are walked
	MaxDepth     = 10      // folders below each other
	MaxDocuments = 5_000   // audits, comparisons and sessions
	maxNames     = 20_000  // destinations of an audit that can be searched for
	keptAudits   = 2       // whole audits in memory
	freshFor     = 5 * time.Second
)

// The files that make a folder one that is shown.
const (
	auditFile   = "audit.json"
	compareFile = "compare.json"
	sessionFile = "session.json"
)

// A document is an audit, a comparison or a session of the folder.
type document struct {
	N          int    // its number in addresses; it stays as long as the server runs
	Path       string // below the root, for people
	Comparison bool
	Run        *run   // of a session folder; nil = it is an audit or a comparison
	Broken     string // why it cannot be read
	Card       card
	size       int64
	changed    time.Time
	hash       capture.Digest // of the file, once it was asked for
}

// A card is what lists and the search know of an audit.
type card struct {
	App, Version string
	Practice     bool
	First, Last  string
	Sessions     int
	Failed       int
	Places       []string // "IE L3", most bytes up first
	Up           uint64
	Verdicts     [3]int // contradicted, consistent, silent
	Things       []thing
	Destinations int
}

// A thing is a destination, as far as the search goes.
type thing struct {
	ID                  audit.ID
	Names               []string
	Address, Words, Who string
	Up                  uint64
}

// A library is a folder, as it was read last.
type library struct {
	root    string
	mu      sync.Mutex
	numbers map[string]int
	known   map[string]*document
	list    []*document
	read    time.Time
	cut     bool // there is more than the limits allow

	reading sync.Mutex // one whole audit at a time: two large ones need the memory of two
	whole   []*loaded
}

type loaded struct {
	path    string
	size    int64
	changed time.Time
	audit   *audit.Audit
}

// documents lists what the folder holds, newest recordings first within an app; it looks again when the last look is some seconds old.
func (l *library) documents(ctx context.Context) ([]*document, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.read) < freshFor && l.list != nil {
		return l.list, l.cut, nil
	}
	var list []*document
	entries := 0
	l.cut = false
	err := filepath.WalkDir(l.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == l.root {
				return err
			}
			return nil // a folder that may not be read is not shown
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		entries++
		below, _ := filepath.Rel(l.root, path)
		if entries > MaxFolders || len(list) == MaxDocuments {
			l.cut = true
			return fs.SkipAll
		}
		if d.IsDir() {
			if below != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(below, string(filepath.Separator)) >= MaxDepth) {
				return fs.SkipDir
			}
			return nil
		}
		if name := d.Name(); d.Type().IsRegular() && (name == auditFile || name == compareFile || name == sessionFile) {
			if doc := l.document(path, below, d); doc != nil {
				list = append(list, doc)
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	slices.SortStableFunc(list, func(a, b *document) int {
		return cmp.Or(strings.Compare(a.Card.App, b.Card.App), strings.Compare(b.Card.Last, a.Card.Last), strings.Compare(a.Path, b.Path))
	})
	l.list, l.read = list, time.Now()
	return list, l.cut, nil
}

// open reports whether d is a session that was not closed when it was read: other files of it tell when it is.
func (d *document) open() bool { return d.Run != nil && d.Run.State == session.Unclosed }

// document reads the head of a file, unless it is known already and has not changed.
func (l *library) document(path, below string, d fs.DirEntry) *document {
	info, err := d.Info()
	if err != nil {
		return nil
	}
	if have := l.known[path]; have != nil && have.size == info.Size() && have.changed.Equal(info.ModTime()) && !have.open() {
		return have
	}
	if l.numbers[path] == 0 {
		l.numbers[path] = len(l.numbers) + 1
	}
	doc := &document{N: l.numbers[path], Path: filepath.ToSlash(filepath.Dir(below)), Comparison: d.Name() == compareFile, size: info.Size(), changed: info.ModTime()}
	if doc.Path == "." {
		doc.Path = filepath.Base(l.root)
	}
	switch d.Name() {
	case auditFile:
		if doc.Card, err = readCard(path); err != nil {
			doc.Broken = err.Error()
		}
	case sessionFile:
		if doc.Run, err = readRun(path); err != nil {
			doc.Broken = "it is no session of this program"
		}
	}
	l.known[path] = doc
	return doc
}

// path returns the file of a document. An address may be older than this look at the folder, or than the server.
func (l *library) path(n int) string {
	l.documents(context.Background())
	l.mu.Lock()
	defer l.mu.Unlock()
	for path, have := range l.numbers {
		if have == n {
			return path
		}
	}
	return ""
}

// open returns a whole audit; the last ones stay in memory.
func (l *library) open(n int) (*audit.Audit, error) {
	path := l.path(n)
	if path == "" {
		return nil, fs.ErrNotExist
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	l.reading.Lock()
	defer l.reading.Unlock()
	for i, have := range l.whole {
		if have.path == path && have.size == info.Size() && have.changed.Equal(info.ModTime()) {
			l.whole = append(append(l.whole[:i:i], l.whole[i+1:]...), have)
			return have.audit, nil
		}
	}
	if len(l.whole) == keptAudits {
		l.whole = slices.Delete(l.whole, 0, 1)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := audit.Read(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, err
	}
	l.whole = append(l.whole, &loaded{path, info.Size(), info.ModTime(), a})
	return a, nil
}

// warm looks at the folder and reads its largest audit, so that the first page that is asked for need not wait for it.
func (l *library) warm(ctx context.Context) {
	list, _, err := l.documents(ctx)
	if err != nil {
		return
	}
	var largest *document
	for _, d := range list {
		if !d.Comparison && d.Run == nil && d.Broken == "" && (largest == nil || d.size > largest.size) {
			largest = d
		}
	}
	if largest != nil {
		l.open(largest.N)
	}
}

// withHash finds the audit of an app that has this SHA-256; nil if it is not here.
func (l *library) withHash(sum capture.Digest, app string) *document {
	if sum.IsZero() {
		return nil
	}
	list, _, _ := l.documents(context.Background())
	l.reading.Lock()
	defer l.reading.Unlock()
	for _, d := range list {
		if d.Comparison || d.Run != nil || d.Card.App != app {
			continue
		}
		if d.hash.IsZero() {
			d.hash = hashOf(l.path(d.N))
		}
		if d.hash == sum {
			return d
		}
	}
	return nil
}

// hashOf is the SHA-256 of a file; zero if it cannot be read.
func hashOf(path string) (sum capture.Digest) {
	f, err := os.Open(path)
	if err != nil {
		return sum
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum
	}
	return capture.Digest(h.Sum(nil))
}

// readCard reads an audit up to its long lists.
func readCard(path string) (card, error) {
	var c card
	f, err := os.Open(path)
	if err != nil {
		return c, errors.Unwrap(err)
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReaderSize(f, 256<<10))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return c, audit.ErrSchema
	}
	first := true
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return c, fmt.Errorf("%w: %v", audit.ErrSchema, err)
		}
		name, _ := key.(string)
		if first && name != "schema" {
			return c, audit.ErrSchema
		}
		first = false
		if name == "claims" {
			return c, nil
		}
		if err := c.member(d, name); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c *card) member(d *json.Decoder, name string) error {
	decode := func(v any) error {
		if err := d.Decode(v); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return audit.ErrSchema
			}
			return fmt.Errorf("%w: %v", audit.ErrSchema, err)
		}
		return nil
	}
	switch name {
	case "schema":
		var schema string
		if err := decode(&schema); err != nil || !strings.HasPrefix(schema, "abroad/audit/") {
			return audit.ErrSchema
		}
		return nil
	case "practice":
		return decode(&c.Practice)
	case "subject":
		var s audit.Subject
		if err := decode(&s); err != nil {
			return err
		}
		c.App, c.Version = s.App, s.Version
		return nil
	case "sessions":
		var list []audit.Session
		if err := decode(&list); err != nil {
			return err
		}
		c.sessions(list)
		return nil
	case "jurisdictions":
		var list []audit.Jurisdiction
		if err := decode(&list); err != nil {
			return err
		}
		c.places(list)
		return nil
	case "endpoints":
		var list []audit.Endpoint
		if err := decode(&list); err != nil {
			return err
		}
		c.things(list)
		return nil
	case "promises":
		var list []audit.Promise
		if err := decode(&list); err != nil {
			return err
		}
		for i := range list {
			for k := range list[i].Clauses {
				switch list[i].Clauses[k].Verdict.Outcome {
				case audit.Contradicted:
					c.Verdicts[0]++
				case audit.Consistent:
					c.Verdicts[1]++
				default:
					c.Verdicts[2]++
				}
			}
		}
		return nil
	}
	var skipped json.RawMessage
	return decode(&skipped)
}

func (c *card) sessions(list []audit.Session) {
	for i := range list {
		s := &list[i]
		if s.Failed != "" {
			c.Failed++
			continue
		}
		c.Sessions++
		if s.Day != "" && (c.First == "" || s.Day < c.First) {
			c.First = s.Day
		}
		c.Last = max(c.Last, s.Day)
	}
}

func (c *card) places(list []audit.Jurisdiction) {
	slices.SortStableFunc(list, func(a, b audit.Jurisdiction) int { return cmp.Compare(b.BytesUp, a.BytesUp) })
	for _, j := range list {
		c.Up += j.BytesUp
		if j.Country != "" {
			c.Places = append(c.Places, j.Country+" "+string(j.Grade))
		}
	}
	slices.Sort(c.Places)
	c.Places = slices.Compact(c.Places)
}

func (c *card) things(list []audit.Endpoint) {
	c.Destinations = len(list)
	for i := range list[:min(len(list), maxNames)] {
		e := &list[i]
		c.Things = append(c.Things, thing{e.ID, e.Names, e.Address.String(), strings.TrimSpace(e.Place.Words + " " + string(e.Place.Grade)),
			strings.TrimSpace(e.Owner + " " + e.Parent + " " + e.Organisation), e.BytesUp})
	}
}
