package locate

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"time"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"

	"go.yaml.in/yaml/v4"
)

var override = &Locator{
	Name: "override",
	Doc:  "Reads corrections by hand (overrides.yaml): prefix, country, author, date and reason of each.",
	Open: openOverrides,
}

// OverridesName is the file of corrections in a dataset directory. No index lists it: people write it.
const OverridesName = dataset.OverridesName

// Limits of a file of corrections.
const (
	maxOverrides     = 10_000
	maxOverridesFile = 4 << 20 // bytes
	maxReason        = 1000    // bytes
	maxKeys          = 1000    // of one mapping: the decoder compares each with every other
)

// openOverrides reads the file that the user names, or that of the dataset directory. A correction that cannot be read is an error: the user
// counts on it.
func openOverrides(o *options) ([]*Source, error) {
	name := o.Overrides
	var file []byte
	var err error
	if name != "" {
		file, _, err = dataset.ReadFile(name)
	} else {
		name = OverridesName
		file, err = o.directory.File(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open overrides %q: %w", name, err)
	}
	list, err := readOverrides(file)
	if err != nil {
		return nil, fmt.Errorf("open overrides %q: %w", name, err)
	}
	return []*Source{list.source(file)}, nil
}

// An overrideList is a file of corrections.
type overrideList struct {
	table prefixes[audit.Override]
	last  string // the latest date
}

func (l *overrideList) source(file []byte) *Source {
	s := &Source{Answer: l.answer, overrides: l}
	s.File, s.Kind = OverridesName, dataset.Overrides
	s.Name, s.Title, s.Publisher, s.Licence = "overrides", "corrections by hand", "the user", "as supplied by the user"
	s.AsOf, s.Origin, s.SHA256, s.Bytes = l.last, OverridesName, sha256.Sum256(file), int64(len(file))
	return s
}

func (l *overrideList) answer(s *sheet) {
	r := l.table.find(s.asked)
	if r == nil {
		return
	}
	o := &r.value
	s.say(o.Prefix, audit.Claim{Kind: audit.ClaimOverride, Country: o.Country, Role: audit.RoleHost,
		Detail: tidy("by " + o.Author + " on " + o.Date + ": " + o.Reason)})
}

// An overrideRow is one correction as it is written. Everything is text: a country that is written NO is Norway.
type overrideRow struct {
	Prefix  string `yaml:"prefix"`
	Country string `yaml:"country"`
	Author  string `yaml:"author"`
	Date    string `yaml:"date"`
	Reason  string `yaml:"reason"`
}

// readOverrides reads a mapping with one key, overrides, a list of rows in which nothing may be missing. The most specific prefix counts;
// one prefix twice is an error. Errors name the correction by its ordinal.
func readOverrides(file []byte) (*overrideList, error) {
	if len(file) > maxOverridesFile {
		return nil, fmt.Errorf("has %d bytes, want at most %d", len(file), maxOverridesFile)
	}
	var root yaml.Node
	if err := yaml.Load(file, &root); err == nil { // else the decoder below says what is wrong, in its words
		if n := wide(&root); n != nil {
			return nil, fmt.Errorf("line %d: a mapping of %d keys, at most %d are read", n.Line, len(n.Content)/2, maxKeys)
		}
	}
	var doc struct {
		Overrides []overrideRow `yaml:"overrides"`
	}
	if err := yaml.Load(file, &doc, yaml.WithV4Defaults(), yaml.WithKnownFields()); err != nil {
		return nil, err
	}
	if len(doc.Overrides) > maxOverrides {
		return nil, fmt.Errorf("has %d corrections, want at most %d", len(doc.Overrides), maxOverrides)
	}
	l := &overrideList{}
	seen := map[netip.Prefix]int{}
	rows := make([]row[audit.Override], 0, len(doc.Overrides))
	for i, r := range doc.Overrides {
		p, o, err := r.check()
		if err != nil {
			return nil, fmt.Errorf("correction %d: %w", i+1, err)
		}
		if first, twice := seen[p]; twice {
			return nil, fmt.Errorf("correction %d: %s is also in correction %d", i+1, p, first)
		}
		seen[p] = i + 1
		rows = append(rows, row[audit.Override]{p, i + 1, o})
		l.last = max(l.last, o.Date)
	}
	var err error
	l.table, err = index(rows)
	return l, err
}

// wide finds a mapping of too many keys.
func wide(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.MappingNode && len(n.Content) > 2*maxKeys {
		return n
	}
	for _, c := range n.Content {
		if w := wide(c); w != nil {
			return w
		}
	}
	return nil
}

func (r *overrideRow) check() (netip.Prefix, audit.Override, error) {
	o := audit.Override{Country: Country(r.Country), Author: r.Author, Date: r.Date, Reason: strings.TrimSpace(r.Reason)}
	p, err := parsePrefix(r.Prefix)
	if err != nil {
		return p, o, err
	}
	o.Prefix = p.String()
	if o.Country == "" {
		return p, o, fmt.Errorf("country %q: want a code of ISO 3166-1", r.Country)
	}
	if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
		return p, o, fmt.Errorf("date %q: want one like 2006-01-02", r.Date)
	}
	if strings.TrimSpace(r.Author) == "" || o.Reason == "" {
		return p, o, errors.New("want an author and a reason")
	}
	if len(r.Author) > maxText || len(o.Reason) > maxReason {
		return p, o, fmt.Errorf("author or reason is longer than %d and %d bytes", maxText, maxReason)
	}
	return p, o, nil
}

// Override returns the correction that a claim quotes, by its prefix; nil if the claim is none.
func (l *Library) Override(c *audit.Claim) *audit.Override {
	if c.Kind != audit.ClaimOverride {
		return nil
	}
	for _, s := range l.sources {
		if s.overrides == nil {
			continue
		}
		for i := range s.overrides.table.rows {
			if o := &s.overrides.table.rows[i].value; o.Prefix == c.Said.Key {
				return o
			}
		}
	}
	return nil
}
