package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A tab is one page in the browser, and everything it did.
type tab struct {
	context.Context
	close context.CancelFunc

	mu       sync.Mutex
	requests []string
	errors   []string
}

// A size is a screen.
type size struct {
	name          string
	width, height int64
	dark          bool
	media         string
}

var sizes = []size{{"phone", 390, 844, false, ""}, {"laptop", 1366, 900, false, ""}, {"dark", 1366, 900, true, ""}, {"print", 794, 1123, false, "print"}}

// start begins a headless Chromium; as root it runs without its sandbox, which root may not use.
func start(program string) (context.Context, context.CancelFunc) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true))
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	first, end := chromedp.NewContext(all)
	return first, func() { end(); stop() }
}

// open loads a page and waits until it is there.
func open(browser context.Context, url string, s size, more ...chromedp.Action) (*tab, error) {
	ctx, end := chromedp.NewContext(browser)
	t := &tab{Context: ctx, close: end}
	chromedp.ListenTarget(ctx, t.listen)
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	actions := append([]chromedp.Action{
		network.Enable(), log.Enable(), runtime.Enable(),
		emulation.SetDeviceMetricsOverride(s.width, s.height, 1, s.width < 600),
		emulation.SetEmulatedMedia().WithMedia(s.media).WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Navigate(url), chromedp.WaitReady("body"),
	}, more...)
	if err := chromedp.Run(ctx, actions...); err != nil {
		end()
		return nil, fmt.Errorf("open %s: %w", url, err)
	}
	return t, nil
}

func (t *tab) listen(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		t.requests = append(t.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		t.errors = append(t.errors, "exception: "+e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		t.errors = append(t.errors, fmt.Sprintf("console.%s", e.Type))
	case *log.EventEntryAdded:
		t.errors = append(t.errors, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
	}
}

// seen returns what the page asked for and complained about so far.
func (t *tab) seen() (requests, errors []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.requests...), append([]string(nil), t.errors...)
}

// A violation is what axe-core says of a page.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML    string
		Target  []any
		Summary string `json:"failureSummary"`
	}
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for i, n := range v.Nodes {
		if i == 3 {
			fmt.Fprintf(&b, "\n  and %d more", len(v.Nodes)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %.200s\n    %s", n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return b.String()
}

// violations runs axe-core with the rules of WCAG 2.2 A and AA and its best practices.
func (t *tab) violations(source string) ([]violation, error) {
	var result string
	err := chromedp.Run(t,
		chromedp.Evaluate(source+";0", nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, &result,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if err != nil {
		return nil, fmt.Errorf("run axe-core: %w", err)
	}
	var list []violation
	return list, json.Unmarshal([]byte(result), &list)
}

// picture writes the first screen and the whole page as PNG.
func (t *tab) picture(path string) error {
	var first, whole []byte
	if err := chromedp.Run(t, chromedp.CaptureScreenshot(&first), chromedp.FullScreenshot(&whole, 100)); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(path+"-top.png", first, 0o644), os.WriteFile(path+".png", whole, 0o644))
}

// element writes one element as PNG.
func (t *tab) element(selector, path string) error {
	var b []byte
	if err := chromedp.Run(t, chromedp.Screenshot(selector, &b, chromedp.ByQuery)); err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

// print writes the page as a PDF of A4 sheets and returns how many there are.
func (t *tab) print(path string) error {
	return chromedp.Run(t, chromedp.ActionFunc(func(ctx context.Context) error {
		b, _, err := page.PrintToPDF().WithPreferCSSPageSize(true).WithPrintBackground(true).Do(ctx)
		if err != nil {
			return err
		}
		return os.WriteFile(path, b, 0o644)
	}))
}
