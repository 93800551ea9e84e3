package live

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// A line is what a child says: a table, or that it is at work.
type line struct {
	Table *Table `json:"table,omitempty"`
	Busy  int64  `json:"busy,omitempty"` // bytes read
	Error string `json:"error,omitempty"`
}

// busyEvery is how often a child says that it is at work.
const busyEvery = time.Second

// Write is the child: it writes tables of the session in dir to w, one JSON line each, until ctx is done or w takes no more.
func Write(ctx context.Context, w io.Writer, dir string, c Config) error {
	var mu sync.Mutex // Progress may be told from another goroutine
	out := json.NewEncoder(w)
	said := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.Busy = func(read int64) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(said) >= busyEvery {
			said = time.Now()
			if out.Encode(line{Busy: read}) != nil {
				cancel()
			}
		}
	}
	v := NewViewer(dir, c)
	for {
		t, err := v.Pass(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l := line{Table: t}
		took := time.Duration(0)
		if err != nil {
			l.Error = err.Error()
		} else {
			took = t.Took
		}
		mu.Lock()
		said = time.Now()
		err = out.Encode(l)
		mu.Unlock()
		if err != nil {
			return err
		}
		if t != nil && t.Behind > 0 {
			took = took / 3 // catching up
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(Pause(took)):
		}
	}
}
