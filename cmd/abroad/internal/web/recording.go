package web

import (
	"net/http"
	"strconv"

	"abroad/capture/session"
	"abroad/cmd/abroad/internal/live"
	"abroad/reports"
)

// Recordings lets the server show sessions that are being recorded. It is called before Serve.
func (s *Server) Recordings(w *live.Watch) { s.watch = w }

// lookEvery is how often a browser asks again for a recording under way, in seconds.
const lookEvery = 2

// recordings lists what is being recorded.
func (s *Server) recordings(r *http.Request) []live.Recording {
	if s.watch == nil {
		return nil
	}
	return s.watch.List(r.Context())
}

// recording shows a session under way. The browser asks again by itself until the session is closed: no script is needed.
func (s *Server) recording(w http.ResponseWriter, r *http.Request) {
	if s.watch == nil {
		http.NotFound(w, r)
		return
	}
	rec, err := s.watch.Look(r.Context(), r.URL.Query().Get("id"))
	if err != nil {
		s.fail(w, err)
		return
	}
	if rec.State == session.Unclosed {
		w.Header().Set("Refresh", strconv.Itoa(lookEvery))
	}
	name := rec.About.App.ID
	if name == "" {
		name = rec.Path
	}
	lost, known := rec.Counted.Lost()
	s.show(w, "Recording of "+reports.Visible(name), s.ways(), "recording", struct {
		*live.Recording
		Open, LostKnown bool
		Lost            uint64
	}{rec, rec.State == session.Unclosed, known, lost})
}
