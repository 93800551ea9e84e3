package browser

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestServe opens the pages of abroad serve as a reader would who follows links.
func TestServe(t *testing.T) {
	k := newKit(t)
	dir := t.TempDir()
	for _, sample := range []string{"practice", "hostile"} {
		b, err := os.ReadFile(filepath.Join(root, "reports", "testdata", sample+".audit.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, sample), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, sample, "audit.json"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url := k.serve(t, dir)
	for name, path := range map[string]string{
		"index": "", "search": "search?q=practice", "history": "history?app=Practice", "report": "2/", "destinations": "2/destinations", "flows": "2/flows?q=tls", "explain": "2/explain?id=e1", "hostile": "1/flows",
	} {
		t.Run(name, func(t *testing.T) { k.check(t, "serve-"+name, url+path) })
	}
}

// serve starts abroad serve and returns its address; the end of the test ends it.
func (k *kit) serve(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.Command(k.program, "serve", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve ends with %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// TestServeLarge asks for the pages of an audit of 100,000 flows: each holds its part and no more.
func TestServeLarge(t *testing.T) {
	k := newKit(t)
	url := k.serve(t, filepath.Dir(large(t, 25_000, 4)))
	for path, rows := range map[string]int{"1/flows": 200, "1/flows?page=300": 200, "1/flows?q=api-7777.": 4, "1/destinations?page=9": 100, "1/": 0, "search?q=api-777": 0} {
		began := time.Now()
		response, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != 200 || len(b) > 1_500_000 {
			t.Errorf("%s: %d, %d bytes, %v", path, response.StatusCode, len(b), err)
		}
		if n := strings.Count(string(b), "<tr><th scope=\"row\""); rows > 0 && (n < rows-1 || n > rows) {
			t.Errorf("%s: %d rows, want %d", path, n, rows)
		}
		t.Logf("%s: %d bytes in %v", path, len(b), time.Since(began).Round(time.Millisecond))
	}
}

// TestCompare opens the page of the two versions of the practice app.
func TestCompare(t *testing.T) {
	k := newKit(t)
	dir := filepath.Join(t.TempDir(), "compared")
	k.run(t, "compare", "--quiet", "-o", dir, k.practice(t, "1"), k.practice(t, "2"))
	k.check(t, "compare", fileURL(t, filepath.Join(dir, "compare.html")))
}
