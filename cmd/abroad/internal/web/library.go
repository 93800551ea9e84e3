package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"abroad/capture"
	"abroad/capture/session"
)

// Limits of what is shown of a folder.
const (
	MaxFolders   = 200_000 // entries that are walked
	MaxDepth     = 10      // folders below each other
	MaxDocuments = 5_000   // audits, comparisons and sessions
	MaxSearched  = 500_000 // destinations of all audits that the search looks through
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
	file       string
	size       int64
	changed    time.Time
	hash       capture.Digest // of the file, once it was asked for
}

// A library is a folder, as it was read last.
type library struct {
	root     string
	mu       sync.Mutex
	numbers  map[string]int
	known    map[string]*document
	list     []*document
	read     time.Time
	searched int  // destinations that the search looks through, as far as the folder was read
	cut      bool // there is more than the limits allow

	reading sync.Mutex // one whole audit at a time: two large ones need the memory of two
	whole   []*loaded
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
	l.cut, l.searched = false, 0
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
	l.known = make(map[string]*document, len(list)) // what is gone is forgotten
	for _, d := range list {
		l.known[d.file] = d
	}
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
		l.searched += len(have.Card.Things)
		return have
	}
	if l.numbers[path] == 0 {
		l.numbers[path] = len(l.numbers) + 1
	}
	doc := &document{N: l.numbers[path], Path: filepath.ToSlash(filepath.Dir(below)), Comparison: d.Name() == compareFile, file: path, size: info.Size(), changed: info.ModTime()}
	if doc.Path == "." {
		doc.Path = filepath.Base(l.root)
	}
	switch d.Name() {
	case auditFile:
		if doc.Card, err = readCard(path); err != nil {
			doc.Broken = err.Error()
		}
		if l.searched += len(doc.Card.Things); l.searched > MaxSearched {
			l.searched -= len(doc.Card.Things)
			doc.Card.Things = nil
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
