package promise

import (
	"cmp"
	"slices"
	"strconv"
)

// A Fault is something wrong in a file, with its line. A warning does not stop an audit.
type Fault struct {
	File    string
	Line    int // 0 = the file as a whole
	Says    string
	Hint    string
	Warning bool
}

// Error is "tiktok.yaml:12: unknown key \"plcaes\"".
func (f *Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Says
	}
	return f.File + ":" + strconv.Itoa(f.Line) + ": " + f.Says
}

// Faults are all that is wrong with a file, in the order of its lines; Error is the first that is no warning.
type Faults []*Fault

// First returns the first fault that is no warning, or nil.
func (f Faults) First() *Fault {
	for _, fault := range f {
		if !fault.Warning {
			return fault
		}
	}
	return nil
}

func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b *Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f
}
