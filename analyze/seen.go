package analyze

import (
	"abroad/analyze/audit"
	"abroad/analyze/dissect"
	"abroad/analyze/flow"
	"abroad/capture"
)

// sights stands between the flow table and the dissectors: it remembers each flow's dissector and keeps what was seen.
type sights struct {
	b      *builder
	r      *recording
	note   func(capture.Anomaly)
	states []dissect.State // by flow
	last   map[int]string  // the last HTTP host or DNS question by flow: it is asked again, and repeated by the answer
	sight  dissect.Sight   // reused
}

// Feed implements flow.Reader.
func (s *sights) Feed(f *flow.Flow, v *flow.View) flow.Step {
	for len(s.states) <= f.Index {
		s.states = append(s.states, dissect.State{})
	}
	step := s.b.driver.Feed(v, &s.states[f.Index], &s.sight)
	s.keep(f)
	return step
}

// keep moves what was seen into the recording.
func (s *sights) keep(f *flow.Flow) {
	f.SetFlags(s.sight.Flags)
	if s.sight.App != "" {
		f.Flow.App = s.sight.App
	}
	for i := range s.sight.Seen {
		v := &s.sight.Seen[i]
		if v.Kind == audit.SeenHost || v.Kind == audit.SeenQuery {
			if s.last[f.Index] == v.Value {
				continue
			}
			s.last[f.Index] = s.b.word(v.Value)
		}
		s.r.seen.add(seen{f.Index, audit.Observation{Kind: v.Kind, Value: s.b.word(v.Value), By: v.By, Time: v.Time, Seen: v.Refs}})
	}
	for i := range s.sight.Answers {
		v := s.sight.Answers[i]
		v.Question, v.Name, v.Value = s.b.word(v.Question), s.b.word(v.Name), s.b.word(v.Value)
		s.r.answers.add(answer{f.Index, v})
	}
	if !f.HandshakeRepeated() && !f.HasFlags(audit.Gap) {
		for _, r := range s.sight.RTT {
			if r.NS >= 0 {
				f.RTT = append(f.RTT, r)
			}
		}
	}
	for _, x := range s.sight.Anomalies {
		s.note(x)
	}
}
