package promise

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

const (
	maxDepth = 32     // of lists and mappings in each other; a promise has 6
	maxNodes = 50_000 // with aliases followed: an alias may not blow a file up
	maxKeys  = 1000   // of one mapping: the decoder compares each with every other
	maxKey   = 64     // bytes of a key: every line is kept under its path, so that long keys would add up
)

// A walker notes the line of every node, and refuses what YAML would quietly turn into something else: an unquoted NO is false to many
// readers, and 1.10 is the number 1.1.
type walker struct {
	name   string
	lines  map[string]int
	nodes  int
	faults Faults
}

func (w *walker) fault(n *yaml.Node, hint, format string, args ...any) {
	w.faults = append(w.faults, &Fault{File: w.name, Line: n.Line, Says: fmt.Sprintf(format, args...), Hint: hint})
}

func (w *walker) walk(n *yaml.Node, path string, depth int) {
	w.nodes++
	if depth > maxDepth || w.nodes > maxNodes {
		if w.nodes <= maxNodes+1 {
			w.fault(n, "", "too deep or too large")
			w.nodes = maxNodes + 1
		}
		return
	}
	switch n.Kind {
	case yaml.DocumentNode:
		for _, c := range n.Content {
			w.walk(c, path, depth)
		}
	case yaml.AliasNode:
		w.lines[path] = n.Line
		line := n.Line
		w.walk(n.Alias, path, depth+1)
		w.lines[path] = line
	case yaml.MappingNode:
		w.lines[path] = n.Line
		if len(n.Content) > 2*maxKeys {
			w.fault(n, "", "a mapping of %d keys, at most %d are read", len(n.Content)/2, maxKeys)
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if len(key) > maxKey {
				w.fault(n.Content[i], "", "a key of %d bytes, at most %d are read", len(key), maxKey)
				continue
			}
			at := key
			if path != "" {
				at = path + "." + key
			}
			if n.Content[i].ShortTag() == "!!merge" {
				w.fault(n.Content[i], "write the keys out", "a merge key")
				continue
			}
			w.walk(n.Content[i+1], at, depth+1)
			w.lines[at] = n.Content[i].Line
		}
	case yaml.SequenceNode:
		w.lines[path] = n.Line
		for i, c := range n.Content {
			w.walk(c, path+"["+strconv.Itoa(i)+"]", depth+1)
		}
	case yaml.ScalarNode:
		w.lines[path] = n.Line
		w.scalar(n, path)
	}
}

// scalar accepts text everywhere, a plain date where text is wanted, and booleans and numbers only where they belong.
func (w *walker) scalar(n *yaml.Node, path string) {
	key := path[strings.LastIndexByte(path, '.')+1:]
	tag := n.ShortTag()
	want := "!!str"
	switch key {
	case "exhaustive", "verified", "practice":
		want = "!!bool"
	case "min_up_bytes":
		want = "!!int"
	}
	switch {
	case tag == want:
		if n.Style == 0 && slices.Contains(falseToOthers, n.Value) && inList(path, "places", "residence", "not_residence", "country", "countries") {
			w.faults = append(w.faults, &Fault{File: w.name, Line: n.Line, Warning: true, Hint: fmt.Sprintf("write \"%s\"", n.Value),
				Says: fmt.Sprintf("unquoted %s: many readers of YAML take it for a truth value, not for a country", n.Value)})
		}
	case tag == "!!timestamp" && want == "!!str" && len(n.Value) == len("2006-01-02"):
		// a day needs no quotes here
	case tag == "!!bool" && want == "!!str":
		w.fault(n, `Norway is "NO", in quotes`, "%s is a truth value, want text", n.Value)
	case want == "!!str":
		w.fault(n, `put it into quotes`, "want text, not %s", shape(tag))
	default:
		w.fault(n, "", "%s: want %s, not %q", key, map[string]string{"!!bool": "true or false", "!!int": "a number"}[want], n.Value)
	}
}

var falseToOthers = []string{"NO", "No", "no", "N", "n", "OFF", "Off", "off", "ON", "On", "on", "YES", "Yes", "yes", "Y", "y"}

func inList(path string, lists ...string) bool {
	last := path[strings.LastIndexByte(path, '.')+1:]
	last, _, _ = strings.Cut(last, "[")
	return slices.Contains(lists, last)
}
