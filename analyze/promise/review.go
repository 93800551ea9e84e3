package promise

import (
	"errors"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v4"
)

// Review returns the file's text with a review record in it: the texts in dir are attached to their sources by hash, and the record vouches
// for the present clauses. Every clause needs a quotation that its archived text holds; the first fault stops it. Comments stay.
func (f *File) Review(dir fs.FS, reviewer, date string) ([]byte, error) {
	if fault := f.CheckQuotes(dir, true).First(); fault != nil {
		return nil, fault
	}
	c := &checker{name: f.Name, lines: f.lines}
	for i := range f.Clauses {
		if f.Clauses[i].Quote == "" {
			c.fault(fmt.Sprintf("clauses[%d]", i), "quote the source: a review is of quotations", "clause %q has no quotation", f.Clauses[i].ID)
			return nil, c.faults[0]
		}
	}
	var root yaml.Node
	if err := yaml.Load(f.Text, &root); err != nil || len(root.Content) == 0 {
		return nil, errors.Join(errors.New("read the file again"), err)
	}
	doc := root.Content[0]
	record := &yaml.Node{Kind: yaml.MappingNode}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range f.Sources {
		s := &f.Sources[i]
		name, text, err := archived(s, dir)
		if err != nil {
			continue // nobody's clause stands on it
		}
		sum := hash(text)
		if s.Archive == nil {
			s.Archive = &Archive{Type: "file", Ref: name}
		}
		s.Archive.SHA256 = sum
		list.Content = append(list.Content, mapping("source", s.ID, "sha256", sum))
		node := get(doc, "sources").Content[i]
		if node.Kind == yaml.AliasNode {
			return nil, &Fault{File: f.Name, Line: node.Line, Says: "a source is an alias", Hint: "write it out"}
		}
		set(node, "archive", mapping("type", s.Archive.Type, "ref", s.Archive.Ref, "sha256", sum))
	}
	for _, pair := range [][2]string{{"reviewer", reviewer}, {"date", date}, {"clauses_sha256", f.Hash()}} {
		set(record, pair[0], text(pair[1]))
	}
	set(record, "archived", list)
	meta := get(doc, "metadata")
	if meta == nil || meta.Kind != yaml.MappingNode {
		return nil, &Fault{File: f.Name, Says: "metadata is not written out"}
	}
	set(meta, "review", text("reviewed"))
	set(meta, "review_record", record)
	meta.Style &^= yaml.FlowStyle
	out, err := yaml.Dump(&root, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, fmt.Errorf("write the record: %w", err)
	}
	again, faults := Parse(f.Name, out)
	if fault := faults.First(); fault != nil {
		return nil, fault
	}
	if ok, why := again.Reviewed(); !ok {
		return nil, fmt.Errorf("internal: the file that was written does not count as reviewed: %s", why)
	}
	return out, nil
}

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if s != "reviewed" {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func mapping(pairs ...string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for i := 0; i+1 < len(pairs); i += 2 {
		set(n, pairs[i], text(pairs[i+1]))
	}
	return n
}

// get returns the value of a key, nil if the mapping has none.
func get(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// set gives a key its value, at its place if it is there, else at the end.
func set(n *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			value.LineComment = n.Content[i+1].LineComment
			n.Content[i+1] = value
			return
		}
	}
	k := &yaml.Node{}
	k.SetString(key)
	n.Content = append(n.Content, k, value)
}
