package compare

import (
	"slices"

	"abroad/analyze/audit"
)

// New lists the items of a level that appeared, alone or with one of their hosts.
func New(c *audit.Comparison, level audit.ItemLevel) []*audit.Item {
	var list []*audit.Item
	for i := range c.Items {
		it := &c.Items[i]
		appeared := slices.ContainsFunc(c.Changes, func(ch audit.Change) bool {
			return ch.Class == audit.ChangeAppeared && (ch.Item == it.ID || slices.Contains(ch.Also, it.ID))
		})
		if it.Level == level && appeared {
			list = append(list, it)
		}
	}
	return list
}

// Decides reports whether the comparison could have found anything: enough sessions, and no control that differs from itself.
func Decides(c *audit.Comparison) bool {
	for _, arm := range c.Arms {
		if arm.Sessions < MinSessions {
			return false
		}
	}
	return !slices.ContainsFunc(c.Tests, func(t audit.SplitTest) bool { return t.Key != "arms" && t.Outcome == audit.SplitDifferent })
}
