package promise

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// decode reads one YAML document strictly into v. Lines gives the line of every node by its path: "clauses[0].quote".
func decode(name string, text []byte, v any) (lines map[string]int, faults Faults) {
	if len(text) > MaxFile {
		return nil, Faults{{File: name, Says: fmt.Sprintf("longer than %d bytes", MaxFile), Hint: "a promise file quotes sentences; archived texts go beside it"}}
	}
	var root yaml.Node
	if err := yaml.Load(text, &root); err != nil {
		return nil, fromYAML(name, err, v)
	}
	w := walker{name: name, lines: map[string]int{}}
	w.walk(&root, "", 0)
	if w.faults.First() != nil {
		return w.lines, w.faults.sorted()
	}
	if fault := otherKind(name, &root, w.lines, v); fault != nil {
		return w.lines, append(w.faults, fault).sorted()
	}
	if err := yaml.Load(text, v, yaml.WithKnownFields()); err != nil {
		return w.lines, append(w.faults, fromYAML(name, err, v)...).sorted()
	}
	return w.lines, w.faults
}

// otherKind says so of a policy that is read as a promise, or the other way round: its keys would all be called unknown.
func otherKind(name string, root *yaml.Node, lines map[string]int, v any) *Fault {
	_, policy := v.(*Policy)
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	switch kind := get(root.Content[0], "kind"); {
	case kind == nil:
	case kind.Value == KindPolicy && !policy:
		return &Fault{File: name, Line: lines["kind"], Says: fmt.Sprintf("kind is %q, want %q", KindPolicy, KindPromise), Hint: "abroad check AUDIT --policy FILE reads it"}
	case kind.Value == KindPromise && policy:
		return &Fault{File: name, Line: lines["kind"], Says: fmt.Sprintf("kind is %q, want %q", KindPromise, KindPolicy), Hint: "abroad audit --promise FILE reads it"}
	}
	return nil
}

// fromYAML puts the parser's errors about what was to be read into v into our words.
func fromYAML(name string, err error, v any) (faults Faults) {
	if strings.HasSuffix(err.Error(), "no documents in stream") {
		return Faults{{File: name, Says: "there is nothing in it"}}
	}
	var list []*yaml.LoadError
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		list = many.Errors
	} else if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		list = []*yaml.LoadError{one}
	}
	if len(list) == 0 {
		return Faults{{File: name, Says: err.Error()}}
	}
	for _, e := range list {
		f := &Fault{File: name, Line: e.Mark.Line, Says: strings.TrimPrefix(e.Message, "yaml: ")}
		if key, rest, ok := strings.Cut(strings.TrimPrefix(f.Says, "field "), " not found in type "); ok {
			f.Says = fmt.Sprintf("unknown key %q", key)
			f.Hint = "abroad promise new writes a skeleton with every key of a " + strings.ToLower(strings.TrimPrefix(rest, "promise."))
			if _, ok := v.(*Policy); ok {
				f.Hint = "abroad check --help shows a policy"
			}
		} else if what, into, ok := strings.Cut(strings.TrimPrefix(f.Says, "cannot construct "), " into "); ok {
			f.Says = "want " + shape(into) + ", not " + shape(what)
		}
		faults = append(faults, f)
	}
	return faults
}

// shape words a YAML tag or a Go type.
func shape(s string) string {
	s, _, _ = strings.Cut(s, " ") // the value follows
	switch s {
	case "!!str":
		return "text"
	case "!!seq":
		return "a list"
	case "!!map":
		return "a mapping"
	case "!!null":
		return "nothing"
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "uint64":
		return "a number of bytes"
	}
	switch {
	case strings.HasPrefix(s, "[]"):
		return "a list"
	case strings.HasPrefix(s, "promise.") || strings.HasPrefix(s, "*promise."):
		return "a mapping"
	case strings.HasPrefix(s, "!!"):
		return "a value of type " + s[2:]
	}
	return s
}
