package analyze

import (
	"fmt"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

// owners turns what the recording says about the owners of sockets into attributions, each with the observation that it stands on.
func (b *builder) owners(r *recording) {
	for _, f := range r.flows {
		at := f.Attributed
		if at == nil || at.UID < 0 && at.PID == 0 && at.EPID == 0 {
			continue
		}
		app := r.apps[at.UID]
		owner := &audit.Attribution{
			Grade: audit.A3, UID: at.UID, PID: at.PID, Process: b.word(at.Process), By: at.By, Package: app.Package, App: app.Label,
		}
		if owner.App == "" {
			owner.App = b.word(at.Label)
		}
		if at.EName != "" { // the process on whose behalf another one works owns the traffic (capture study, section 5)
			owner.App = b.word(at.EName)
		}
		f.Attribution = owner
		r.seen.add(seen{f.Index, audit.Observation{
			Kind: audit.SeenApp, Value: b.word(ownerWords(at, owner)), By: at.By, Time: f.First, Seen: []capture.Ref{{Record: f.AttributedBy}},
		}})
	}
}

// ownerWords is the attribution as the recording says it.
func ownerWords(at *flow.Attribution, owner *audit.Attribution) string {
	var words []string
	if at.UID >= 0 {
		words = append(words, fmt.Sprintf("uid %d", at.UID))
	}
	if at.PID != 0 {
		words = append(words, strings.TrimSpace(fmt.Sprintf("pid %d %s", at.PID, at.Process)))
	}
	if at.EPID != 0 && at.EPID != at.PID {
		words = append(words, strings.TrimSpace(fmt.Sprintf("for pid %d %s", at.EPID, at.EName)))
	}
	for _, w := range [...]string{owner.Package, owner.App} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, ", ")
}

// firstParty attributes a flow that nothing else attributes, by the name that it was made for (grade A1).
func (b *builder) firstParty(f *flow.Flow, h *audit.Host, name *audit.Name) {
	if h.Party == audit.PartyFirst && f.Attribution == nil {
		f.Attribution = &audit.Attribution{Grade: audit.A1, UID: -1, By: "first-party", Because: name.Because}
	}
}
