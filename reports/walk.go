package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// One function for each kind of id.

func (k *walk) refs(depth int, refs []capture.Ref) {
	each(k, depth, refs, "place", func(r capture.Ref) {
		p := k.x.proof(audit.ID{}, r)
		where := "recording " + p.Ref + " as a whole"
		if r.Record > 0 {
			where = "packet " + count(uint64(r.Record)) + " of r" + strconv.FormatUint(uint64(r.Recording), 10)
		}
		if p.Bytes != "" {
			where += ", " + p.Bytes
		}
		k.say(depth, where)
		k.command(depth+1, p.Command)
	})
}

func (k *walk) finding(depth int, id audit.ID) {
	f := at(k.x.a.Findings, id, audit.KindFinding)
	k.say(depth, f.ID.String()+" finding "+joined(clip(f.Rule, 60), clip(orElse(string(f.Outcome), "unknown"), 40))+": "+clip(f.Says, 1000).String())
	if f.Flows > 0 {
		k.say(depth+1, "speaks of "+plural(f.Flows, "flow"))
	}
	each(k, depth+1, f.Missing, "condition", func(m string) { k.say(depth+1, "would decide it: "+clip(m, 400).String()) })
	if len(f.Because) > 0 {
		k.say(depth+1, "rests on "+plural(len(f.Because), "thing")+":")
	}
	each(k, depth+2, f.Because, "thing", func(id audit.ID) { k.thing(depth+2, id, false) })
}

func (k *walk) flow(depth int, id audit.ID, whole bool) {
	f := k.x.flow(id)
	k.say(depth, fmt.Sprintf("%s flow %s %s → %s %s", f.ID, f.Proto, foreign(f.A.String()), foreign(f.B.String()), clip(f.App, 40)))
	k.say(depth+1, fmt.Sprintf("%s up in %s, %s down in %s (IP bytes)", plural(f.BytesUp, "byte"), plural(f.PacketsUp, "packet"), plural(f.BytesDown, "byte"), plural(f.PacketsDown, "packet")))
	if f.First != capture.NoTime {
		k.say(depth+1, "from "+f.First.String()+" to "+f.Last.String())
	}
	k.say(depth+1, "begins in:")
	k.refs(depth+2, []capture.Ref{f.Packet})
	if whole {
		side := "a is the device under test"
		if !f.Device {
			side = "the device is not known in this flow; a is the side that began it, as far as seen"
		}
		k.say(depth+1, side)
		if words := f.Flags.Words(); len(words) > 0 {
			k.say(depth+1, "flags: "+strings.Join(words, ", "))
		}
		if f.State != "" {
			k.say(depth+1, "state: "+clip(string(f.State), 40).String())
		}
		each(k, depth+1, f.Tunnels, "tunnel", func(t string) { k.say(depth+1, "inside a tunnel: "+clip(t, 40).String()) })
	}
	each(k, depth+1, f.Names, "name", func(n audit.Name) { k.name(depth+1, &n) })
	k.attribution(depth+1, f.Attribution)
	each(k, depth+1, f.RTT, "sample", func(r audit.RTT) { k.rtt(depth+1, r) })
	if !whole {
		return
	}
	if !f.Endpoint.IsZero() {
		k.thing(depth+1, f.Endpoint, false)
	}
	k.thing(depth+1, f.Recording, false)
}

func (k *walk) name(depth int, n *audit.Name) {
	strength := "weak"
	if n.How.Strong() {
		strength = "strong"
	}
	s := "name " + clipName(n.Name, 253).String() + " by " + clip(string(n.How), 20).String() + " (" + strength + ")"
	if len(n.Via) > 0 {
		s += ", via " + clip(strings.Join(n.Via, " → "), 600).String()
	}
	k.say(depth, s+", because:")
	each(k, depth+1, n.Because, "thing", func(id audit.ID) { k.thing(depth+1, id, false) })
}

func (k *walk) attribution(depth int, v *audit.Attribution) {
	if v == nil {
		k.say(depth, "no attribution: the recording does not say which app sent it (A0)")
		return
	}
	var uid, pid foreign // an app is known by some of these, and often by its uid alone
	if v.UID >= 0 {
		uid = foreign("uid " + strconv.FormatInt(int64(v.UID), 10))
	}
	if v.PID != 0 {
		pid = foreign("pid " + strconv.FormatInt(int64(v.PID), 10))
	}
	s := "attribution " + clip(orElse(string(v.Grade), string(audit.A0)), 20).String() + ": " +
		joined(clip(v.Package, 120), clip(v.App, 120), clip(v.Process, 120), uid, pid)
	k.say(depth, s+", by "+clip(v.By, 40).String()+", because:")
	each(k, depth+1, v.Because, "thing", func(id audit.ID) { k.thing(depth+1, id, false) })
}

func (k *walk) rtt(depth int, r audit.RTT) {
	k.say(depth, "round trip ("+clip(string(r.Kind), 20).String()+") "+millis(r.NS)+", asked and answered in:")
	k.refs(depth+1, []capture.Ref{r.Sent, r.Got})
}

func (k *walk) observation(depth int, id audit.ID, whole bool) {
	o := k.x.observation(id)
	k.say(depth, o.ID.String()+" seen: "+clip(string(o.Kind), 40).String()+" "+clip(o.Value, 400).String()+", by "+clip(o.By, 40).String())
	k.refs(depth+1, o.Seen)
	if whole && !o.Flow.IsZero() {
		k.thing(depth+1, o.Flow, false)
	}
}

func (k *walk) answer(depth int, id audit.ID, whole bool) {
	v := k.x.answer(id)
	k.say(depth, fmt.Sprintf("%s answer to %s: %s %s %s, ttl %d s", v.ID, clipName(v.Question, 253), clipName(v.Name, 253), clip(v.Type, 20), clip(v.Value, 400), v.TTL))
	k.say(depth+1, fmt.Sprintf("from %s to %s at %s, by %s", foreign(v.Resolver.String()), foreign(v.Client.String()), v.Time, clip(v.By, 20)))
	k.refs(depth+1, []capture.Ref{v.Seen})
	if whole {
		k.thing(depth+1, v.Flow, false)
	}
}

func (k *walk) endpoint(depth int, id audit.ID, whole bool) {
	e := k.x.endpoint(id)
	k.say(depth, e.ID.String()+" endpoint "+joined(clip(e.Address.String(), 120), clip(string(e.Class), 40))+": "+
		clip(orElse(e.Place.Words, "nothing is said"), 300).String()+" ("+clip(orElse(string(e.Place.Grade), string(audit.L0)), 20).String()+")")
	if e.Translated.IsValid() {
		k.say(depth+1, "datasets were asked about "+clip(e.Translated.String(), 120).String())
	}
	if e.Place.Role != audit.RoleUnknown {
		k.say(depth+1, "role "+clip(string(e.Place.Role), 20).String())
	}
	if len(e.Place.Within) > 0 {
		k.say(depth+1, "round-trip times allow: "+clip(strings.Join(e.Place.Within, ", "), 400).String())
	}
	if len(e.Place.Because) > 0 {
		k.say(depth+1, "the place rests on "+plural(len(e.Place.Because), "claim")+":")
	} else {
		k.say(depth+1, "the place rests on no claim")
	}
	each(k, depth+2, e.Place.Because, "claim", func(id audit.ID) { k.thing(depth+2, id, false) })
	each(k, depth+1, e.Place.Rejected, "claim", func(r audit.Rejected) {
		k.say(depth+1, "not followed: "+clip(r.Why, 300).String())
		k.thing(depth+2, r.Claim, false)
	})
	k.otherClaims(depth+1, e)
	each(k, depth+1, e.Place.Missing, "condition", func(m string) { k.say(depth+1, "would raise the grade: "+clip(m, 300).String()) })
	each(k, depth+1, e.RTT, "sample", func(r audit.RTT) { k.rtt(depth+1, r) })
	for i := range k.x.a.Jurisdictions {
		if j := &k.x.a.Jurisdictions[i]; whole && slices.Contains(j.Endpoints, id) {
			k.say(depth+1, "counted under: "+joined(clip(orElse(j.Words, j.Label), 300), clip(string(j.Grade), 20)))
		}
	}
	if whole {
		k.flowsTo(depth+1, e)
	}
}

// otherClaims lists what datasets say about the address besides its place: network, registration, edge.
func (k *walk) otherClaims(depth int, e *audit.Endpoint) {
	var other []audit.ID
	for i := range k.x.a.Claims {
		c := &k.x.a.Claims[i]
		if (c.Address == e.Address || c.Address == e.Translated && e.Translated.IsValid()) && !k.above[c.ID] {
			other = append(other, c.ID)
		}
	}
	if len(other) > 0 {
		k.say(depth, "other claims about the address:")
	}
	each(k, depth+1, other, "claim", func(id audit.ID) { k.thing(depth+1, id, false) })
}

// flowsTo lists the flows to an endpoint; each name is proved once.
func (k *walk) flowsTo(depth int, e *audit.Endpoint) {
	k.say(depth, plural(e.Flows, "flow")+", "+plural(e.BytesUp, "byte")+" up, "+plural(e.BytesDown, "byte")+" down:")
	n := 0
	for _, f := range k.x.a.Flows {
		if f.Endpoint != e.ID {
			continue
		}
		if n++; n <= explainMembers {
			k.thing(depth+1, f.ID, false)
		}
	}
	if n > explainMembers {
		k.say(depth+1, "and "+plural(n-explainMembers, "more flow"))
	}
}

func (k *walk) claim(depth int, id audit.ID, whole bool) {
	c := k.x.claim(id)
	k.say(depth, c.ID.String()+" said ("+clip(string(c.Kind), 20).String()+"): "+clip(claimSays(c), 400).String()+", about "+clip(c.Address.String(), 120).String())
	k.say(depth+1, "row "+clip(c.Said.Key, 200).String()+" of "+c.Said.Dataset.String()+", asked by "+clip(c.By, 40).String())
	k.thing(depth+1, c.Said.Dataset, false)
	if !whole {
		return
	}
	for i := range k.x.a.Endpoints {
		if e := &k.x.a.Endpoints[i]; e.Address == c.Address || e.Translated.IsValid() && e.Translated == c.Address {
			k.thing(depth+1, e.ID, false)
		}
	}
}

func (k *walk) dataset(depth int, id audit.ID) {
	d := k.x.dataset(id)
	k.say(depth, d.ID.String()+" dataset "+joined(clip(orElse(d.Title, d.Name), 120), "as of "+clip(d.AsOf, 40), clip(d.Publisher, 80), clip(d.Licence, 80)))
	k.say(depth+1, "sha256 "+d.SHA256.String())
	if d.Warning != "" {
		k.say(depth+1, "warning: "+clip(d.Warning, 300).String())
	}
	if d.Practice {
		k.say(depth+1, "used for practice recordings only")
	}
}

func (k *walk) recording(depth int, id audit.ID) {
	r := k.x.recording(id.N)
	k.say(depth, r.ID.String()+" recording "+joined(clip(r.Name, 200), clip(r.Format, 40), clip(r.Compression, 20), foreign(plural(r.Records, "packet")), foreign(count(uint64(max(r.Size, 0)))+" bytes")))
	k.say(depth+1, "sha256 "+r.SHA256.String()+"; the same from:")
	k.command(depth+2, foreign("sha256sum "+shellWord(r.Name)))
	if r.First != capture.NoTime {
		k.say(depth+1, "from "+r.First.String()+" to "+r.Last.String())
	}
	k.say(depth+1, "device decided by: "+clip(orElse(r.Device.Reason, "unknown"), 80).String())
}

func (k *walk) session(depth int, id audit.ID) {
	s := at(k.x.a.Sessions, id, audit.KindSession)
	k.say(depth, s.ID.String()+" session "+joined(clip(s.Day, 20), clip(s.App, 80), clip(s.Version, 40)))
	each(k, depth+1, s.Recordings, "recording", func(id audit.ID) { k.thing(depth+1, id, false) })
}

func (k *walk) anomaly(depth int, id audit.ID) {
	v := at(k.x.a.Anomalies, id, audit.KindAnomaly)
	k.say(depth, v.ID.String()+" anomaly "+joined(clip(string(v.Code), 40), clip(v.Stage, 40), foreign(plural(v.Count, "time")))+": "+clip(v.Detail, 600).String())
	if !v.At.IsZero() {
		k.refs(depth+1, []capture.Ref{v.At})
	} else if v.Offset >= 0 {
		k.say(depth+1, "at byte "+count(uint64(v.Offset))+" of the decompressed file")
	}
	k.thing(depth+1, v.Recording, false)
}
