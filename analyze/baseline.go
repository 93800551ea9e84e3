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
			if sameDevice(s.folder, list[k].folder) && len(list[k].names) > 0 {
				because = append(because, b.audit.Sessions[first+k].ID)
				b.noteShorter(doc, &b.audit.Sessions[first+k])
				for name := range list[k].names {
					names[name] = true
				}
			}
		}
		if why := missing(s.folder, list, len(because) > 0); why != "" {
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

// missing returns why the flows of a session cannot be lifted; empty if they can: some baseline is of the same device.
func missing(of *Folder, list []baseline, comparable bool) string {
	doc := &of.Session
	switch {
	case doc.OS == "" || of.DeviceKey == "" && doc.Device == "":
		return "it is not said which device and OS build they are of (abroad record --os, --os-build, and --model or --device-key), " +
			"so no baseline can be compared with them"
	case !doc.Isolated:
		return "the device was not isolated, so a baseline cannot tell the app's traffic from that of others"
	case comparable:
		return ""
	}
	device := strings.TrimSpace(doc.Device + " " + doc.OS)
	why := fmt.Sprintf("there is no baseline of the same device and OS build (%s)", device)
	if len(list) > 0 {
		why = fmt.Sprintf("no baseline that was given is of the same device and OS build (%s), isolated, and holds names", device)
	}
	return why + ": a session of it with the app installed and never opened (abroad record --role unopened --isolated), given with --baseline, " +
		"would lift flows with names that are not in it from A0 to A2"
}

// noteShorter tells that a baseline lasted less long than the session that it is compared with.
func (b *builder) noteShorter(test, base *audit.Session) {
	if lasted, took := base.End-base.Start, test.End-test.Start; lasted < took {
		b.note("baseline %s has traffic over %s, session %s over %s: what the device does seldom may be missing from it and look like the app's.",
			base.ID, seconds(lasted), test.ID, seconds(took))
	}
}

// seconds is a time for people.
func seconds(t capture.Time) string { return time.Duration(t).Round(time.Second).String() }

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
