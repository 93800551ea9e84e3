package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Limits of a Worker.
const (
	MaxStarts   = 5                // of the child, the first one included
	SlowAfter   = 10 * time.Second // without a word, the child is called slow: an event
	HungAfter   = time.Minute      // without a word, it is ended and started again
	maxSlow     = 20               // events about slowness
	maxLine     = 4 << 20          // bytes of a line of the child
	maxLastWord = 2 << 10          // bytes of what the child said before its end
	stopChild   = time.Second      // for the child to end by itself
)

// A Latest is what a Worker knows.
type Latest struct {
	Table *Table
	At    time.Time // of the table
	Says  string    // what is wrong with the child; empty if nothing is
}

// A Worker keeps a child process at work. Event is told what happens to the child; it may be called from the worker's goroutine only.
type Worker struct {
	command func() *exec.Cmd
	event   func(what, says string)
	slow    time.Duration
	hung    time.Duration
	pause   time.Duration // before the child is started again; it doubles

	mu     sync.Mutex
	latest Latest
	heard  time.Time // of the last line
	stop   chan struct{}
	done   chan struct{}
}

// StartWorker begins. Command makes the child's command anew for each start; its stdin is closed when it shall end.
func StartWorker(command func() *exec.Cmd, event func(what, says string)) *Worker {
	return startWorker(command, event, SlowAfter, HungAfter, time.Second)
}

func startWorker(command func() *exec.Cmd, event func(what, says string), slow, hung, pause time.Duration) *Worker {
	w := &Worker{command: command, event: event, slow: slow, hung: hung, pause: pause, stop: make(chan struct{}), done: make(chan struct{})}
	go w.run()
	return w
}

// Latest returns the last table.
func (w *Worker) Latest() Latest {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.latest
}

// Stop ends the child and waits for it.
func (w *Worker) Stop() {
	close(w.stop)
	<-w.done
}

func (w *Worker) says(text string) {
	w.mu.Lock()
	w.latest.Says = text
	w.mu.Unlock()
}

// run starts the child, and again when it ended, with a pause that doubles.
func (w *Worker) run() {
	defer close(w.done)
	pause := w.pause
	for n := 1; ; n++ {
		why := w.once()
		select {
		case <-w.stop:
			return
		default:
		}
		if n == MaxStarts {
			w.event("given up", why)
			w.says("the table has stopped: " + why)
			<-w.stop
			return
		}
		w.event("restarted", why)
		w.says("the table is made anew: " + why)
		select {
		case <-w.stop:
			return
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// once runs the child until it ends, and says why it did.
func (w *Worker) once() (why string) {
	cmd := w.command()
	var said beginning
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err.Error()
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err.Error()
	}
	if err := cmd.Start(); err != nil {
		return err.Error()
	}
	w.hear(nil)
	read := make(chan error, 1)
	go func() { read <- w.read(out) }()
	why = w.wait(cmd, in, read)
	if err := cmd.Wait(); err != nil && why == "" {
		why = err.Error()
		if text := said.first(); text != "" {
			why += ": " + text
		}
	}
	if why == "" {
		why = "it ended"
	}
	return why
}

// wait watches the child until it has closed its stdout or must be ended.
func (w *Worker) wait(cmd *exec.Cmd, in io.Closer, read <-chan error) (why string) {
	ticks := time.NewTicker(min(w.slow/4, time.Second))
	defer ticks.Stop()
	slow := 0
	toldSlow := false
	for {
		select {
		case err := <-read:
			if err != nil { // what it says cannot be read
				cmd.Process.Kill()
				return err.Error()
			}
			in.Close()
			return ""
		case <-w.stop:
			in.Close()
			select {
			case <-read:
			case <-time.After(stopChild):
				cmd.Process.Kill()
				<-read
			}
			return "stopped"
		case now := <-ticks.C:
			w.mu.Lock()
			silent := now.Sub(w.heard)
			w.mu.Unlock()
			switch {
			case silent >= w.hung:
				cmd.Process.Kill()
				<-read
				return fmt.Sprintf("it said nothing for %s", silent.Round(time.Second))
			case silent < w.slow:
				if toldSlow {
					w.says("")
				}
				toldSlow = false
			case !toldSlow:
				toldSlow = true
				if slow++; slow <= maxSlow {
					w.event("slow", fmt.Sprintf("it has said nothing for %s", silent.Round(time.Second)))
				}
				w.says("the table is late")
			}
		}
	}
}

// read takes the child's lines.
func (w *Worker) read(out io.Reader) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("read table: %w", err)
		}
		w.hear(&l)
	}
	if err := lines.Err(); err == bufio.ErrTooLong {
		return err
	}
	return nil // a pipe that breaks is told by how the child ended
}

// hear keeps what a line says; nil = the child was started.
func (w *Worker) hear(l *line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = time.Now()
	switch {
	case l == nil:
	case l.Table != nil:
		w.latest = Latest{Table: l.Table, At: w.heard}
	case l.Error != "":
		w.latest.Says = l.Error
	}
}

// A beginning keeps the first bytes that are written to it: a panic says first what it is about.
type beginning struct {
	mu sync.Mutex
	b  []byte
}

func (t *beginning) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b[:min(len(b), maxLastWord-len(t.b))]...)
	return len(b), nil
}

// first returns the first line.
func (t *beginning) first() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text, _, _ := bytes.Cut(t.b, []byte("\n"))
	return strings.TrimSpace(strings.ToValidUTF8(string(text), "�"))
}
