package promise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/stats"
)

const (
	minSessions = 5    // for consistent
	minCoverage = 0.90 // of hosts by Good and Turing, for consistent
	confidence  = 0.95
	minSeen     = 2 // sessions, and days, in which a contradiction must be seen
	maxBecause  = 100
	maxLeads    = 50 // of one clause; the verdict says how many more there are
)

// A judge weighs one clause. It is made anew for each.
type judge struct {
	file     *File
	clause   *Clause
	source   *Source
	e        *Evidence
	ceiling  audit.Ruling
	aspect   *aspect
	reviewed bool
	places   []string // of the clause, expanded
	entities []string // names of the subject's entities, lower case
	apps     []string // ids and names that the system may call the app by, lower case
	of       [][]int  // contacts by session
}

// Judge holds every clause of a file against the evidence. The file has no faults. Ids are not set: Number does that.
func Judge(f *File, e *Evidence) audit.Promise {
	p := f.document(e)
	of := make([][]int, len(e.Sessions))
	for i := range e.Contacts {
		of[e.Contacts[i].Session] = append(of[e.Contacts[i].Session], i)
	}
	for i := range f.Clauses {
		p.Clauses[i].Verdict = f.judge(&f.Clauses[i], &p.Clauses[i], e, of)
	}
	return p
}

// Number gives promises and verdicts their ids, in their order.
func Number(promises []audit.Promise) {
	verdicts := uint32(0)
	for i := range promises {
		promises[i].ID = audit.ID{Kind: audit.KindPromise, N: uint32(i + 1)}
		for j := range promises[i].Clauses {
			verdicts++
			promises[i].Clauses[j].Verdict.ID = audit.ID{Kind: audit.KindVerdict, N: verdicts}
		}
	}
}

// judge weighs a clause arm by arm: sessions of one version, consent state and vantage are never mixed. A contradiction in any arm stands;
// consistent needs every arm, and takes the weakest bound.
func (f *File) judge(c *Clause, doc *audit.Clause, e *Evidence, of [][]int) audit.Verdict {
	reviewed, _ := f.Reviewed()
	j := &judge{file: f, clause: c, e: e, of: of, aspect: aspectNamed(c.Aspect), reviewed: reviewed, ceiling: doc.Ceiling, places: doc.Expanded}
	for i := range f.Sources {
		if f.Sources[i].ID == c.Source {
			j.source = &f.Sources[i]
		}
	}
	for _, v := range f.Subject.Entities {
		j.entities = append(j.entities, strings.ToLower(v.Name))
	}
	for _, name := range append(append(append([]string{e.App}, f.Subject.App.Android...), f.Subject.App.IOS...), f.Subject.App.Name) {
		if name != "" {
			j.apps = append(j.apps, strings.ToLower(name))
		}
	}
	for i := range e.Sessions {
		if name := strings.ToLower(e.Sessions[i].App); name != "" && f.names(e.Sessions[i].App) && !slices.Contains(j.apps, name) {
			j.apps = append(j.apps, name)
		}
	}
	results := make([]result, len(c.Indicators))
	var best audit.Verdict
	for n, arm := range arms(e) {
		v := j.arm(arm, results)
		switch {
		case n == 0:
			best = v
		case rankOf(&v) > rankOf(&best):
			v.Leads = append(best.Leads, v.Leads...)
			best = v
		case rankOf(&v) == rankOf(&best) && v.Outcome == audit.Consistent && v.Sessions < best.Sessions:
			best = v
		default:
			best.Leads = append(best.Leads, v.Leads...)
		}
	}
	for i := range doc.Indicators {
		doc.Indicators[i].Result, doc.Indicators[i].Flows, doc.Indicators[i].Sessions = results[i].word(), results[i].flows, uint32(len(results[i].sessions))
	}
	if best.Outcome == "" {
		best = j.silent(audit.NotInForce, "no session counts", nil)
	}
	if more := len(best.Leads) - maxLeads; more > 0 {
		best.Leads = best.Leads[:maxLeads]
		best.Missing = append(best.Missing, fmt.Sprintf("%d more leads are not listed", more))
	}
	if best.Because == nil {
		best.Because = []audit.ID{}
	}
	return best
}

// rankOf orders the verdicts of arms: a contradiction stands whatever the others say, a consistent one falls before a silent one.
func rankOf(v *audit.Verdict) int {
	switch v.Outcome {
	case audit.Contradicted:
		return 2
	case audit.Silent:
		return 1
	}
	return 0
}

// arms lists the sessions of each app, version, consent state and vantage, in the order of their first session.
func arms(e *Evidence) (list [][]int) {
	index := map[[4]string]int{}
	for i := range e.Sessions {
		s := &e.Sessions[i]
		key := [4]string{s.App, s.Version, s.Consent, s.Vantage}
		n, ok := index[key]
		if !ok {
			n = len(list)
			index[key] = n
			list = append(list, nil)
		}
		list[n] = append(list[n], i)
	}
	return list
}

// A result sums what an indicator met, over all arms.
type result struct {
	flows         uint32
	sessions      map[int]bool
	failed, undec bool
	unlisted      bool // places that an open list does not name
}

func (r *result) word() string {
	switch {
	case r.flows == 0:
		return "untested"
	case r.failed:
		return "failed"
	case r.unlisted:
		return "not named"
	case r.undec:
		return "open"
	}
	return "held"
}

// arm weighs the clause against sessions that belong together (promises study, section 2.3).
func (j *judge) arm(arm []int, results []result) audit.Verdict {
	in, why, detail := j.scope(arm)
	if why != "" {
		return j.silent(why, detail, nil)
	}
	if j.aspect.Ceiling == audit.Silent || j.ceiling == audit.Silent {
		return j.silent(audit.NotObservable, j.aspect.Name, in)
	}
	exercised, undone := j.exercised(in)
	if undone != "" {
		return j.silent(audit.NotExercised, undone, in)
	}
	in = exercised
	for i := range j.clause.Indicators {
		if p := j.clause.Indicators[i].Select.Party; (p == "first" || p == "third") && len(j.file.Subject.FirstParty.Domains) == 0 {
			return j.silent(audit.FirstPartyUnknown, "", in)
		}
	}
	if j.clause.lacksPlaces() {
		return j.silent(audit.NothingSelected, "", in)
	}
	w := j.weighAll(in, results)
	if w.selected == 0 {
		if j.aspect.Weak && len(j.clause.Indicators) == 0 {
			return j.silent(audit.NotObservable, j.aspect.Name, in)
		}
		return j.silent(audit.NothingSelected, "", in)
	}
	return j.decide(in, w)
}

// weighed is what came of the contacts that the indicators selected.
type weighed struct {
	selected  uint32
	charges   charges
	unlisted  charges // places that an open list does not name
	undecided []*Contact
	deaf      []*Contact // against, but nobody answered
	edges     int        // of the undecided ones
	hosts     map[string]map[int]bool
	endpoints []audit.ID
}

func (j *judge) weighAll(in []int, results []result) *weighed {
	w := &weighed{hosts: map[string]map[int]bool{}}
	var contacts []int
	for _, i := range in {
		contacts = append(contacts, j.of[i]...)
	}
	for i := range j.clause.Indicators {
		n, r := &j.clause.Indicators[i], &results[i]
		if r.sessions == nil {
			r.sessions = map[int]bool{}
		}
		for _, k := range contacts {
			x := &j.e.Contacts[k]
			grade, ok := j.mine(x)
			if !ok || !j.selects(n, x) || j.exempt(x) {
				continue
			}
			if x.Deaf {
				if s, _ := j.weigh(n, x); s == against && !(j.clause.Polarity == "disclose" && !j.clause.Exhaustive) {
					w.deaf = append(w.deaf, x)
				}
				continue
			}
			w.selected += x.Flows
			r.flows += x.Flows
			r.sessions[x.Session] = true
			name := cmp.Or(x.Domain, x.Endpoint.String())
			if w.hosts[name] == nil {
				w.hosts[name] = map[int]bool{}
			}
			w.hosts[name][x.Session] = true
			if !slices.Contains(w.endpoints, x.Endpoint) && len(w.endpoints) < maxBecause {
				w.endpoints = append(w.endpoints, x.Endpoint)
			}
			s, firm := j.weigh(n, x)
			if s == held && x.Place.Edge && (j.aspect.Name == "processing" || j.aspect.Name == "storage_at_rest") {
				s = open // an edge relays; what stands behind it is not seen
			}
			switch {
			case s == open:
				r.undec = true
				w.undecided = append(w.undecided, x)
				if x.Place.Edge {
					w.edges++
				}
			case s == against && j.clause.Polarity == "disclose" && !j.clause.Exhaustive:
				r.unlisted = true
				w.unlisted.add(j.e, n, x, nil)
			case s == against:
				r.failed = true
				w.charges.add(j.e, n, x, j.lacks(n, x, grade, firm))
			}
		}
	}
	return w
}

// decide draws the conclusion.
func (j *judge) decide(in []int, w *weighed) audit.Verdict {
	var proven []*charge
	var leads []audit.Lead
	var first *charge
	for _, c := range w.charges.list {
		if len(c.missing) == 0 && len(c.sessions) >= minSeen && len(c.days) >= minSeen {
			proven = append(proven, c)
			continue
		}
		if len(c.missing) == 0 {
			c.missing = []audit.Reason{audit.Insufficient}
		}
		leads = append(leads, j.lead(in, c))
		if first == nil || len(c.missing) < len(first.missing) {
			first = c // the one that is nearest to a finding decides the reason
		}
	}
	for _, c := range w.unlisted.list {
		leads = append(leads, j.notNamed(in, c))
	}
	var v audit.Verdict
	switch {
	case len(proven) > 0:
		v = j.contradicted(in, proven)
	case first != nil:
		v = j.silent(first.missing[0], j.detail(first), in)
	case len(w.unlisted.list) > 0:
		v = j.silent(audit.NotObservable, openList, in)
	case len(w.deaf) > 0:
		v = j.silent(audit.Insufficient, "what was sent to "+places(w.deaf)+" counts against it, but nobody answered", in)
		v.Because = ids(w.deaf)
	case len(in) < minSessions:
		v = j.silent(audit.Insufficient, fmt.Sprintf("%d of %d sessions", len(in), minSessions), in)
	case coverage(w.hosts) < minCoverage:
		v = j.silent(audit.Insufficient, fmt.Sprintf("coverage %.0f%% of %.0f%%", 100*coverage(w.hosts), 100*minCoverage), in)
	case len(w.undecided) > 0 && w.edges == len(w.undecided):
		v = j.silent(audit.EdgeOnly, "", in)
	case len(w.undecided) > 0:
		v = j.silent(audit.LocationUncertain, places(w.undecided), in)
	default:
		v = j.consistent(in, w)
	}
	v.Leads = leads
	if len(v.Because) == 0 {
		for _, l := range leads {
			v.Because = append(v.Because, l.Because...)
		}
	}
	if v.Outcome == audit.Silent && len(v.Because) == 0 {
		v.Because = ids(w.undecided)
	}
	v.Because = distinct(v.Because)
	return v
}

func coverage(hosts map[string]map[int]bool) float64 {
	seen := make([]int, 0, len(hosts))
	for _, sessions := range hosts {
		seen = append(seen, len(sessions)) // only summed: the order does not matter
	}
	return stats.Coverage(seen)
}

// places counts the endpoints of contacts, for a detail.
func places(list []*Contact) string {
	seen := map[audit.ID]bool{}
	for _, x := range list {
		seen[x.Endpoint] = true
	}
	if len(seen) == 1 {
		return "1 destination"
	}
	return fmt.Sprintf("%d destinations", len(seen))
}

// ids lists the first flows of contacts.
func ids(list []*Contact) (flows []audit.ID) {
	for _, x := range list {
		flows = append(flows, x.Flow)
	}
	return distinct(flows)
}

// distinct drops repetitions and keeps the first ones.
func distinct(list []audit.ID) []audit.ID {
	seen := map[audit.ID]bool{}
	out := list[:0:0]
	for _, id := range list {
		if !seen[id] && len(out) < maxBecause {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

func (j *judge) sessions(in []int) (list []audit.ID) {
	for _, i := range in[:min(len(in), maxBecause)] {
		list = append(list, j.e.Sessions[i].ID)
	}
	return list
}
