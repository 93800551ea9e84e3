package promise

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/stats"
)

// says joins pieces of a sentence; an audit.Foreign is in somebody else's words.
func says(parts ...any) []audit.Phrase {
	var list []audit.Phrase
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			if n := len(list); n > 0 && list[n-1].Theirs == "" {
				list[n-1].Ours += p
			} else if p != "" {
				list = append(list, audit.Phrase{Ours: p})
			}
		case audit.Foreign:
			list = append(list, audit.Phrase{Theirs: p})
		}
	}
	return list
}

// statement is the clause in words: the quotation, or where there is none, our reading of it, called that.
func (j *judge) statement() (string, audit.Foreign) {
	if j.clause.Quote != "" {
		return "", audit.Foreign(j.clause.Quote)
	}
	return "(in our reading) ", audit.Foreign(j.clause.Restates)
}

func (j *judge) silent(r audit.Reason, detail string, in []int) audit.Verdict {
	reading, quote := j.statement()
	why := reasons[r]
	switch r {
	case audit.NotExercised, audit.ScopeUnknown, audit.OutOfScope, audit.ExceptionMayApply, audit.Insufficient, audit.NotInForce:
		if detail != "" {
			why += " (" + detail + ")"
		}
	case audit.NotObservable:
		if detail == openList {
			why = "it gives an open list, and nothing outside an open list counts against it"
		} else if j.aspect.Why != "" && j.aspect.Ceiling != audit.Contradicted {
			why += ": " + j.aspect.Why
		}
	}
	missing := []string{j.remedy(r, detail)}
	if j.aspect.Ceiling == audit.Silent && r != audit.NotObservable { // what is missing would not be enough
		missing = append(missing, "and "+j.remedy(audit.NotObservable, j.aspect.Name))
	}
	return audit.Verdict{
		Outcome: audit.Silent, Reason: r, Detail: detail, Sessions: uint32(len(in)), Because: j.sessions(in), Missing: missing,
		Says: says("This capture cannot speak to the statement ", reading, quote, ": "+why+"."),
	}
}

// openList is the detail of a verdict on a disclosure that names some places and excludes none.
const openList = "open list"

// noTell is what every consistent verdict ends with.
const noTell = " Traffic shows where packets went, not where data is kept or who can read it."

func (j *judge) consistent(in []int, w *weighed) audit.Verdict {
	bound := stats.Unseen(len(in), confidence)
	covering := "whatever was done in them"
	if list := j.actions(); len(list) > 0 {
		covering = strings.Join(list, ", ")
	}
	went := "outside " + j.named()
	if j.clause.Polarity == "exclude" {
		went = "into " + j.named()
	}
	text := fmt.Sprintf("In %s covering %s, no observed flow that was selected went %s. A destination used in fewer than %s of sessions could have been missed.",
		plural(len(in), "session"), covering, went, percent(bound)) + noTell
	if j.aspect.Weak {
		text += " This says little about storage."
	}
	var missing []string
	if n := j.nameless(in); n > 0 {
		missing = append(missing, "names for "+plural(n, "flow")+" without one: an indicator that selects by name passes over them")
	}
	return audit.Verdict{
		Outcome: audit.Consistent, Missing: missing, Weak: j.aspect.Weak, Sessions: uint32(len(in)), Days: uint32(len(j.days(in))), Bound: round(bound), Says: says(text),
		Because: append(j.sessions(in), w.endpoints...),
	}
}

// nameless counts the flows that no indicator can select because it goes by names and they have none.
func (j *judge) nameless(in []int) int {
	for i := range j.clause.Indicators {
		if s := &j.clause.Indicators[i].Select; s.Party != "first" && s.Party != "third" && len(s.Hosts) == 0 {
			return 0
		}
	}
	n := 0
	for _, i := range in {
		for _, k := range j.of[i] {
			x := &j.e.Contacts[k]
			if grade, ok := j.mine(x); x.Host == "" && !x.Deaf && ok && grade >= 2 {
				n += int(x.Flows)
			}
		}
	}
	return n
}

func (j *judge) days(in []int) map[string]bool {
	days := map[string]bool{}
	for _, i := range in {
		days[j.e.Sessions[i].Day] = true
	}
	return days
}

// named lists what the clause names: places, operators, or the file's entities.
func (j *judge) named() string {
	list := append(slices.Clone(j.clause.Places), j.clause.Operators...)
	if len(list) == 0 {
		return "the named recipients"
	}
	return strings.Join(list, ", ")
}

func (j *judge) contradicted(in []int, proven []*charge) audit.Verdict {
	sessions, days := map[int]bool{}, map[string]bool{}
	worst := proven[0]
	var because []audit.ID
	for _, c := range proven {
		for i := range c.sessions {
			sessions[i] = true
		}
		for d := range c.days {
			days[d] = true
		}
		if len(c.sessions) > len(worst.sessions) {
			worst = c
		}
		because = append(because, evidence(c)...)
	}
	text := []any{fmt.Sprintf("In %d of %s on %s, ", len(worst.sessions), plural(len(in), "session"), plural(len(worst.days), "day"))}
	text = append(text, j.program(in))
	text = append(text, " sent "+sent(worst)+" to ")
	text = append(text, destination(worst)...)
	text = append(text, j.where(worst)+". That is "+j.side()+" what ")
	text = append(text, j.cited()...)
	reading, quote := j.statement()
	text = append(text, " says: ", reading, quote, closing(quote))
	if more := len(proven) - 1; more > 0 {
		text = append(text, " The same holds of "+plural(more, "further destination")+".")
	}
	return audit.Verdict{
		Outcome: audit.Contradicted, Sessions: uint32(len(in)), Seen: uint32(len(sessions)), Days: uint32(len(days)), Says: says(text...), Because: because,
	}
}

// side says on which side of the statement a contradiction lies.
func (j *judge) side() string {
	if j.clause.Polarity == "exclude" {
		return "among what is excluded by"
	}
	return "outside"
}

// program names what sent the flows; a verdict that needs it has A2 or A3.
func (j *judge) program(in []int) audit.Foreign {
	s := &j.e.Sessions[in[0]] // an arm is of one version
	return audit.Foreign(strings.TrimSpace(orElse(s.App, j.file.Subject.App.Name) + " " + s.Version))
}

// sent is how much went up, and how much of it was read.
func sent(c *charge) string {
	var up uint64
	content := 3
	for _, x := range c.contacts {
		up += x.Up
		content = min(content, x.Content)
	}
	return payload(up) + " (" + [...]string{"content not read", "with an identifier in metadata", "with fields that were decoded", "with a planted value"}[content] + ")"
}

func destination(c *charge) []any {
	x := c.contacts[0]
	host := []any{}
	if x.Host != "" {
		host = append(host, audit.Foreign(x.Host))
	} else {
		host = append(host, "the unnamed endpoint "+x.Endpoint.String())
	}
	if x.Network != "" {
		host = append(host, " (network ", audit.Foreign(x.Network), ")")
	}
	if c.indicator.Expect.RecipientIn != "" && x.Owner.Name != "" {
		host = append(host, ", a host of ", audit.Foreign(x.Owner.Name), " (legal seat "+orElse(x.Owner.Seat, "not known")+")")
	}
	return host
}

// where says where a host answers, with the grade beside the country.
func (j *judge) where(c *charge) string {
	x := c.contacts[0]
	p := &x.Place
	if x.Place.Grade >= 3 && p.Country != "" {
		by, but, _ := strings.Cut(strings.TrimPrefix(p.Words, "in "+p.Country+" ("), ")") // "in DE (its operator says so); against it: …"
		return fmt.Sprintf(", located in %s (L%d: %s%s)", p.Country, p.Grade, orElse(by, "sources agree"), but)
	}
	return fmt.Sprintf(", of which the evidence says only: %s (L%d)", orElse(p.Words, "nothing"), p.Grade)
}

// cited is the source of the statement with its date.
func (j *judge) cited() []any {
	if j.source == nil {
		return []any{"the source"}
	}
	return []any{"the source ", audit.Foreign(j.source.ID), " of " + orElse(j.source.Published, "unknown date, retrieved "+j.source.Retrieved)}
}

func (j *judge) lead(in []int, c *charge) audit.Lead {
	l := audit.Lead{Kind: audit.LeadPlain, Indicator: c.indicator.ID, Missing: c.missing, Because: evidence(c)}
	if j.aspect.Weak && only(c.missing, audit.NotObservable, audit.PromiseUnverified) {
		l.Kind = audit.LeadStrong
	}
	var ifs []string
	for _, r := range c.missing {
		ifs = append(ifs, conditions[r])
	}
	text := []any{"Not a finding. " + fmt.Sprintf("In %d of %s, ", len(c.sessions), plural(len(in), "session")) + sent(c) + " went to "}
	text = append(text, destination(c)...)
	text = append(text, j.where(c)+". It would count against the statement if "+strings.Join(ifs, ", and ")+".")
	l.Says = says(text...)
	return l
}

// notNamed is a place that an open list does not name.
func (j *judge) notNamed(in []int, c *charge) audit.Lead {
	text := []any{fmt.Sprintf("Not named in the disclosure. In %d of %s, ", len(c.sessions), plural(len(in), "session")) + sent(c) + " went to "}
	text = append(text, destination(c)...)
	text = append(text, j.where(c)+". The list is open, so this does not count against it.")
	return audit.Lead{Kind: audit.LeadNotNamed, Indicator: c.indicator.ID, Missing: []audit.Reason{audit.NotObservable}, Says: says(text...), Because: evidence(c)}
}

// closing ends a sentence behind a quotation, unless the quotation does.
func closing(quote audit.Foreign) string {
	if strings.HasSuffix(string(quote), ".") {
		return ""
	}
	return "."
}

func only(list []audit.Reason, allowed ...audit.Reason) bool {
	for _, r := range list {
		if !slices.Contains(allowed, r) {
			return false
		}
	}
	return len(list) > 0
}

// evidence lists the first flows of a charge and where they went.
func evidence(c *charge) []audit.ID {
	list := ids(c.contacts)
	for _, x := range c.contacts {
		list = append(list, x.Endpoint)
	}
	return distinct(list)
}

// payload says how many bytes of payload were sent, exactly: "90,320 bytes of payload". Reports count IP bytes elsewhere.
func payload(n uint64) string {
	if n == 1 {
		return "1 byte of payload"
	}
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + " bytes of payload"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// percent rounds a share up: a bound must not look better than it is.
func percent(share float64) string { return strconv.Itoa(int(math.Ceil(100*share-1e-9))) + "%" }

// round keeps a bound to four digits, upwards, so that it prints the same everywhere.
func round(share float64) float64 { return math.Ceil(share*1e4-1e-9) / 1e4 }
