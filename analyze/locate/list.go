package locate

import (
	"abroad/analyze/audit"
	"abroad/analyze/dataset"
)

// A Locator opens one kind of evidence.
type Locator struct {
	Name string
	Doc  string // what it reads, in a sentence: feeds the help
	// Open opens every dataset of this kind that the options and the directory name. Datasets that can be read come back even if others
	// cannot; the error names each of those.
	Open func(*options) ([]*Source, error)
}

// All lists every locator, in the order in which datasets are numbered.
var All = []*Locator{
	embedded,
	anycast,
	directory,
	mmdb,
	override,
	practice,
	names,
}

// A Source is one dataset, opened.
type Source struct {
	dataset.Dataset
	// Answer adds what the dataset says about s.asked. It must not depend on earlier questions.
	Answer func(s *sheet)
	// Names: Answer reads s.names too, so that what it says holds for these names only.
	Names bool
	By    string        // name in claims, if it is not the locator's: which reader understood the rows
	Note  func() string // what a reader of the audit must know about the dataset, "has IPv6 addresses only"; nil for nothing

	id        audit.ID
	overrides *overrideList // if the source is one
}

// options is what locators may see of how a library is opened.
type options struct {
	Options
	directory *dataset.Directory
}
