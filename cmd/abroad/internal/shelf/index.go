package shelf

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// indexSchema changes whenever the tables do. An index of another one is made anew.
const indexSchema = "abroad/index/3"

const tables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE audits (
	id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, mtime INTEGER NOT NULL, fault TEXT NOT NULL,
	app TEXT NOT NULL, version TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, sessions INTEGER NOT NULL, failed INTEGER NOT NULL,
	practice INTEGER NOT NULL, hosts INTEGER NOT NULL, bytes_up INTEGER NOT NULL,
	contradicted INTEGER NOT NULL, consistent INTEGER NOT NULL, silent INTEGER NOT NULL, countries TEXT NOT NULL,
	names BLOB NOT NULL); -- numbers of those that it holds, ascending: varints of the distances
CREATE INDEX audits_app ON audits (app, version);
CREATE TABLE names (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, held BLOB NOT NULL, UNIQUE (kind, value)); -- held: holdings
CREATE TABLE details (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
`

// A Shelf is an open workspace.
type Shelf struct {
	root string
	db   *sql.DB
	tell func(string)
}

// Open opens the workspace's index and brings it up to date with the folders. Tell is told in a sentence when an index had to be made anew,
// or when an audit cannot be read.
func Open(ctx context.Context, root string, tell func(string)) (*Shelf, error) {
	s := &Shelf{root: root, tell: tell}
	err := s.openDB()
	if err == nil {
		if err = s.refresh(ctx); err == nil {
			return s, nil
		}
		s.db.Close()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok { // of the folders, not of the index
		return nil, path
	}
	if !errors.Is(err, fs.ErrNotExist) {
		tell("the index of the workspace " + why(err) + "; it is made anew from the audits")
	}
	return s, s.Rebuild(ctx)
}

// why shortens what the database says of a damaged index.
func why(err error) string {
	if errors.Is(err, errOther) {
		return "is of another schema"
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return "cannot be used (" + text + ")"
}

var errOther = errors.New("another schema")

func (s *Shelf) path() string { return filepath.Join(s.root, Index) }

// Close closes the index.
func (s *Shelf) Close() error { return s.db.Close() }

func (s *Shelf) openDB() error {
	info, err := os.Lstat(s.path()) // a link would lead to somebody else's database
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fs.ErrNotExist
		}
		return err
	}
	if !info.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: s.path(), Err: errors.New("it is not a plain file")}
	}
	if s.db, err = open(s.path()); err != nil {
		return err
	}
	var schema string
	err = s.db.QueryRow(`SELECT value FROM meta WHERE key = 'schema'`).Scan(&schema)
	if err == nil && schema != indexSchema {
		err = errOther
	}
	if err == nil {
		err = ours(s.db)
	}
	if err != nil {
		s.db.Close()
	}
	return err
}

// ours returns an error unless the database is made of our tables and of nothing else: a workspace may come from a stranger, and a view in
// place of a table, a trigger or a generated column would run as long as its author likes.
func ours(db *sql.DB) error {
	rows, err := db.Query(`SELECT CASE WHEN length(sql) < 2000 THEN sql ELSE '-' END FROM sqlite_schema WHERE sql IS NOT NULL LIMIT 100`)
	if err != nil {
		return err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if !strings.Contains(tables, "\n"+text+";") {
			return errOther
		}
		n++
	}
	if rows.Err() == nil && n != strings.Count(tables, "\nCREATE ") {
		return errOther
	}
	return rows.Err()
}

func open(path string) (*sql.DB, error) {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	db, err := sql.Open("sqlite", "file:"+escaped+"?_pragma=busy_timeout(10000)&_pragma=synchronous(0)&_pragma=cache_size(-32000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// Rebuild makes the index anew, beside the old one, and puts it in its place.
func (s *Shelf) Rebuild(ctx context.Context) error {
	f, err := os.CreateTemp(s.root, ".abroad-partial-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	partial := f.Name()
	f.Close()
	defer os.Remove(partial)
	if s.db, err = open(partial); err != nil {
		return err
	}
	_, err = s.db.Exec(`PRAGMA journal_mode = OFF;` + tables + `INSERT INTO meta VALUES ('schema', '` + indexSchema + `');`)
	if err == nil {
		err = s.refresh(ctx)
	}
	if closed := s.db.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	if err := os.Rename(partial, s.path()); err != nil {
		return err
	}
	os.Remove(s.path() + "-journal") // of the one that was there
	s.db, err = open(s.path())
	return err
}

// refresh reads the audits that are new or changed, and forgets those that are gone.
func (s *Shelf) refresh(ctx context.Context) error {
	var blob []byte
	err := s.db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'folders'`).Scan(&blob)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	before := decode(blob)
	now, err := walk(s.root, before)
	if err != nil {
		return err
	}
	var changed []file
	gone := before.audits
	for _, p := range slices.Sorted(maps.Keys(now.audits)) {
		if f := now.audits[p]; before.audits[p] != f {
			changed = append(changed, f)
		} else {
			delete(gone, p)
		}
	}
	if len(changed) == 0 && len(gone) == 0 && maps.Equal(now.folders, before.folders) {
		return nil
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	w, err := newWriter(ctx, tx)
	if err != nil {
		return err
	}
	if err := w.forget(slices.Sorted(maps.Keys(gone))); err != nil {
		return err
	}
	for r := range s.cards(ctx, changed) {
		if r.err != nil {
			s.tell(fmt.Sprintf("left out of the index: %s: %v", r.file.path, r.err))
		}
		if err := w.add(r.file, r.card, r.err); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT OR REPLACE INTO meta VALUES ('folders', ?)`, now.encode()); err != nil {
		return err
	}
	return tx.Commit()
}

// A read is an audit that was read for the index.
type read struct {
	file file
	card *Card
	err  error
}

// cards reads audits with as many goroutines as there are processors; they come in the order of files.
func (s *Shelf) cards(ctx context.Context, files []file) <-chan read {
	turns := make(chan chan read, 2*runtime.GOMAXPROCS(0))
	go func() {
		defer close(turns)
		for _, f := range files {
			one := make(chan read, 1)
			select {
			case turns <- one:
			case <-ctx.Done():
				return
			}
			go func() {
				card, err := readCard(filepath.Join(s.root, filepath.FromSlash(f.path), auditName))
				one <- read{f, card, err}
			}()
		}
	}()
	out := make(chan read)
	go func() {
		defer close(out)
		for one := range turns {
			select {
			case out <- <-one:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
