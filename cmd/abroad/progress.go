package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// A progress line appears for work over a second, and only on a terminal.
const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

// A progress says on a terminal how far the work is.
type progress struct {
	read  atomic.Int64
	total int64 // bytes of all inputs; 0 = not known (a pipe)
	stop  chan struct{}
	done  chan struct{}
}

// startProgress begins to tell on w; w nil tells nobody.
func startProgress(w io.Writer, total int64) *progress {
	p := &progress{total: total, stop: make(chan struct{}), done: make(chan struct{})}
	if w == nil {
		close(p.done)
		return p
	}
	go p.tell(w)
	return p
}

func (p *progress) tell(w io.Writer) {
	defer close(p.done)
	start, said := time.Now(), false
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			if said {
				fmt.Fprint(w, "\r\x1b[K")
			}
			return
		case <-tick.C:
			if elapsed := time.Since(start); elapsed >= progressAfter {
				fmt.Fprint(w, "\r\x1b[K"+progressLine(p.read.Load(), p.total, elapsed))
				said = true
			}
		}
	}
}

// Stop takes the line away.
func (p *progress) Stop() {
	close(p.stop)
	<-p.done
}

// progressLine is "abroad: 312 MB of 1.0 GB, 420 MB/s, 2 s left".
func progressLine(read, total int64, elapsed time.Duration) string {
	rate := float64(read) / elapsed.Seconds()
	line := "abroad: " + inUnits(float64(read))
	if total > 0 {
		line += " of " + inUnits(float64(total))
	}
	line += ", " + inUnits(rate) + "/s"
	switch {
	case total > 0 && read >= total:
		line += ", writing"
	case total > 0 && rate > 0:
		left := time.Duration(float64(total-read) / rate * float64(time.Second))
		line += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return line
}

// inUnits writes n bytes with a decimal unit.
func inUnits(n float64) string {
	const units = "kMGTP"
	if n < 1000 {
		return fmt.Sprintf("%.0f B", n)
	}
	unit := -1
	for n >= 999.5 && unit < len(units)-1 {
		n /= 1000
		unit++
	}
	if n < 9.95 {
		return fmt.Sprintf("%.1f %cB", n, units[unit])
	}
	return fmt.Sprintf("%.0f %cB", n, units[unit])
}
