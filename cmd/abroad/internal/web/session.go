package web

import (
	"net/http"
	"path/filepath"

	"abroad/capture"
	"abroad/capture/session"
	"abroad/reports"
)

// A run is what the list says of a session folder.
type run struct {
	App, Version, Role, Source string
	Created                    capture.Time
	State                      session.State
}

func readRun(path string) (*run, error) {
	s, err := session.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return &run{s.About.App.ID, s.About.App.Version, s.About.Role, s.About.Source.Kind, s.About.Created, s.State()}, nil
}

// maxMarks is how many marks of a session are listed.
const maxMarks = 500

// session shows one session folder: what was known at the start, what the operator did, how it ended.
func (s *Server) session(w http.ResponseWriter, path string) {
	v, err := session.Open(filepath.Dir(path))
	if err != nil {
		s.fail(w, err)
		return
	}
	signed, _ := v.Signed()
	marks := v.Markers()
	data := struct {
		*session.Session
		State        session.State
		Folder, Sign string
		Marks        []session.Marker
		More         int
		Lost         uint64
		LostKnown    bool
	}{Session: v, State: v.State(), Folder: filepath.Base(v.Dir), Sign: signed, Marks: marks[:min(len(marks), maxMarks)], More: max(0, len(marks)-maxMarks)}
	data.Lost, data.LostKnown = v.Counters().Lost()
	name := v.About.App.ID
	if name == "" {
		name = data.Folder
	}
	s.show(w, "Session of "+reports.Visible(name), s.ways(), "session", data)
}
