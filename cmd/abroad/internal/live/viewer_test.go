package live

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/locate"
	"abroad/capture"
	"abroad/capture/session"
	"abroad/capture/source"
)

func config(t *testing.T) Config {
	t.Helper()
	library, err := locate.Open(locate.Options{Data: "none", Practice: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { library.Close() })
	return Config{Library: library, Folder: func(s *session.Session) *analyze.Folder {
		return &analyze.Folder{Session: audit.Session{Name: s.About.ID}}
	}}
}

// packets reads all packets of a practice recording.
func packets(t *testing.T) (list []*capture.Packet) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "..", "capture", "lab", "practice", "v2", "s01.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := source.Open("s01.pcapng", f)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range rec.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := r.(*capture.Packet); ok {
			c := *p
			c.Data, c.Iface = append([]byte(nil), p.Data...), 0
			list = append(list, &c)
		}
	}
	return list
}

// record writes packets into a session, and calls each so often. The session is left as a recorder at work leaves it.
func record(t *testing.T, list []*capture.Packet, segment int64, each func(dir string, n int)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "s")
	w, err := session.Create(dir, session.About{Tool: session.Tool{Name: "abroad", Version: "test"}, Role: "test"}, session.Options{SegmentSize: segment, Flush: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close(session.Complete, "") })
	if _, err := w.Interface(session.Interface{Link: list[0].Link, Name: "eth0"}); err != nil {
		t.Fatal(err)
	}
	for i, p := range list {
		if err := w.Packet(p); err != nil {
			t.Fatal(err)
		}
		if each != nil && i%100 == 99 {
			each(dir, i+1)
		}
	}
	return dir
}

// whole passes until everything is read.
func whole(t *testing.T, v *Viewer, want uint64) *Table {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		table, err := v.Pass(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if table.Packets == want {
			return table
		}
		if time.Now().After(deadline) {
			t.Fatalf("the table has %d packets, want %d: %+v", table.Packets, want, table)
		}
	}
}

// However a session is cut into segments and whenever it is looked at, the table counts every byte once and knows every name that one audit of
// everything knows.
func TestViewerAddsUp(t *testing.T) {
	list := packets(t)
	bytes := func(table *Table) map[netip.Addr][2]uint64 {
		m := map[netip.Addr][2]uint64{}
		for _, r := range table.Rows {
			m[r.Address] = [2]uint64{r.Up, r.Down}
		}
		return m
	}
	one := whole(t, NewViewer(record(t, list, 1<<30, nil), config(t)), uint64(len(list)))
	if len(one.Rows) < 5 || one.Endpoints != len(one.Rows) {
		t.Fatalf("one segment has %d rows", len(one.Rows))
	}
	var v *Viewer
	c := config(t)
	dir := record(t, list, 40_000, func(dir string, n int) {
		if v == nil {
			v = NewViewer(dir, c)
		}
		v.Pass(context.Background())
	})
	many := whole(t, v, uint64(len(list)))
	if v.done < 2 {
		t.Fatalf("%d closed segments", v.done)
	}
	want, got := bytes(one), bytes(many)
	for address, n := range want {
		if got[address] != n {
			t.Errorf("%s: %d bytes up and down, want %d", address, got[address], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d addresses, want %d", len(got), len(want))
	}
	named := map[netip.Addr]string{}
	for _, r := range many.Rows {
		named[r.Address] = r.Name
	}
	for _, r := range one.Rows {
		if r.Name != "" && named[r.Address] == "" {
			t.Errorf("%s lost its name %s", r.Address, r.Name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the session is closed: %v", err)
	}
}

// A session of which nothing is written yet, and one whose segments are garbage, have a table too.
func TestViewerDamaged(t *testing.T) {
	list := packets(t)
	dir := record(t, list, 40_000, nil)
	if err := os.WriteFile(filepath.Join(dir, "capture", "000001.pcapng"), []byte(strings.Repeat("garbage", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	v := NewViewer(dir, config(t))
	var table *Table
	for {
		var err error
		if table, err = v.Pass(context.Background()); err != nil {
			t.Fatal(err)
		}
		if table.Behind == 0 {
			break
		}
	}
	if table.Unread != 1 || len(table.Rows) == 0 {
		t.Errorf("table: %d unread, %d rows", table.Unread, len(table.Rows))
	}
	if _, err := NewViewer(t.TempDir(), config(t)).Pass(context.Background()); err == nil {
		t.Error("a folder without a session has a table")
	}
}

// Past its limits a table says so, and stays as small.
func TestViewerLimits(t *testing.T) {
	p := newPart()
	for i := range 2 * MaxRows {
		n := newPart()
		a := netip.AddrFrom4([4]byte{203, byte(i >> 16), byte(i >> 8), byte(i)})
		n.rows[a] = &Row{Address: a, Up: uint64(i)}
		p.add(&n)
	}
	table := p.table()
	if !table.Limited || table.Endpoints != MaxRows || len(table.Rows) != MaxShown {
		t.Errorf("limited %v, %d endpoints, %d rows", table.Limited, table.Endpoints, len(table.Rows))
	}
	if got := Pause(10 * time.Millisecond); got != Every-10*time.Millisecond {
		t.Errorf("a short pass pauses %s", got)
	}
	if got := Pause(2 * time.Second); got != 6*time.Second {
		t.Errorf("a long pass pauses %s", got)
	}
}
