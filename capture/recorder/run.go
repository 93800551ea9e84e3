package recorder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"abroad/capture"
	"abroad/capture/session"
)

// Times of a run.
const (
	StopTimeout = 5 * time.Second // for a source to stop and drain
	tick        = time.Second
	statsEvery  = 10 * time.Second
	gone        = time.Second // for an operation on a device that may be away
)

// A Config says what to run and where to keep it.
type Config struct {
	Plugin  *Plugin
	Source  Source
	Info    SourceInfo      // what Describe returned
	Dir     string          // of the session; must not exist
	About   session.About   // what the operator declared; what the source read is put in
	Session session.Options // Counters is set here
	For     time.Duration   // stop by itself after this long; 0 = when asked
	Import  *string         // set to the folder for untouched originals, before Run; nil = they are not kept
	Resume  bool            // go on when the source was interrupted and can be armed again
	Hurry   <-chan struct{} // closed: do not wait for the source any longer
	Started func(w *session.Writer, c *session.Control)
	Tell    func(Status) // each second; from a goroutine of its own
}

// A Status is what the operator sees while a session is recorded.
type Status struct {
	session.Total
	Armed bool // the source misses nothing any more
	Stats Stats
	Free  int64 // bytes of disk; -1 = unknown
}

// A Result is how a run ended.
type Result struct {
	Dir      string
	ID       string
	State    session.State
	Reason   string
	Packets  uint64
	Stats    Stats
	Warnings []string // for the operator
}

// Run records until ctx is done, the input ends or the source fails, and closes the session in every case. The error is nil if the
// session is complete.
func Run(ctx context.Context, c Config) (Result, error) {
	r := &run{config: c, armed: make(chan struct{}), ended: make(chan struct{})}
	merge(&c.About, &c.Info)
	c.About.Source.Kind = c.Plugin.Name
	c.Session.Counters = func() session.Counters { return r.stats() }
	w, err := session.Create(c.Dir, c.About, c.Session)
	if err != nil {
		return Result{}, err
	}
	r.w = w
	return r.record(ctx)
}

// merge puts what was read from the device over what was declared; a difference is for the caller to tell.
func merge(about *session.About, info *SourceInfo) {
	about.Source = info.Source
	about.Interventions = append(about.Interventions, info.Interventions...)
	about.App = info.App.Over(about.App)
	about.Device = info.Device.Over(about.Device)
}

// A run is one session under way.
type run struct {
	config Config
	w      *session.Writer
	arm    sync.Once
	armed  chan struct{}
	ended  chan struct{} // the sink takes nothing any more

	mu       sync.Mutex // guards what the sink and the watch share
	warnings []string
	last     Stats
	base     Stats // of earlier arms of the source
	stopped  bool
}

func (r *run) record(ctx context.Context) (Result, error) {
	control, err := session.Listen(r.w)
	if err != nil {
		r.warn("no marks can be made: " + err.Error())
	} else {
		defer control.Close()
	}
	for _, text := range r.config.Info.Warnings {
		r.w.Event(session.EventWarning, says(text))
	}
	if r.config.Import != nil {
		if *r.config.Import, err = r.w.Import(); err != nil {
			return r.close(session.Interrupted, err.Error(), err)
		}
	}
	if r.config.Started != nil {
		r.config.Started(r.w, control)
	}
	if r.config.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.config.For)
		defer cancel()
	}
	var watch sync.WaitGroup
	watch.Add(1)
	go func() {
		defer watch.Done()
		r.watch()
	}()
	state, reason, err := r.capture(ctx)
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	close(r.ended)
	watch.Wait()
	r.drops()
	r.reread()
	return r.close(state, reason, err)
}

// capture runs the source, and says how it ended.
func (r *run) capture(ctx context.Context) (session.State, string, error) {
	for {
		err := r.once(ctx)
		switch {
		case err == nil || errors.Is(err, ErrEnd):
			return session.Complete, "", nil
		case r.config.Resume && ctx.Err() == nil && !errors.Is(err, errWrite) && r.rearm(ctx, err):
			continue
		}
		return session.Interrupted, err.Error(), err
	}
}

// once runs the source once. When it is asked to stop it has StopTimeout for it.
func (r *run) once(ctx context.Context) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- r.config.Source.Run(inner, &sink{r}) }()
	select {
	case err := <-done:
		return err
	case <-r.config.Hurry:
		cancel()
		return errHurry
	case <-ctx.Done():
	}
	r.w.Event("stopping", nil)
	cancel()
	patience := time.NewTimer(StopTimeout)
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-r.config.Hurry:
		return errHurry
	case <-patience.C:
		return fmt.Errorf("the source did not stop within %s", StopTimeout)
	}
}

var (
	errHurry = errors.New("it was asked twice to stop: what the source still held is lost")
	errWrite = errors.New("the session cannot be written")
)

// rearm waits for the source to be there again.
func (r *run) rearm(ctx context.Context, why error) bool {
	again, ok := r.config.Source.(Rearmer)
	if !ok {
		return false
	}
	r.mu.Lock()
	r.base = sum(r.base, r.config.Source.Stats())
	r.mu.Unlock()
	from := r.w.Total().Elapsed
	if err := again.Rearm(ctx); err != nil {
		return false
	}
	r.w.Event(session.EventGap, map[string]any{"reason": why.Error(), "from_mono_ns": int64(from), "to_mono_ns": int64(r.w.Total().Elapsed)})
	r.warn("nothing was recorded for a while: " + why.Error())
	return true
}

// watch looks at the counters each second.
func (r *run) watch() {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	var told time.Duration
	for {
		select {
		case <-r.ended:
			return
		case <-ticks.C:
		}
		stats := r.drops()
		total := r.w.Total()
		if total.Elapsed-told >= statsEvery {
			told = total.Elapsed
			r.w.Event(session.EventStats, map[string]any{"packets": total.Packets, "octets": total.Bytes, "counters": stats.Document()})
		}
		if r.config.Tell != nil {
			r.config.Tell(Status{Total: total, Armed: r.isArmed(), Stats: stats, Free: session.Free(r.config.Dir)})
		}
	}
}

func (r *run) isArmed() bool {
	select {
	case <-r.armed:
		return true
	default:
		return false
	}
}

// drops writes an event when more packets were lost than when it was last asked.
func (r *run) drops() Stats {
	now := r.stats()
	r.mu.Lock()
	defer r.mu.Unlock()
	kernel, device := rose(r.last.DroppedKernel, now.DroppedKernel), rose(r.last.DroppedInterface, now.DroppedInterface)
	if kernel+device > 0 {
		r.w.Event(session.EventDrops, session.Drops{Kernel: kernel, Interface: device})
	}
	r.last = now
	return now
}

// rose is how far a counter rose; before it was known it was 0.
func rose(before, now uint64) uint64 {
	if before == capture.UnknownCount {
		before = 0
	}
	if now == capture.UnknownCount || now < before {
		return 0
	}
	return now - before
}

// stats are the source's counters over all of its arms.
func (r *run) stats() Stats {
	r.mu.Lock()
	base := r.base
	r.mu.Unlock()
	return sum(base, r.config.Source.Stats())
}

func sum(a, b Stats) Stats {
	add := func(x, y uint64) uint64 {
		if x == capture.UnknownCount || y == capture.UnknownCount {
			return capture.UnknownCount
		}
		return x + y
	}
	return Stats{
		Received: add(a.Received, b.Received), DroppedKernel: add(a.DroppedKernel, b.DroppedKernel), Damaged: add(a.Damaged, b.Damaged),
		DroppedInterface: add(a.DroppedInterface, b.DroppedInterface), Truncated: add(a.Truncated, b.Truncated),
		Unattributed: add(a.Unattributed, b.Unattributed),
	}
}

// reread asks for the app's version again: an app that was updated meanwhile has no single one.
func (r *run) reread() {
	reader, ok := r.config.Source.(AppReader)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), gone)
	defer cancel()
	app, err := reader.ReadApp(ctx)
	before := r.w.About().App
	switch {
	case err != nil:
		r.w.Event(session.EventApp, map[string]any{"error": err.Error()})
	case app.Code != before.Code || app.Version != before.Version:
		r.w.Event(session.EventApp, session.AppChange{Changed: true, Version: app.Version, Code: app.Code})
		r.warn(fmt.Sprintf("the app was updated while it was recorded: from %s (%s) to %s (%s)", before.Version, before.Code, app.Version, app.Code))
	default:
		r.w.Event(session.EventApp, session.AppChange{Version: app.Version, Code: app.Code})
	}
}

func (r *run) warn(text string) {
	r.told(says(text))
	r.w.Event(session.EventWarning, says(text))
}

// maxWarnings bounds what the operator is told at the end; the chain holds all of it.
const maxWarnings = 20

// told keeps a warning for the operator, once.
func (r *run) told(data any) {
	text, ok := data.(map[string]string)
	r.mu.Lock()
	defer r.mu.Unlock()
	if ok && len(r.warnings) < maxWarnings && !slices.Contains(r.warnings, text["says"]) {
		r.warnings = append(r.warnings, text["says"])
	}
}

// close ends the session.
func (r *run) close(state session.State, reason string, failed error) (Result, error) {
	if total := r.w.Total(); total.Packets == 0 {
		r.warn("no packet was recorded: does the filter match, and was the app started?")
	}
	stats := r.stats()
	err := r.w.Close(state, reason)
	if c, ok := r.config.Source.(io.Closer); ok {
		c.Close()
	}
	result := Result{Dir: r.config.Dir, ID: r.w.About().ID, State: state, Reason: reason, Packets: r.w.Total().Packets, Stats: stats}
	r.mu.Lock() // a source that was left behind may still speak
	result.Warnings = slices.Clone(r.warnings)
	r.mu.Unlock()
	if err != nil {
		result.State = session.Interrupted
		if result.Reason == "" {
			result.Reason = err.Error()
		}
	}
	if failed == nil {
		failed = err
	}
	return result, failed
}
