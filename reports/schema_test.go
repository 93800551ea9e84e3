package reports

import (
	"bytes"
	"encoding"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"abroad/analyze/audit"
)

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("audit.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("audit.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchema validates every sample, and checks that the schema can refuse.
func TestSchema(t *testing.T) {
	s := compile(t)
	paths, err := filepath.Glob("testdata/*.audit.json")
	if err != nil || len(paths) < len(samples) {
		t.Fatalf("%d samples, %v", len(paths), err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %#v", path, err)
		}
		for _, spoil := range []func(map[string]any){
			func(m map[string]any) { m["extra"] = 1 },
			func(m map[string]any) { delete(m, "coverage") },
			func(m map[string]any) { m["schema"] = "abroad/audit/9.0.0" },
			func(m map[string]any) { m["flows"] = nil },
			func(m map[string]any) { m["recordings"].([]any)[0].(map[string]any)["id"] = "f1" },
			func(m map[string]any) { m["recordings"].([]any)[0].(map[string]any)["first"] = "yesterday" },
		} {
			doc, _ := jsonschema.UnmarshalJSON(bytes.NewReader(b))
			spoil(doc.(map[string]any))
			if s.Validate(doc) == nil {
				t.Errorf("%s: a spoilt document passes", path)
			}
		}
	}
}

// TestSchemaFields holds the schema against the Go types: every JSON field stands in both, required where it is always written.
func TestSchemaFields(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	defs := root["$defs"].(map[string]any)
	used := map[string]bool{}
	resolve := func(node map[string]any) map[string]any {
		if ref, ok := node["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/$defs/")
			used[name] = true
			return defs[name].(map[string]any)
		}
		return node
	}
	enums := constants(t)
	text := reflect.TypeFor[encoding.TextMarshaler]()
	done := map[reflect.Type]bool{}
	var walk func(path string, typ reflect.Type, node map[string]any)
	walk = func(path string, typ reflect.Type, node map[string]any) {
		node = resolve(node)
		kind, _ := node["type"].(string)
		want := ""
		switch {
		case typ == reflect.TypeFor[audit.Flags]():
			want = "array"
			var words []string
			for i := range 32 {
				words = append(words, audit.Flags(1<<i).Words()...)
			}
			sameWords(t, path, words, resolve(node["items"].(map[string]any))["enum"])
		case typ.Implements(text):
			want = "string"
		case typ.Kind() == reflect.Pointer:
			walk(path, typ.Elem(), node)
			return
		case typ.Kind() == reflect.Struct:
			want = "object"
			if done[typ] {
				break
			}
			done[typ] = true
			properties := node["properties"].(map[string]any)
			var fields, always []string
			for i := range typ.NumField() {
				f := typ.Field(i)
				name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
				fields = append(fields, name)
				if options == "" {
					always = append(always, name)
				}
				if p, ok := properties[name].(map[string]any); ok {
					walk(path+"."+name, f.Type, p)
				}
			}
			sameWords(t, path, fields, slices.Collect(maps.Keys(properties)))
			sameWords(t, path+" required", always, node["required"])
			if node["additionalProperties"] != false {
				t.Errorf("%s allows more properties", path)
			}
		case typ.Kind() == reflect.Slice:
			want = "array"
			walk(path+"[]", typ.Elem(), node["items"].(map[string]any))
		case typ.Kind() == reflect.String:
			want = "string"
			if enum, ok := node["enum"]; ok {
				kind = "string"
				words := enums[typ.Name()]
				if !slices.Contains(words, "") && slices.Contains(enum.([]any), any("")) {
					words = append(words, "") // a zero value without a name
				}
				sameWords(t, path, words, enum)
			} else if c, ok := node["const"]; ok {
				kind = "string"
				if c != audit.Schema {
					t.Errorf("%s is %v, want %s", path, c, audit.Schema)
				}
			}
		case typ.Kind() == reflect.Bool:
			want = "boolean"
		case typ.Kind() == reflect.Float64:
			want = "number"
		default:
			want = "integer"
			if unsigned := typ.Kind() >= reflect.Uint && typ.Kind() <= reflect.Uint64; unsigned && node["minimum"] != 0.0 {
				t.Errorf("%s may be negative", path)
			}
		}
		if kind != want {
			t.Errorf("%s is %q in the schema, want %q", path, kind, want)
		}
	}
	walk("audit", reflect.TypeFor[audit.Audit](), root)
	for name := range defs {
		if !used[name] {
			t.Errorf("$defs/%s is never used", name)
		}
	}
}

// sameWords compares two lists as sets.
func sameWords(t *testing.T, path string, have []string, schema any) {
	t.Helper()
	var want []string
	switch list := schema.(type) {
	case []any:
		for _, v := range list {
			want = append(want, v.(string))
		}
	case []string:
		want = list
	}
	have, want = slices.Sorted(slices.Values(have)), slices.Sorted(slices.Values(want))
	for _, w := range have {
		if !slices.Contains(want, w) {
			t.Errorf("%s: %q is not in the schema", path, w)
		}
	}
	for _, w := range want {
		if !slices.Contains(have, w) {
			t.Errorf("%s: %q is in the schema only", path, w)
		}
	}
}

// constants reads the string constants of package audit by type, so that a new word cannot be forgotten in the schema.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	words := map[string][]string{}
	paths, err := filepath.Glob("../analyze/audit/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no sources of package audit: %v", err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ, ok := spec.Type.(*ast.Ident)
			literal, isLiteral := spec.Values[0].(*ast.BasicLit)
			if ok && isLiteral && literal.Kind == token.STRING {
				word, _ := strconv.Unquote(literal.Value)
				words[typ.Name] = append(words[typ.Name], word)
			}
			return true
		})
	}
	return words
}
