package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// An Input is an audit, and where it came from.
type Input struct {
	Name   string         // as the user gave it
	SHA256 capture.Digest // of the document; zero if it was made for this comparison
	Audit  *audit.Audit
}

// A source is an input with its key.
type source struct {
	Input
	key    string
	owners map[string]*audit.Organisation // by host name
}

// A session is one of those that are compared.
type session struct {
	*source
	s       *audit.Session
	arm     string // "A", "B", "C"
	n       int    // index among all sessions, given last
	level   string
	stratum string
	value   string // of the field that tells the arms apart
	leftOut string
	day     string
	bytesUp uint64
}

func (s *session) counts() bool { return s.leftOut == "" }

// String names a session in errors: "s3 of A1".
func (s *session) String() string { return s.s.ID.String() + " of " + s.key }

// sources gives keys, in an order that does not depend on the order in which the audits were given.
func sources(arm string, inputs []Input) []*source {
	list := make([]*source, len(inputs))
	for i, in := range inputs {
		list[i] = &source{Input: in}
	}
	first := func(s *source) capture.Time {
		t := capture.MaxTime
		for i := range s.Audit.Sessions {
			t = min(t, s.Audit.Sessions[i].Start)
		}
		return t
	}
	slices.SortStableFunc(list, func(x, y *source) int {
		return cmp.Or(cmp.Compare(first(x), first(y)), strings.Compare(x.Name, y.Name), slices.Compare(x.SHA256[:], y.SHA256[:]))
	})
	for i, s := range list {
		s.key = arm + strconv.Itoa(i+1)
		s.owners = map[string]*audit.Organisation{}
		for j := range s.Audit.Hosts {
			if h := &s.Audit.Hosts[j]; !h.Owner.IsZero() && int(h.Owner.N) <= len(s.Audit.Organisations) {
				s.owners[h.Name] = &s.Audit.Organisations[h.Owner.N-1]
			}
		}
	}
	return list
}

// sessions lists those of an arm, and leaves out what counts for nothing.
func (c *comparer) sessions(arm string, list []*source) []*session {
	var all []*session
	for _, src := range list {
		for i := range src.Audit.Sessions {
			s := &session{source: src, s: &src.Audit.Sessions[i], arm: arm, day: src.Audit.Sessions[i].Day}
			s.value = c.by.of(s.s, src.Audit)
			switch {
			case s.s.Failed != "":
				s.leftOut = "failed: " + s.s.Failed
			case s.s.Role != "" && s.s.Role != audit.RoleTest && s.s.Role != audit.RoleControl:
				s.leftOut = "a baseline (" + string(s.s.Role) + ")"
			case len(s.s.Recordings) == 0:
				s.leftOut = "it has no recording"
			}
			all = append(all, s)
		}
	}
	return all
}

// arms puts sessions into arms, or says why they cannot be compared.
func (c *comparer) arms(a, b, control []Input, values []string) error {
	c.sources = append(sources("A", a), append(sources("B", b), sources("C", control)...)...)
	for _, arm := range []string{"A", "B", "C"} {
		var of []*source
		for _, src := range c.sources {
			if strings.HasPrefix(src.key, arm) {
				of = append(of, src)
			}
		}
		c.all = append(c.all, c.sessions(arm, of)...)
	}
	if len(b) == 0 {
		if err := c.divide(values); err != nil {
			return err
		}
	}
	slices.SortStableFunc(c.all, func(x, y *session) int {
		return cmp.Or(strings.Compare(x.arm, y.arm), cmp.Compare(x.s.Start, y.s.Start), slices.Compare(x.digest(), y.digest()))
	})
	for _, check := range []func() error{c.sameApp, c.values, c.onceEach, c.noOverlap, c.strata} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// digest is that of the session's first recording.
func (s *session) digest() []byte {
	if len(s.s.Recordings) == 0 {
		return nil
	}
	return s.Audit.Recordings[s.s.Recordings[0].N-1].SHA256[:]
}

// divide tells the arms of one set of audits apart by two values of the field: those that were asked for, or all that there are, in natural
// order. Sessions of other values are left out.
func (c *comparer) divide(asked []string) error {
	values := slices.DeleteFunc(distinct(c.all, "A", func(s *session) string { return s.value }), func(v string) bool { return v == "" })
	slices.SortFunc(values, natural)
	if len(asked) == 0 && len(values) != 2 {
		hint := ""
		if len(values) > 2 {
			hint = "; two of them can be asked for (--values)"
		}
		return fmt.Errorf("one set of sessions has two arms only if it holds two values of %q; it holds %d: %s%s",
			c.by.Name, len(values), quoted(values), hint)
	}
	for _, v := range asked {
		if !slices.Contains(values, v) {
			return fmt.Errorf("no session that counts has %s %q; there are: %s", c.by.Name, v, quoted(values))
		}
	}
	if len(asked) > 0 {
		values = asked
	}
	for _, s := range c.all {
		switch {
		case s.arm != "A":
		case s.value == values[1]:
			s.arm = "B"
		case s.value != values[0] && s.counts() && len(asked) > 0:
			s.leftOut = "its " + c.by.Name + " is " + orNotRecorded(s.value)
		}
	}
	return nil
}

// natural orders texts with the numbers in them by their size: 9.10 before 10.2.
func natural(x, y string) int {
	for x != "" && y != "" {
		a, b := run(x), run(y)
		if a != b {
			if digit(a[0]) && digit(b[0]) {
				m, n := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
				return cmp.Or(cmp.Compare(len(m), len(n)), strings.Compare(m, n), strings.Compare(a, b))
			}
			return strings.Compare(a, b)
		}
		x, y = x[len(a):], y[len(b):]
	}
	return strings.Compare(x, y)
}

// run is what a text begins with: digits alone, or none.
func run(s string) string {
	n := 1
	for n < len(s) && digit(s[n]) == digit(s[0]) {
		n++
	}
	return s[:n]
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func quoted(values []string) string {
	if len(values) == 0 {
		return "none"
	}
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = strconv.Quote(v)
	}
	return strings.Join(q, ", ")
}

// distinct lists the values of a field over the sessions of an arm that count, sorted; "" stands for not recorded.
func distinct(all []*session, arm string, of func(*session) string) []string {
	var values []string
	for _, s := range all {
		if v := of(s); s.arm == arm && s.counts() && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return values
}

func (c *comparer) sameApp() error {
	var apps []string
	for _, s := range c.all {
		if v := app(s.s, s.Audit); s.counts() && v != "" && !slices.Contains(apps, v) {
			apps = append(apps, v)
		}
	}
	slices.Sort(apps)
	switch len(apps) {
	case 0:
		c.limit("No audit names the app under test; both arms are assumed to be about the same one.")
	case 1:
		c.app = apps[0]
		for _, s := range c.all {
			if s.counts() && app(s.s, s.Audit) == "" {
				c.limit("Not every session names the app under test; all are assumed to be about the same one.")
				break
			}
		}
	default:
		return fmt.Errorf("the sessions are of different apps: %s", quoted(apps))
	}
	return nil
}

// values checks that the field tells the arms apart.
func (c *comparer) values() error {
	value := func(s *session) string { return s.value }
	a, b := distinct(c.all, "A", value), distinct(c.all, "B", value)
	for _, arm := range []struct {
		key    string
		values []string
	}{{"A", a}, {"B", b}} {
		switch {
		case len(arm.values) == 0:
			return fmt.Errorf("arm %s has no session that counts%s", arm.key, c.whyNone(arm.key))
		case c.by.Name == "audit":
		case slices.Contains(arm.values, ""):
			for _, s := range c.all {
				if s.arm == arm.key && s.counts() && s.value == "" {
					return fmt.Errorf("%s is not recorded for session %s; without it nothing can be said about what it changes", c.by.Name, s)
				}
			}
		case len(arm.values) > 1:
			return fmt.Errorf("arm %s holds more than one %s: %s", arm.key, c.by.Name, quoted(arm.values))
		}
	}
	if c.by.Name == "audit" {
		c.value = [2]string{"A", "B"}
		return nil
	}
	if a[0] == b[0] {
		return fmt.Errorf("both arms have the same %s, %q", c.by.Name, a[0])
	}
	for _, v := range distinct(c.all, "C", value) {
		if v != a[0] && v != b[0] {
			return fmt.Errorf("the control has %s %q, which is neither arm's", c.by.Name, v)
		}
	}
	c.value = [2]string{a[0], b[0]}
	return nil
}

// whyNone says what became of the sessions of an arm none of which counts.
func (c *comparer) whyNone(arm string) string {
	for _, s := range c.all {
		if s.arm == arm {
			return fmt.Sprintf("; %s is left out: %s", s, s.leftOut)
		}
	}
	return ""
}

// onceEach refuses a recording that stands in two sessions: its traffic would be on both sides.
func (c *comparer) onceEach() error {
	seen := map[capture.Digest]*session{}
	for _, s := range c.all {
		if !s.counts() {
			continue
		}
		for _, id := range s.s.Recordings {
			digest := s.Audit.Recordings[id.N-1].SHA256
			if other := seen[digest]; other != nil {
				return fmt.Errorf("sessions %s and %s are made of the same recording, %q", other, s, s.Audit.Recordings[id.N-1].Name)
			}
			seen[digest] = s
		}
	}
	return nil
}

// noOverlap refuses sessions that ran at the same time, unless they name different devices: they would hold each other's traffic.
func (c *comparer) noOverlap() error {
	byTime := slices.DeleteFunc(slices.Clone(c.all), func(s *session) bool { return !s.counts() || s.s.Start == capture.NoTime })
	slices.SortStableFunc(byTime, func(x, y *session) int { return cmp.Compare(x.s.Start, y.s.Start) })
	for i, s := range byTime {
		for _, before := range byTime[:i] {
			if s.s.Start < before.s.End && (s.s.Device == "" || before.s.Device == "" || s.s.Device == before.s.Device) {
				return fmt.Errorf("sessions %s and %s overlap in time (the second begins at %s, the first ends at %s)", before, s, s.s.Start, before.s.End)
			}
		}
	}
	return nil
}
