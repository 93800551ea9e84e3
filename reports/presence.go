package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

func root(v float64) float64 { return math.Sqrt(v) }

// A presence says which host was reached in which session: the honest picture of how much differs between runs of the same thing.
type presence struct {
	Sessions     []audit.ID
	MoreSessions int
	Rows         []matrixHost
	MoreRows     int
	Always, Once uint64 // hosts seen in every session, and in one only
	All          uint64
	Says         string
}

type matrixHost struct {
	Host  foreign
	In    []bool // as Sessions
	Count int
	Up    uint64
}

// newPresence needs two sessions; failed ones count for nothing.
func newPresence(a *audit.Audit) *presence {
	const columns, rows, hosts = 30, 60, 50_000
	of := sessionsOf(a)
	column := make([]int, len(a.Sessions))
	var m presence
	counted := 0
	for i := range a.Sessions {
		column[i] = -1
		if a.Sessions[i].Failed != "" {
			continue
		}
		column[i] = counted
		counted++
		if counted <= columns {
			m.Sessions = append(m.Sessions, a.Sessions[i].ID)
		}
	}
	if counted < 2 {
		return nil
	}
	m.MoreSessions = counted - len(m.Sessions)
	type seen struct {
		name string
		in   []bool
		up   uint64
	}
	byName := map[string]*seen{}
	for _, f := range a.Flows {
		i, ok := of[f.Recording]
		if !ok || column[i] < 0 || len(f.Names) == 0 || !f.Names[0].How.Strong() || a.Coverage.DeviceSure && !f.Device {
			continue
		}
		s := byName[f.Names[0].Name]
		if s == nil {
			if len(byName) == hosts {
				continue
			}
			s = &seen{name: f.Names[0].Name, in: make([]bool, counted)}
			byName[s.name] = s
		}
		s.in[column[i]] = true
		s.up += f.BytesUp
	}
	all := make([]*seen, 0, len(byName))
	for _, s := range byName {
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil
	}
	times := func(s *seen) (n int) {
		for _, in := range s.in {
			if in {
				n++
			}
		}
		return n
	}
	slices.SortFunc(all, func(a, b *seen) int {
		return cmp.Or(cmp.Compare(times(b), times(a)), cmp.Compare(b.up, a.up), strings.Compare(a.name, b.name))
	})
	for _, s := range all {
		n := times(s)
		switch n {
		case counted:
			m.Always++
		case 1:
			m.Once++
		}
		if len(m.Rows) == rows {
			m.MoreRows++
			continue
		}
		m.Rows = append(m.Rows, matrixHost{clipName(s.name, 80), s.in[:len(m.Sessions)], n, s.up})
	}
	m.All = uint64(len(all))
	m.Says = "Of " + plural(m.All, "host") + " with a strong name, " + count(m.Always) + " were reached in all " + count(uint64(counted)) + " sessions and " + count(m.Once) +
		" in one only. Hosts that come and go between like sessions are the noise that any comparison has to rise above."
	return &m
}
