package analyze

import (
	"slices"

	"abroad/analyze/audit"
	"abroad/capture"
)

// steps follows a session's marks while its packets are read.
type steps struct {
	marks []audit.Marker
	keyed bool // some mark has an action: then only those begin a step
	next  int
}

func newSteps(of *Folder) steps {
	if of == nil {
		return steps{}
	}
	return steps{marks: of.Session.Markers, keyed: slices.ContainsFunc(of.Session.Markers, func(m audit.Marker) bool { return m.Action != "" })}
}

// at returns the step that a packet of that time is in, if it is another one than before.
func (s *steps) at(t capture.Time) (step string, changed bool) {
	for ; s.next < len(s.marks) && s.marks[s.next].At <= t; s.next++ {
		switch m := &s.marks[s.next]; {
		case m.Action != "":
			step, changed = m.Action, true
		case !s.keyed:
			step, changed = m.Text, true
		}
	}
	return step, changed
}
