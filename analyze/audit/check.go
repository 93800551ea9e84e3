package audit

import (
	"fmt"

	"abroad/capture"
)

// Check proves that a document holds together: ids are the ordinals of their lists, every "because" leads to something in the document,
// every Ref to a packet that its recording has, every Citation to a dataset, and every recording's packets are all accounted for.
// It returns the first fault, named by the id it stands at.
func Check(a *Audit) error {
	c := checker{a: a}
	for i := range a.Promises {
		c.verdicts += len(a.Promises[i].Clauses)
	}
	for _, step := range []func() error{
		c.recordings, c.sessions, c.datasets, c.claims, c.organisations, c.endpoints, c.hosts, c.laws, c.flows, c.observations, c.answers, c.findings, c.anomalies, c.jurisdictions, c.overrides, c.promises,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

type checker struct {
	a        *Audit
	verdicts int // clauses of all promises
}

// has reports whether id names something in the document.
func (c *checker) has(id ID) bool {
	var n int
	switch id.Kind {
	case KindRecording:
		n = len(c.a.Recordings)
	case KindSession:
		n = len(c.a.Sessions)
	case KindDataset:
		n = len(c.a.Datasets)
	case KindFlow:
		n = len(c.a.Flows)
	case KindEndpoint:
		n = len(c.a.Endpoints)
	case KindObservation:
		n = len(c.a.Observations)
	case KindAnswer:
		n = len(c.a.Answers)
	case KindClaim:
		n = len(c.a.Claims)
	case KindFinding:
		n = len(c.a.Findings)
	case KindAnomaly:
		n = len(c.a.Anomalies)
	case KindHost:
		n = len(c.a.Hosts)
	case KindOrganisation:
		n = len(c.a.Organisations)
	case KindLaw:
		n = len(c.a.Laws)
	case KindPromise:
		n = len(c.a.Promises)
	case KindVerdict:
		n = c.verdicts
	case KindOverride:
		n = len(c.a.Overrides)
	}
	return id.N > 0 && int64(id.N) <= int64(n)
}

func ordinal(kind Kind, i int, got ID) error {
	if want := (ID{kind, uint32(i + 1)}); got != want {
		return fmt.Errorf("%s stands where %s should", got, want)
	}
	return nil
}

func (c *checker) link(at, to ID, kind Kind) error {
	if to.Kind != kind || !c.has(to) {
		return fmt.Errorf("%s: %q is not in the audit", at, to)
	}
	return nil
}

func (c *checker) because(at ID, ids []ID) error {
	for _, id := range ids {
		if !c.has(id) {
			return fmt.Errorf("%s: stands on %q, which is not in the audit", at, id)
		}
	}
	return nil
}

func (c *checker) ref(at ID, r capture.Ref) error {
	if r.Recording == 0 || int64(r.Recording) > int64(len(c.a.Recordings)) {
		return fmt.Errorf("%s: %q names no recording of the audit", at, r)
	}
	if rec := &c.a.Recordings[r.Recording-1]; r.Record > rec.LastNumber {
		return fmt.Errorf("%s: %q lies behind packet %d, the last of %s", at, r, rec.LastNumber, rec.ID)
	}
	return nil
}

func (c *checker) packet(at ID, r capture.Ref) error {
	if r.Record == 0 {
		return fmt.Errorf("%s: %q names no packet", at, r)
	}
	return c.ref(at, r)
}

func (c *checker) recordings() error {
	for i := range c.a.Recordings {
		r := &c.a.Recordings[i]
		if err := ordinal(KindRecording, i, r.ID); err != nil {
			return err
		}
		if r.SHA256.IsZero() {
			return fmt.Errorf("%s: the recording's hash is not known", r.ID)
		}
		p := r.Packets
		if sum := uint64(p.InFlows) + uint64(p.Overflow) + uint64(p.Fragments) + uint64(p.Undecoded); sum != uint64(r.Records) {
			return fmt.Errorf("%s: %d packets are accounted for, %d were read", r.ID, sum, r.Records)
		}
		var undecoded uint64
		for _, u := range r.Undecoded {
			undecoded += uint64(u.Packets)
		}
		if undecoded != uint64(p.Undecoded) {
			return fmt.Errorf("%s: %d undecoded packets by kind, %d in all", r.ID, undecoded, p.Undecoded)
		}
	}
	return nil
}

func (c *checker) sessions() error {
	for i := range c.a.Sessions {
		s := &c.a.Sessions[i]
		if err := ordinal(KindSession, i, s.ID); err != nil {
			return err
		}
		for _, r := range s.Recordings {
			if err := c.link(s.ID, r, KindRecording); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) datasets() error {
	for i := range c.a.Datasets {
		d := &c.a.Datasets[i]
		if err := ordinal(KindDataset, i, d.ID); err != nil {
			return err
		}
		if d.SHA256.IsZero() {
			return fmt.Errorf("%s: the dataset's hash is not known", d.ID)
		}
	}
	return nil
}

func (c *checker) claims() error {
	for i := range c.a.Claims {
		claim := &c.a.Claims[i]
		if err := ordinal(KindClaim, i, claim.ID); err != nil {
			return err
		}
		if err := c.link(claim.ID, claim.Said.Dataset, KindDataset); err != nil {
			return err
		}
		if claim.Said.Key == "" {
			return fmt.Errorf("%s: does not say which row of %s it quotes", claim.ID, claim.Said.Dataset)
		}
	}
	return nil
}

func (c *checker) endpoints() error {
	for i := range c.a.Endpoints {
		e := &c.a.Endpoints[i]
		if err := ordinal(KindEndpoint, i, e.ID); err != nil {
			return err
		}
		if err := c.because(e.ID, e.Place.Because); err != nil {
			return err
		}
		for _, r := range e.Place.Rejected {
			if err := c.link(e.ID, r.Claim, KindClaim); err != nil {
				return err
			}
		}
		if e.Place.Country != "" && len(e.Place.Because) == 0 {
			return fmt.Errorf("%s: a country without anything it stands on", e.ID)
		}
		for _, s := range e.Sessions {
			if err := c.link(e.ID, s, KindSession); err != nil {
				return err
			}
		}
		for j := range e.RTT {
			if err := c.rtt(e.ID, &e.RTT[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) rtt(at ID, r *RTT) error {
	if err := c.packet(at, r.Sent); err != nil {
		return err
	}
	return c.packet(at, r.Got)
}

func (c *checker) flows() error {
	for i, f := range c.a.Flows {
		if err := ordinal(KindFlow, i, f.ID); err != nil {
			return err
		}
		if err := c.link(f.ID, f.Recording, KindRecording); err != nil {
			return err
		}
		if err := c.packet(f.ID, f.Packet); err != nil {
			return err
		}
		if !f.Endpoint.IsZero() {
			if err := c.link(f.ID, f.Endpoint, KindEndpoint); err != nil {
				return err
			}
		}
		for j := range f.Names {
			if len(f.Names[j].Because) == 0 {
				return fmt.Errorf("%s: name %q without anything it stands on", f.ID, f.Names[j].Name)
			}
			if err := c.because(f.ID, f.Names[j].Because); err != nil {
				return err
			}
		}
		if f.Attribution != nil {
			if len(f.Attribution.Because) == 0 {
				return fmt.Errorf("%s: attribution without anything it stands on", f.ID)
			}
			if err := c.because(f.ID, f.Attribution.Because); err != nil {
				return err
			}
		}
		for j := range f.RTT {
			if err := c.rtt(f.ID, &f.RTT[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) observations() error {
	for i := range c.a.Observations {
		o := &c.a.Observations[i]
		if err := ordinal(KindObservation, i, o.ID); err != nil {
			return err
		}
		if !o.Flow.IsZero() {
			if err := c.link(o.ID, o.Flow, KindFlow); err != nil {
				return err
			}
		}
		if len(o.Seen) == 0 {
			return fmt.Errorf("%s: seen nowhere", o.ID)
		}
		for _, r := range o.Seen {
			if err := c.ref(o.ID, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) answers() error {
	for i := range c.a.Answers {
		v := &c.a.Answers[i]
		if err := ordinal(KindAnswer, i, v.ID); err != nil {
			return err
		}
		if err := c.link(v.ID, v.Flow, KindFlow); err != nil {
			return err
		}
		if err := c.packet(v.ID, v.Seen); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) findings() error {
	for i := range c.a.Findings {
		f := &c.a.Findings[i]
		if err := ordinal(KindFinding, i, f.ID); err != nil {
			return err
		}
		if len(f.Because) == 0 && len(f.Missing) == 0 {
			return fmt.Errorf("%s: neither stands on anything nor says what is missing", f.ID)
		}
		if err := c.because(f.ID, f.Because); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) anomalies() error {
	for i := range c.a.Anomalies {
		x := &c.a.Anomalies[i]
		if err := ordinal(KindAnomaly, i, x.ID); err != nil {
			return err
		}
		if err := c.link(x.ID, x.Recording, KindRecording); err != nil {
			return err
		}
		if !x.At.IsZero() {
			if err := c.ref(x.ID, x.At); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) jurisdictions() error {
	for i := range c.a.Jurisdictions {
		j := &c.a.Jurisdictions[i]
		for _, e := range j.Endpoints {
			if !(e.Kind == KindEndpoint && c.has(e)) {
				return fmt.Errorf("jurisdiction %q: %q is not in the audit", j.Country+j.Label, e)
			}
		}
	}
	return nil
}

func (c *checker) promises() error {
	verdicts := 0
	for i := range c.a.Promises {
		p := &c.a.Promises[i]
		if err := ordinal(KindPromise, i, p.ID); err != nil {
			return err
		}
		for j := range p.Clauses {
			if err := ordinal(KindVerdict, verdicts, p.Clauses[j].Verdict.ID); err != nil {
				return err
			}
			verdicts++
			if err := c.verdict(p, &p.Clauses[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

// verdict holds one against the rules that no engine may break: an unreviewed promise is never contradicted, and no verdict says more than
// its clause's ceiling.
func (c *checker) verdict(p *Promise, clause *Clause) error {
	v := &clause.Verdict
	if len(v.Says) == 0 {
		return fmt.Errorf("%s: says nothing", v.ID)
	}
	if (v.Outcome == Silent) != (v.Reason != "") {
		return fmt.Errorf("%s: %s with the reason %q", v.ID, v.Outcome, v.Reason)
	}
	if len(v.Because) == 0 && len(v.Missing) == 0 {
		return fmt.Errorf("%s: neither stands on anything nor says what is missing", v.ID)
	}
	if v.Outcome == Contradicted && (p.Review != ReviewReviewed || clause.Ceiling != Contradicted) {
		return fmt.Errorf("%s: contradicted, though the promise is %s and its ceiling %s", v.ID, p.Review, clause.Ceiling)
	}
	for i := range v.Leads {
		if err := c.because(v.ID, v.Leads[i].Because); err != nil {
			return err
		}
	}
	return c.because(v.ID, v.Because)
}

func (c *checker) overrides() error {
	for i := range c.a.Overrides {
		o := &c.a.Overrides[i]
		if err := ordinal(KindOverride, i, o.ID); err != nil {
			return err
		}
		if o.Author == "" || o.Date == "" || o.Reason == "" {
			return fmt.Errorf("%s: a correction without author, date or reason", o.ID)
		}
		for _, e := range o.Endpoints {
			if err := c.link(o.ID, e, KindEndpoint); err != nil {
				return err
			}
		}
	}
	return nil
}
