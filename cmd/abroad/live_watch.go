package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"abroad/capture/recorder"
	"abroad/capture/session"
	"abroad/cmd/abroad/internal/live"
)

// A liveWatch shows a recording on a terminal and takes keys. It runs in goroutines of its own; the recorder only hands it a status each second,
// and never waits for it.
type liveWatch struct {
	screen  *screen
	worker  *live.Worker
	control *session.Control
	state   live.State // of run's goroutine
	page    int        // rows of the screen
	noted   time.Time  // when the note was made

	mu     sync.Mutex
	status recorder.Status
	stop   chan struct{}
	done   chan struct{}
	once   sync.Once
}

// lookEvery is how often the screen looks whether something has changed: a key of the operator's, the terminal's size, a table.
const lookEvery = 200 * time.Millisecond

// openLive starts the live view; ok is false where there is no terminal for it.
func openLive(ctx context.Context, cmd *cobra.Command, what string, w *session.Writer, control *session.Control) (v watch, ok bool) {
	s := openScreen(cmd.InOrStdin(), cmd.ErrOrStderr())
	if s == nil {
		return watch{}, false
	}
	l := &liveWatch{screen: s, control: control, worker: startLive(w), stop: make(chan struct{}), done: make(chan struct{})}
	l.state = live.State{What: what, Dir: w.Dir(), Attribution: w.About().Source.Attribution, CanAsk: control != nil, Lost: "losses unknown", Now: time.Now()}
	l.status.Free = -1
	l.status.Stats = recorder.UnknownStats
	if plan := w.About().Plan; plan != nil {
		l.state.Steps = plan.Steps
	}
	go l.run(ctx)
	return watch{tell: l.tell, close: l.close}, true
}

// tell takes the recorder's status.
func (l *liveWatch) tell(s recorder.Status) {
	l.mu.Lock()
	l.status = s
	l.mu.Unlock()
}

// close ends the view and gives the terminal back.
func (l *liveWatch) close() {
	l.once.Do(func() { close(l.stop) })
	<-l.done
	l.worker.Stop()
}

// run draws until it is closed. A fault in it is told and ends the view only: the recording goes on, and prints lines.
func (l *liveWatch) run(ctx context.Context) {
	defer close(l.done)
	defer func() {
		fault := recover()
		l.screen.close()
		if fault != nil {
			fmt.Fprintf(l.screen.out, "abroad: the live view has a fault (%v); the recording goes on\n", fault)
		}
	}()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, lastSignals...)
	defer signal.Stop(signals)
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	columns, rows := 0, 0
	for {
		anew := false
		select {
		case <-l.stop:
			return
		case s := <-signals:
			l.screen.close()
			passOn(s)
			return
		case k := <-l.screen.keys:
			anew = k == live.KeyRedraw
			l.key(k)
		case <-ticks.C:
		}
		if c, r := l.screen.size(); c != columns || r != rows {
			columns, rows, anew = c, r, true
		}
		l.page = rows
		l.look(ctx)
		l.screen.show(l.state.Lines(columns, rows, l.screen.style), anew)
	}
}

// look takes in what has changed.
func (l *liveWatch) look(ctx context.Context) {
	s := &l.state
	l.mu.Lock()
	s.Status = l.status
	l.mu.Unlock()
	s.Lost = lostWords(s.Status.Stats)
	s.Stopping = s.Stopping || ctx.Err() != nil
	s.Latest = l.worker.Latest()
	if s.Note != "" && time.Since(l.noted) > noteStays {
		s.Note = ""
	}
	s.Marks, s.Begun = l.control.Made()
	// A clock that jumped makes no table old: only the age counts, in whole seconds, so that a frame stays the same.
	s.Now = time.Now()
}

// noteStays is how long the screen says what a key did.
const noteStays = 8 * time.Second

// maxTyped is how long a mark may be that is typed here, in bytes.
const maxTyped = 1000

// key does what a key asks for.
func (l *liveWatch) key(k live.Key) {
	s := &l.state
	l.noted = time.Now()
	switch {
	case k == live.KeyInterrupt:
		s.Typing = false
		interruptGroup()
		return
	case k == live.KeyQuit:
		return
	case s.Typing:
		l.typed(k)
		return
	}
	s.Note = ""
	switch k {
	case 'm':
		s.Typing, s.Typed = l.control != nil, ""
	case 'n', ' ':
		if l.control != nil && len(s.Steps) > 0 {
			l.mark(session.MarkRequest{Next: true})
		}
	case 's':
		s.Sort = s.Sort.Next()
	case 'q':
		s.Note, s.Bad = "Ctrl-C stops the recording", false
	case live.KeyUp:
		l.scroll(-1)
	case live.KeyDown:
		l.scroll(1)
	case live.KeyPageUp:
		l.scroll(-l.page / 2)
	case live.KeyPageDown:
		l.scroll(l.page / 2)
	case live.KeyHome:
		s.Scroll = 0
	case live.KeyEnd:
		l.scroll(live.MaxShown)
	}
}

func (l *liveWatch) scroll(by int) {
	last := 0
	if t := l.state.Latest.Table; t != nil {
		last = max(0, len(t.Rows)-1)
	}
	l.state.Scroll = max(0, min(l.state.Scroll+by, last))
}

// typed adds a key to the mark that is being typed.
func (l *liveWatch) typed(k live.Key) {
	s := &l.state
	switch {
	case k == live.KeyEnter:
		s.Typing = false
		if text := strings.TrimSpace(s.Typed); text != "" {
			l.mark(session.MarkRequest{Text: text})
		}
	case k == live.KeyEscape:
		s.Typing, s.Note = false, ""
	case k == live.KeyErase:
		if r := []rune(s.Typed); len(r) > 0 {
			s.Typed = string(r[:len(r)-1])
		}
	case k == live.KeyClear:
		s.Typed = ""
	case k >= ' ' && len(s.Typed) < maxTyped:
		s.Typed += string(rune(k))
	}
}

// mark puts a mark into the chain.
func (l *liveWatch) mark(r session.MarkRequest) {
	s := &l.state
	reply, err := l.control.Mark(r)
	if s.Bad = err != nil; s.Bad {
		s.Note = "no mark was made: " + err.Error()
		return
	}
	s.Note = fmt.Sprintf("kept as event %d", reply.Event)
	if reply.Step > 0 {
		s.Note = fmt.Sprintf("step %d of %d begins: %s (event %d)", reply.Step, reply.Steps, reply.Action, reply.Event)
	}
}
