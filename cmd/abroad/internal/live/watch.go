package live

import (
	"context"
	"encoding/json"
	"errors"
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

// Limits of a Watch.
const (
	maxEntries = 200_000 // files and folders that are looked at
	maxDepth   = 10
	maxViewers = 4
	freshFor   = 5 * time.Second
)

// A Watch finds the sessions below a folder that are being recorded, and looks at them when it is asked to. It only reads. Its methods may be
// called from any goroutine; passes are made one at a time.
type Watch struct {
	root string
	open func() (Config, error) // once, when the first session is looked at

	mu      sync.Mutex
	read    time.Time
	found   []string
	config  *Config
	viewers []*watched
}

type watched struct {
	id    string
	v     *Viewer
	table *Table
	next  time.Time
}

// NewWatch looks below root. Open is called at most once.
func NewWatch(root string, open func() (Config, error)) *Watch { return &Watch{root: root, open: open} }

// A Recording is a session as it is now.
type Recording struct {
	ID, Path string // Path is below the root
	About    session.About
	State    session.State // Unclosed while it is recorded
	Reason   string
	Counted  session.Counted // as the last event of statistics says
	Steps    []Step
	Marks    []session.Marker // the last ones
	Table    *Table           // nil in lists
	Broken   bool             // the chain of events does not hold
}

// A Step is one of the plan's.
type Step struct {
	session.Step
	Begun bool
	At    capture.Time // when it began
}

// List returns the sessions that a recorder is at work on, by path.
func (w *Watch) List(ctx context.Context) []Recording {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []Recording
	for _, dir := range w.sessions(ctx) {
		if !session.Live(dir) {
			continue
		}
		if r, err := w.describe(dir); err == nil {
			list = append(list, *r)
		}
	}
	return list
}

// Look returns one session with its table. It is also found when it has just been closed.
func (w *Watch) Look(ctx context.Context, id string) (*Recording, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, dir := range w.sessions(ctx) {
		r, err := w.describe(dir)
		if err != nil || r.ID != id {
			continue
		}
		r.Table, err = w.table(ctx, id, dir)
		return r, err
	}
	return nil, fs.ErrNotExist
}

// table makes a new table, or returns the last one while it is fresh enough.
func (w *Watch) table(ctx context.Context, id, dir string) (*Table, error) {
	if w.config == nil {
		c, err := w.open()
		if err != nil {
			return nil, err
		}
		w.config = &c
	}
	i := slices.IndexFunc(w.viewers, func(x *watched) bool { return x.id == id })
	if i < 0 {
		if len(w.viewers) == maxViewers {
			w.viewers = slices.Delete(w.viewers, 0, 1)
		}
		i = len(w.viewers)
		w.viewers = append(w.viewers, &watched{id: id, v: NewViewer(dir, *w.config)})
	}
	one := w.viewers[i]
	if one.table != nil && time.Now().Before(one.next) {
		return one.table, nil
	}
	t, err := one.v.Pass(ctx)
	if err != nil {
		return nil, err
	}
	one.table, one.next = t, time.Now().Add(Pause(t.Took))
	return t, nil
}

// sessions lists the folders of sessions that were not closed when it last looked.
func (w *Watch) sessions(ctx context.Context) []string {
	if time.Since(w.read) < freshFor {
		return w.found
	}
	var list []string
	entries := 0
	filepath.WalkDir(w.root, func(path string, d fs.DirEntry, err error) error {
		if entries++; entries > maxEntries || ctx.Err() != nil {
			return fs.SkipAll
		}
		if err != nil || !d.IsDir() {
			return nil
		}
		below, _ := filepath.Rel(w.root, path)
		if below != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(below, string(filepath.Separator)) >= maxDepth) {
			return fs.SkipDir
		}
		if !session.IsSession(path) {
			return nil
		}
		if _, err := os.Stat(filepath.Join(path, "manifest.json")); errors.Is(err, fs.ErrNotExist) {
			list = append(list, path)
		}
		return fs.SkipDir
	})
	for _, x := range w.found { // one that was closed meanwhile is still looked at
		if !slices.Contains(list, x) && slices.ContainsFunc(w.viewers, func(v *watched) bool { return v.v.dir == x }) {
			list = append(list, x)
		}
	}
	slices.Sort(list)
	w.found, w.read = list, time.Now()
	return list
}

// shownMarks is how many of the last marks are shown.
const shownMarks = 10

// describe reads what a session says of itself.
func (w *Watch) describe(dir string) (*Recording, error) {
	s, err := session.Open(dir)
	if err != nil {
		return nil, err
	}
	below, err := filepath.Rel(w.root, dir)
	if err != nil || below == "." {
		below = filepath.Base(dir)
	}
	r := &Recording{ID: s.About.ID, Path: filepath.ToSlash(below), About: s.About, State: s.State(), Counted: s.Counters(), Broken: s.Broken != nil}
	if s.Manifest != nil {
		r.Reason = s.Manifest.Reason
	}
	if s.About.Plan != nil {
		for _, x := range s.About.Plan.Steps {
			r.Steps = append(r.Steps, Step{Step: x})
		}
	}
	for i := range s.Events {
		var v session.MarkData
		e := &s.Events[i]
		if e.Kind == session.EventAction && json.Unmarshal(e.Data, &v) == nil && v.Step >= 1 && v.Step <= len(r.Steps) {
			r.Steps[v.Step-1].Begun, r.Steps[v.Step-1].At = true, e.T
		}
	}
	r.Marks = s.Markers()
	r.Marks = r.Marks[max(0, len(r.Marks)-shownMarks):]
	return r, nil
}
