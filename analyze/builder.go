package analyze

import (
	"strings"
	"unicode/utf8"

	"abroad/analyze/audit"
	"abroad/analyze/dissect"
	"abroad/analyze/flow"
	"abroad/capture"
)

// A builder gathers what the recordings show until the document can be numbered.
type builder struct {
	config Config
	audit  *audit.Audit
	driver *dissect.Driver
	recs   []*recording
	runs   []session
	words  map[string]string // one copy of every value seen: hosts repeat a thousand times
}

// A recording is what was read of one input, before ids.
type recording struct {
	doc       audit.Recording
	flows     []*flow.Flow
	device    flow.Device
	seen      pile[seen]
	answers   pile[answer]
	anomalies []audit.Anomaly
	apps      map[int32]capture.App
	overflow  []audit.Overflow
	practice  bool
	base      uint32 // flows of earlier recordings
	run       int    // index of its session
}

// seen and answer are an observation and a DNS answer of flow number flow of their recording.
type (
	seen struct {
		flow int
		audit.Observation
	}
	answer struct {
		flow int
		audit.Answer
	}
)

func newBuilder(c Config) *builder {
	return &builder{
		config: c, driver: dissect.NewDriver(), words: map[string]string{},
		audit: &audit.Audit{Schema: audit.Schema, Tool: audit.Tool{Name: "abroad", Version: c.Version}, Subject: c.Subject, Options: c.Options},
	}
}

// finish numbers everything and draws the conclusions.
func (b *builder) finish(compared []baseline) *audit.Audit {
	a := b.audit
	b.orient()
	b.number()
	for _, s := range b.runs {
		b.bind(s)
	}
	b.continued()
	b.sessions()
	b.locate()
	b.lift(compared)
	b.recipients()
	b.laws()
	b.cover()
	b.jurisdictions()
	b.findings()
	b.verdicts()
	notNull(a)
	return a
}

// number gives every recording, flow, observation, answer and anomaly its id, in the order of the recordings and of the flows in them.
func (b *builder) number() {
	a := b.audit
	flows, observations, answers := 0, 0, 0
	for _, r := range b.recs {
		flows, observations, answers = flows+len(r.flows), observations+r.seen.n, answers+r.answers.n
	}
	a.Flows = make([]*audit.Flow, 0, flows)
	a.Observations = make([]audit.Observation, 0, observations)
	a.Answers = make([]audit.Answer, 0, answers)
	for i, r := range b.recs {
		n := uint32(i + 1)
		r.doc.ID = audit.ID{Kind: audit.KindRecording, N: n}
		r.base = uint32(len(a.Flows))
		for _, f := range r.flows {
			f.ID = audit.ID{Kind: audit.KindFlow, N: uint32(len(a.Flows) + 1)}
			f.Recording = r.doc.ID
			f.Packet.Recording = n
			for j := range f.RTT {
				f.RTT[j].Sent.Recording, f.RTT[j].Got.Recording = n, n
			}
			a.Flows = append(a.Flows, &f.Flow)
		}
		r.seen.inOrder(len(r.flows), func(s *seen) int { return s.flow }, func(o *seen) {
			o.ID = audit.ID{Kind: audit.KindObservation, N: uint32(len(a.Observations) + 1)}
			o.Flow = r.flows[o.flow].ID
			for j := range o.Seen {
				o.Seen[j].Recording = n
			}
			a.Observations = append(a.Observations, o.Observation)
		})
		r.answers.inOrder(len(r.flows), func(v *answer) int { return v.flow }, func(v *answer) {
			v.ID = audit.ID{Kind: audit.KindAnswer, N: uint32(len(a.Answers) + 1)}
			v.Flow = r.flows[v.flow].ID
			v.Answer.Seen.Recording = n
			a.Answers = append(a.Answers, v.Answer)
		})
		for j := range r.anomalies {
			x := &r.anomalies[j]
			x.ID = audit.ID{Kind: audit.KindAnomaly, N: uint32(len(a.Anomalies) + 1)}
			x.Recording = r.doc.ID
			if x.At.Record > 0 {
				x.At.Recording = n
			}
			a.Anomalies = append(a.Anomalies, *x)
		}
		for j := range r.doc.Undecoded {
			r.doc.Undecoded[j].Example.Recording = n
		}
		for j := range r.overflow {
			r.overflow[j].Recording = r.doc.ID
		}
		a.Overflow = append(a.Overflow, r.overflow...)
		a.Recordings = append(a.Recordings, r.doc)
		a.Practice = a.Practice || r.practice
		r.seen, r.answers, r.anomalies = pile[seen]{}, pile[answer]{}, nil
	}
}

// word returns s as it may stand in a document: valid UTF-8, other bytes written "\xNN". Equal words share memory.
func (b *builder) word(s string) string {
	if s == "" {
		return ""
	}
	if w, ok := b.words[s]; ok {
		return w
	}
	w := strings.Clone(s)
	if !utf8.ValidString(s) {
		w = visible(s)
	}
	if len(b.words) < maxWords {
		b.words[w] = w
	}
	return w
}

const maxWords = 1 << 18

// visible writes every byte that is not part of a UTF-8 character as "\xNN".
func visible(s string) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			out.WriteString(`\x`)
			out.WriteByte(digits[s[0]>>4])
			out.WriteByte(digits[s[0]&15])
		} else {
			out.WriteString(s[:n])
		}
		s = s[n:]
	}
	return out.String()
}

// notNull makes empty lists "[]" in JSON.
func notNull(a *audit.Audit) {
	empty(&a.Recordings)
	empty(&a.Sessions)
	empty(&a.Datasets)
	empty(&a.Jurisdictions)
	empty(&a.Endpoints)
	empty(&a.Hosts)
	empty(&a.Organisations)
	empty(&a.Laws)
	empty(&a.Promises)
	empty(&a.Overrides)
	empty(&a.Findings)
	empty(&a.Claims)
	empty(&a.Flows)
	empty(&a.Observations)
	empty(&a.Answers)
	empty(&a.Anomalies)
	empty(&a.Overflow)
	empty(&a.Notes)
	for i := range a.Recordings {
		empty(&a.Recordings[i].Interfaces)
		empty(&a.Recordings[i].Undecoded)
	}
	for i := range a.Jurisdictions {
		empty(&a.Jurisdictions[i].Endpoints)
	}
	for i := range a.Endpoints {
		empty(&a.Endpoints[i].Sessions)
	}
	for i := range a.Findings {
		empty(&a.Findings[i].Because)
	}
}

func empty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
