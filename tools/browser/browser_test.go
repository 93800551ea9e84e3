package browser

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	document "abroad/analyze/audit"
	"abroad/capture/corpus"
	"abroad/reports"
)

const root = "../.."

// kit is what every test here needs: the browser, axe-core, the program, a folder for pictures.
type kit struct {
	browser context.Context
	axe     string
	program string
	out     string
}

func newKit(t *testing.T) *kit {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	chromium := corpus.Program(t, "chromium")
	corpus.Program(t, "npm")
	k := &kit{program: os.Getenv("ABROAD_PROGRAM"), out: filepath.Join(root, "out", "browser")}
	cache := filepath.Join(root, "out", "browser-tools")
	for _, dir := range []string{k.out, cache} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	source, err := axe(cache)
	if err != nil {
		t.Fatal(err)
	}
	k.axe = source
	if k.program == "" {
		k.program = filepath.Join(t.TempDir(), "abroad")
		build := exec.Command("go", "build", "-o", k.program, "./cmd/abroad")
		build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
	}
	browser, stop := start(chromium)
	t.Cleanup(stop)
	if err := chromedp.Run(browser); err != nil {
		t.Fatalf("start %s: %v", chromium, err)
	}
	k.browser = browser
	return k
}

// run runs the program.
func (k *kit) run(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(k.program, args...).CombinedOutput(); err != nil {
		t.Fatalf("abroad %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// report writes the page of an audit and returns its path.
func (k *kit) report(t *testing.T, audit string) string {
	t.Helper()
	in, err := os.Open(audit)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	a, err := document.Read(in)
	if err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "report.html")
	out, err := os.Create(page)
	if err != nil {
		t.Fatal(err)
	}
	format, err := reports.Find("html")
	if err != nil {
		t.Fatal(err)
	}
	if err := cmp.Or(format.Files[0].Write(out, a, reports.Screen{}), out.Close()); err != nil {
		t.Fatal(err)
	}
	return page
}

// practice audits the practice recordings of a version, with the promise of the practice app.
func (k *kit) practice(t *testing.T, version string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "practice")
	recordings, err := filepath.Glob(filepath.Join(root, "capture", "lab", "practice", "v"+version, "*"))
	if err != nil || len(recordings) == 0 {
		t.Fatal("no practice recordings", err)
	}
	k.run(t, append([]string{
		"audit", "--quiet", "--data", "none", "--app", "org.example.practice", "--app-version", version + ".0", "--vantage", "64.147,-21.942,10", "--promise", "practice", "-o", dir,
	}, recordings...)...)
	return dir
}

// check looks at a page in every size: nothing is asked for but itself, nothing complains, nothing serious is inaccessible.
func (k *kit) check(t *testing.T, name, url string, parts ...string) {
	for _, s := range sizes {
		t.Run(s.name, func(t *testing.T) {
			tab, err := open(k.browser, url, s)
			if err != nil {
				t.Fatal(err)
			}
			defer tab.close()
			base := fmt.Sprintf("%s-%s", name, s.name)
			if err := tab.picture(filepath.Join(k.out, base)); err != nil {
				t.Error(err)
			}
			for _, part := range parts {
				if err := tab.element("#"+part, filepath.Join(k.out, base+"-"+part+".png")); err != nil {
					t.Errorf("%s: %v", part, err)
				}
			}
			var wider []string
			err = chromedp.Run(tab, chromedp.Evaluate(`document.documentElement.scrollWidth <= innerWidth ? [] :
				[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(-3).map(e => e.outerHTML.slice(0, 120))`, &wider))
			hostile := s.media == "print" && strings.Contains(name, "hostile") // names without a place to break them: the sheet is scaled
			if err != nil || len(wider) > 0 && !hostile {
				t.Errorf("the page is wider than the screen, for one %q (%v)", wider, err)
			}
			var list []violation
			if s.media != "print" { // nobody follows links on paper
				if !strings.HasPrefix(name, "large") { // what is folded is looked at too; of 300 destinations it is all alike
					if err := chromedp.Run(tab, chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => { d.open = true })`, nil)); err != nil {
						t.Fatal(err)
					}
				}
				if list, err = tab.violations(k.axe); err != nil {
					t.Fatal(err)
				}
			}
			for _, v := range list {
				if v.Impact == "serious" || v.Impact == "critical" {
					t.Error(v)
				} else {
					t.Log(v)
				}
			}
			requests, errors := tab.seen()
			if !slices.Equal(requests, []string{url}) {
				t.Errorf("requests %q, want only the page", requests)
			}
			if len(errors) > 0 {
				t.Errorf("the page complains: %q", errors)
			}
			if s.name == "laptop" {
				if err := tab.print(filepath.Join(k.out, name+".pdf")); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func fileURL(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + abs
}

var figures = []string{"map", "ways", "round-trips", "presence", "timeline"}

// TestReports opens the reports that must hold: an ordinary one, one in which every name is an attack, an empty one, a large one.
func TestReports(t *testing.T) {
	k := newKit(t)
	t.Run("practice", func(t *testing.T) {
		page := k.report(t, filepath.Join(k.practice(t, "2"), "audit.json"))
		k.check(t, "practice", fileURL(t, page), append(figures, "promises")...)
		k.sortAndFilter(t, fileURL(t, page))
		k.reach(t, fileURL(t, page))
	})
	for _, sample := range []string{"hostile", "empty", "practice"} {
		t.Run("sample-"+sample, func(t *testing.T) {
			k.check(t, "sample-"+sample, fileURL(t, k.report(t, filepath.Join(root, "reports", "testdata", sample+".audit.json"))))
		})
	}
	t.Run("large", func(t *testing.T) {
		page := k.report(t, large(t, 300, 12))
		info, err := os.Stat(page)
		if err != nil || info.Size() > 1_500_000 {
			t.Errorf("a page of 300 destinations has %d bytes, want at most 1.5 MB (%v)", info.Size(), err)
		}
		t.Logf("300 destinations: %d bytes", info.Size())
		k.check(t, "large", fileURL(t, page), figures...)
	})
}

// sortAndFilter uses the enhancements as a reader would.
func (k *kit) sortAndFilter(t *testing.T, url string) {
	tab, err := open(k.browser, url, sizes[1])
	if err != nil {
		t.Fatal(err)
	}
	defer tab.close()
	var first, last, shown, status string
	err = chromedp.Run(tab,
		chromedp.Text(`#destinations tbody tr.main th`, &first, chromedp.ByQuery),
		chromedp.Evaluate(`const up = document.querySelector("#destinations thead th:nth-child(6) button"); up.click(); up.click()`, nil), // the page scrolls slowly
		chromedp.Text(`#destinations tbody tr.main th`, &last, chromedp.ByQuery),
		chromedp.SendKeys(`#destinations input`, "practice", chromedp.ByQuery),
		chromedp.Evaluate(`String(document.querySelectorAll("#destinations tbody:not([hidden])").length)`, &shown),
		chromedp.Text(`#destinations [role=status]`, &status, chromedp.ByQuery),
	)
	if err != nil {
		t.Fatal(err)
	}
	if first == last || shown == "0" || !strings.HasPrefix(status, shown+" of ") {
		t.Errorf("sorted: first %q, then %q; filtered: %s rows, says %q", first, last, shown, status)
	}
}

// reach walks the map by keyboard: every country that is drawn as a place takes the focus, has a name, and leads to its row of the table.
func (k *kit) reach(t *testing.T, url string) {
	tab, err := open(k.browser, url, sizes[1])
	if err != nil {
		t.Fatal(err)
	}
	defer tab.close()
	var places int
	var lost []string
	err = chromedp.Run(tab,
		chromedp.Evaluate(`document.querySelectorAll("svg.map a").length`, &places),
		chromedp.Evaluate(`[...document.querySelectorAll("svg.map a")].filter(a => {
			a.focus();
			const name = a.querySelector("title"), row = document.getElementById(a.getAttribute("href").slice(1));
			return document.activeElement !== a || a.tabIndex < 0 || !name || !name.textContent.includes(":") || !row || row.tagName !== "TR";
		}).map(a => a.outerHTML.slice(0, 100))`, &lost),
	)
	if err != nil || places == 0 || len(lost) > 0 {
		t.Errorf("%d places on the map, of which a keyboard does not reach %q (%v)", places, lost, err)
	}
}
