package reports

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"abroad/analyze/audit"
)

// The bounds of an explanation. What is left out is counted.
const (
	explainMembers = 12  // of each list
	explainLines   = 600 // in all
)

// Explain walks from id down to what it stands on: packets, each with the tshark command that shows the same bytes, and rows of datasets.
// It knows every kind of id. An id that the audit does not have is an error.
func Explain(w io.Writer, a *audit.Audit, id audit.ID) error {
	x := index{a}
	if err := x.check(id); err != nil {
		return err
	}
	k := walk{x: x, p: newPen(w, Screen{}), above: map[audit.ID]bool{}}
	if a.Practice {
		k.p.line(practiceBanner)
	}
	k.thing(0, id, true)
	return k.p.w.Flush()
}

// length is how many things of a kind the audit has.
func (x index) length(kind audit.Kind) int {
	switch kind {
	case audit.KindRecording:
		return len(x.a.Recordings)
	case audit.KindSession:
		return len(x.a.Sessions)
	case audit.KindDataset:
		return len(x.a.Datasets)
	case audit.KindFlow:
		return len(x.a.Flows)
	case audit.KindEndpoint:
		return len(x.a.Endpoints)
	case audit.KindObservation:
		return len(x.a.Observations)
	case audit.KindAnswer:
		return len(x.a.Answers)
	case audit.KindClaim:
		return len(x.a.Claims)
	case audit.KindFinding:
		return len(x.a.Findings)
	case audit.KindAnomaly:
		return len(x.a.Anomalies)
	case audit.KindHost:
		return len(x.a.Hosts)
	case audit.KindOrganisation:
		return len(x.a.Organisations)
	case audit.KindLaw:
		return len(x.a.Laws)
	case audit.KindPromise:
		return len(x.a.Promises)
	case audit.KindVerdict:
		return clauses(x.a)
	}
	return 0
}

// check reports an id that the audit does not have, and which ones it has.
func (x index) check(id audit.ID) error {
	switch n := x.length(id.Kind); {
	case id.N > 0 && int64(id.N) <= int64(n):
		return nil
	case n == 0:
		return fmt.Errorf("explain %q: the audit has nothing of this kind", id)
	default:
		return fmt.Errorf("explain %q: the audit has %c1 to %c%d", id, id.Kind, id.Kind, n)
	}
}

// A walk is one explanation under way.
type walk struct {
	x     index
	p     *pen
	above map[audit.ID]bool // explained already
	lines int
}

// say writes one line at a depth; past the bound it writes nothing, once with a note.
func (k *walk) say(depth int, s string) {
	k.lines++
	switch {
	case k.lines < explainLines:
		k.p.text(min(depth, 12)*2, 2, "", s)
	case k.lines == explainLines:
		k.p.line("… more than ", strconv.Itoa(explainLines), " lines; explain one of the ids above to go on")
	}
}

// command writes a command unwrapped, so that it can be copied.
func (k *walk) command(depth int, c foreign) {
	if k.lines++; c != "" && k.lines < explainLines {
		k.p.line(strings.Repeat("  ", min(depth, 12)), c.String())
	}
}

// each walks the first members of a list.
func each[T any](k *walk, depth int, list []T, noun string, one func(T)) {
	for i, v := range list {
		if i == explainMembers {
			k.say(depth, "and "+plural(len(list)-i, noun)+" more")
			return
		}
		one(v)
	}
}

// thing explains id; whole also walks to its neighbours, not only down.
func (k *walk) thing(depth int, id audit.ID, whole bool) {
	if k.above[id] {
		k.say(depth, id.String()+" (explained above)")
		return
	}
	k.above[id] = true
	if k.x.check(id) != nil {
		k.say(depth, id.String()+" is not in the audit")
		return
	}
	switch id.Kind {
	case audit.KindRecording:
		k.recording(depth, id)
	case audit.KindSession:
		k.session(depth, id)
	case audit.KindDataset:
		k.dataset(depth, id)
	case audit.KindFlow:
		k.flow(depth, id, whole)
	case audit.KindEndpoint:
		k.endpoint(depth, id, whole)
	case audit.KindObservation:
		k.observation(depth, id, whole)
	case audit.KindAnswer:
		k.answer(depth, id, whole)
	case audit.KindClaim:
		k.claim(depth, id, whole)
	case audit.KindFinding:
		k.finding(depth, id)
	case audit.KindAnomaly:
		k.anomaly(depth, id)
	case audit.KindHost:
		k.host(depth, id, whole)
	case audit.KindOrganisation:
		k.organisation(depth, id, whole)
	case audit.KindLaw:
		k.law(depth, id, whole)
	case audit.KindPromise:
		k.promise(depth, id)
	case audit.KindVerdict:
		k.verdict(depth, id)
	}
}
