package locate

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"
	"abroad/capture"
)

// Options say which datasets a Library has besides those that the program carries.
type Options struct {
	Data      string   // dataset directory; "" or "none" for no more
	MMDB      []string // databases that the user names, in this order
	Overrides string   // file of corrections that the user names; "" is that of the dataset directory, if it has one
	// Only, if not nil, is an older audit's list: these datasets are used, and no others. One that is not there is an error.
	Only     []audit.Dataset
	Practice bool // also what is said about the practice fiction; asked for practice recordings only
}

// MaxCached is how many addresses a Library remembers, at about a kilobyte each.
const MaxCached = 1 << 14

// A Library is every dataset that was opened. It may be used by many goroutines at once.
type Library struct {
	sources   []*Source // as they are numbered
	asking    []*Source // as they are asked: those that know the AS first, since an AS can be an edge
	directory *dataset.Directory
	broken    []error
	practice  bool // has sources for the fiction

	mu     sync.Mutex
	cached map[question]*Said
	sheet  sheet
}

type question struct {
	address  netip.Addr
	practice bool
}

// A Query is what is known about an endpoint when datasets are asked about it.
type Query struct {
	Address  netip.Addr
	Names    []string // bound to flows to it, or on the way to it, in a fixed order
	Practice bool     // reached in a practice recording
}

// Said is what is known about an address without weighing it. It is shared: do not change it.
type Said struct {
	Class      audit.Class
	Translated netip.Addr    // the IPv4 address that datasets were asked about instead; zero if none
	Claims     []audit.Claim // in the order of Datasets; ids are zero
}

// Open opens the datasets. A database of o.MMDB that cannot be read, or is given twice, is an error; a dataset of the directory that cannot
// be read is left out and told by Broken.
func Open(o Options) (*Library, error) {
	dir, err := dataset.Open(o.Data)
	if err != nil {
		return nil, err
	}
	if o.Only != nil {
		if err := dir.Restrict(o.Only); err != nil {
			return nil, errors.Join(err, dir.Close())
		}
	}
	l := &Library{directory: dir, cached: map[question]*Said{}}
	opts := &options{Options: o, directory: dir}
	var others []audit.Dataset // opened, but not in the list to be repeated
	for _, locator := range All {
		sources, err := locator.Open(opts)
		if many, ok := err.(interface{ Unwrap() []error }); ok && locator == directory {
			l.broken = many.Unwrap()
		} else if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		for _, s := range sources {
			if o.Only != nil && !listed(o.Only, &s.Dataset.Dataset) {
				if locator == mmdb || locator == override && o.Overrides != "" {
					return nil, errors.Join(fmt.Errorf("dataset %q (SHA-256 %s) is not in the list to be repeated", s.Name, s.SHA256), l.Close())
				}
				others = append(others, s.Dataset.Dataset)
				continue
			}
			if err := l.add(s, locator); err != nil {
				return nil, errors.Join(err, l.Close())
			}
		}
	}
	if world, err := Map(); err == nil {
		others = append(others, world)
	}
	if err := l.missing(o.Only, others); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	l.asking = slices.Clone(l.sources)
	slices.SortStableFunc(l.asking, func(a, b *Source) int { return asked(a) - asked(b) })
	return l, nil
}

// listed reports whether the list has a dataset, by name and bytes.
func listed(list []audit.Dataset, d *audit.Dataset) bool {
	return slices.ContainsFunc(list, func(o audit.Dataset) bool { return o.Name == d.Name && o.SHA256 == d.SHA256 })
}

// missing returns an error of one line that names the first datasets of the list that were not opened. Of what programs carry, only what this
// one carries in another version (others) is missing: the rest is not about places.
func (l *Library) missing(list, others []audit.Dataset) error {
	const most = 3
	var says []string
	over := 0
	for i := range list {
		d := &list[i]
		opened := slices.ContainsFunc(l.sources, func(s *Source) bool { return s.Name == d.Name && s.SHA256 == d.SHA256 })
		other := slices.ContainsFunc(others, func(o audit.Dataset) bool { return o.Name == d.Name && o.SHA256 != d.SHA256 })
		if !opened && !d.Practice && (!d.Embedded || other) {
			if len(says) == most {
				over++
				continue
			}
			says = append(says, fmt.Sprintf("dataset %q of %s (SHA-256 %s) is missing", d.Name, d.AsOf, d.SHA256))
		}
	}
	if over > 0 {
		says = append(says, fmt.Sprintf("and so are %d more", over))
	}
	if len(says) == 0 {
		return nil
	}
	return errors.New(strings.Join(says, "; "))
}

func asked(s *Source) int {
	if s.Kind == dataset.Networks {
		return 0
	}
	return 1
}

// add numbers s. Names are how an audit calls its datasets, so they are unique.
func (l *Library) add(s *Source, locator *Locator) error {
	for _, other := range l.sources {
		if other.Name == s.Name {
			return fmt.Errorf("open dataset %q: there is another of this name (%s, %s)", s.Name, other.Origin, s.Origin)
		}
	}
	if s.By == "" {
		s.By = locator.Name
	}
	s.id = audit.ID{Kind: audit.KindDataset, N: uint32(len(l.sources) + 1)}
	s.ID = s.id
	l.practice = l.practice || s.Practice
	l.sources = append(l.sources, s)
	return nil
}

// Close releases files; what was said stays valid.
func (l *Library) Close() error { return l.directory.Close() }

// Datasets lists what was opened, numbered d1 …
func (l *Library) Datasets() []audit.Dataset {
	list := make([]audit.Dataset, len(l.sources))
	for i, s := range l.sources {
		list[i] = s.Dataset.Dataset
	}
	return list
}

// Age returns a warning if the dataset and the recording lie too far apart in time (dataset.Dataset.Age).
func (l *Library) Age(id audit.ID, recorded capture.Time) string {
	if id.Kind != audit.KindDataset || id.N == 0 || int(id.N) > len(l.sources) {
		return ""
	}
	return l.sources[id.N-1].Age(recorded)
}

// Notes says what a reader of an audit must know about datasets, one sentence each. What could not be read is known after the questions.
func (l *Library) Notes() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var notes []string
	for _, s := range l.sources {
		if s.Note == nil {
			continue
		}
		if note := s.Note(); note != "" {
			notes = append(notes, fmt.Sprintf("dataset %q %s", s.Name, note))
		}
	}
	return notes
}

// Broken returns what could not be read of the dataset directory, one error a dataset.
func (l *Library) Broken() []error { return slices.Clone(l.broken) }

// Ask returns what the datasets say about an address. Addresses that are no place are not asked about.
func (l *Library) Ask(q Query) Said {
	l.mu.Lock()
	defer l.mu.Unlock()
	q.Practice = q.Practice && l.practice
	key := question{q.Address, q.Practice}
	said, ok := l.cached[key]
	if !ok {
		said = new(Said)
		*said = l.ask(q)
		if len(l.cached) < MaxCached {
			l.cached[key] = said
		}
	}
	if later := confirmed(said.Claims); len(later)+len(q.Names) > 0 {
		return l.askNames(q, *said, later)
	}
	return *said
}

// Claims returns the claims of Ask.
func (l *Library) Claims(q Query) []audit.Claim { return l.Ask(q).Claims }

// ask asks the sources that read the address only.
func (l *Library) ask(q Query) Said {
	var said Said
	var fiction bool
	if said, fiction = l.classify(q); said.Class != audit.ClassPublic && said.Class != audit.ClassPractice && !said.Translated.IsValid() {
		return said
	}
	said.Claims = slices.Clip(l.collect(q, said, fiction, false, nil))
	return said
}

// askNames adds what the sources say that read names too: those of the recording, and those that a resolver gave later.
func (l *Library) askNames(q Query, said Said, later []string) Said {
	_, fiction := l.classify(q)
	if more := l.collect(q, said, fiction, true, later); len(more) > 0 {
		said.Claims = append(said.Claims, more...)
	}
	return said
}

// classify returns the class of an address, what to ask about, and whether it lies in the practice fiction.
func (l *Library) classify(q Query) (said Said, fiction bool) {
	a := q.Address.Unmap().WithZone("")
	class, inner := Classify(a)
	said.Class = class
	asked := a
	if inner.IsValid() {
		asked = inner
	}
	if fiction = q.Practice && inFiction(asked); fiction && !inner.IsValid() {
		said.Class = audit.ClassPractice
	}
	if inner.IsValid() && (fiction || public(inner)) {
		said.Translated = inner
	}
	return said, fiction
}

// collect asks the sources; the fiction's are asked about the fiction, all others about the world, and what people correct about both.
func (l *Library) collect(q Query, said Said, fiction, names bool, later []string) []audit.Claim {
	if said.Class != audit.ClassPublic && said.Class != audit.ClassPractice && !said.Translated.IsValid() {
		return nil
	}
	s := &l.sheet
	*s = sheet{address: q.Address, asked: q.Address.Unmap().WithZone(""), claims: s.claims[:0]}
	if said.Translated.IsValid() {
		s.asked = said.Translated
	}
	if names {
		s.names, s.later = q.Names, later
	}
	for _, source := range l.asking {
		if source.Names != names || source.Practice != fiction && source.overrides == nil {
			continue
		}
		s.by, s.set = source.By, source.id
		source.Answer(s)
	}
	slices.SortStableFunc(s.claims, func(a, b audit.Claim) int { return a.Said.Dataset.Compare(b.Said.Dataset) })
	return slices.Clone(s.claims)
}
