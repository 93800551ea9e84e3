package session

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"abroad/capture"
)

// Errors.
var (
	ErrRecording = errors.New("the session is still being recorded")
	ErrExists    = errors.New("something is there already")
	errClosed    = errors.New("the session is closed")
)

// A Writer makes a session. Interface, Packet and Secrets are called from one goroutine; the other methods from any.
type Writer struct {
	dir     string
	about   About
	options Options
	now     clock
	chain   *chain
	segs    *segments
	created capture.Time
	stop    chan struct{} // ends the flusher
	flusher sync.WaitGroup

	mu         sync.Mutex
	buf        []byte // whole blocks
	interfaces []Interface
	counts     []uint64 // packets of the segment, by interface
	segment    segmentCounts
	begun      time.Duration // of the segment
	handed     time.Duration // when the disk last got something
	beganAt    capture.Time
	before     Counters // at the beginning of the segment
	size       int64    // of the segment
	packets    uint64
	bytes      uint64
	opened     bool
	closed     bool
	keylog     *os.File
}

// Create makes the folder of a session, which must not exist, and its session.json. ID, Schema and Created are filled in; the rest of about
// is the caller's.
func Create(dir string, about About, o Options) (*Writer, error) {
	o.defaults()
	w := &Writer{dir: dir, about: about, options: o, now: o.clock, stop: make(chan struct{})}
	w.created, _ = w.now()
	w.about.Schema, w.about.Created, w.about.Salt = Schema, w.created, newSalt()
	if w.about.ID == "" {
		w.about.ID = newID(w.created)
	}
	document, err := w.about.encode()
	if err != nil {
		return nil, err
	}
	if err := makeFolders(dir); err != nil {
		return nil, err
	}
	if err := writeFile(filepath.Join(dir, aboutFile), document); err != nil {
		return nil, err
	}
	events, err := os.OpenFile(filepath.Join(dir, eventsFile), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(events); err != nil {
		events.Close()
		return nil, err
	}
	w.chain = newChain(events, w.now, 0, 0, sha256.Sum256(document))
	w.reserveManifest()
	tool := about.Tool.Name + " " + about.Tool.Version
	w.segs = newSegments(dir, w.about.ID, tool, w.chain, &w.options)
	w.buf = <-w.segs.free
	go w.segs.run()
	w.flusher.Add(2)
	go w.flush()
	go func() { // the source is armed meanwhile: on a busy disk this takes a good part of a second
		defer w.flusher.Done()
		syncFolder(dir)
	}()
	return w, nil
}

// About returns session.json.
func (w *Writer) About() About { return w.about }

// Dir returns the session's folder.
func (w *Writer) Dir() string { return w.dir }

// Import makes the folder for untouched originals and returns its path.
func (w *Writer) Import() (string, error) {
	path := filepath.Join(w.dir, importDir)
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, os.ErrExist) {
		err = nil
	}
	return path, err
}

// Interface announces where packets come from and returns their Iface.
func (w *Writer) Interface(i Interface) (uint32, error) {
	if err := i.check(); err != nil {
		return 0, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.interfaces = append(w.interfaces, i)
	w.counts = append(w.counts, 0)
	if w.opened {
		w.append(appendInterface(w.buf, &w.interfaces[len(w.interfaces)-1]))
	}
	return uint32(len(w.interfaces) - 1), nil
}

// Packet keeps a packet. It waits while the disk is slower than the source.
func (w *Writer) Packet(p *capture.Packet) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failed(); err != nil {
		return err
	}
	if p.Iface >= uint32(len(w.interfaces)) {
		return fmt.Errorf("write packet: interface %d of %d", p.Iface, len(w.interfaces))
	}
	w.open()
	w.append(appendPacket(w.buf, &w.interfaces[p.Iface], p))
	w.counts[p.Iface]++
	w.segment.packets++
	w.packets++
	w.bytes += uint64(len(p.Data))
	if p.Time != capture.NoTime {
		if w.segment.first == capture.NoTime {
			w.segment.first = p.Time
		}
		w.segment.last = max(w.segment.last, p.Time)
	}
	if w.size >= w.options.SegmentSize {
		w.rotate(true)
	} else if len(w.buf) >= fullAt {
		w.hand(job{})
	}
	return w.failed()
}

// failed returns why nothing can be written any more.
func (w *Writer) failed() error {
	if w.closed {
		return errClosed
	}
	select {
	case <-w.segs.failed:
		return fmt.Errorf("write segment: %w", w.segs.err)
	default:
		return nil
	}
}

// append takes the buffer back, longer than before.
func (w *Writer) append(b []byte) {
	w.size += int64(len(b) - len(w.buf))
	w.buf = b
}

// open starts the first segment.
func (w *Writer) open() {
	if w.opened {
		return
	}
	w.opened = true
	w.startSegment()
	w.before = Counters{} // what was lost before the first packet is the first segment's
	w.hand(job{next: w.described()})
}

// startSegment sets the counts of a new segment.
func (w *Writer) startSegment() {
	w.beganAt, w.begun = w.now()
	w.before = w.options.Counters()
	w.segment = segmentCounts{first: capture.NoTime, last: capture.NoTime}
	clear(w.counts)
	w.size = 0
}

// described returns the descriptions of all interfaces, which every segment begins with. It is never nil.
func (w *Writer) described() []byte {
	b := make([]byte, 0, 256*len(w.interfaces)+1)
	for i := range w.interfaces {
		b = appendInterface(b, &w.interfaces[i])
	}
	return b
}

// hand gives the buffer to the disk and waits for an empty one.
func (w *Writer) hand(j job) {
	_, w.handed = w.now()
	j.b = w.buf
	w.segs.jobs <- j
	w.buf = <-w.segs.free
}

// rotate ends the segment, and begins another one if there shall be more.
func (w *Writer) rotate(more bool) {
	now := w.options.Counters()
	at, _ := w.now()
	for i := range w.interfaces {
		c := interfaceCounts{
			start: w.interfaces[i].stamp(w.beganAt), end: w.interfaces[i].stamp(at), delivered: w.counts[i],
			received: capture.UnknownCount, droppedInterface: capture.UnknownCount, droppedHost: capture.UnknownCount,
		}
		if i == 0 { // a source counts for all of its interfaces together
			c.received = since(w.before.Received, now.Received)
			c.droppedInterface = since(w.before.DroppedInterface, now.DroppedInterface)
			c.droppedHost = since(w.before.DroppedKernel, now.DroppedKernel)
		}
		w.append(appendStatistics(w.buf, uint32(i), c))
	}
	j := job{ends: true, counts: w.segment}
	if more {
		j.next = w.described()
	}
	w.hand(j)
	if more {
		w.startSegment()
	}
}

// stamp is t in the interface's unit.
func (i *Interface) stamp(t capture.Time) uint64 {
	if i.Micro {
		return uint64(max(t, 0)) / 1000
	}
	return uint64(max(t, 0))
}

// flush hands over what waits in memory, and ends segments that are old enough. When nothing comes it hands over nothing, so that what came
// last, marks too, is synced.
func (w *Writer) flush() {
	defer w.flusher.Done()
	tick := time.NewTicker(w.options.Flush)
	defer tick.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-tick.C:
		}
		w.mu.Lock()
		if !w.closed && w.opened {
			_, now := w.now()
			if now-w.begun >= w.options.SegmentTime && w.segment.packets > 0 {
				w.rotate(true)
			} else if idle := now-w.handed >= w.options.syncEvery; (len(w.buf) > 0 || idle) && len(w.segs.free) > 0 {
				w.hand(job{idle: idle})
			}
		}
		w.mu.Unlock()
	}
}

// Secrets keeps a key log beside the packets, never among them. The type is that of pcapng.
func (w *Writer) Secrets(typ uint32, b []byte) error {
	if typ != tlsKeyLog {
		return fmt.Errorf("keep secrets: type %#x is not known", typ)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failed(); err != nil {
		return err
	}
	if w.keylog == nil {
		if err := os.Mkdir(filepath.Join(w.dir, secretsDir), 0o700); err != nil {
			return err
		}
		f, err := os.OpenFile(filepath.Join(w.dir, filepath.FromSlash(keylogFile)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		w.keylog = f
	}
	_, err := w.keylog.Write(b)
	return err
}

const tlsKeyLog = 0x544c534b

// Event appends an event to the chain.
func (w *Writer) Event(kind string, data any) (Event, error) { return w.chain.add(kind, data) }

// A Total is how much a session holds.
type Total struct {
	Packets, Bytes uint64
	Segment        string // the path of the segment that is being written, "" before the first packet
	Elapsed        time.Duration
}

// Total returns how much has been kept so far.
func (w *Writer) Total() Total {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := Total{Packets: w.packets, Bytes: w.bytes}
	_, t.Elapsed = w.now()
	return t
}

// Close ends the session: the segment, the chain, the manifest, the signature. State is SessionComplete or Interrupted; a state of Complete
// becomes Interrupted, with the reason, if not everything could be written.
func (w *Writer) Close(state State, reason string) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errClosed
	}
	counters := w.options.Counters()
	if w.failed() == nil {
		w.open() // a session without packets has a segment too: that nothing came is evidence
		w.rotate(false)
	}
	failed := w.failed()
	w.closed = true
	close(w.segs.jobs)
	w.mu.Unlock()
	close(w.stop)
	w.flusher.Wait()
	<-w.segs.done
	if w.segs.err != nil {
		failed = w.segs.err
	}
	var faults []error
	if w.keylog != nil {
		faults = append(faults, w.keylog.Sync(), w.keylog.Close())
	}
	if failed != nil {
		w.packets = 0
		for _, s := range w.segs.list {
			w.packets += s.Packets
		}
		state, reason = Interrupted, oneReason(reason, failed)
		_, err := w.chain.add(EventError, map[string]any{"says": failed.Error()})
		faults = append(faults, err)
	}
	_, err := w.chain.add(EventStop, map[string]any{"state": state, "reason": reason, "packets": w.packets, "counters": counters.document()})
	faults = append(faults, err)
	m := w.manifest(state, reason, counters)
	var head capture.Digest
	m.Chain.Events, head, err = w.chain.close()
	m.Chain.Head = head
	faults = append(faults, err, w.finish(m), failed)
	return errors.Join(faults...)
}

// oneReason joins what a source said with what failed here.
func oneReason(reason string, failed error) string {
	if reason == "" {
		return failed.Error()
	}
	return reason + "; " + failed.Error()
}
