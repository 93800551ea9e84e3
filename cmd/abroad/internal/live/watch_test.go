package live

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"abroad/capture/session"
)

// A Watch lists sessions that a recorder answers for, and finds no others: not a closed one, not one whose recorder was killed.
func TestWatch(t *testing.T) {
	root := t.TempDir()
	begin := func(name string) *session.Writer {
		w, err := session.Create(filepath.Join(root, name), session.About{Tool: session.Tool{Name: "abroad", Version: "test"}, Role: "test"}, session.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	at, killed, hidden := begin("at work"), begin("killed"), begin(".hidden")
	closed := begin("closed")
	if err := closed.Close(session.Complete, ""); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*session.Writer{at, hidden} {
		c, err := session.Listen(w)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		defer w.Close(session.Complete, "")
	}
	defer killed.Close(session.Complete, "")
	if err := os.WriteFile(filepath.Join(root, "manifest.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := config(t)
	w := NewWatch(root, func() (Config, error) { return c, nil })
	list := w.List(context.Background())
	if len(list) != 1 || list[0].ID != at.About().ID || list[0].Path != "at work" || list[0].State != session.Unclosed {
		t.Errorf("list: %+v", list)
	}
	r, err := w.Look(context.Background(), at.About().ID)
	if err != nil || r.Table == nil || len(r.Table.Rows) != 0 {
		t.Errorf("look: %+v, %v", r, err)
	}
	if _, err := w.Look(context.Background(), closed.About().ID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a closed session: %v", err)
	}
}
