package promise

import (
	"encoding/hex"
	"fmt"

	"abroad/analyze/audit"
	"abroad/capture"
)

// Reviewed reports whether the file counts as reviewed: it says so, and its record is of the clauses that it has now. Why says what is wrong
// with a file that says reviewed and is not.
func (f *File) Reviewed() (ok bool, why string) {
	switch r := f.Metadata.Record; {
	case f.Metadata.Review != "reviewed":
		return false, ""
	case r == nil:
		return false, "it says reviewed but has no review record"
	case r.Clauses != f.Hash():
		return false, "its review was of other clauses"
	}
	have := map[string]bool{}
	for _, a := range f.Metadata.Record.Archived {
		have[a.Source] = true
	}
	for i := range f.Clauses {
		if !have[f.Clauses[i].Source] {
			return false, "its review lacks the archived text of the source " + f.Clauses[i].Source
		}
	}
	return true, ""
}

// ceiling is the strongest verdict that traffic can give on a clause.
func (c *Clause) ceiling() audit.Ruling {
	most := audit.Silent
	if a := aspectNamed(c.Aspect); a != nil {
		most = a.Ceiling
	}
	if c.MaxVerdict != "" && rank(audit.Ruling(c.MaxVerdict)) < rank(most) {
		most = audit.Ruling(c.MaxVerdict)
	}
	if c.Polarity == "disclose" && !c.Exhaustive && rank(most) > rank(audit.Consistent) {
		most = audit.Consistent
	}
	return most
}

// document is the file as the audit holds it, without verdicts.
func (f *File) document(e *Evidence) audit.Promise {
	reviewed, why := f.Reviewed()
	p := audit.Promise{
		File: f.Metadata.ID, Title: audit.Foreign(f.Metadata.Title), SHA256: f.SHA256(), Compiled: f.Metadata.Compiled, Review: audit.ReviewDraft, ReviewNote: why,
		Practice: f.Practice, App: audit.Foreign(f.Subject.App.Name), AppIDs: append(append([]string{}, f.Subject.App.Android...), f.Subject.App.IOS...),
		FirstParty: []audit.FirstParty{}, Verified: f.Subject.FirstParty.Verified, Entities: []audit.Entity{}, Sources: []audit.Source{}, Clauses: []audit.Clause{},
		Relations: []audit.Relation{}, External: []audit.External{}, Ladder: f.ladder(),
	}
	if reviewed {
		p.Review, p.Reviewer, p.Reviewed = audit.ReviewReviewed, audit.Foreign(f.Metadata.Record.Reviewer), f.Metadata.Record.Date
	}
	if e.App == "" && len(p.AppIDs) > 0 {
		p.Notes = append(p.Notes, "The audit declares no app id, so it is not known that this promise is about the recorded app.")
	}
	if e.UID != 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("The user declared that uid %d is the program's; where a recording gives uids alone, that uid identifies its flows.", e.UID))
	}
	if len(p.AppIDs) == 0 {
		p.Notes = append(p.Notes, "The promise file names no app id: only the user says that it is about the recorded app.")
	}
	if len(f.Subject.FirstParty.Domains) > 0 && !p.Verified {
		p.Notes = append(p.Notes, "The maker's domains were taken from documents and have not yet been seen in a recording.")
	}
	for _, d := range f.Subject.FirstParty.Domains {
		p.FirstParty = append(p.FirstParty, audit.FirstParty{Domain: d.Name, Source: d.Source})
	}
	for _, v := range f.Subject.Entities {
		p.Entities = append(p.Entities, audit.Entity{Role: v.Role, Name: audit.Foreign(v.Name), Country: v.Country, Source: v.Source, From: v.From, To: v.To})
	}
	for i := range f.Sources {
		p.Sources = append(p.Sources, f.Sources[i].document())
	}
	for i := range f.Clauses {
		p.Clauses = append(p.Clauses, f.Clauses[i].document(e.AsOf))
	}
	for _, r := range f.Relations {
		p.Relations = append(p.Relations, audit.Relation{Type: r.Type, From: r.From, To: r.To, Note: audit.Foreign(r.Note)})
	}
	for _, v := range f.Findings {
		p.External = append(p.External, audit.External{
			Date: v.Date, By: audit.Foreign(v.By), Finding: audit.Foreign(v.Finding), BearsOn: v.BearsOn, Source: v.Source, Status: audit.Foreign(v.Status),
		})
	}
	return p
}

func (s *Source) document() audit.Source {
	d := audit.Source{Key: s.ID, Kind: s.Kind, URL: audit.Foreign(s.URL), Published: s.Published, Retrieved: s.Retrieved, Grade: s.Grade}
	if s.Archive != nil {
		d.Archive, d.SHA256 = audit.Foreign(s.Archive.Ref), digest(s.Archive.SHA256)
	}
	return d
}

// digest reads 64 hexadecimal digits; anything else is the zero digest.
func digest(s string) (d capture.Digest) {
	if b, err := hex.DecodeString(s); err == nil && len(b) == len(d) {
		copy(d[:], b)
	}
	return d
}

func (c *Clause) document(day string) audit.Clause {
	d := audit.Clause{
		Key: c.ID, Source: c.Source, Quote: audit.Foreign(c.Quote), Locator: audit.Foreign(c.Locator), Restates: audit.Foreign(c.Restates), Force: c.Force, Polarity: c.Polarity,
		Aspect: c.Aspect, Exhaustive: c.Exhaustive, Places: c.Places, Expanded: Expand(c.Places, day), Operators: c.Operators, Users: c.users(), Data: foreignList(c.Scope.Data),
		From: c.InForce.From, To: c.InForce.To, Ceiling: c.ceiling(),
	}
	for _, e := range c.Exceptions {
		d.Exceptions = append(d.Exceptions, audit.Exception{Key: e.ID, Text: audit.Foreign(e.Text), Testable: e.Testable})
	}
	for _, n := range c.Indicators {
		d.Indicators = append(d.Indicators, audit.Indicator{Key: n.ID, Reads: audit.Foreign(n.Reads)})
	}
	return d
}

func foreignList(list []string) (out []audit.Foreign) {
	for _, s := range list {
		out = append(out, audit.Foreign(s))
	}
	return out
}

// users lists of whom a clause speaks.
func (c *Clause) users() (list []audit.Foreign) {
	u := &c.Scope.Users
	for _, p := range u.Residence {
		list = append(list, audit.Foreign("residence "+p))
	}
	for _, p := range u.NotResidence {
		list = append(list, audit.Foreign("residence not "+p))
	}
	if u.Tier != "" && u.Tier != "any" {
		list = append(list, audit.Foreign("tier "+u.Tier))
	}
	if u.Setting != "" {
		list = append(list, audit.Foreign("setting "+u.Setting))
	}
	return list
}

// ladder sorts the clauses by the force of their texts, and the named examinations, onto the rungs.
func (f *File) ladder() []audit.Rung {
	rungs := make([]audit.Rung, len(Ladder))
	copy(rungs, Ladder)
	for i := range rungs {
		for k := range f.Clauses {
			if rungOf(f.Clauses[k].Force) == rungs[i].Key {
				rungs[i].Clauses = append(rungs[i].Clauses, f.Clauses[k].ID)
			}
		}
		for _, a := range f.Assurance {
			if a.Rung == rungs[i].Key {
				rungs[i].Audits = append(rungs[i].Audits, audit.Audited{Name: audit.Foreign(a.Name), Says: audit.Foreign(a.Says), Source: a.Source, Date: a.Date})
			}
		}
	}
	return rungs
}
