package reports

import (
	"abroad/analyze/audit"
)

// clauses counts the clauses of all promises; each has a verdict.
func clauses(a *audit.Audit) (n int) {
	for i := range a.Promises {
		n += len(a.Promises[i].Clauses)
	}
	return n
}

// clause finds the clause that a verdict is of, and its promise.
func (x index) clause(id audit.ID) (*audit.Promise, *audit.Clause) {
	n := id.N
	for i := range x.a.Promises {
		p := &x.a.Promises[i]
		if int64(n) <= int64(len(p.Clauses)) {
			return p, &p.Clauses[n-1]
		}
		n -= uint32(len(p.Clauses))
	}
	return nil, nil
}

func (k *walk) promise(depth int, id audit.ID) {
	p := at(k.x.a.Promises, id, audit.KindPromise)
	k.say(depth, p.ID.String()+" promise file "+clip(p.File, 80).String()+" "+quoted(p.Title)+", "+review(p))
	k.say(depth+1, "sha256 "+p.SHA256.String())
	for i := range p.Sources {
		s := &p.Sources[i]
		k.say(depth+1, "source "+quoted(audit.Foreign(s.Key))+", "+visible(s.Grade)+": "+quoted(s.URL))
		if !s.SHA256.IsZero() {
			k.say(depth+2, "archived text "+quoted(s.Archive)+", sha256 "+s.SHA256.String())
		}
	}
	each(k, depth+1, p.Clauses, "clause", func(c audit.Clause) { k.thing(depth+1, c.Verdict.ID, false) })
}

func (k *walk) verdict(depth int, id audit.ID) {
	p, c := k.x.clause(id)
	v := &c.Verdict
	s := newStatement(c, nil)
	k.say(depth, v.ID.String()+" verdict on clause "+clip(c.Key, 60).String()+" of "+p.ID.String()+": "+verdictWord(v))
	k.say(depth+1, sentence(v.Says))
	if c.Quote != "" {
		k.say(depth+1, "they say: "+quoted(c.Quote))
	}
	k.say(depth+1, "our reading: "+quoted(c.Restates))
	if s.Ceiling != "" {
		k.say(depth+1, s.Ceiling)
	}
	for _, t := range s.Tests {
		k.say(depth+1, "test "+t.Key.String()+": "+t.Result+", "+plural(t.Flows, "flow")+" in "+plural(t.Sessions, "session"))
	}
	each(k, depth+1, v.Missing, "condition", func(m string) { k.say(depth+1, "would decide it: "+clip(m, 400).String()) })
	each(k, depth+1, v.Leads, "lead", func(l audit.Lead) {
		k.say(depth+1, leadWord(l.Kind)+": "+sentence(l.Says))
		each(k, depth+2, l.Because, "thing", func(id audit.ID) { k.thing(depth+2, id, false) })
	})
	if len(v.Because) > 0 {
		k.say(depth+1, "rests on "+plural(len(v.Because), "thing")+":")
	}
	each(k, depth+2, v.Because, "thing", func(id audit.ID) { k.thing(depth+2, id, false) })
}
