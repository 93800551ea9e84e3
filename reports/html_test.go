package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"abroad/analyze/audit"
)

// mayHave lists every element of the page and its attributes: one script that is named by its hash, no handler, nothing that loads or sends.
var mayHave = map[string][]string{
	"html": {"lang"}, "head": nil, "title": {"id"}, "style": nil, "body": nil, "header": nil, "main": nil, "footer": nil, "script": nil, "nav": {"aria-label"},
	"meta": {"charset", "http-equiv", "content", "name"}, "section": {"id", "class", "aria-labelledby"},
	"div": {"id", "class", "aria-hidden", "role", "aria-label", "tabindex"}, "figure": {"aria-hidden"}, "figcaption": nil,
	"h1": nil, "h2": {"id"}, "h3": {"id"}, "h4": nil, "q": {"class"}, "p": {"class"}, "ul": {"class"}, "ol": {"class"}, "li": nil, "dl": nil, "dt": nil, "dd": nil, "a": {"href"}, "br": nil,
	"table": {"class"}, "caption": nil, "thead": nil, "tbody": {"id"}, "tr": {"id", "class"}, "th": {"scope", "class"}, "td": {"class", "colspan", "data-v"},
	"span": {"class", "id"}, "i": {"class", "style"}, "bdi": nil, "code": {"class"}, "strong": {"class"}, "details": {"class"}, "summary": nil,
	"svg": {"class", "viewBox", "role", "aria-labelledby", "aria-hidden", "aria-label", "preserveAspectRatio"}, "defs": nil, "g": {"id"}, "use": {"href"},
	"pattern": {"id", "width", "height", "patternUnits", "patternTransform"}, "path": {"class", "d"}, "rect": {"class", "x", "y", "width", "height"},
	"circle": {"class", "cx", "cy", "r"}, "ellipse": {"class", "cx", "cy", "rx", "ry"}, "line": {"class", "x1", "y1", "x2", "y2"},
	"text": {"class", "x", "y"}, "tspan": {"class"},
}

var width = regexp.MustCompile(`^width:[0-9.]+%$`)

// checkHTML parses the page as a browser does and allows only what the template wrote. It returns the text of every element with an id.
func checkHTML(t *testing.T, got []byte) (ids []string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	var links []string
	policies, scripts := 0, 0
	for n := range root.Descendants() {
		switch n.Type {
		case html.CommentNode:
			t.Errorf("html: comment %q", n.Data)
		case html.ElementNode:
			allowed, known := mayHave[n.Data]
			if !known {
				t.Errorf("html: element %q", n.Data)
			}
			for _, a := range n.Attr {
				if !slices.Contains(allowed, a.Key) {
					t.Errorf("html: attribute %s of %s", a.Key, n.Data)
				}
				switch a.Key {
				case "style":
					if !width.MatchString(a.Val) {
						t.Errorf("html: style %q", a.Val)
					}
				case "id":
					ids = append(ids, a.Val)
				case "href":
					if a.Val == dbIP {
						continue // its licence asks for it
					}
					links = append(links, strings.TrimPrefix(a.Val, "#"))
					if !strings.HasPrefix(a.Val, "#") {
						t.Errorf("html: link to %q", a.Val)
					}
				case "http-equiv":
					policies++
					if a.Val != "Content-Security-Policy" || n.Attr[1].Val != Policy() {
						t.Errorf("html: http-equiv %q with %q", a.Val, n.Attr[1].Val)
					}
				}
			}
			if n.Data == "script" {
				scripts++
				sum := sha256.Sum256([]byte(n.FirstChild.Data))
				if want := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"; !strings.Contains(Policy(), want) {
					t.Errorf("html: the policy %q does not name the script, %s", Policy(), want)
				}
			}
			if n.Data == "style" && (strings.Contains(strings.ReplaceAll(n.FirstChild.Data, "url(#", ""), "url(") || strings.Contains(n.FirstChild.Data, "@import")) {
				t.Error("html: the style sheet loads something")
			}
		}
	}
	if scripts != 1 {
		t.Errorf("html: %d scripts", scripts)
	}
	if policies != 1 {
		t.Errorf("html: %d policies", policies)
	}
	for _, l := range links {
		if !slices.Contains(ids, l) {
			t.Errorf("html: link to #%s, which is not there", l)
		}
	}
	return ids
}

// TestHTML checks the walk through the page: places lead to destinations, destinations to names and packets.
func TestHTML(t *testing.T) {
	a := practice()
	got := render(t, asHTML.Files[0], a, Screen{})
	ids := checkHTML(t, got)
	for _, e := range a.Endpoints {
		if !slices.Contains(ids, e.ID.String()) {
			t.Errorf("no row for %s", e.ID)
		}
		if link := `<a href="#` + e.ID.String() + `">`; !bytes.Contains(got, []byte(link)) {
			t.Errorf("no place leads to %s", e.ID)
		}
	}
	for _, o := range a.Observations {
		if o.Kind != audit.SeenSNI && o.Kind != audit.SeenHost {
			continue
		}
		ref := o.Seen[0]
		command := html.EscapeString(string(index{a}.command(ref)))
		for _, want := range []string{o.ID.String(), ref.String(), command} {
			if !bytes.Contains(got, []byte(want)) {
				t.Errorf("%s: %q is not on the page", o.ID, want)
			}
		}
	}
	for _, want := range []string{practiceBanner, "App level for", "What this does not show", "Where data is kept"} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if got := render(t, asHTML.Files[0], small(), Screen{}); !bytes.Contains(got, []byte("Device level, as in every gateway capture")) || bytes.Contains(got, []byte("PRACTICE")) {
		t.Error("the page of a gateway capture does not say device level, or says practice")
	}
}
