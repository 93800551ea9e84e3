package analyze

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
		return o, "round trips exclude no country: the sessions were recorded in different places. An audit of one place can use them."
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
		b.note("%s: the recorder lost %d packets, the recordings tell of %d: a destination that is not listed may have been missed.", name, s.folder.Lost, lost)
	case s.folder.LostKnown && s.folder.Lost > 0:
		b.note("%s: the recorder lost %d packets: a destination that is not listed may have been missed.", name, s.folder.Lost)
	}
}

// steps follows a session's marks while its packets are read.
type steps struct {
	marks []audit.Marker
	keyed bool // some mark has an action: then only those begin a step
	next  int
}

func newSteps(of *Folder) steps {
	if of == nil {
		return steps{}
	}
	return steps{marks: of.Session.Markers, keyed: slices.ContainsFunc(of.Session.Markers, func(m audit.Marker) bool { return m.Action != "" })}
}

// at returns the step that a packet of that time is in, if it is another one than before.
func (s *steps) at(t capture.Time) (step string, changed bool) {
	for ; s.next < len(s.marks) && s.marks[s.next].At <= t; s.next++ {
		switch m := &s.marks[s.next]; {
		case m.Action != "":
			step, changed = m.Action, true
		case !s.keyed:
			step, changed = m.Text, true
		}
	}
	return step, changed
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

// A baseline is what a device does without the app.
type baseline struct {
	folder *Folder
	names  map[string]bool
	recs   []audit.Recording
}

// baselines reads the inputs of baselines, apart from the others: only their names are used, and their recordings are listed.
func baselines(ctx context.Context, inputs []Input, c Config) ([]baseline, error) {
	b := newBuilder(c)
	for _, in := range inputs {
		if err := b.read(ctx, in); err != nil {
			return nil, err
		}
	}
	b.orient()
	b.number()
	for _, s := range b.runs {
		b.bind(s)
	}
	b.continued()
	var list []baseline
	for _, s := range b.runs {
		one := baseline{folder: s.folder, names: map[string]bool{}}
		for _, r := range s.recs {
			one.recs = append(one.recs, r.doc)
			for _, f := range r.flows {
				for i := range f.Names {
					one.names[f.Names[i].Name] = true
				}
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// lift grades flows A2 (architecture section 5): of an isolated device, with a host name that no baseline of the same device and OS build holds.
// A name that is in a baseline stays what it is: nothing is ever taken away.
func (b *builder) lift(list []baseline) {
	for i := range list {
		b.listBaseline(&list[i], i)
	}
	first := len(b.audit.Sessions) - len(list)
	var wants []want
	for i, s := range b.runs {
		doc := &b.audit.Sessions[i]
		if s.folder == nil || !isTest(doc) || s.owned() {
			continue
		}
		var because []audit.ID
		names := map[string]bool{}
		for k := range list {
			if sameDevice(s.folder, list[k].folder) {
				because = append(because, b.audit.Sessions[first+k].ID)
				for name := range list[k].names {
					names[name] = true
				}
			}
		}
		if why := (&lifted{doc, len(because) > 0}).missing(); why != "" {
			k := slices.IndexFunc(wants, func(w want) bool { return w.says == why })
			if k < 0 {
				k, wants = len(wants), append(wants, want{says: why})
			}
			wants[k].ids = append(wants[k].ids, doc.ID.String())
			continue
		}
		for _, r := range s.recs {
			for _, f := range r.flows {
				liftFlow(&f.Flow, r, names, because)
			}
		}
	}
	for _, w := range wants {
		b.note("attribution of %s: %s.", strings.Join(w.ids, ", "), b.word(w.says))
	}
}

func isTest(s *audit.Session) bool { return s.Role == "" || s.Role == audit.RoleTest }

// owned reports whether the operating system named the app of every flow of the device: nothing is left to be lifted.
func (s *session) owned() bool {
	for _, r := range s.recs {
		for _, f := range r.flows {
			if (f.Device || len(r.device.Addresses) == 0) && (f.Attribution == nil || f.Attribution.Grade != audit.A3) {
				return false
			}
		}
	}
	return true
}

// A want is why the flows of sessions cannot be lifted.
type want struct {
	says string
	ids  []string
}

// missing returns why the flows of a session cannot be lifted; empty if they can.
func (doc *lifted) missing() string {
	device := strings.TrimSpace(doc.Device + " " + doc.OS)
	switch {
	case doc.comparable && doc.Isolated:
		return ""
	case doc.OS == "":
		return "it is not said which device and OS build they are of, so no baseline can be compared with them"
	case !doc.Isolated:
		return "the device was not isolated, so a baseline cannot tell the app's traffic from that of others"
	}
	return fmt.Sprintf("there is no baseline of the same device and OS build (%s): a session of it with the app installed and never opened "+
		"(abroad record --role unopened --isolated), given with --baseline, would lift flows with names that are not in it from A0 to A2", device)
}

// A lifted session is one whose flows may be graded A2.
type lifted struct {
	*audit.Session
	comparable bool
}

// sameDevice reports whether two folders are of the same device and OS build. What is not known is never the same.
func sameDevice(a, b *Folder) bool {
	if a.Session.OS == "" || a.Session.OS != b.Session.OS || !b.Session.Isolated {
		return false
	}
	if a.DeviceKey != "" || b.DeviceKey != "" {
		return a.DeviceKey == b.DeviceKey
	}
	return a.Session.Device != "" && a.Session.Device == b.Session.Device && a.Session.Platform == b.Session.Platform
}

// liftFlow grades one flow.
func liftFlow(f *audit.Flow, r *recording, baseline map[string]bool, because []audit.ID) {
	if !f.Device && len(r.device.Addresses) > 0 || f.Attribution != nil && f.Attribution.Grade == audit.A3 {
		return
	}
	if len(f.Names) == 0 || !f.Names[0].How.Strong() {
		return
	}
	for i := range f.Names {
		if baseline[f.Names[i].Name] {
			return
		}
	}
	stands := append(slices.Clone(f.Names[0].Because), because...)
	f.Attribution = &audit.Attribution{Grade: audit.A2, UID: -1, By: "baseline", Because: stands}
}

// listBaseline puts a baseline's recordings and its session into the audit, without its flows.
func (b *builder) listBaseline(x *baseline, i int) {
	a := b.audit
	doc := x.folder.Session
	doc.ID = audit.ID{Kind: audit.KindSession, N: uint32(len(a.Sessions) + 1)}
	doc.Recordings, doc.Start, doc.End = nil, capture.NoTime, capture.NoTime
	for _, r := range x.recs {
		r.ID = audit.ID{Kind: audit.KindRecording, N: uint32(len(a.Recordings) + 1)}
		for j := range r.Undecoded {
			r.Undecoded[j].Example.Recording = r.ID.N
		}
		if doc.Start == capture.NoTime || r.First != capture.NoTime && r.First < doc.Start {
			doc.Start = r.First
		}
		doc.End = max(doc.End, r.Last)
		doc.Recordings = append(doc.Recordings, r.ID)
		a.Recordings = append(a.Recordings, r)
		a.Practice = a.Practice || r.Practice
	}
	doc.Day = doc.Start.Day()
	a.Sessions = append(a.Sessions, doc)
	b.note("session %s (%s) is a baseline: its names are compared, its flows are not in this audit.", doc.ID, b.word(x.folder.Name))
}
