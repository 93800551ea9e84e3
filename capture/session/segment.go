package session

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"sync"
	"time"

	"abroad/capture"
)

// Sizes of the way from the source to the disk. All memory is there from the start: a disk that is slower than the source makes Packet
// wait, the source's ring fills, and the kernel counts what it drops.
const (
	bufferSize  = 512 << 10
	bufferCount = 4
	fullAt      = 256 << 10 // a buffer is written once it holds this much
	syncEvery   = 2 * time.Second
)

// A job is a buffer of whole blocks for the segment at hand, and what comes after it.
type job struct {
	b      []byte
	ends   bool          // the segment ends with b
	next   []byte        // Interface Description Blocks of the segment after it; nil = there is none
	counts segmentCounts // of the segment that ends
	idle   bool          // nothing came for a while: sync in any case
	done   chan<- error  // told when the job is done, if not nil
}

type segmentCounts struct {
	packets     uint64
	first, last capture.Time
}

// segments writes the files below capture/. Only its own goroutine touches the file.
type segments struct {
	dir, id, tool string
	chain         *chain
	jobs          chan job
	free          chan []byte
	done          chan struct{}
	failed        chan struct{} // closed at the first error
	err           error         // valid once failed is closed

	sync   func(*os.File) error
	every  time.Duration // between two syncs
	file   *os.File
	number int
	size   int64 // whole blocks on disk
	hash   hash.Hash
	prev   capture.Digest // of the segment before
	list   []SegmentFile
	syncs  sync.WaitGroup
	synced time.Time
	busy   chan struct{}
}

// A SegmentFile is a closed segment.
type SegmentFile struct {
	File
	Packets uint64
}

// firstPrev stands where the first segment would name the one before it.
var firstPrev capture.Digest

func newSegments(dir, id, tool string, c *chain, o *Options) *segments {
	s := &segments{
		dir: dir, id: id, tool: tool, chain: c, prev: firstPrev, synced: time.Now(),
		jobs: make(chan job, bufferCount), free: make(chan []byte, bufferCount), done: make(chan struct{}), failed: make(chan struct{}),
		busy: make(chan struct{}, 1), sync: o.sync, every: o.syncEvery,
	}
	for range bufferCount {
		s.free <- make([]byte, 0, bufferSize)
	}
	return s
}

// segmentName is "capture/000001.pcapng".
func segmentName(n int) string { return fmt.Sprintf("%s/%06d.pcapng", captureDir, n) }

// sectionComment is what a segment says about itself.
func sectionComment(id string, n int, prev capture.Digest) string {
	if prev == firstPrev {
		return fmt.Sprintf("abroad session %s, segment %d, first", id, n)
	}
	return fmt.Sprintf("abroad session %s, segment %d, previous %s", id, n, prev)
}

// open starts the next segment.
func (s *segments) open(interfaces []byte) error {
	s.number++
	name := segmentName(s.number)
	f, err := os.OpenFile(filepath.Join(s.dir, filepath.FromSlash(name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	s.file, s.size, s.hash = f, 0, sha256.New()
	if _, err := s.chain.add(EventSegmentOpen, map[string]any{"path": name, "segment": s.number}); err != nil {
		return err
	}
	return s.write(append(appendSection(nil, s.tool, sectionComment(s.id, s.number, s.prev)), interfaces...))
}

// write puts whole blocks on the disk with one write(2). What a full disk leaves of them is cut back to the last whole block.
func (s *segments) write(b []byte) error {
	n, err := s.file.Write(b)
	if err != nil {
		whole := wholeBlocks(b[:n])
		s.hash.Write(b[:whole])
		s.size += int64(whole)
		if cut := s.file.Truncate(s.size); cut != nil {
			return fmt.Errorf("%w (and cut it back: %w)", err, cut)
		}
		return err
	}
	s.hash.Write(b)
	s.size += int64(n)
	return nil
}

// run does the jobs until jobs is closed.
func (s *segments) run() {
	defer close(s.done)
	for j := range s.jobs {
		err := s.err
		if err == nil {
			if err = s.do(&j); err != nil {
				s.fail(err)
			}
		}
		s.free <- j.b[:0]
		if j.done != nil {
			j.done <- err
		}
	}
	s.syncs.Wait()
	if s.file != nil { // after an error: count what is really there
		kept, _ := scanFile(s.file.Name())
		s.closeFile(kept.counts)
	}
}

func (s *segments) fail(err error) {
	s.err = err
	close(s.failed)
}

func (s *segments) do(j *job) error {
	if s.file == nil {
		if err := s.open(j.next); err != nil {
			return err
		}
		return s.put(j)
	}
	if err := s.put(j); err != nil {
		return err
	}
	if !j.ends {
		return nil
	}
	if err := s.closeFile(j.counts); err != nil {
		return err
	}
	if j.next == nil {
		return nil
	}
	return s.open(j.next)
}

// put writes the job's blocks and has the files synced from time to time, by another goroutine: a slow disk must not hold up the writing.
func (s *segments) put(j *job) error {
	if len(j.b) > 0 {
		if err := s.write(j.b); err != nil {
			return err
		}
	}
	if time.Since(s.synced) < s.every && !j.idle {
		return nil
	}
	select {
	case s.busy <- struct{}{}:
	default:
		return nil // the last sync is still under way
	}
	s.synced = time.Now()
	s.syncs.Add(1)
	go func(segment, events *os.File) {
		defer s.syncs.Done()
		s.sync(segment)
		s.sync(events)
		<-s.busy
	}(s.file, s.chain.file)
	return nil
}

// closeFile ends the segment at hand.
func (s *segments) closeFile(c segmentCounts) error {
	s.syncs.Wait()
	f := s.file
	s.file = nil
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	s.hash.Sum(s.prev[:0])
	closed := SegmentFile{File{segmentName(s.number), s.size, s.prev}, c.packets}
	s.list = append(s.list, closed)
	_, err := s.chain.add(EventSegmentClose, segmentClosed(closed, c))
	return err
}

func segmentClosed(f SegmentFile, c segmentCounts) any {
	return struct {
		Path    string         `json:"path"`
		Size    int64          `json:"octets"`
		SHA256  capture.Digest `json:"sha256"`
		Packets uint64         `json:"packets"`
		First   capture.Time   `json:"first"`
		Last    capture.Time   `json:"last"`
	}{f.Name, f.Size, f.SHA256, f.Packets, c.first, c.last}
}

// hexDigest reads the digest of a segment's comment.
func hexDigest(s string) (d capture.Digest, ok bool) {
	n, err := hex.Decode(d[:], []byte(s[:min(len(s), 64)]))
	return d, err == nil && n == len(d)
}
