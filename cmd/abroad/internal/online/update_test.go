package online

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"abroad/analyze/dataset"
	"abroad/capture/corpus"
)

var today = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const awsSample = `{"syncToken": "1", "createDate": "2026-02-02-03-04-05", "prefixes": [
  {"ip_prefix": "52.16.0.0/15", "region": "eu-west-1", "service": "AMAZON", "network_border_group": "eu-west-1"}], "ipv6_prefixes": []}`

// A stage is a publisher's server on loopback, and a directory.
type stage struct {
	t   *testing.T
	mux *http.ServeMux
	srv *httptest.Server
	u   *Updater
}

func newStage(t *testing.T) *stage {
	s := &stage{t: t, mux: http.NewServeMux()}
	s.srv = httptest.NewUnstartedServer(s.mux)
	s.srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.srv.StartTLS()
	t.Cleanup(s.srv.Close)
	transport := s.srv.Client().Transport.(*http.Transport)
	transport.DisableCompression = true
	s.u = NewUpdater(t.TempDir(), "test", today, transport)
	s.u.client.pause = time.Millisecond
	return s
}

// serve answers with a file, and names its version.
func (s *stage) serve(path, file string) {
	s.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, path, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), strings.NewReader(file))
	})
}

func (s *stage) row(path string) Publisher {
	return Publisher{Dataset: "aws-ranges", URL: s.srv.URL + path, Format: "aws", Most: 1 << 20}
}

func (s *stage) update(p Publisher) Result {
	s.t.Helper()
	return s.u.Update(context.Background(), []Publisher{p})[0]
}

// index reads the directory, which must be whole.
func (s *stage) index() dataset.Index {
	s.t.Helper()
	d, err := dataset.Open(s.u.Directory)
	if err != nil {
		s.t.Fatal(err)
	}
	defer d.Close()
	if wrong := d.Verify(); len(wrong) > 0 {
		s.t.Fatal(wrong)
	}
	return d.Index
}

// fails wants an error with these words, and the dataset as it was.
func (s *stage) fails(p Publisher, want string) {
	s.t.Helper()
	var before dataset.Index
	if _, err := os.Stat(filepath.Join(s.u.Directory, dataset.IndexName)); err == nil {
		before = s.index()
	}
	r := s.update(p)
	if r.Err == nil || !strings.Contains(r.Err.Error(), want) {
		s.t.Errorf("error %v, want %q", r.Err, want)
	}
	if before == nil {
		return
	}
	if after := s.index(); len(after) != len(before) || after[0] != before[0] {
		s.t.Errorf("%q: the directory changed: %+v", want, after)
	}
}

func TestUpdateConditional(t *testing.T) {
	s := newStage(t)
	asked, etag, file := 0, `"one"`, awsSample
	s.mux.HandleFunc("/aws", func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("User-Agent") != "test" {
			t.Errorf("introduces itself as %q", r.Header.Get("User-Agent"))
		}
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, file)
	})
	r := s.update(s.row("/aws"))
	if r.Err != nil || r.Same || r.Set.AsOf != "2026-02-02" || r.Set.Origin != s.srv.URL+"/aws" || r.Set.ETag != etag || r.Set.Publisher != "Amazon Web Services" {
		t.Fatalf("%+v", r)
	}
	if r = s.update(s.row("/aws")); r.Err != nil || !r.Same || asked != 2 {
		t.Errorf("asked %d times: %+v", asked, r)
	}
	// A damaged file is fetched again though the server has no newer one.
	if err := os.WriteFile(filepath.Join(s.u.Directory, r.Set.File), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r = s.update(s.row("/aws")); r.Err != nil {
		t.Error(r.Err)
	}
	s.index()
	etag, file = `"two"`, strings.Replace(awsSample, "2026-02-02", "2026-02-09", 1)
	file = strings.Replace(file, "52.16", "54.16", 1)
	file = strings.Replace(file, "/15", "/16", 1)
	if r = s.update(s.row("/aws")); r.Err != nil || r.Same || r.Set.AsOf != "2026-02-09" {
		t.Errorf("%+v", r)
	}
	if old, err := os.ReadFile(filepath.Join(s.u.Directory, dataset.PreviousName)); err != nil || !strings.Contains(string(old), "2026-02-02") {
		t.Errorf("the one before is not kept: %s, %v", old, err)
	}
}

func TestUpdateRefuses(t *testing.T) {
	s := newStage(t)
	s.serve("/good", awsSample)
	if r := s.update(s.row("/good")); r.Err != nil {
		t.Fatal(r.Err)
	}
	tries := map[string]int{}
	handle := func(path string, f http.HandlerFunc) {
		s.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { tries[path]++; f(w, r) })
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	elsewhere := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, awsSample) }))
	elsewhere.Config.ErrorLog = log.New(io.Discard, "", 0)
	elsewhere.StartTLS()
	defer elsewhere.Close()

	handle("/page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!DOCTYPE html><html>moved</html>") })
	handle("/type", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "1.0.0.0/8,IE\n") })
	handle("/empty", func(http.ResponseWriter, *http.Request) {})
	handle("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, awsSample[:50])
	})
	handle("/json", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, awsSample[:len(awsSample)-30]) })
	handle("/large", func(w http.ResponseWriter, _ *http.Request) {
		for range 40 {
			w.Write(bytes.Repeat([]byte("x"), 1<<16))
		}
	})
	handle("/said", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "2000000") })
	handle("/plain", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/secret?token=1", http.StatusFound)
	})
	handle("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) })
	handle("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	handle("/user", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(s.srv.URL, "https://", "https://a:b@", 1)+"/good", http.StatusFound)
	})
	handle("/busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	handle("/forbidden", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	handle("/encoded", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		fmt.Fprint(w, awsSample)
	})
	handle("/sum", func(w http.ResponseWriter, _ *http.Request) {
		sum := sha256.Sum256([]byte("other"))
		w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
		fmt.Fprint(w, awsSample)
	})
	handle("/md5", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Goog-Hash", "crc32c=AAAAAA==, md5=AAAA")
		fmt.Fprint(w, awsSample)
	})
	handle("/same304", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	handle("/older", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Replace(strings.Replace(awsSample, "2026-02", "2025-02", 1), "52.16", "54.16", 1))
	})

	for path, want := range map[string]string{
		"/page": "web page", "/type": "as aws: at byte", "/empty": "the file is empty", "/cut": "unexpected EOF", "/json": "it ends too early",
		"/large": "larger than 1048576 bytes", "/said": "larger than 1048576 bytes", "/plain": "which is not https", "/away": "another site",
		"/loop": "more than 5", "/user": "with a password", "/busy": "status 503", "/forbidden": "status 403", "/encoded": "was not asked for",
		"/sum": "checksum that the server names in Repr-Digest", "/md5": "in X-Goog-Hash", "/none": "there is no such file",
		"/same304": "status 304", "/older": "is of 2025-02-02, the one before of 2026-02-02",
	} {
		s.fails(s.row(path), want)
	}
	if r := s.update(s.row("/plain")); strings.Contains(r.Err.Error(), "token") {
		t.Errorf("the error tells a query: %v", r.Err)
	}
	if tries["/busy"] != 3 || tries["/forbidden"] != 1 || tries["/page"] != 1 {
		t.Errorf("tries: %v", tries)
	}
	row := s.row("/good")
	row.URL = other.URL
	s.fails(row, "is not https")
	row.URL = elsewhere.URL
	s.u.client.http.Transport = &http.Transport{}
	s.fails(row, "certificate")
	row.URL = "https://127.0.0.1:1/"
	s.fails(row, "refused")
}

func TestUpdateSmaller(t *testing.T) {
	s := newStage(t)
	var long strings.Builder
	for n := range 200 {
		fmt.Fprintf(&long, "5.%d.0.0/16,NL,,,\n", n)
	}
	s.serve("/long", long.String())
	s.serve("/short", "5.1.0.0/16,NL,,,\n")
	row := Publisher{Dataset: "feed", URL: s.srv.URL + "/long", Format: "geofeed", Most: 1 << 20, Publisher: "P", Title: "Feed"}
	r := s.update(row)
	if r.Err != nil || r.Set.AsOf != "2026-01-05" || r.Set.Title != "Feed" {
		t.Fatalf("%+v", r)
	}
	row.URL = s.srv.URL + "/short"
	s.fails(row, "not taken without --force")
	s.u.Shrunk = true
	if r := s.update(row); r.Err != nil {
		t.Error(r.Err)
	}
}

// A server that goes silent is left, whether before its answer or in it.
func TestUpdateSilent(t *testing.T) {
	s := newStage(t)
	s.u.client.silence = 50 * time.Millisecond
	leave := make(chan struct{})
	hang := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/inside" {
			fmt.Fprint(w, awsSample[:20])
			w.(http.Flusher).Flush()
		}
		select {
		case <-r.Context().Done():
		case <-leave:
		}
	}
	s.mux.HandleFunc("/before", hang)
	s.mux.HandleFunc("/inside", hang)
	defer close(leave)
	s.fails(s.row("/before"), "no byte for")
	s.fails(s.row("/inside"), "no byte for")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r := s.u.Update(ctx, []Publisher{s.row("/before")})[0]; r.Err == nil || !strings.Contains(r.Err.Error(), "canceled") {
		t.Errorf("given up: %v", r.Err)
	}
}

func packed(t *testing.T, file []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(file)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestUpdateMonthly(t *testing.T) {
	s := newStage(t)
	file, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "analyze", "locate", "embedded", "default.mmdb"))
	if err != nil {
		t.Fatal(err)
	}
	whole := packed(t, file)
	s.serve("/db-2026-02.mmdb.gz", whole)
	row := Publisher{Dataset: "dbip", URL: s.srv.URL + "/db-{month}.mmdb.gz", Format: "mmdb", Gzip: true, Most: 1 << 26, Publisher: "DB-IP", Licence: "CC BY 4.0", Credit: "by DB-IP"}
	r := s.update(row)
	if r.Err != nil || r.Set.Origin != s.srv.URL+"/db-2026-02.mmdb.gz" || r.Set.Credit != "by DB-IP" || r.Set.Licence != "CC BY 4.0" || r.Set.AsOf == "" {
		t.Fatalf("%+v", r)
	}
	if r = s.update(row); r.Err != nil || !r.Same {
		t.Errorf("again: %+v", r)
	}
	s.serve("/cut-2026-03.mmdb.gz", whole[:len(whole)/2])
	row.URL = s.srv.URL + "/cut-{month}.mmdb.gz"
	s.fails(row, "unpack, after")
	s.serve("/bomb-2026-03.mmdb.gz", packed(t, make([]byte, 1<<27)))
	row.URL = s.srv.URL + "/bomb-{month}.mmdb.gz"
	s.fails(row, "unpack: the file is larger than 67108864 bytes")
	s.serve("/none-2026-03.mmdb.gz", packed(t, []byte("not a database")))
	row.URL = s.srv.URL + "/none-{month}.mmdb.gz"
	s.fails(row, "as mmdb")
	s.serve("/raw-2026-03.mmdb.gz", "words")
	row.URL = s.srv.URL + "/raw-{month}.mmdb.gz"
	s.fails(row, "unpack:")
	row.URL = s.srv.URL + "/missing-{month}.mmdb.gz"
	s.fails(row, "there is no such file")
}

// The page names the week's file; a link to anywhere else is none.
func TestUpdateLink(t *testing.T) {
	s := newStage(t)
	s.serve("/d/ServiceTags_20260202.json", awsSample)
	s.serve("/page", `<a href="`+s.srv.URL+`/d/ServiceTags_20260126.json">old</a> <a href="`+s.srv.URL+`/d/ServiceTags_20260202.json">new</a>
		<a href="https://evil.example/d/ServiceTags_20270101.json">x</a>`)
	row := s.row("/page")
	row.Link = s.srv.URL + "/d/*.json"
	if r := s.update(row); r.Err != nil || r.Set.Origin != s.srv.URL+"/d/ServiceTags_20260202.json" {
		t.Errorf("%+v", r)
	}
	row.Link = s.srv.URL + "/e/*.json"
	s.fails(row, "no link like")
}

// What publishers really hand out passes through all of it, at the same time.
func TestUpdatePublished(t *testing.T) {
	folder := corpus.Shared(t, "data", "providers")
	s := newStage(t)
	files := map[string]string{
		"aws-ranges": "aws-2026-08-22.json", "azure-service-tags": "azure-2025-11-17.json", "gcp-cloud": "gcp-2025-07.json", "oracle-ranges": "oracle-2025-07.json",
		"digitalocean-geofeed": "do-2025-07.csv", "linode-geofeed": "linode-2025-07.csv", "cloudflare-ranges-v4": "cf4.txt", "cloudflare-ranges-v6": "cf6.txt",
		"fastly-ranges": "fastly.json",
	}
	var rows []Publisher
	for _, p := range Publishers {
		name, ok := files[p.Dataset]
		if !ok {
			continue
		}
		file, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		s.serve("/"+name, string(file))
		p.URL, p.Link = s.srv.URL+"/"+name, ""
		rows = append(rows, p)
	}
	if len(rows) != len(files) {
		t.Fatalf("%d rows for %d files", len(rows), len(files))
	}
	for _, r := range s.u.Update(context.Background(), rows) {
		if r.Err != nil || r.Same {
			t.Errorf("%+v", r)
		}
	}
	if index := s.index(); len(index) != len(rows) {
		t.Errorf("%d datasets", len(index))
	}
	for _, r := range s.u.Update(context.Background(), rows) {
		if r.Err != nil || !r.Same {
			t.Errorf("again: %+v", r)
		}
	}
	if s.u.Read() == 0 {
		t.Error("nobody counted")
	}
}

func TestPublishers(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Publishers {
		if seen[p.Dataset] || !strings.HasPrefix(p.URL, "https://") || p.Format == "" || p.Most == 0 {
			t.Errorf("%+v", p)
		}
		seen[p.Dataset] = true
	}
	if got := Publishers[0].addresses(time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC)); len(got) != 2 ||
		!strings.HasSuffix(got[0], "-2026-01.mmdb.gz") || !strings.HasSuffix(got[1], "-2025-12.mmdb.gz") {
		t.Errorf("addresses %q", got)
	}
}
