package web

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"time"

	"abroad/cmd/abroad/internal/live"
	"abroad/reports"
)

// A Server shows one folder.
type Server struct {
	library library
	token   string
	watch   *live.Watch // nil = nothing that is being recorded is shown
}

// New returns a server for a folder.
func New(root, token string) *Server {
	return &Server{library: library{root: root, numbers: map[string]int{}, known: map[string]*document{}}, token: token}
}

// Handler answers requests that name one of hosts.
func (s *Server) Handler(hosts []string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /search", s.search)
	mux.HandleFunc("GET /history", s.history)
	mux.HandleFunc("GET /recording", s.recording)
	mux.HandleFunc("GET /{n}/{$}", s.report)
	mux.HandleFunc("GET /{n}/destinations", s.destinations)
	mux.HandleFunc("GET /{n}/flows", s.flows)
	mux.HandleFunc("GET /{n}/explain", s.explain)
	mux.HandleFunc("GET /{n}/document", s.file)
	return guard(s.token, hosts, mux)
}

// How long a browser may take, and how long it may take to stop.
const (
	headerTime = 5 * time.Second
	idleTime   = 2 * time.Minute
	stopTime   = 3 * time.Second
	maxHeader  = 16 << 10
)

// Serve answers on l until ctx is done, then lets the requests that are under way end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s.Handler(Hosts(l.Addr())), ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
	}
	go s.library.warm(ctx)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return server.Close()
	}
	return nil
}

// number reads the document's number from the path; 0 if it is none.
func number(r *http.Request) int {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// fail answers with a page that says what went wrong, without a path of this machine.
func (s *Server) fail(w http.ResponseWriter, err error) {
	code, says := http.StatusInternalServerError, "it cannot be read as what it should be"
	if errors.Is(err, fs.ErrNotExist) {
		code, says = http.StatusNotFound, "there is no such audit, destination or page (any more)"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	f := reports.Frame{Title: "Not shown: " + says, Ways: s.ways()}
	f.Write(w)
}

// ways are the links on every page.
func (s *Server) ways(more ...reports.Way) []reports.Way {
	return append([]reports.Way{{Href: "/" + s.token + "/", Text: "All audits"}, {Href: "/" + s.token + "/search", Text: "Search"}}, more...)
}

// of are the links of one audit.
func (s *Server) of(n int) []reports.Way {
	base := s.base(n)
	return s.ways(reports.Way{Href: base, Text: "Report"}, reports.Way{Href: base + "destinations", Text: "All destinations"}, reports.Way{Href: base + "flows", Text: "All flows"},
		reports.Way{Href: base + "document", Text: "audit.json"})
}

func (s *Server) base(n int) string { return "/" + s.token + "/" + strconv.Itoa(n) + "/" }
