package audit

import (
	"fmt"
	"strconv"
)

// CheckComparison proves that a comparison holds together: ordinals are those of their lists, counts are those of the sessions they name,
// every change stands on an item that is there, and every piece of evidence on an audit that is listed. It returns the first fault.
func CheckComparison(c *Comparison) error {
	k := comparisonChecker{c: c, audits: map[string]bool{}, items: map[string]*Item{}}
	for _, step := range []func() error{k.arms, k.sessions, k.tests, k.itemList, k.changes, k.clauses} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

type comparisonChecker struct {
	c      *Comparison
	audits map[string]bool
	items  map[string]*Item
	count  [2]int // sessions of each arm that count
}

func (k *comparisonChecker) arms() error {
	if len(k.c.Arms) != 2 || k.c.Arms[0].Key != "A" || k.c.Arms[1].Key != "B" {
		return fmt.Errorf("a comparison has two arms, A and B")
	}
	for i := range k.c.Audits {
		key := k.c.Audits[i].Key
		if key == "" || k.audits[key] {
			return fmt.Errorf("audit %d: key %q is empty or not the only one", i+1, key)
		}
		k.audits[key] = true
	}
	return nil
}

func (k *comparisonChecker) sessions() error {
	for i := range k.c.Sessions {
		s := &k.c.Sessions[i]
		if s.N != uint32(i+1) {
			return fmt.Errorf("session %d stands where %d should", s.N, i+1)
		}
		if !k.audits[s.Audit] || s.Session.Kind != KindSession {
			return fmt.Errorf("session %d: %s of audit %q is not listed", s.N, s.Session, s.Audit)
		}
		if s.LeftOut != "" {
			continue
		}
		switch s.Arm {
		case "A":
			k.count[0]++
		case "B":
			k.count[1]++
		case "C":
		default:
			return fmt.Errorf("session %d: there is no arm %q", s.N, s.Arm)
		}
	}
	for i, arm := range k.c.Arms {
		if arm.Sessions != k.count[i] {
			return fmt.Errorf("arm %s has %d sessions, %d are listed", arm.Key, arm.Sessions, k.count[i])
		}
	}
	return nil
}

func (k *comparisonChecker) tests() error {
	for _, t := range k.c.Tests {
		if t.Outcome == SplitUnresolved && len(t.Missing) == 0 {
			return fmt.Errorf("test %s: unresolved, and does not say what is missing", t.Key)
		}
		if !(t.P >= 0 && t.P <= 1) {
			return fmt.Errorf("test %s: p is %g", t.Key, t.P)
		}
	}
	return nil
}

func (k *comparisonChecker) itemList() error {
	for i := range k.c.Items {
		item := &k.c.Items[i]
		if want := "i" + strconv.Itoa(i+1); item.ID != want {
			return fmt.Errorf("%s stands where %s should", item.ID, want)
		}
		k.items[item.ID] = item
		for arm, p := range [...]*Presence{&item.A, &item.B} {
			if err := k.presence(item.ID, p, arm); err != nil {
				return err
			}
		}
		if !(item.P >= 0 && item.P <= 1 && item.Q >= 0 && item.Q <= 1) {
			return fmt.Errorf("%s: p is %g, q is %g", item.ID, item.P, item.Q)
		}
	}
	return nil
}

func (k *comparisonChecker) presence(id string, p *Presence, arm int) error {
	if p.Of != k.count[arm] || p.Seen != len(p.Sessions) || p.Seen > p.Of {
		return fmt.Errorf("%s: %d of %d sessions, and %d are named", id, p.Seen, p.Of, len(p.Sessions))
	}
	for i, n := range p.Sessions {
		if n < 1 || int64(n) > int64(len(k.c.Sessions)) || i > 0 && n <= p.Sessions[i-1] {
			return fmt.Errorf("%s: session %d is not listed, or not in order", id, n)
		}
		if s := &k.c.Sessions[n-1]; s.LeftOut != "" || s.Arm != k.c.Arms[arm].Key {
			return fmt.Errorf("%s: session %d does not count for arm %s", id, n, k.c.Arms[arm].Key)
		}
	}
	return k.evidence(id, p.Evidence)
}

func (k *comparisonChecker) evidence(at string, list []Evidence) error {
	for _, e := range list {
		if !k.audits[e.Audit] {
			return fmt.Errorf("%s: stands on audit %q, which is not listed", at, e.Audit)
		}
		if len(e.IDs) == 0 {
			return fmt.Errorf("%s: names nothing in audit %q", at, e.Audit)
		}
	}
	return nil
}

func (k *comparisonChecker) changes() error {
	for i := range k.c.Changes {
		change := &k.c.Changes[i]
		if want := "k" + strconv.Itoa(i+1); change.ID != want {
			return fmt.Errorf("%s stands where %s should", change.ID, want)
		}
		if k.items[change.Item] == nil {
			return fmt.Errorf("%s: item %q is not listed", change.ID, change.Item)
		}
		for _, also := range change.Also {
			if k.items[also] == nil {
				return fmt.Errorf("%s: item %q is not listed", change.ID, also)
			}
		}
		if len(change.Because) == 0 {
			return fmt.Errorf("%s: stands on nothing", change.ID)
		}
		if change.Class == ChangeUnresolved && len(change.Missing) == 0 {
			return fmt.Errorf("%s: unresolved, and does not say what is missing", change.ID)
		}
		if change.Class == ChangeMoved && len(change.Moves) == 0 {
			return fmt.Errorf("%s: moved, and does not say where", change.ID)
		}
		if err := k.evidence(change.ID, change.Because); err != nil {
			return err
		}
		for _, m := range change.Moves {
			for _, spot := range append(append([]Spot(nil), m.From...), m.To...) {
				if err := k.evidence(change.ID, spot.Evidence); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (k *comparisonChecker) clauses() error {
	for _, clause := range k.c.Clauses {
		for _, v := range append(append([]ClauseInArm(nil), clause.A...), clause.B...) {
			if !k.audits[v.Audit] || v.Verdict.Kind != KindVerdict {
				return fmt.Errorf("clause %q: verdict %s of audit %q is not listed", clause.Key, v.Verdict, v.Audit)
			}
		}
	}
	return nil
}
