package analyze

import (
	"errors"
	"fmt"
	"slices"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

// A Folder is a session folder whose segments are inputs: all inputs of one Folder are one session.
type Folder struct {
	Session   audit.Session // as the folder says; ID, Recordings, Start, End and Day are set here
	Name      string        // the folder's base name, for notes
	MAC       string        // of the device, if the folder says it
	DeviceKey string        // tells the device from others; its OS and build are in Session.OS
	UID       int32         // of the app on the device; 0 = not known
	Apps      []capture.App // uids that the folder knows
	Originals []capture.Digest
	Lost      uint64 // packets that the recorder says it lost, over the whole session
	LostKnown bool
	Notes     []string // what the reader must know of the session
	Baseline  bool     // its names are what the device does without the app; its flows are not in the audit
}

// A run of the app: a folder's recordings, or one bare recording.
type session struct {
	folder *Folder // nil for a bare recording
	recs   []*recording
}

// ErrChanged says that a recording is not the one that its session's manifest lists.
var ErrChanged = errors.New("it is not the one that the session closed")

// declared takes from the sessions what no flag says of all recordings: the vantage, if every recording has the same one, and a VPN.
func declared(inputs []Input, o audit.Options) (audit.Options, string) {
	var vantage *audit.Vantage
	said, silent, differ := false, false, false
	for _, in := range inputs {
		switch {
		case in.Of == nil:
			silent = true
		case in.Of.Baseline:
		default:
			o.VPN = o.VPN || in.Of.Session.VPN
			v := in.Of.Session.Vantage
			differ = differ || v != nil && vantage != nil && *v != *vantage
			silent = silent || v == nil
			if v != nil {
				said, vantage = true, v
			}
		}
	}
	switch {
	case o.Vantage != nil || !said:
		return o, ""
	case differ:
		return o, "round trips exclude no country: the sessions were recorded in different places. An audit of one place alone can use them."
	case silent:
		return o, "round trips exclude no country: not every recording says where it was made (--vantage)."
	}
	o.Vantage = vantage
	return o, ""
}

// belong puts the recording that was just read into its session, and returns the session's number.
func (b *builder) belong(r *recording, of *Folder) {
	if n := len(b.runs); of != nil && n > 0 && b.runs[n-1].folder == of {
		b.runs[n-1].recs = append(b.runs[n-1].recs, r)
	} else {
		b.runs = append(b.runs, session{of, []*recording{r}})
	}
	r.run = len(b.runs) - 1
}

// orient decides which side the device is: once for all recordings of a session, for a segment can be too short to tell.
func (b *builder) orient() {
	for _, s := range b.runs {
		declared := b.config.Options.Device
		if s.folder != nil && declared == "" {
			declared = s.folder.MAC
		}
		flows := s.recs[0].flows
		for _, r := range s.recs[1:] {
			flows = append(slices.Clip(flows), r.flows...)
		}
		device := flow.FindDevice(flows, declared)
		if declared != "" && b.config.Options.Device == "" && len(device.Addresses) == 0 { // the folder's word may be about another link
			device = flow.FindDevice(flows, "")
		}
		for _, r := range s.recs {
			r.device = device
			flow.Orient(r.flows, &r.device)
			r.doc.Device = r.device.Audit()
		}
	}
}

// sessions lists the runs of the app.
func (b *builder) sessions() {
	for i, s := range b.runs {
		doc := audit.Session{App: b.config.Subject.App, Version: b.config.Subject.Version}
		if s.folder != nil {
			doc = s.folder.Session
		}
		doc.ID = audit.ID{Kind: audit.KindSession, N: uint32(i + 1)}
		doc.Recordings = nil
		for k, r := range s.recs {
			doc.Recordings = append(doc.Recordings, r.doc.ID)
			if k == 0 || r.doc.First != capture.NoTime && (doc.Start == capture.NoTime || r.doc.First < doc.Start) {
				doc.Start = r.doc.First
			}
			if k == 0 || r.doc.Last > doc.End {
				doc.End = r.doc.Last
			}
		}
		doc.Day = doc.Start.Day()
		b.audit.Sessions = append(b.audit.Sessions, doc)
		if s.folder != nil {
			b.sessionNotes(&b.audit.Sessions[i], s)
		}
	}
}

// sessionNotes tells what a reader must know of a session's making.
func (b *builder) sessionNotes(doc *audit.Session, s session) {
	name := fmt.Sprintf("session %s (%s)", doc.ID, b.word(s.folder.Name))
	if !isTest(doc) && len(b.runs) > 1 {
		b.note("%s is of role %s: its flows are in this audit. Given with --baseline it is compared instead.", name, doc.Role)
	}
	switch doc.State {
	case audit.SessionUnclosed:
		b.note("%s was not closed: it has no manifest, and what it holds is not vouched for.", name)
	case audit.SessionRecovered:
		b.note("%s was closed afterwards: its recorder was killed, and what it had not yet written is missing.", name)
	}
	for _, text := range s.folder.Notes {
		b.note("%s: %s", name, b.word(text))
	}
	var lost uint64
	for _, r := range s.recs {
		lost += r.doc.Lost
	}
	switch {
	case s.folder.LostKnown && s.folder.Lost > lost:
		b.note("%s: the recorder lost %d packets, the recordings report %d: a destination that is not listed may have been missed.", name, s.folder.Lost, lost)
	case s.folder.LostKnown && s.folder.Lost > 0:
		b.note("%s: the recorder lost %d packets: a destination that is not listed may have been missed.", name, s.folder.Lost)
	}
}

// continued gives a flow that a later segment of the same session goes on with what the earlier one showed: the names, who owns it, the step.
// Evidence of the earlier segment is cited as it is. A flow is the same if both sides are, and it does not begin anew.
func (b *builder) continued() {
	type key struct {
		proto audit.Proto
		pair  string
	}
	for _, s := range b.runs {
		if len(s.recs) < 2 {
			continue
		}
		before := map[key]*audit.Flow{}
		for _, r := range s.recs {
			for _, f := range r.flows {
				k := key{f.Proto, f.A.String() + " " + f.B.String()}
				if old := before[k]; old != nil && goesOn(old, f) {
					inherit(&f.Flow, old)
				}
				before[k] = &f.Flow
			}
		}
	}
}

// maxPause is how long a flow without handshakes may be silent and still be the same, in nanoseconds: NAT bindings of UDP last about as long
// (RFC 4787, REQ-5).
const maxPause = 300e9

func goesOn(old *audit.Flow, f *flow.Flow) bool {
	if f.Proto == audit.TCP {
		return !f.Begun()
	}
	return f.First-old.Last <= maxPause
}

func inherit(f, old *audit.Flow) {
	for _, n := range old.Names {
		n.Because = slices.Clone(n.Because)
		addName(f, n)
	}
	slices.SortStableFunc(f.Names, func(x, y audit.Name) int { return x.How.Rank() - y.How.Rank() })
	if f.Attribution == nil && old.Attribution != nil {
		owner := *old.Attribution
		f.Attribution = &owner
	}
	f.Step = old.Step
	if f.App == "" {
		f.App = old.App
	}
}
