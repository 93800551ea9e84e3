package reports

import "abroad/analyze/audit"

func (k *walk) host(depth int, id audit.ID, whole bool) {
	h := at(k.x.a.Hosts, id, audit.KindHost)
	k.say(depth, h.ID.String()+" host "+clipName(h.Name, 253).String()+" by "+clip(string(h.How), 20).String()+", "+partyWord(h.Party))
	k.say(depth+1, size(h.BytesUp)+" up, "+size(h.BytesDown)+" down in "+plural(h.Flows, "flow"))
	if h.Said == nil {
		k.say(depth+1, "the owner table has no row for it")
	} else {
		k.fact(depth+1, h.Said)
		k.thing(depth+1, h.Owner, false)
	}
	if whole {
		each(k, depth+1, h.Endpoints, "endpoint", func(id audit.ID) { k.thing(depth+1, id, false) })
	}
}

func (k *walk) organisation(depth int, id audit.ID, whole bool) {
	o := at(k.x.a.Organisations, id, audit.KindOrganisation)
	k.say(depth, o.ID.String()+" organisation "+clip(o.Name, 120).String()+" ("+clip(o.Key, 80).String()+" in the owner table)")
	if len(o.Facts) == 0 {
		k.say(depth+1, "the table says nothing of its seat or parent")
	}
	each(k, depth+1, o.Facts, "fact", func(f audit.Fact) { k.fact(depth+1, &f) })
	if o.Note != "" {
		k.say(depth+1, "note: "+clip(o.Note, 300).String())
	}
	if !whole {
		return
	}
	var hosts []audit.ID
	for i := range k.x.a.Hosts {
		if k.x.a.Hosts[i].Owner == id {
			hosts = append(hosts, k.x.a.Hosts[i].ID)
		}
	}
	each(k, depth+1, hosts, "host", func(id audit.ID) {
		k.say(depth+1, id.String()+" "+clipName(at(k.x.a.Hosts, id, audit.KindHost).Name, 253).String())
	})
}

// fact is a line of a table of ours, with where it was read.
func (k *walk) fact(depth int, f *audit.Fact) {
	row := newFactRow(f)
	k.say(depth, row.Says.String())
	if row.Unread {
		k.say(depth+1, "unverified: from memory, nothing is concluded from it")
	} else {
		k.say(depth+1, row.Grade.String()+": "+row.Source.String())
	}
	if f.Contested != "" {
		k.say(depth+1, "open to dispute: "+clip(f.Contested, 300).String())
	}
}

func (k *walk) law(depth int, id audit.ID, whole bool) {
	l := at(k.x.a.Laws, id, audit.KindLaw)
	k.say(depth, l.ID.String()+" row "+clip(l.Key, 80).String()+" of the legal overlay, "+clip(l.Level, 4).String()+" "+clip(l.Country, 20).String()+", as of "+clip(l.AsOf, 20).String())
	k.say(depth+1, clip(l.Regime, 20).String()+" "+kindWord(l.Kind)+": "+instrument(l).String()+": "+clip(l.Says, 300).String()+with(", ", clip(validity(l.From, l.To), 60)))
	if l.Condition != "" {
		k.say(depth+1, "only if "+clip(l.Condition, 300).String()+": not checked")
	}
	if l.Grade == audit.Unverified {
		k.say(depth+1, "unverified: from memory")
	} else {
		k.say(depth+1, clip(l.Grade, 20).String()+": "+clip(l.Source, 300).String())
	}
	each(k, depth+1, l.Notes, "note", func(n string) { k.say(depth+1, "note: "+clip(n, 300).String()) })
	k.say(depth+1, "speaks of "+clip(applies(l), 200).String())
	if whole {
		each(k, depth+2, l.Applies, "thing", func(id audit.ID) { k.thing(depth+2, id, false) })
	}
}
