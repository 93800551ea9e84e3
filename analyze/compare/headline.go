package compare

import (
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/stats"
)

// headline says in plain words what the change table holds. It never says more than the tests.
func (c *comparer) headline() {
	add := func(format string, args ...any) {
		c.out.Headline = append(c.out.Headline, fmt.Sprintf(format, args...))
	}
	count := map[audit.ChangeClass]int{}
	for i := range c.out.Changes {
		if ch := &c.out.Changes[i]; ch.Level != audit.LevelJurisdiction {
			count[ch.Class]++
		}
	}
	arms := fmt.Sprintf("%s (%s) against %s (%s)", capital(c.words(1)), sessions(c.of[1]), c.words(0), sessions(c.of[0]))
	if c.stopped != "" {
		add("%s: nothing is concluded.", arms)
		add("%s", c.stopped)
		if c.of[0] < MinSessions || c.of[1] < MinSessions {
			add("%s", c.power())
		}
	} else {
		var parts []string
		for _, class := range []struct {
			class audit.ChangeClass
			words string
		}{{audit.ChangeAppeared, "appeared"}, {audit.ChangeDisappeared, "disappeared"}, {audit.ChangeMoved, "moved"}, {audit.ChangeFrequency, "changed in frequency"}} {
			if n := count[class.class]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, class.words))
			}
		}
		if len(parts) == 0 {
			add("%s: no difference between destinations was shown.", arms)
		} else {
			add("%s: among destinations %s.", arms, strings.Join(parts, ", "))
			c.wholes(add)
		}
		for i := range c.out.Changes {
			ch := &c.out.Changes[i]
			if ch.Class != audit.ChangeUnresolved && ch.Class != audit.ChangeRotation {
				add("%s (p %s, q %s).", ch.Says, short(ch.P), short(ch.Q))
			}
		}
	}
	for i := range c.out.Clauses {
		if cl := &c.out.Clauses[i]; cl.Changed {
			add("%s.", cl.Words)
		}
	}
	if fields := c.differing(); fields != "" {
		add("The arms also differ in %s: what differs may be associated with that.", fields)
	}
	if n := count[audit.ChangeUnresolved]; n > 0 {
		other := ""
		if c.stopped == "" && n < len(c.out.Changes) {
			other = "other "
		}
		add("%d %s%s could not be decided with this many sessions.", n, other, plural(n, "difference"))
	}
	if n := count[audit.ChangeRotation]; n > 0 && c.stopped == "" {
		add("%d %s different names in each arm but %s: rotation, not a change.", n, plural3(n, "service has", "services have"), plural3(n, "is the same", "are the same"))
	}
}

// wholes says what the test of the arms as wholes leaves open when single destinations are said to have changed: one among many moves it little.
func (c *comparer) wholes(add func(string, ...any)) {
	if !c.controlled() {
		add("%s", noControl)
	}
	switch arms := c.out.Tests[len(c.out.Tests)-1]; arms.Outcome {
	case audit.SplitAlike:
		add("The arms as a whole were not shown to differ (p %s): what follows rests on the counts of single destinations.", short(arms.P))
	case audit.SplitUnresolved:
		add("Whether the arms as a whole differ is unresolved: what follows rests on the counts of single destinations.")
	}
}

const noControl = "No control could be run with these sessions: whether either arm differs from itself was not tested."

// controlled reports whether a control has an outcome.
func (c *comparer) controlled() bool {
	return slices.ContainsFunc(c.out.Tests, func(t audit.SplitTest) bool { return t.Key != "arms" && t.Outcome != audit.SplitUnresolved })
}

// power says what so many sessions can find of what is new, and how many it takes.
func (c *comparer) power() string {
	tests := c.tested[audit.LevelHost]
	if tests == 0 {
		tests = len(c.sorted(audit.LevelHost))
	}
	alpha := Rate / float64(tests+1)
	var finds, takes []string
	for _, share := range []float64{0.9, 0.7} {
		if p := stats.Power(c.of[0], c.of[1], 0, share, alpha); p >= 0.005 {
			finds = append(finds, fmt.Sprintf("%.2f if it occurs in %.0f%% of sessions", p, 100*share))
		}
		if n := stats.Needed(0, share, alpha, 0.9, neededLimit); n > 0 {
			takes = append(takes, fmt.Sprintf("%d sessions of each arm if it occurs in %.0f%%", n, 100*share))
		}
	}
	found := "no new host can be found"
	if len(finds) > 0 {
		found = "a new host is found with a probability of at least " + strings.Join(finds, ", ")
	}
	return fmt.Sprintf("With %d and %s and %d other %s to test, %s. A probability of 0.90 takes %s.",
		c.of[0], sessions(c.of[1]), tests, plural(tests, "host"), found, strings.Join(takes, ", "))
}

func sessions(n int) string { return fmt.Sprintf("%d %s", n, plural(n, "session")) }

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

func plural3(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// short writes a probability for people: two digits, and "<0.0001" for what is smaller.
func short(p float64) string {
	if p < 0.0001 {
		return "<0.0001"
	}
	return fmt.Sprintf("%.2g", p)
}

// limits says what the comparison cannot show, after what came up on the way.
func (c *comparer) limits() {
	d := &c.out.Design
	for _, f := range d.Differs {
		c.limit(fmt.Sprintf("The arms also differ in %s: %s; %s. What differs may be associated with that.", strings.ReplaceAll(f.Field, "-", " "), values(f.A), values(f.B)))
	}
	if !c.controlled() {
		c.limit(noControl)
	}
	tools := map[string]bool{}
	for _, a := range c.out.Audits {
		tools[a.Tool] = true
	}
	if len(tools) > 1 {
		c.limit("The audits were made by different versions of the program: audit the recordings again with a single one.")
	}
	if !c.sameDatasets() {
		c.limit("The audits did not use the same datasets: places, operators and owners may differ for that reason alone.")
	}
	c.lossLimits()
	if c.out.Arms[0].Sessions >= MinSessions && c.out.Arms[1].Sessions >= MinSessions { // else it stands above
		c.limit(c.power())
	}
	if d.Level == "device" {
		c.limit("Every flow of the device counts: what the operating system and other apps sent is in both arms. A recorder that names the sending app would leave it out.")
	}
	for _, arm := range c.out.Arms {
		if arm.Sessions > 0 {
			c.limit(fmt.Sprintf("%s: a host never seen in %s may still be used in up to %.0f%% of sessions (95%% confidence). Hosts seen: %d of at least %.0f; coverage %.2f.",
				capital(arm.Words), sessions(arm.Sessions), 100*arm.Unseen, arm.Hosts, arm.Richness, arm.Coverage))
		}
	}
	c.limit("Addresses are counted and never compared: they rotate from session to session.")
}

// lossLimits says where traffic is missing from the recordings themselves.
func (c *comparer) lossLimits() {
	lost, overflow := 0, false
	for _, s := range c.all {
		if !s.counts() {
			continue
		}
		for _, id := range s.s.Recordings {
			if s.Audit.Recordings[id.N-1].Lost > 0 {
				lost++
				break
			}
		}
		overflow = overflow || len(s.Audit.Overflow) > 0
	}
	if lost > 0 {
		c.limit(fmt.Sprintf("The recorder lost packets in %s: what they do not show may still have been sent.", sessions(lost)))
	}
	if overflow {
		c.limit("An audit reached its flow limit: flows past it have no names and are not compared.")
	}
}

// sameDatasets reports whether every audit cites the same list of digests.
func (c *comparer) sameDatasets() bool {
	for i := range c.out.Audits {
		x, y := c.out.Audits[0].Datasets, c.out.Audits[i].Datasets
		if len(x) != len(y) {
			return false
		}
		for j := range x {
			if x[j].SHA256 != y[j].SHA256 {
				return false
			}
		}
	}
	return true
}

func values(list []string) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = orNotRecorded(v)
	}
	return strings.Join(words, ", ")
}

func orNotRecorded(v string) string {
	if v == "" {
		return "not recorded"
	}
	return v
}
