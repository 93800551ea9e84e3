package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/session"
)

// made makes a session of some packets and events, and opens it as an audit does.
func made(t *testing.T, packets int, state session.State, reason string, about session.About, events func(w *session.Writer)) audit.Session {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.session")
	w, err := session.Create(dir, about, session.Options{})
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
