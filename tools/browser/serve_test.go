package browser

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
	url := strings.TrimSpace(line)
	for name, path := range map[string]string{
		"index": "", "search": "search?q=practice", "history": "history?app=Practice", "report": "2/", "destinations": "2/destinations", "flows": "2/flows?q=tls", "explain": "2/explain?id=e1", "hostile": "1/flows",
	} {
		t.Run(name, func(t *testing.T) { k.check(t, "serve-"+name, url+path) })
	}
}

// TestCompare opens the page of the two versions of the practice app.
func TestCompare(t *testing.T) {
	k := newKit(t)
	dir := filepath.Join(t.TempDir(), "compared")
	k.run(t, "compare", "--quiet", "-o", dir, k.practice(t, "1"), k.practice(t, "2"))
	k.check(t, "compare", fileURL(t, filepath.Join(dir, "compare.html")))
}
