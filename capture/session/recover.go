package session

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"abroad/capture"
)

// ErrClosed says that a session has a manifest already.
var ErrClosed = errors.New("the session was closed: there is nothing to recover")

// Recover closes a session whose recorder was killed. No whole block is lost: what stands behind the last one is moved to a file beside
// ("capture/000003.tail"), and so is a torn last event. A session whose chain is broken in its middle is left as it is.
func Recover(dir string, key *SecretKey) (*Manifest, error) {
	s, err := Open(dir)
	if err != nil {
		return nil, err
	}
	if s.Manifest != nil {
		return nil, fmt.Errorf("recover session %s: %w", dir, ErrClosed)
	}
	events, err := os.OpenFile(filepath.Join(dir, eventsFile), os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("recover session %s: %w", dir, err)
	}
	if err := lock(events); err != nil {
		events.Close()
		return nil, fmt.Errorf("recover session %s: %w", dir, err)
	}
	m, err := s.recover(events, key)
	if err != nil {
		return nil, fmt.Errorf("recover session %s: %w", dir, err)
	}
	return m, nil
}

func (s *Session) recover(events *os.File, key *SecretKey) (*Manifest, error) {
	err := s.Broken
	if err == nil {
		err = moveTail(events, s.chain, filepath.Join(s.Dir, "events.tail"))
	}
	if err != nil {
		events.Close()
		return nil, err
	}
	c := newChain(events, s.clock(), uint32(len(s.Events)), s.chain, s.head)
	m, closed, err := s.close(c)
	var head error
	m.Chain.Events, m.Chain.Head, head = c.close()
	if err := errors.Join(err, head); err != nil {
		return nil, err
	}
	os.Remove(filepath.Join(s.Dir, SocketFile))
	return m, finish(s.Dir, m, closed, key)
}

// clock goes on where the last event ended. How long the session lay there is told by the wall clock only.
func (s *Session) clock() clock {
	now := newClock()
	var last time.Duration
	if n := len(s.Events); n > 0 {
		last = time.Duration(s.Events[n-1].Mono)
	}
	return func() (capture.Time, time.Duration) {
		t, mono := now()
		return t, last + mono
	}
}

// close writes the events that the recorder could not.
func (s *Session) close(c *chain) (m *Manifest, segments map[string]SegmentFile, err error) {
	m = &Manifest{
		Schema: ManifestSchema, Session: s.About.ID, State: Recovered, Reason: "the recorder did not close the session",
		Started: s.About.Created, Ended: s.About.Created, Counters: s.Counters(),
	}
	segments = map[string]SegmentFile{}
	if n := len(s.Events); n > 0 {
		m.Ended = s.Events[n-1].T
	}
	var torn int64
	for _, path := range s.Segments {
		said, n := s.closedSegment(path)
		if said.IsZero() {
			closed, counts, tail, err := recoverSegment(s.Dir, path)
			if err != nil {
				return m, nil, err
			}
			if torn += tail; closed.Size == 0 {
				continue
			}
			if _, err := c.add(EventSegmentClose, segmentClosed(closed, counts)); err != nil {
				return m, nil, err
			}
			if n = counts.packets; counts.last != capture.NoTime {
				m.Ended = max(m.Ended, counts.last)
			}
		}
		segments[path] = SegmentFile{File{Name: path}, n} // hashed again: somebody may have been there in between
		m.Packets += n
	}
	_, err = c.add(EventRecovered, map[string]any{"packets": m.Packets, "torn_octets": torn, "torn_event_octets": s.Torn})
	return m, segments, err
}

// recoverSegment cuts a segment behind its last whole block.
func recoverSegment(dir, path string) (closed SegmentFile, counts segmentCounts, tail int64, err error) {
	full := filepath.Join(dir, filepath.FromSlash(path))
	f, err := os.OpenFile(full, os.O_RDWR, 0)
	if err != nil {
		return closed, counts, 0, err
	}
	defer f.Close()
	found, err := scanSegment(f)
	if err != nil {
		return closed, counts, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return closed, counts, 0, err
	}
	tail = info.Size() - found.whole
	if err := moveTail(f, found.whole, strings.TrimSuffix(full, ".pcapng")+".tail"); err != nil {
		return closed, counts, 0, err
	}
	if found.whole == 0 {
		return closed, counts, tail, os.Remove(full)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return closed, counts, 0, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return closed, counts, 0, err
	}
	closed = SegmentFile{File{Name: path, Size: found.whole}, found.counts.packets}
	h.Sum(closed.SHA256[:0])
	return closed, found.counts, tail, nil
}

// moveTail moves what stands behind the first whole bytes of f into a file of its own.
func moveTail(f *os.File, whole int64, to string) error {
	info, err := f.Stat()
	if err != nil || info.Size() == whole {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.NewSectionReader(f, whole, info.Size()-whole))
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	return errors.Join(f.Truncate(whole), f.Sync())
}
