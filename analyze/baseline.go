package analyze

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"abroad/analyze/audit"
	"abroad/capture"
)

// A baseline is what a device does without the app.
type baseline struct {
	folder  *Folder
	names   map[string]bool
	recs    []audit.Recording
	counts  bool   // for some session
	refused []want // why it does not count, and for which sessions
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
	first := len(b.audit.Sessions)
	for i := range list {
		b.listBaseline(&list[i])
	}
	var wants []want
	for i, s := range b.runs {
		doc := &b.audit.Sessions[i]
		if s.folder == nil || !isTest(doc) || s.owned() {
			continue
		}
		if why := unliftable(s.folder); why != "" {
			wants = add(wants, why, doc.ID)
			continue
		}
		var because []audit.ID
		names := map[string]bool{}
		for k := range list {
			if why := incomparable(s.folder, &list[k]); why != "" {
				list[k].refused = add(list[k].refused, why, doc.ID)
				continue
			}
			list[k].counts = true
			because = append(because, b.audit.Sessions[first+k].ID)
			b.noteShorter(doc, &b.audit.Sessions[first+k])
			for name := range list[k].names {
				names[name] = true
			}
		}
		if len(because) == 0 {
			wants = add(wants, missing(s.folder, len(list) > 0), doc.ID)
			continue
		}
		for _, r := range s.recs {
			for _, f := range r.flows {
				liftFlow(&f.Flow, r, names, because)
			}
		}
	}
	for k := range list {
		b.noteBaseline(&b.audit.Sessions[first+k], &list[k])
	}
	for _, w := range wants {
		b.note("attribution of %s: %s.", w.sessions(), b.word(w.says))
	}
}

// noteBaseline tells what a baseline is good for, and why not for more.
func (b *builder) noteBaseline(doc *audit.Session, x *baseline) {
	says := "its names are compared"
	if !x.counts {
		says = "it is compared with nothing"
	}
	b.note("session %s (%s) is a baseline: %s, its flows are not in this audit.", doc.ID, b.word(x.folder.Name), says)
	for _, w := range x.refused {
		b.note("baseline %s does not count for %s: %s.", doc.ID, w.sessions(), b.word(w.says))
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

// A want is why the flows of sessions cannot be lifted, or not by one baseline.
type want struct {
	says string
	ids  []string
}

func (w *want) sessions() string { return strings.Join(w.ids, ", ") }

// add puts a session to those for which the same is to be said.
func add(list []want, says string, id audit.ID) []want {
	k := slices.IndexFunc(list, func(w want) bool { return w.says == says })
	if k < 0 {
		k, list = len(list), append(list, want{says: says})
	}
	list[k].ids = append(list[k].ids, id.String())
	return list
}

// unliftable returns why no baseline at all could lift the flows of a session; empty if one could.
func unliftable(of *Folder) string {
	doc := &of.Session
	switch {
	case doc.OS == "" || of.DeviceKey == "" && doc.Device == "" && of.MAC == "":
		return "the device or the OS build is not recorded (abroad record --os, --os-build, and --mac, --model or --device-key), " +
			"so no baseline can be compared"
	case !doc.Isolated:
		return "the device was not isolated, so a baseline cannot tell the app's traffic from that of others"
	}
	return ""
}

// missing says which baseline would lift the flows of a session.
func missing(of *Folder, given bool) string {
	device := strings.TrimSpace(of.Session.Device + " " + of.Session.OS)
	why := fmt.Sprintf("there is no baseline of the same device and OS build (%s)", device)
	if given {
		why = fmt.Sprintf("no baseline that was given is of the same device and OS build (%s), isolated, and holds names", device)
	}
	return why + ": a session of it with the app installed and never opened (abroad record --role unopened --isolated), given with --baseline, " +
		"would lift flows with names that are not in it from A0 to A2"
}

// noteShorter tells that a baseline lasted less long than the session that it is compared with.
func (b *builder) noteShorter(test, base *audit.Session) {
	if lasted, took := base.End-base.Start, test.End-test.Start; lasted < took {
		b.note("baseline %s has traffic over %s, session %s over %s: what the device does rarely may be missing from it and look like the app's.",
			base.ID, seconds(lasted), test.ID, seconds(took))
	}
}

// seconds is a time for people.
func seconds(t capture.Time) string { return time.Duration(t).Round(time.Second).String() }

// incomparable returns why a baseline does not count for a session; empty if it does. What is not known is never the same.
func incomparable(of *Folder, base *baseline) string {
	test, other := &of.Session, &base.folder.Session
	switch {
	case len(base.names) == 0:
		return "no name was seen in it"
	case !other.Isolated:
		return "its device was not isolated (abroad record --isolated)"
	case other.OS == "":
		return "it does not record its OS build (abroad record --os, --os-build)"
	case test.OS != other.OS:
		return fmt.Sprintf("its OS build is %q, the session's is %q", other.OS, test.OS)
	}
	for _, said := range [...]struct{ what, test, base string }{
		{"device key", of.DeviceKey, base.folder.DeviceKey},
		{"device", join(test.Platform, test.Device), join(other.Platform, other.Device)},
		{"hardware address", strings.ToLower(of.MAC), strings.ToLower(base.folder.MAC)},
	} {
		switch {
		case said.test == "" && said.base == "":
			continue
		case said.base == "":
			return "it records no " + said.what + ", and the session does"
		case said.test == "":
			return "it records a " + said.what + ", and the session does not"
		case said.test != said.base:
			return "its " + said.what + " differs"
		}
		return ""
	}
	return "neither of them records its device (abroad record --mac, --model or --device-key)"
}

// join is the platform and the device, if there is a device.
func join(platform, device string) string {
	if device == "" {
		return ""
	}
	return strings.TrimSpace(platform + " " + device)
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
func (b *builder) listBaseline(x *baseline) {
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
}
