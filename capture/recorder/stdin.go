package recorder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"abroad/capture"
	"abroad/capture/session"
	"abroad/capture/source"
)

// file takes recordings in that something else made: from a pipe while they are made, or from a file.
var file = &Plugin{
	Name:   "file",
	Doc:    `Takes in pcap and pcapng that another program records: from a file (also an export of PCAPdroid) or, as "-", from a pipe while it is made.`,
	Target: "FILE|-",
	New:    newFile,
}

// A stop was asked for: a pipe is thought empty when it is silent for drainIdle, and read no further than drainAll.
const (
	drainIdle = 300 * time.Millisecond
	drainAll  = 2 * time.Second
)

// A fileSource reads one recording.
type fileSource struct {
	name    string
	in      io.Reader
	close   func() error
	importD *string
	ids     map[uint32]uint32 // of the recording's interfaces, in the sink

	received, dropped, truncated, damaged atomic.Uint64
	counts                                atomic.Bool // the recording has drop counters
}

func newFile(o Options) (Source, error) {
	if o.App != "" || len(o.MACs) > 0 || len(o.Addresses) > 0 || o.BPFFile != "" || o.SnapLen != 0 || o.Ring != 0 {
		return nil, errors.New("an existing recording is taken in whole: no filter, snap length or ring applies")
	}
	s := &fileSource{name: o.Target, importD: o.Import, ids: map[uint32]uint32{}, close: func() error { return nil }}
	if o.Target == "-" {
		if o.Stdin == nil {
			return nil, errors.New("there is no stdin")
		}
		s.in = o.Stdin
		return s, nil
	}
	f, err := os.Open(o.Target)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		f.Close()
		return nil, errors.Join(err, errors.New("it is a folder"))
	}
	s.in, s.close = f, f.Close
	return s, nil
}

// Close implements io.Closer.
func (s *fileSource) Close() error { return s.close() }

// Describe knows nothing of the device: only the operator does.
func (s *fileSource) Describe(context.Context) (SourceInfo, error) {
	if f, ok := s.in.(*os.File); ok && s.name != "-" {
		if _, err := f.Seek(0, io.SeekCurrent); err != nil { // a named pipe
			return SourceInfo{}, &Hinted{fmt.Errorf("read %s: %w", s.name, err), "a pipe goes to stdin: abroad record -"}
		}
		// The head is read apart: a read that is still under way when the recording is closed must not move the file under Run.
		rec, err := source.Open(s.name, io.NewSectionReader(f, 0, math.MaxInt64))
		if err != nil {
			return SourceInfo{}, err
		}
		rec.Close()
	}
	link := "stdin"
	if s.name != "-" {
		link = filepath.Base(s.name)
	}
	return SourceInfo{Source: session.Source{Link: link, Clock: "file", Attribution: session.AttributionNone}}, nil
}

// Stats implements Source.
func (s *fileSource) Stats() Stats {
	stats := Stats{Received: s.received.Load(), DroppedKernel: capture.UnknownCount, DroppedInterface: capture.UnknownCount,
		Truncated: s.truncated.Load(), Unattributed: capture.UnknownCount, Damaged: s.damaged.Load()}
	if s.counts.Load() {
		stats.DroppedKernel = s.dropped.Load()
	}
	return stats
}

// Run implements Source.
func (s *fileSource) Run(ctx context.Context, to Sink) error {
	pipe := newStoppable(ctx, s.in)
	defer pipe.end()
	in := io.Reader(pipe)
	if s.importD != nil && *s.importD != "" {
		original, err := os.OpenFile(filepath.Join(*s.importD, "000001"+extension(s.name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		defer original.Close()
		in = io.TeeReader(in, original)
	}
	if err := to.Event(session.EventArmed, nil); err != nil {
		return err
	}
	rec, err := source.Open(s.name, in)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped before anything came
		}
		return err
	}
	defer rec.Close()
	return s.records(ctx, rec, to)
}

// extension keeps what tells the format of an original.
func extension(name string) string {
	for _, end := range [...]string{".pcapng.gz", ".pcapng.zst", ".pcap.gz", ".pcap.zst", ".pcapng", ".pcap"} {
		if strings.HasSuffix(strings.ToLower(name), end) {
			return end
		}
	}
	return ".capture"
}

// records hands every record on.
func (s *fileSource) records(ctx context.Context, rec *source.Recording, to Sink) error {
	losses := map[uint32]uint64{}
	var notes []string
	var broken error
	for record, err := range rec.Records() {
		if err != nil {
			return err
		}
		switch v := record.(type) {
		case *capture.Packet:
			if err := s.packet(rec.Manifest(), v, to, notes); err != nil {
				return err
			}
			notes = nil
		case *capture.Loss:
			if v.Dropped != capture.UnknownCount {
				losses[v.Iface] = v.Dropped
				var lost uint64
				for _, n := range losses {
					lost += n
				}
				s.dropped.Store(lost)
				s.counts.Store(true)
			}
		case *capture.Anomaly:
			s.damaged.Add(1)
			if v.At.Record == 0 && (v.Code == capture.CutShort || v.Code == capture.BadBlock || v.Code == capture.Decompress) {
				broken = fmt.Errorf("the input breaks off: %s", v.Detail)
			}
			if err := to.Event("damage", map[string]any{"code": v.Code, "says": v.Detail, "offset": v.Offset, "frame": v.At.Record}); err != nil {
				return err
			}
		case *capture.Secrets:
			if err := to.Secrets(v.Type, v.Data); err != nil {
				if err := to.Event(session.EventWarning, says(err.Error())); err != nil {
					return err
				}
			}
		case *capture.Note:
			if len(notes) < maxComments {
				notes = append(notes, v.On+": "+v.Text)
			}
		case *capture.App:
			if err := to.Event(session.EventAppTable, session.AppRow{UID: v.UID, Package: v.Package, Label: v.Label}); err != nil {
				return err
			}
		}
	}
	m := rec.Manifest()
	taken := session.Import{Name: m.Name, Size: m.Size, SHA256: m.SHA256, Format: m.Format, Compression: m.Compression}
	if err := to.Event(session.EventImport, taken); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case broken != nil:
		return broken
	}
	return ErrEnd
}

// maxComments is how many comments of the original go onto one interface.
const maxComments = 100

// packet hands a packet on, and its interface before it.
func (s *fileSource) packet(m *capture.Manifest, p *capture.Packet, to Sink, notes []string) error {
	s.received.Add(1)
	if p.Truncated() {
		s.truncated.Add(1)
	}
	id, ok := s.ids[p.Iface]
	if !ok {
		info := InterfaceInfo{Link: p.Link, Comments: notes}
		if int(p.Iface) < len(m.Interfaces) {
			i := m.Interfaces[p.Iface]
			info.SnapLen, info.Name, info.Filter, info.Hardware, info.OS = i.SnapLen, i.Name, i.Filter, i.Hardware, i.OS
		}
		if n := len(m.Sections); n > 0 {
			c := m.Sections[n-1]
			info.Comments = append(info.Comments, fmt.Sprintf("taken in from a section of hardware %q, system %q, application %q", c.Hardware, c.OS, c.Application))
		}
		var err error
		if id, err = to.Interface(info); err != nil {
			return err
		}
		s.ids[p.Iface] = id
	}
	p.Iface = id
	return to.Packet(p)
}

// A stoppable reader ends when ctx is done and nothing more comes, or too much: a pipe may be silent for ever, and a Read of it cannot be called
// off; or whoever fills it may not know that it is over.
type stoppable struct {
	ctx  context.Context
	full chan piece
	back chan []byte
	over chan struct{} // closed when nobody reads any more
	rest []byte
	held []byte
	last <-chan time.Time // the end of draining
	err  error
}

type piece struct {
	b   []byte
	err error
}

func newStoppable(ctx context.Context, r io.Reader) *stoppable {
	s := &stoppable{ctx: ctx, full: make(chan piece), back: make(chan []byte, 2), over: make(chan struct{})}
	s.back <- make([]byte, 64<<10)
	s.back <- make([]byte, 64<<10)
	go func() {
		for {
			select {
			case b := <-s.back:
				n, err := r.Read(b[:cap(b)])
				select {
				case s.full <- piece{b[:n], err}:
				case <-s.over:
					return
				}
				if err != nil {
					return
				}
			case <-s.over:
				return
			}
		}
	}()
	return s
}

// end lets the goroutine go, as soon as the Read that is under way returns.
func (s *stoppable) end() { close(s.over) }

// Read implements io.Reader.
func (s *stoppable) Read(b []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		if s.held != nil {
			s.back <- s.held
			s.held = nil
		}
		select {
		case p := <-s.full:
			s.rest, s.held, s.err = p.b, p.b, p.err
			if s.ctx.Err() == nil {
				continue
			}
		case <-s.ctx.Done():
		}
		if s.last == nil {
			s.last = time.After(drainAll)
		}
		select {
		case <-s.last:
			s.err = io.EOF
			continue
		default:
		}
		if len(s.rest) > 0 {
			continue
		}
		select {
		case p := <-s.full:
			s.rest, s.held, s.err = p.b, p.b, p.err
		case <-time.After(drainIdle):
			s.err = io.EOF
		}
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
