package reports

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/net/html"

	"abroad/analyze/audit"
	"abroad/capture"
)

// practiceComparison is what the comparison of the practice versions wrote.
func practiceComparison(t testing.TB) *audit.Comparison {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "analyze", "compare", "testdata", "practice.compare.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := audit.ReadComparison(f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// emptyComparison has two arms and nothing else.
func emptyComparison() *audit.Comparison {
	return &audit.Comparison{
		Schema: audit.CompareSchema, Tool: audit.Tool{Name: "abroad", Version: "test"}, By: "version", Headline: []string{}, Audits: []audit.ComparedAudit{},
		Arms:     []audit.Arm{{Key: "A", Value: "1", Words: "version 1"}, {Key: "B", Value: "2", Words: "version 2"}},
		Sessions: []audit.ComparedSession{}, Design: audit.Design{Blocks: []audit.DayBlock{}, Differs: []audit.Difference{}},
		Tests: []audit.SplitTest{}, Items: []audit.Item{}, Changes: []audit.Change{}, Clauses: []audit.ComparedClause{}, Limits: []string{},
	}
}

func renderComparison(t testing.TB, f CompareFile, c *audit.Comparison, s Screen) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, c, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCompareGolden(t *testing.T) {
	for name, c := range map[string]*audit.Comparison{"practice": practiceComparison(t), "empty": emptyComparison()} {
		for _, format := range AllCompare {
			for _, f := range format.Files {
				got := renderComparison(t, f, c, Screen{})
				if before, rest, ok := strings.Cut(string(got), "<style>"); ok { // the style is every page's
					_, after, _ := strings.Cut(rest, "</style>")
					got = []byte(before + "<style></style>" + after)
				}
				path := filepath.Join("testdata", name+"."+f.Name)
				if f.Name == "compare.json" {
					continue // the sample itself
				}
				if *update {
					if err := os.WriteFile(path, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("%s:\n%s", path, diff)
				}
				if name == "practice" {
					lint(t, path, string(got))
				}
			}
		}
		var b bytes.Buffer
		if err := CompareSummary(&b, c, Screen{}, Made{"report", "x"}); err != nil {
			t.Fatal(err)
		}
		lint(t, name+" summary", b.String())
	}
}

// hostileComparison puts what a stranger could choose into every string that is not a word of ours.
func hostileComparison(t testing.TB, bad string) *audit.Comparison {
	c := practiceComparison(t)
	ours := map[string]bool{"ID": true, "Key": true, "Audit": true, "Item": true, "Arm": true, "Schema": true, "Also": true, "Level": true, "Class": true, "Outcome": true, "Day": true}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if !ours[v.Type().Field(i).Name] {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.String:
			if v.String() != "" {
				v.SetString(bad)
			}
		}
	}
	walk(reflect.ValueOf(c).Elem())
	return c
}

func href(n *html.Node) string {
	for _, a := range n.Attr {
		if a.Key == "href" {
			return a.Val
		}
	}
	return ""
}

// The endpoints of the change table lead to the report that is shown, and nothing leads elsewhere.
func TestCompareLinks(t *testing.T) {
	c := practiceComparison(t)
	c.Audits[1].SHA256[0] = 7
	for report, want := range map[string]string{"../v2/report.html": "../v2/report.html#e17", "../a%20%3F%23b/r.html": "../a%20%3F%23b/r.html#e17", "": "", "javascript:alert(1)": ""} {
		var b bytes.Buffer
		if err := ServeComparison(&b, c, nil, map[capture.Digest]string{c.Audits[1].SHA256: report}); err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(&b)
		if err != nil {
			t.Fatal(err)
		}
		outside := map[string]bool{}
		for n := range root.Descendants() {
			if n.Data == "a" && n.Type == html.ElementNode && !strings.HasPrefix(href(n), "#") {
				outside[href(n)] = true
			}
		}
		if want == "" && len(outside) > 0 || want != "" && !outside[want] {
			t.Errorf("%q: got %v, want %q", report, outside, want)
		}
	}
}

func TestCompareHostile(t *testing.T) {
	for _, bad := range []string{
		"<script>alert(1)</script>", "\x1b[31mred\x07\u202egnp\u200b", "=cmd|' /C calc'!A0", "`|\n## head\n| a |", "javascript:alert(1)", "\xff\xfe", strings.Repeat("ü", 5000),
	} {
		c := hostileComparison(t, bad)
		for _, format := range AllCompare {
			for _, f := range format.Files {
				out := renderComparison(t, f, c, Screen{})
				for _, r := range string(out) {
					if r != '\n' && hidden(r) && f.Name != "compare.json" { // JSON is exact: it escapes what acts, not what does not show
						t.Fatalf("%s: %U of %q gets through", f.Name, r, bad)
					}
				}
				switch {
				case strings.HasSuffix(f.Name, ".html"):
					root, err := html.Parse(bytes.NewReader(out))
					if err != nil {
						t.Fatal(err)
					}
					for n := range root.Descendants() {
						if n.Data == "script" || n.Data == "a" && n.Type == html.ElementNode && !strings.HasPrefix(href(n), "#audit") {
							t.Errorf("%s: an element %s comes of %q", f.Name, n.Data, bad)
						}
					}
				case strings.HasSuffix(f.Name, ".csv"):
					rows, err := stdcsv.NewReader(bytes.NewReader(out)).ReadAll()
					if err != nil {
						t.Fatal(err)
					}
					for _, row := range rows {
						for _, cell := range row {
							if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
								t.Errorf("%s: a formula: %q", f.Name, cell)
							}
						}
					}
				case strings.HasSuffix(f.Name, ".md"):
					if strings.Contains(string(out), "\n## head") || strings.Contains(string(out), "<script") {
						t.Errorf("%s: markup comes of %q", f.Name, bad)
					}
				}
			}
		}
	}
}

// TestCompareSchema validates the samples, sees that the schema can refuse, and holds it against the Go types.
func TestCompareSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(CompareSchema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("compare.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile("compare.json")
	if err != nil {
		t.Fatal(err)
	}
	full := practiceComparison(t)
	full.Clauses = []audit.ComparedClause{}
	for _, c := range []*audit.Comparison{full, emptyComparison()} {
		var b bytes.Buffer
		if err := audit.WriteComparison(&b, c); err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%#v", err)
		}
		for _, spoil := range []func(map[string]any){
			func(m map[string]any) { m["extra"] = 1 },
			func(m map[string]any) { delete(m, "tests") },
			func(m map[string]any) { m["schema"] = "abroad/compare/2.0.0" },
			func(m map[string]any) { m["arms"] = m["arms"].([]any)[:1] },
			func(m map[string]any) { m["items"] = nil },
		} {
			spoilt := maps.Clone(v.(map[string]any))
			spoil(spoilt)
			if s.Validate(spoilt) == nil {
				t.Error("a spoilt document passes")
			}
		}
	}
	var root map[string]any
	if err := json.Unmarshal(CompareSchema(), &root); err != nil {
		t.Fatal(err)
	}
	defs := root["$defs"].(map[string]any)
	used := map[string]bool{}
	var walk func(path string, typ reflect.Type, node map[string]any)
	walk = func(path string, typ reflect.Type, node map[string]any) {
		if ref, ok := node["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/$defs/")
			used[name] = true
			node = defs[name].(map[string]any)
		}
		switch {
		case typ.Kind() == reflect.Slice:
			walk(path+"[]", typ.Elem(), node["items"].(map[string]any))
		case typ.Kind() == reflect.Struct && node["type"] == "object":
			properties := node["properties"].(map[string]any)
			var fields, always []string
			for i := range typ.NumField() {
				name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				fields = append(fields, name)
				if options == "" {
					always = append(always, name)
				}
				if p, ok := properties[name].(map[string]any); ok {
					walk(path+"."+name, typ.Field(i).Type, p)
				}
			}
			sameWords(t, path, fields, slices.Collect(maps.Keys(properties)))
			sameWords(t, path+" required", always, node["required"])
		}
		if enum, ok := node["enum"]; ok {
			words := constants(t)[typ.Name()]
			sameWords(t, path, words, enum)
		}
	}
	walk("comparison", reflect.TypeFor[audit.Comparison](), root)
	for name := range defs {
		if !used[name] {
			t.Errorf("$defs/%s is never used", name)
		}
	}
}

// TestCompareFormats checks the list, and that a screen's width is kept.
func TestCompareFormats(t *testing.T) {
	if !slices.IsSortedFunc(AllCompare, func(x, y *CompareFormat) int { return strings.Compare(x.Name, y.Name) }) {
		t.Error("the formats are not in alphabetical order")
	}
	for _, name := range []string{"md", "txt", "html", "csv", "json"} {
		if _, err := FindCompare(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := FindCompare("pdf"); err == nil || !strings.Contains(err.Error(), "want one of csv, html, json, markdown, text") {
		t.Errorf("pdf: %v", err)
	}
	out := renderComparison(t, AllCompare[4].Files[0], practiceComparison(t), Screen{Columns: 80})
	for line := range strings.Lines(string(out)) {
		if n := columns(strings.TrimRight(line, "\n")); n > 80 && !strings.Contains(line, "#") && !strings.Contains(line, ".") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}
