package web

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"abroad/reports"
)

const token = "0123456789abcdef0123456789abcdef"

// folder holds the samples of the reports: an ordinary audit, a hostile one, an empty one, and files that are none.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"practice", "hostile", "empty", "small"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "reports", "testdata", name+".audit.json"))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name, "audit.json"), string(b))
	}
	put(t, filepath.Join(dir, "broken", "audit.json"), `{"schema":"abroad/audit/1.1.0","subject":{`)
	put(t, filepath.Join(dir, "other", "audit.json"), `["not ours"]`)
	put(t, filepath.Join(dir, ".hidden", "audit.json"), `{}`)
	put(t, filepath.Join(dir, "secret.txt"), "nobody may read this")
	return dir
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request as a browser on the same machine would.
func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:1234"+path, nil)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func handler(t *testing.T) http.Handler {
	return New(folder(t), token).Handler([]string{"127.0.0.1:1234", "localhost:1234"})
}

// links lists what a page leads to.
func links(t *testing.T, page string) (list []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if len(n.Attr) > 0 {
				t.Errorf("a script with %v", n.Attr)
			}
		case "img", "iframe", "object", "link", "base", "svg/onload":
			t.Errorf("element %s", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s has %s", n.Data, a.Key)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				list = append(list, a.Val)
			}
		}
	}
	return list
}

// TestWalk follows every link from the first page, as far as there are any: all but that to DB-IP lead to pages of this server, and none fails.
func TestWalk(t *testing.T) {
	h := handler(t)
	todo, done := []string{"/" + token + "/", "/" + token + "/search?q=example", "/" + token + "/search?q=" + "%3Cscript%3E"}, map[string]bool{}
	for len(todo) > 0 && len(done) < 600 {
		path := todo[0]
		todo = todo[1:]
		if done[path] {
			continue
		}
		done[path] = true
		w := ask(h, "GET", path)
		if w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
			continue
		}
		if got := w.Header().Get("Content-Security-Policy"); got != reports.Serving() || strings.Contains(got, "unsafe-eval") {
			t.Errorf("%s: policy %q", path, got)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		for _, l := range links(t, w.Body.String()) {
			switch {
			case strings.HasPrefix(l, "/"+token+"/"):
				todo = append(todo, l)
			case l != "https://db-ip.com": // which its licence asks for
				t.Errorf("%s leads to %s", path, l)
			}
		}
	}
	if len(done) < 100 {
		t.Errorf("only %d pages", len(done))
	}
}

func TestPages(t *testing.T) {
	h := handler(t)
	first := ask(h, "GET", "/"+token+"/").Body.String()
	for _, want := range []string{"Practice", "Not readable", "broken", "other", "IE L4"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first page does not say %q", want)
		}
	}
	if strings.Contains(first, "/.hidden") || strings.Contains(first, "secret.txt") {
		t.Error("the first page shows what is none of its business")
	}
	found := ask(h, "GET", "/"+token+"/search?q=api.practice").Body.String()
	if !strings.Contains(found, "api.practice.example") || strings.Contains(found, "tracker.example") {
		t.Error("the search finds something else")
	}
	if !strings.Contains(found, " (L4)<") || !strings.Contains(found, "; network ") {
		t.Error("the search runs a place and its grade, or an owner and a network, into each other")
	}
	for _, l := range links(t, first) {
		if strings.HasSuffix(l, "/") && l != "/"+token+"/" {
			page := ask(h, "GET", l+"flows?q=tls").Body.String()
			if !strings.Contains(page, "All flows of") {
				t.Errorf("%s has no flows", l)
			}
		}
	}
}

// TestHostile: a document that takes a hundred times more memory than bytes when it is read whole is named as not readable, and costs little.
func TestHostile(t *testing.T) {
	const many = 3_000_000
	for name, rest := range map[string]string{
		"empty elements": `"endpoints":[` + strings.Repeat("{},", many) + `{}]`, "numbers": `"endpoints":[` + strings.Repeat("0,", many) + `0]`,
		"nothing": `"sessions":[` + strings.Repeat("null,", many) + `null]`, "deep": `"sessions":` + strings.Repeat("[", many) + strings.Repeat("]", many),
		"deep elsewhere": `"x":` + strings.Repeat("[", many) + strings.Repeat("]", many), "long": `"x":"` + strings.Repeat("x", 40_000_000) + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, filepath.Join(dir, "audit.json"), `{"schema":"abroad/audit/1.1.0",`+rest+`}`)
			h := New(dir, token).Handler([]string{"127.0.0.1:1234"})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			page := ask(h, "GET", "/"+token+"/").Body.String()
			report := ask(h, "GET", "/"+token+"/1/")
			runtime.ReadMemStats(&after)
			if !strings.Contains(page, "Not readable") || report.Code != 500 {
				t.Errorf("it is shown as an audit (%d)", report.Code)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 300<<20 {
				t.Errorf("it took %d MB of memory", used>>20)
			}
		})
	}
}

// TestSearchBound: the search looks through so many destinations of an audit, those with most bytes up, and says of which audits it is not all.
func TestSearchBound(t *testing.T) {
	dir := t.TempDir()
	var list []string
	for i := range maxNames + 2 {
		list = append(list, fmt.Sprintf(`{"id":"e%d","address":"192.0.2.1","names":["host%d.example"],"bytes_up":%d}`, i+1, i+1, i+1))
	}
	put(t, filepath.Join(dir, "many", "audit.json"), `{"schema":"abroad/audit/1.1.0","subject":{"app":"many"},"endpoints":[`+strings.Join(list, ",")+`],"claims":[]}`)
	h := New(dir, token).Handler([]string{"127.0.0.1:1234"})
	for name, want := range map[string]string{
		"host2.example": "Nothing found", "host20002.example": "1 destination, most", "host3.example": "/1/destinations?q=host3.example", "x": "20,000 of 20,002 searched",
	} {
		if page := ask(h, "GET", "/"+token+"/search?q="+name).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%s: the page does not say %q", name, want)
		}
	}
}

// TestGuard: nothing is answered without the token, to another host name, to another site, or to anything but reading.
func TestGuard(t *testing.T) {
	h := handler(t)
	for _, test := range []struct {
		name, method, path string
		header             []string
		want               int
	}{
		{"the address", "GET", "/" + token + "/", nil, 200},
		{"its head", "HEAD", "/" + token + "/", nil, 200},
		{"localhost", "GET", "/" + token + "/", []string{"Host", "localhost:1234"}, 200},
		{"itself as origin", "GET", "/" + token + "/", []string{"Origin", "http://127.0.0.1:1234"}, 200},
		{"a link from elsewhere typed", "GET", "/" + token + "/", []string{"Sec-Fetch-Site", "none"}, 200},
		{"no token", "GET", "/", nil, 404},
		{"part of the token", "GET", "/" + token[:31] + "/", nil, 404},
		{"another token", "GET", "/" + strings.Repeat("0", 32) + "/", nil, 404},
		{"a name that was bound to this machine", "GET", "/" + token + "/", []string{"Host", "evil.example:1234"}, 421},
		{"another port", "GET", "/" + token + "/", []string{"Host", "127.0.0.1:80"}, 421},
		{"no host", "GET", "/" + token + "/", []string{"Host", ""}, 421},
		{"another origin", "GET", "/" + token + "/", []string{"Origin", "http://evil.example"}, 403},
		{"no origin worth the name", "GET", "/" + token + "/", []string{"Origin", "null"}, 403},
		{"fetched by another site", "GET", "/" + token + "/", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"writing", "POST", "/" + token + "/", nil, 405},
		{"deleting", "DELETE", "/" + token + "/1/", nil, 405},
		{"asking what is allowed", "OPTIONS", "/" + token + "/", []string{"Origin", "http://evil.example"}, 405},
		{"no such audit", "GET", "/" + token + "/99/", nil, 404},
		{"a number that is none", "GET", "/" + token + "/x/", nil, 404},
		{"a file beside", "GET", "/" + token + "/secret.txt", nil, 404},
		{"a way out", "GET", "/" + token + "/../../../etc/passwd", nil, 404},
		{"a way out, written otherwise", "GET", "/" + token + "/1/%2e%2e/%2e%2e/etc/passwd", nil, 404},
		{"an id that is none", "GET", "/" + token + "/5/explain?id=%00", nil, 404},
	} {
		w := ask(h, test.method, test.path, test.header...)
		if code := w.Code; code != test.want && !(test.want == 404 && code >= 300 && code < 310) {
			t.Errorf("%s: %d, want %d", test.name, code, test.want)
		}
		if test.want >= 400 && (strings.Contains(w.Body.String(), token) && test.want != 404 || strings.Contains(w.Body.String(), "nobody may read this")) {
			t.Errorf("%s: the answer gives something away", test.name)
		}
		for _, name := range []string{"Access-Control-Allow-Origin", "Set-Cookie"} {
			if w.Header().Get(name) != "" {
				t.Errorf("%s: the answer has %s", test.name, name)
			}
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers are missing", test.name)
		}
	}
}

// TestServe starts and stops it: the end of the context ends it, and a request that is under way is answered.
func TestServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- New(folder(t), token).Serve(ctx, l) }()
	response, err := http.Get("http://" + l.Addr().String() + "/" + token + "/")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || !strings.Contains(string(b), "Practice") {
		t.Errorf("%q, %v", b, err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("it still answers")
	}
}
