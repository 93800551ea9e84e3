package live

import (
	"cmp"
	"context"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/locate"
	"abroad/capture/session"
)

// A Config says how a Viewer reads a session.
type Config struct {
	Version string // of the program
	Library *locate.Library
	// Folder puts a session into the audit's words.
	Folder func(*session.Session) *analyze.Folder
	// Busy is told the bytes read while a pass goes on; nil = nobody asks.
	Busy func(read int64)
}

// A Viewer reads a session again and again. It is used from one goroutine.
type Viewer struct {
	dir    string
	config Config
	done   int // closed segments that are in kept
	kept   part
	open   part // of the segment that is being written
	size   int64
	path   string
	told   map[netip.Addr]string // what DNS said in closed segments
	mac    string                // of the device, as a closed segment showed it: the beginning of the next one may not
}

// A part is what some segments show.
type part struct {
	rows     map[netip.Addr]*Row
	packets  uint64
	bytes    int64
	unread   int
	limited  bool
	practice bool
}

func (p *part) add(n *part) {
	p.packets, p.bytes, p.unread = p.packets+n.packets, p.bytes+n.bytes, p.unread+n.unread
	p.limited, p.practice = p.limited || n.limited, p.practice || n.practice
	for address, row := range n.rows {
		if have := p.rows[address]; have != nil {
			have.add(row)
		} else if len(p.rows) < MaxRows {
			copied := *row
			p.rows[address] = &copied
		} else {
			p.limited = true
		}
	}
}

func newPart() part { return part{rows: map[netip.Addr]*Row{}} }

// NewViewer makes a Viewer of the session in dir.
func NewViewer(dir string, c Config) *Viewer {
	return &Viewer{dir: dir, config: c, kept: newPart(), open: newPart(), told: map[netip.Addr]string{}}
}

// Pass reads what is new and returns the table. It reads at most one closed segment and the one that is being written: Behind says how many are
// left. An error means that the session itself cannot be read.
func (v *Viewer) Pass(ctx context.Context) (*Table, error) {
	begun := time.Now()
	s, err := session.Open(v.dir)
	if err != nil {
		return nil, err
	}
	closed := len(s.Segments)
	if s.Manifest == nil && closed > 0 {
		closed--
	}
	folder := v.config.Folder(s)
	folder.MAC = cmp.Or(folder.MAC, v.mac)
	if v.done < closed {
		p, err := v.audit(ctx, folder, s.Segments[v.done], true)
		if err != nil {
			return nil, err
		}
		v.kept.add(&p)
		v.done++
	}
	all := newPart()
	all.add(&v.kept)
	if v.done == closed && closed < len(s.Segments) {
		if err := v.last(ctx, folder, s.Segments[closed]); err != nil {
			return nil, err
		}
		all.add(&v.open)
	}
	t := all.table()
	t.Behind, t.Took = closed-v.done, time.Since(begun)
	return t, nil
}

// last audits the segment that is being written, if it has grown.
func (v *Viewer) last(ctx context.Context, folder *analyze.Folder, path string) error {
	info, err := os.Stat(filepath.Join(v.dir, filepath.FromSlash(path)))
	if err != nil || path == v.path && info.Size() == v.size {
		return nil // the next pass sees more
	}
	p, err := v.audit(ctx, folder, path, false)
	if err != nil {
		return err
	}
	v.open, v.path, v.size = p, path, info.Size()
	return nil
}

// audit reads one segment. Only the end of ctx is an error: a segment that cannot be read is counted.
func (v *Viewer) audit(ctx context.Context, folder *analyze.Folder, path string, closed bool) (part, error) {
	p := newPart()
	full := filepath.Join(v.dir, filepath.FromSlash(path))
	info, err := os.Stat(full)
	if err != nil || info.Size() == 0 {
		return p, nil
	}
	p.bytes = info.Size()
	config := analyze.Config{
		Version: v.config.Version, Library: v.config.Library, Subject: audit.Subject{App: folder.Session.App, Version: folder.Session.Version, UID: folder.UID},
		Options: audit.Options{FlowLimit: MaxFlows}, Progress: v.config.Busy,
	}
	a, err := analyze.Run(ctx, []analyze.Input{{Name: path, Of: folder, Open: func() (io.ReadCloser, error) { return openPart(full, info.Size()) }}}, config)
	switch {
	case ctx.Err() != nil:
		return p, ctx.Err()
	case err != nil && closed:
		p.unread = 1
		return p, nil
	case err != nil: // its first blocks may be under way
		return p, nil
	}
	p.take(a, v.told)
	if closed {
		v.remember(a)
	}
	return p, nil
}

// openPart opens the first n bytes of a file: what a recorder has written of it.
func openPart(path string, n int64) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, n), f}, nil
}

// remember keeps what DNS said: a later segment may hold the flow without the question.
func (v *Viewer) remember(a *audit.Audit) {
	if d := &a.Recordings[0].Device; v.mac == "" && len(d.MACs) == 1 {
		v.mac = d.MACs[0]
	}
	for i := range a.Answers {
		x := &a.Answers[i]
		address, err := netip.ParseAddr(x.Value)
		if err != nil || x.Question == "" {
			continue
		}
		if _, ok := v.told[address]; ok || len(v.told) < maxTold {
			v.told[address] = clipped(x.Question, maxWord)
		}
	}
}

// take puts an audit's endpoints into rows.
func (p *part) take(a *audit.Audit, told map[netip.Addr]string) {
	p.practice = a.Practice
	for i := range a.Recordings {
		p.packets += uint64(a.Recordings[i].Records)
	}
	p.limited = len(a.Overflow) > 0
	best := bestNames(a)
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		if len(p.rows) == MaxRows {
			p.limited = true
			return
		}
		row := &Row{
			Address: e.Address, Class: e.Class, Name: clipped(best[e.ID], maxWord), Names: len(e.Names), Place: clipped(e.Place.Words, maxWord), Grade: e.Place.Grade,
			Who: clipped(e.Owner, recipient), Up: e.BytesUp, Down: e.BytesDown, Flows: e.Flows, within: len(e.Place.Within) > 0,
		}
		if row.Name == "" && told[e.Address] != "" {
			row.Name, row.Names = told[e.Address], 1
		}
		if row.Who == "" && e.Organisation != "" {
			row.Who, row.Network = clipped(e.Organisation, recipient), true
		}
		p.rows[e.Address] = row
	}
}

// bestNames returns for each endpoint the name with the most bytes, of those that its flows have first.
func bestNames(a *audit.Audit) map[audit.ID]string {
	type bound struct {
		of   audit.ID
		name string
	}
	bytes := map[bound]uint64{}
	best := map[audit.ID]string{}
	for _, f := range a.Flows {
		if f.Endpoint.IsZero() || len(f.Names) == 0 {
			continue
		}
		b := bound{f.Endpoint, f.Names[0].Name}
		bytes[b] += f.Bytes() + 1
		if old := best[f.Endpoint]; old == "" || bytes[b] > bytes[bound{f.Endpoint, old}] {
			best[f.Endpoint] = b.name
		}
	}
	return best
}

// table sorts the rows.
func (p *part) table() *Table {
	t := &Table{Packets: p.packets, Bytes: p.bytes, Endpoints: len(p.rows), Rows: []Row{}, Unread: p.unread, Limited: p.limited, Practice: p.practice}
	for _, r := range p.rows {
		t.Rows = append(t.Rows, *r)
	}
	slices.SortFunc(t.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Up+b.Down, a.Up+a.Down), a.Address.Compare(b.Address))
	})
	t.Rows = slices.Clone(t.Rows[:min(len(t.Rows), MaxShown)])
	return t
}

// clipped shortens s to n characters.
func clipped(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n-1 {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// Pause is how long to wait after a pass that took so long: passes follow each other each second while they are short, and never take more than
// a quarter of one processor, unless they are so long that a table would get too old.
func Pause(took time.Duration) time.Duration { return max(Every-took, min(3*took, longest)) }

const longest = 10 * time.Second

// Every is how often a table is made, as long as a pass is short.
const Every = time.Second
