package reports

import (
	"bytes"
	stdcsv "encoding/csv"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"abroad/analyze/audit"
)

// refused are words that a report must not say in its own voice: they claim what packets cannot show, or judge. A quotation may.
var refused = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\btransfer`),
	regexp.MustCompile(`(?i)\bstored in\b`),
	regexp.MustCompile(`(?i)government`),
	regexp.MustCompile(`(?i)\bspy|\bspies\b|\bspied\b`),
	regexp.MustCompile(`(?i)\billegal|\bunlawful|\bcomplian|\bviolat`),
	regexp.MustCompile(`(?i)\bprov(es?|en|ing)\b`),
	regexp.MustCompile(`(?i)\b(safe|clean|secure)\b`),
	regexp.MustCompile(`(?i)\bthe app\b`), // a device-level flow is not the app's; what the system named is "the sending app"
	regexp.MustCompile(`(?i)\bno data (goes|went|is)\b`),
	regexp.MustCompile(`(?i)\bis located\b|\bare located\b`),
}

func lint(t *testing.T, where, text string) {
	t.Helper()
	for _, re := range refused {
		if hit := re.FindStringIndex(text); hit != nil {
			t.Errorf("%s says %q in %q", where, text[hit[0]:hit[1]], text[max(0, hit[0]-60):min(len(text), hit[1]+60)])
		}
	}
}

// TestWords reads what the formats say about audits in which strangers say nothing, and every sentence in the source and the templates.
func TestWords(t *testing.T) {
	for name, a := range map[string]*audit.Audit{"empty": empty(), "small": small(), "practice": practice()} {
		for _, format := range All {
			for _, f := range format.Files {
				lint(t, name+" "+f.Name, string(render(t, f, a, Screen{})))
			}
		}
		var b bytes.Buffer
		if err := Summary(&b, a, Screen{}); err != nil {
			t.Fatal(err)
		}
		for _, id := range first(a) {
			if err := Explain(&b, a, id); err != nil {
				t.Fatal(err)
			}
		}
		lint(t, name+" summary and explanations", b.String())
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				s, _ := strconv.Unquote(literal.Value)
				lint(t, path, s)
			}
			return true
		})
	}
	templates, err := filepath.Glob("page/*.html")
	if err != nil || len(templates) < 5 {
		t.Fatal(templates, err)
	}
	for _, path := range append(templates, "schema/audit-1.1.0.json") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lint(t, path, string(b))
	}
	for _, bad := range []string{"data was transferred to IE", "this proves it", "The app sent", "stored in IE"} {
		found := false
		for _, re := range refused {
			found = found || re.MatchString(bad)
		}
		if !found {
			t.Errorf("the linter lets %q pass", bad)
		}
	}
}

// TestGradeBesideCountry checks that no view prints a place without its grade in the same row, and that below L3 it is what a source says.
func TestGradeBesideCountry(t *testing.T) {
	a := practice()
	for _, e := range a.Endpoints {
		if e.Place.Country != "" && !e.Place.Grade.Place() && !strings.Contains(e.Place.Words, "say") {
			t.Fatalf("sample %s: %q", e.ID, e.Place.Words)
		}
	}
	claimed := 0
	check := func(where, row string) {
		for _, e := range a.Endpoints {
			if !strings.Contains(row, e.Place.Words) {
				continue
			}
			claimed++
			if e.Place.Country != "" && !strings.Contains(row, string(e.Place.Grade)) {
				t.Errorf("%s: no grade in %q", where, row)
			}
		}
		for _, e := range a.Endpoints {
			if c := e.Place.Country; c != "" && !e.Place.Grade.Place() && regexp.MustCompile(`\bin `+c+`\b`).MatchString(strings.ReplaceAll(row, "registered in", "")) {
				t.Errorf("%s: %q puts an %s place in a country", where, row, e.Place.Grade)
			}
		}
	}
	for _, f := range []File{asText.Files[0], asMarkdown.Files[0]} {
		for line := range strings.Lines(string(render(t, f, a, Screen{Columns: 400}))) {
			check(f.Name, line)
		}
	}
	var b bytes.Buffer
	if err := Summary(&b, a, Screen{Columns: 400}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		check("summary", line)
	}
	for _, e := range a.Endpoints {
		b.Reset()
		if err := Explain(&b, a, e.ID); err != nil {
			t.Fatal(err)
		}
		check("explain", b.String())
	}
	root, err := html.Parse(bytes.NewReader(render(t, asHTML.Files[0], a, Screen{})))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data == "tr" || n.Data == "h3" {
			check("html", textOf(n))
		}
	}
	if claimed < 5*len(a.Endpoints) {
		t.Errorf("only %d places were looked at", claimed)
	}
	rows, err := stdcsv.NewReader(bytes.NewReader(render(t, asCSV.Files[3], a, Screen{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if row[2] != "" && !strings.HasPrefix(row[5], "L") {
			t.Errorf("endpoints.csv: no grade in %q", row)
		}
	}
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			fmt.Fprint(&b, c.Data)
		}
	}
	return b.String()
}
