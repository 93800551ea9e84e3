package web

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/locate"
	"abroad/capture"
	"abroad/capture/session"
	"abroad/cmd/abroad/internal/live"
)

// A session is shown while it is recorded, whatever it is called, and for a while after it was closed; others are not found, and nothing is
// written into its folder.
func TestRecording(t *testing.T) {
	root := t.TempDir()
	const hostile = "<script>alert(1)</script>\u202e"
	w, err := session.Create(filepath.Join(root, "a", "s"), session.About{
		Tool: session.Tool{Name: "abroad", Version: "test"}, Role: "test", App: session.App{ID: hostile},
		Plan: &session.Plan{Steps: []session.Step{{Action: "open_app", Text: hostile}, {Action: "log_in"}}},
	}, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	control, err := session.Listen(w)
	if err != nil {
		t.Fatal(err)
	}
	defer control.Close()
	if _, err := control.Mark(session.MarkRequest{Next: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Interface(session.Interface{Link: capture.LinkRaw, Name: hostile}); err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 120)
	copy(data, "\x45\x00\x00\x78\x00\x00\x00\x00\x40\x3b\x00\x00\xc6\x33\x64\x01\xcb\x00\x71\x02")
	for range 10_000 { // more than is written at once
		if err := w.Packet(&capture.Packet{Time: 1e18, Data: data, OrigLen: 120}); err != nil {
			t.Fatal(err)
		}
	}
	s := New(root, token)
	s.Recordings(live.NewWatch(root, func() (live.Config, error) {
		library, err := locate.Open(locate.Options{Data: "none"})
		return live.Config{Library: library, Folder: func(s *session.Session) *analyze.Folder {
			return &analyze.Folder{Session: audit.Session{Name: s.About.ID}}
		}}, err
	}))
	h := s.Handler([]string{"127.0.0.1:1234"})
	index := ask(h, "GET", "/"+token+"/").Body.String()
	id := w.About().ID
	if !strings.Contains(index, "Being recorded now") || !strings.Contains(index, "/recording?id="+id) {
		t.Fatalf("the first page does not lead to it: %s", index)
	}
	page := ask(h, "GET", "/"+token+"/recording?id="+id)
	text := page.Body.String()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(text, "203.0.113.2") && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		page = ask(h, "GET", "/"+token+"/recording?id="+id) // the writer has its own pace
		text = page.Body.String()
	}
	for _, want := range []string{"203.0.113.2", "✓ open_app", "not begun", "Being recorded", "A preview"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page: %s", want, text)
		}
	}
	if strings.Contains(text, "<script>alert") || strings.ContainsRune(text, '\u202e') || strings.Contains(index, "<script>alert") {
		t.Error("a name acts on the page")
	}
	if page.Header().Get("Refresh") == "" {
		t.Error("the page does not look again")
	}
	if got := ask(h, "GET", "/"+token+"/recording?id=01AAAAAAAAAAAAAAAAAAAAAAAA").Code; got != http.StatusNotFound {
		t.Errorf("another session: %d", got)
	}
	control.Close()
	if err := w.Close(session.Interrupted, "unplugged "+hostile); err != nil {
		t.Fatal(err)
	}
	page = ask(h, "GET", "/"+token+"/recording?id="+id)
	if text = page.Body.String(); !strings.Contains(text, "The recording has ended") || page.Header().Get("Refresh") != "" || strings.Contains(text, "<script>alert") {
		t.Errorf("after the end: %q %s", page.Header().Get("Refresh"), text)
	}
	if report, err := session.Verify(filepath.Join(root, "a", "s"), nil); err != nil {
		t.Errorf("looking at it has changed it: %v %+v", err, report)
	}
}
