package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/stats"
)

// apart is the difference of shares from which on counts that decide nothing are listed as unresolved, if both arms show the item.
const apart = 0.25

// classes says what every item is. A change of a domain or an organisation that comes with that of one of its hosts stands with the host.
func (c *comparer) classes() {
	if c.of[0] < MinSessions || c.of[1] < MinSessions {
		c.stopped = fmt.Sprintf("With %d and %d sessions no count can show a difference: each arm needs at least %d.", c.of[0], c.of[1], MinSessions)
	}
	items := map[key]*audit.Item{}
	for i := range c.out.Items {
		it := &c.out.Items[i]
		items[key{it.Level, it.Name}] = it
	}
	covered := map[string]bool{} // ids of items that stand with a host
	moves := c.moves()
	for i := range c.out.Items {
		it := &c.out.Items[i]
		class := c.class(it)
		if it.Level == audit.LevelHost {
			if m := moves[it.ID]; len(m) > 0 {
				c.moved(it, m)
			}
		}
		if class == "" || covered[it.ID] {
			continue
		}
		if class == audit.ChangeUnresolved && (it.Level == audit.LevelDomain || it.Level == audit.LevelOrganisation) {
			continue // their hosts are listed
		}
		change := c.change(it, class)
		if it.Level == audit.LevelHost || it.Level == audit.LevelDomain {
			for _, above := range []key{{audit.LevelDomain, it.Domain}, {audit.LevelOrganisation, it.Organisation}} {
				if up := items[above]; up != nil && up.ID != it.ID && class != audit.ChangeUnresolved && class != audit.ChangeRotation && c.class(up) == class {
					change.Also = append(change.Also, up.ID)
					covered[up.ID] = true
				}
			}
		}
		change.Says = c.says(it, class, change.Also)
		c.out.Changes = append(c.out.Changes, change)
	}
	order := []audit.ChangeClass{audit.ChangeAppeared, audit.ChangeDisappeared, audit.ChangeMoved, audit.ChangeFrequency, audit.ChangeUnresolved, audit.ChangeRotation}
	slices.SortStableFunc(c.out.Changes, func(x, y audit.Change) int {
		if x.Class == audit.ChangeUnresolved && y.Class == audit.ChangeUnresolved {
			return cmp.Compare(x.P, y.P) // what is nearest to a decision stands first
		}
		return slices.Index(order, x.Class) - slices.Index(order, y.Class)
	})
	for i := range c.out.Changes {
		c.out.Changes[i].ID = "k" + strconv.Itoa(i+1)
	}
}

// class is empty when the counts show nothing.
func (c *comparer) class(it *audit.Item) audit.ChangeClass {
	a, b := it.A, it.B
	switch {
	case c.stopped == "" && it.Tested && it.Q <= Rate && a.Seen == 0:
		return audit.ChangeAppeared
	case c.stopped == "" && it.Tested && it.Q <= Rate && b.Seen == 0:
		return audit.ChangeDisappeared
	case c.stopped == "" && it.Tested && it.Q <= Rate:
		return audit.ChangeFrequency
	}
	difference := c.apart[it.ID]
	if difference == 0 {
		return rotates(it)
	}
	if a.Seen == 0 || b.Seen == 0 || difference >= apart || difference <= -apart {
		return audit.ChangeUnresolved
	}
	return rotates(it)
}

// rotates reports whether both arms show the item, each under names that the other one does not show.
func rotates(it *audit.Item) audit.ChangeClass {
	if it.Level != audit.LevelHost {
		return ""
	}
	onlyA, onlyB := onlyIn(it)
	if onlyA > 0 && onlyB > 0 {
		return audit.ChangeRotation
	}
	return ""
}

// onlyIn counts the names inside an item that one arm alone shows.
func onlyIn(it *audit.Item) (a, b int) {
	for _, m := range it.Members {
		switch {
		case m.B == 0:
			a++
		case m.A == 0:
			b++
		}
	}
	return a, b
}

func (c *comparer) change(it *audit.Item, class audit.ChangeClass) audit.Change {
	change := audit.Change{
		Class: class, Level: it.Level, Item: it.ID, Name: it.Name, P: it.P, Q: it.Q,
		A: audit.Count{Seen: it.A.Seen, Of: it.A.Of}, B: audit.Count{Seen: it.B.Seen, Of: it.B.Of},
		Because: slices.Concat(it.A.Evidence, it.B.Evidence),
	}
	if class == audit.ChangeUnresolved {
		change.Missing, change.Needed = c.missing(it)
	}
	return change
}

// missing says what would decide an item.
func (c *comparer) missing(it *audit.Item) (list []string, needed int) {
	if c.stopped != "" && c.of[0] >= MinSessions && c.of[1] >= MinSessions {
		return []string{"sessions that agree with each other"}, 0
	}
	if c.stratified {
		return []string{"more sessions of each arm, in equal numbers where they were recorded alike (see the limits)"}, 0
	}
	// The adjustment asks most of the smallest p; what passes this passes whatever the other items do.
	alpha := Rate / float64(max(1, c.tested[it.Level]))
	needed = stats.NeededFor(it.A.Seen, it.A.Of, it.B.Seen, it.B.Of, alpha, neededLimit)
	if needed == 0 {
		return []string{fmt.Sprintf("more than %d sessions of each arm, if the shares stay as they are", neededLimit)}, 0
	}
	return []string{fmt.Sprintf("about %d sessions of each arm, if the shares stay as they are", needed)}, needed
}

// says words a change. What goes with the arm is said to do so only if the sessions were recorded by turns.
func (c *comparer) says(it *audit.Item, class audit.ChangeClass, also []string) string {
	counts := fmt.Sprintf("%d/%d -> %d/%d sessions", it.A.Seen, it.A.Of, it.B.Seen, it.B.Of)
	if it.Level == audit.LevelJurisdiction {
		return c.saysPlace(it, class, counts)
	}
	what := it.Name
	new := ""
	if len(also) > 0 {
		var words []string
		for _, id := range also {
			for i := range c.out.Items {
				if v := &c.out.Items[i]; v.ID == id {
					words = append(words, string(v.Level)+" "+v.Name)
				}
			}
		}
		new = ", and with it " + strings.Join(words, " and ")
	}
	tail := c.tail()
	by := tail == "" && c.by.Name == "version"
	switch class {
	case audit.ChangeAppeared:
		if by {
			return fmt.Sprintf("%s added %s%s: %s", capital(c.words(1)), what, new, counts)
		}
		return fmt.Sprintf("%s appeared%s: %s%s", what, new, counts, tail)
	case audit.ChangeDisappeared:
		if by {
			return fmt.Sprintf("%s dropped %s%s: %s", capital(c.words(1)), what, new, counts)
		}
		return fmt.Sprintf("%s disappeared%s: %s%s", what, new, counts, tail)
	case audit.ChangeFrequency:
		word := "more"
		if it.B.Seen*it.A.Of < it.A.Seen*it.B.Of {
			word = "fewer"
		}
		return fmt.Sprintf("%s occurs in %s sessions%s: %s%s", what, word, new, counts, tail)
	case audit.ChangeRotation:
		a, b := onlyIn(it)
		return fmt.Sprintf("%s has different names in each arm (%d only in %s, %d only in %s) but is one service: %s", what, a, c.value[0], b, c.value[1], counts)
	}
	return fmt.Sprintf("%s: %s, undecided", what, counts)
}

// hostsNamed is how many hosts a sentence about a jurisdiction names.
const hostsNamed = 3

// saysPlace words a change of a jurisdiction, with the hosts that lead there.
func (c *comparer) saysPlace(it *audit.Item, class audit.ChangeClass, counts string) string {
	what := jurisdictionWords(it.Name)
	if class == audit.ChangeUnresolved {
		return fmt.Sprintf("%s: %s, undecided", what, counts)
	}
	verb := map[audit.ChangeClass]string{audit.ChangeAppeared: "New: ", audit.ChangeDisappeared: "Gone: ", audit.ChangeFrequency: "In a different share of sessions: "}[class]
	var by []string
	for _, m := range it.Members {
		if class == audit.ChangeFrequency || class == audit.ChangeAppeared && m.B > 0 || class == audit.ChangeDisappeared && m.A > 0 {
			by = append(by, m.Name)
		}
	}
	names := strings.Join(by[:min(len(by), hostsNamed)], ", ")
	if n := len(by) - hostsNamed; n > 0 {
		names += fmt.Sprintf(" and %d more", n)
	}
	return verb + what + ": " + counts + ", via " + names + c.tail()
}

// tail says what keeps a difference from being put down to what the arms are told apart by; empty if nothing known does.
func (c *comparer) tail() string {
	d := &c.out.Design
	if !d.Interleaved {
		return "; whether this is associated with " + c.noun() + " or with time cannot be determined"
	}
	if len(d.Differs) == 0 {
		return ""
	}
	return "; the arms also differ in " + c.differing() + ", so what this is associated with cannot be determined"
}

// differing lists the fields, besides that of the arms, in which the arms differ.
func (c *comparer) differing() string {
	var fields []string
	for _, f := range c.out.Design.Differs {
		fields = append(fields, strings.ReplaceAll(f.Field, "-", " "))
	}
	return strings.Join(fields, " and ")
}

// jurisdictionWords reads "J1 IE" aloud.
func jurisdictionWords(name string) string {
	level, country, _ := strings.Cut(name, " ")
	switch level {
	case "J1":
		return "servers placed in " + country + " (J1, L2 or better)"
	case "J2":
		return "networks registered in " + country + " (J2)"
	case "J3":
		return "organisations with their seat in " + country + " (J3)"
	}
	return "organisations whose ultimate parent has its seat in " + country + " (J4)"
}
