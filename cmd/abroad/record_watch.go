package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abroad/capture"
	"abroad/capture/recorder"
	"abroad/capture/session"
)

// A watch shows a recording under way. Tell is called each second, from one goroutine; close once, after the session was closed.
type watch struct {
	tell  func(recorder.Status)
	close func()
}

// plainEvery is how often the plain watch prints a line.
const plainEvery = 5 * time.Second

// openWatch chooses how to show a recording: on a terminal the live view, else a line now and then.
func openWatch(ctx context.Context, cmd *cobra.Command, plain bool, w *session.Writer, control *session.Control) watch {
	if !plain {
		if v, ok := openLive(ctx, cmd, whatIs(w.About()), w, control); ok {
			return v
		}
	}
	return plainWatch(cmd.ErrOrStderr())
}

// whatIs says what is recorded, by which source.
func whatIs(a session.About) string {
	words := []string{a.App.ID, a.App.Version, "by", a.Source.Kind, a.Source.Link}
	if p := a.Plan; p != nil && p.Repeats > 0 {
		words = append(words, fmt.Sprintf("(repetition %d of %d)", p.Repeat, p.Repeats))
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// plainWatch prints a line at the first second, when the source is armed, and every few seconds.
func plainWatch(to io.Writer) watch {
	var told time.Duration
	armed := false
	return watch{tell: func(s recorder.Status) {
		if s.Armed == armed && s.Elapsed-told < plainEvery {
			return
		}
		armed, told = s.Armed, s.Elapsed
		fmt.Fprintln(to, "abroad: "+statusLine(s))
	}}
}

// statusLine is "00:01:05  1234 packets  1.2 MB  0 lost  12.3 GB free".
func statusLine(s recorder.Status) string {
	parts := []string{clockOf(s.Elapsed)}
	if !s.Armed {
		parts = append(parts, "not armed yet")
	}
	parts = append(parts, fmt.Sprintf("%d packets", s.Packets), size(s.Bytes), lostWords(s.Stats))
	if s.Free >= 0 {
		parts = append(parts, size(uint64(s.Free))+" free")
	}
	return strings.Join(parts, "  ")
}

// lostWords says how many packets were lost, as far as the source counts them.
func lostWords(s recorder.Stats) string {
	n, known := s.Document().Lost()
	if !known {
		return "losses unknown"
	}
	return fmt.Sprintf("%d lost", n)
}

// clockOf is "00:01:05".
func clockOf(d time.Duration) string {
	s := int64(d / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// size is a number of bytes for people: "1.2 MB".
func size(n uint64) string {
	for _, u := range [...]struct {
		unit uint64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.unit {
			return fmt.Sprintf("%d.%d %s", n/u.unit, n%u.unit*10/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}

// showResult prints how a recording ended, and what comes next.
func showResult(w io.Writer, r *recorder.Result) {
	fmt.Fprintf(w, "session  %s\n", oneLine(r.Dir))
	fmt.Fprintf(w, "id       %s\n", r.ID)
	state := string(r.State)
	if r.Reason != "" {
		state += ": " + oneLine(r.Reason)
	}
	fmt.Fprintf(w, "state    %s\n", state)
	fmt.Fprintf(w, "packets  %d, %s\n", r.Packets, lostWords(r.Stats))
	for _, n := range [...]struct {
		count uint64
		what  string
	}{{r.Stats.Truncated, "kept in part only"}, {r.Stats.Unattributed, "without an app"}, {r.Stats.Damaged, "damaged"}} {
		if n.count > 0 && n.count != capture.UnknownCount {
			fmt.Fprintf(w, "         %d %s\n", n.count, n.what)
		}
	}
	fmt.Fprintf(w, "next     abroad audit %s\n", oneLine(r.Dir))
}
