package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abroad/capture"
	"abroad/capture/session"
)

// TestSession: a session folder is listed and shown, escaped, whether it was closed or not.
func TestSession(t *testing.T) {
	dir := folder(t)
	w, err := session.Create(filepath.Join(dir, "sessions", "one"), session.About{
		App: session.App{ID: "<i>org.example.app", Version: "1\x1b"}, Role: "test", Note: "<b>remark", Source: session.Source{Kind: "file", Attribution: session.AttributionNone},
	}, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := New(dir, token).Handler([]string{"127.0.0.1:1234"})
	index := ask(h, "GET", "/"+token+"/").Body.String()
	for _, want := range []string{"&lt;i&gt;org.example.app", "unclosed", "sessions/one"} {
		if !strings.Contains(index, want) {
			t.Errorf("the list does not say %q", want)
		}
	}
	if err := w.Close(session.Complete, ""); err != nil {
		t.Fatal(err)
	}
	s := New(dir, token)
	list, _, err := s.library.documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Run == nil {
			continue
		}
		if d.Run.State != session.Complete {
			t.Errorf("state %q", d.Run.State)
		}
		page := ask(s.Handler([]string{"127.0.0.1:1234"}), "GET", d.Link(token))
		for _, want := range []string{"&lt;b&gt;remark", "complete", "Root hash"} {
			if !strings.Contains(page.Body.String(), want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if page.Code != http.StatusOK || strings.Contains(page.Body.String(), "<b>") || strings.ContainsRune(page.Body.String(), 0x1b) {
			t.Errorf("status %d, or not escaped", page.Code)
		}
		for _, of := range []string{"flows", "destinations", "explain?id=e1"} {
			if got := ask(s.Handler([]string{"127.0.0.1:1234"}), "GET", d.Link(token)+of).Code; got < 400 {
				t.Errorf("%s of a session: %d", of, got)
			}
		}
	}
}

// TestComparison: the page leads to the audits that were compared where they are below the same folder, found by their hash.
func TestComparison(t *testing.T) {
	dir := folder(t)
	b, err := os.ReadFile(filepath.Join(dir, "small", "audit.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	c, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "analyze", "compare", "testdata", "practice.compare.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := New(dir, token)
	list, _, err := s.library.documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var small *document
	for _, d := range list {
		if d.Path == "small" {
			small = d
		}
	}
	if found := s.library.withHash(capture.Digest(sum), small.Card.App); found != small {
		t.Errorf("audit of hash %s: %v", hex.EncodeToString(sum[:4]), found)
	}
	if found := s.library.withHash(capture.Digest{1}, small.Card.App); found != nil {
		t.Errorf("another hash finds %s", found.Path)
	}
	put(t, filepath.Join(dir, "compared", "compare.json"), string(c))
	s = New(dir, token)
	if list, _, err = s.library.documents(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Comparison {
			if w := ask(s.Handler([]string{"127.0.0.1:1234"}), "GET", d.Link(token)); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "All audits") {
				t.Errorf("status %d, or no way back", w.Code)
			}
		}
	}
}
