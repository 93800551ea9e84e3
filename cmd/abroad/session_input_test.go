package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/session"
)

// made makes a session of some packets and events, and opens it as an audit does.
func made(t *testing.T, packets int, state session.State, reason string, about session.About, events func(w *session.Writer)) audit.Session {
	t.Helper()
	return counted(t, session.UnknownCounters, packets, state, reason, about, events)
}

// counted is made by a source with counters.
func counted(t *testing.T, c session.Counters, packets int, state session.State, reason string, about session.About, events func(w *session.Writer)) audit.Session {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.session")
	w, err := session.Create(dir, about, session.Options{Counters: func() session.Counters { return c }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Interface(session.Interface{Link: capture.LinkEthernet}); err != nil {
		t.Fatal(err)
	}
	for range packets {
		if err := w.Packet(&capture.Packet{Time: 1, Data: make([]byte, 60), OrigLen: 60}); err != nil {
			t.Fatal(err)
		}
	}
	if events != nil {
		events(w)
	}
	if err := w.Close(state, reason); err != nil {
		t.Fatal(err)
	}
	var in inputs
	if err := in.openSession(dir, false); err != nil {
		t.Fatal(err)
	}
	s := in.folders[0].Session
	s.Note = strings.Join(in.folders[0].Notes, "; ")
	return s
}

// What happened to a session reaches its audit.
func TestSessionFolder(t *testing.T) {
	about := session.About{Role: "test", App: session.App{ID: "org.example.app", Version: "1.0", Code: "10"}, Tool: session.Tool{Name: "test"}}
	s := made(t, 1, session.Complete, "", about, nil)
	if s.Version != "1.0" || s.VersionCode != "10" || s.Failed != "" || s.Note != "" {
		t.Errorf("%+v", s)
	}
	s = made(t, 1, session.Complete, "", about, func(w *session.Writer) {
		w.Event(session.EventApp, session.AppChange{Changed: true, Version: "1.1", Code: "11"})
	})
	if s.Version != "" || s.VersionCode != "" || !strings.Contains(s.Note, "from 1.0 (10) to 1.1 (11)") {
		t.Errorf("an app that was updated has no single version: %+v", s)
	}
	s = made(t, 1, session.Interrupted, "unplugged", about, func(w *session.Writer) { w.Event(session.EventGap, nil) })
	if s.State != audit.SessionInterrupted || !strings.Contains(s.Note, "interrupted: unplugged") || !strings.Contains(s.Note, "nothing was recorded for a while") {
		t.Errorf("%+v", s)
	}
	s = made(t, 1, session.Complete, "", about, func(w *session.Writer) {
		w.Event(session.EventGap, map[string]any{"reason": "the link of wlan0 was down", "lasted_ns": 2500 * time.Millisecond})
		w.Event(session.EventGap, map[string]any{"reason": "unplugged", "from_mono_ns": time.Second, "to_mono_ns": 4 * time.Second})
	})
	for _, want := range []string{"nothing was recorded for 2.5s before ", ": the link of wlan0 was down", "nothing was recorded for 3s before ", ": unplugged"} {
		if !strings.Contains(s.Note, want) {
			t.Errorf("of gaps it is not said %q: %s", want, s.Note)
		}
	}
	s = counted(t, session.Counters{Received: 9, Unattributed: 3, Damaged: 2}, 1, session.Complete, "", about, nil)
	if s.Note != "the recorder counted 3 packets without an app; the recorder counted 2 damaged records" {
		t.Errorf("what the source counted: %s", s.Note)
	}
	if s = made(t, 0, session.Complete, "", about, nil); s.Failed == "" {
		t.Error("a test in which nothing was recorded did not fail")
	}
	about.Role = "idle"
	if s = made(t, 0, session.Complete, "", about, nil); s.Failed != "" {
		t.Errorf("a device that was silent: %s", s.Failed)
	}
	s = made(t, 1, session.Complete, "", about, func(w *session.Writer) {
		w.Event(session.EventAction, session.MarkData{Action: "post", Text: "Post it"})
	})
	if !slices.ContainsFunc(s.Markers, func(m audit.Marker) bool { return m.Action == "post" && m.Text == "Post it" }) {
		t.Errorf("marks: %+v", s.Markers)
	}
}
