package shelf

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
)

// A writer fills the tables. Lists of holdings are kept in memory, and written together by flush: a list is written as a whole.
type writer struct {
	tx                                              *sql.Tx
	audit, name, find, detail, findDetail, get, put *sql.Stmt
	remove                                          *sql.Stmt

	names   map[[2]string]int64
	details map[string]int64
	gone    map[int64]bool     // audits that are no longer there
	pending map[int64]*pending // by name
	size    int                // bytes in pending
}

// pending is what a name's list will get.
type pending struct {
	list holdings
	last int64
}

// Bounds of what a writer keeps in memory.
const (
	namesKept    = 500_000
	pendingBytes = 64 << 20
)

func newWriter(ctx context.Context, tx *sql.Tx) (*writer, error) {
	w := &writer{tx: tx, names: map[[2]string]int64{}, details: map[string]int64{}, gone: map[int64]bool{}, pending: map[int64]*pending{}}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.audit, `INSERT INTO audits (path, size, mtime, fault, app, version, first, last, sessions, failed, practice, hosts, bytes_up,
			contradicted, consistent, silent, countries, names) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&w.name, `INSERT INTO names (kind, value, held) VALUES (?, ?, x'')`},
		{&w.find, `SELECT id FROM names WHERE kind = ? AND value = ?`},
		{&w.detail, `INSERT INTO details (text) VALUES (?)`},
		{&w.findDetail, `SELECT id FROM details WHERE text = ?`},
		{&w.get, `SELECT held FROM names WHERE id = ?`},
		{&w.put, `UPDATE names SET held = ? WHERE id = ?`},
		{&w.remove, `DELETE FROM names WHERE id = ?`},
	} {
		stmt, err := tx.PrepareContext(ctx, s.text)
		if err != nil {
			return nil, err
		}
		*s.stmt = stmt
	}
	return w, nil
}

// forget takes audits out of the index. It comes before the first add: numbers are given again.
func (w *writer) forget(paths []string) error {
	for _, path := range paths {
		var id int64
		var names []byte
		err := w.tx.QueryRow(`DELETE FROM audits WHERE path = ? RETURNING id, names`, path).Scan(&id, &names)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		w.gone[id] = true
		name := int64(0)
		for len(names) > 0 {
			step, n := binary.Uvarint(names)
			if n <= 0 {
				return errors.New("list of names is broken")
			}
			name, names = name+int64(step), names[n:]
			w.of(name)
		}
	}
	return nil
}

func (w *writer) of(name int64) *pending {
	p := w.pending[name]
	if p == nil {
		p = &pending{}
		w.pending[name] = p
	}
	return p
}

// add indexes an audit.
func (w *writer) add(f file, c *Card, fault error) error {
	said := ""
	if fault != nil { // kept, so that it is not read again before it changes
		c, said = &Card{}, fault.Error()
	}
	type mention struct {
		name, detail int64
		bytesUp      uint64
	}
	list := make([]mention, len(c.things))
	for i := range c.things {
		t := &c.things[i]
		name, err := number(w.find, w.name, w.names, [2]string{t.kind, t.value}, t.kind, t.value)
		if err != nil {
			return err
		}
		detail, err := number(w.findDetail, w.detail, w.details, t.detail, t.detail)
		if err != nil {
			return err
		}
		list[i] = mention{name, detail, t.bytesUp}
	}
	slices.SortStableFunc(list, func(x, y mention) int { return int(x.name - y.name) })
	names, last := []byte{}, int64(0)
	for _, m := range list {
		if m.name != last {
			names, last = binary.AppendUvarint(names, uint64(m.name-last)), m.name
		}
	}
	r, err := w.audit.Exec(f.path, f.size, f.mtime, said, c.App, c.Version, c.First, c.Last, c.Sessions, c.Failed, c.Practice, c.Hosts, int64(c.BytesUp),
		c.Contradicted, c.Consistent, c.Silent, strings.Join(c.Countries, ";"), names)
	if err != nil {
		return err
	}
	id, err := r.LastInsertId()
	if err != nil {
		return err
	}
	for _, m := range list {
		p := w.of(m.name)
		before := len(p.list)
		p.list, p.last = p.list.add(p.last, holding{id, m.detail, m.bytesUp}), id
		w.size += len(p.list) - before
	}
	if w.size > pendingBytes {
		return w.flush()
	}
	return nil
}

// flush writes the lists: what was there without the audits that are gone, and then what is new. A name that nothing holds goes too.
func (w *writer) flush() error {
	for _, name := range slices.Sorted(maps.Keys(w.pending)) {
		p := w.pending[name]
		var old holdings
		if err := w.get.QueryRow(name).Scan(&old); err != nil {
			return err
		}
		left, last := old.without(w.gone)
		for one := range p.list.all {
			left, last = left.add(last, one), one.audit
		}
		var err error
		if len(left) == 0 {
			_, err = w.remove.Exec(name)
		} else {
			_, err = w.put.Exec([]byte(left), name)
		}
		if err != nil {
			return err
		}
	}
	clear(w.gone)
	clear(w.pending)
	w.size = 0
	return nil
}

// number returns the number of a row, which is made if it is not there. kept remembers some of them.
func number[K comparable](find, insert *sql.Stmt, kept map[K]int64, k K, columns ...any) (id int64, err error) {
	if id, ok := kept[k]; ok {
		return id, nil
	}
	err = find.QueryRow(columns...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		var r sql.Result
		if r, err = insert.Exec(columns...); err == nil {
			id, err = r.LastInsertId()
		}
	}
	if err == nil && len(kept) < namesKept {
		kept[k] = id
	}
	return id, err
}
