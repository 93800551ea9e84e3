package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/session"
)

// openSession turns a session folder into the inputs of an audit: its segments. A session whose chain is broken is refused; one that was not
// closed is taken as it is.
func (in *inputs) openSession(dir string, baseline bool) error {
	s, err := session.Open(dir)
	if err != nil {
		return sessionError(err)
	}
	hint := "abroad session verify " + dir + " says more"
	if s.Broken != nil {
		return &hintedError{fmt.Errorf("open session %s: %w", dir, s.Broken), hint}
	}
	signer, err := s.Signed()
	if err != nil {
		return &hintedError{fmt.Errorf("open session %s: %w", dir, err), hint}
	}
	for _, earlier := range in.folders {
		if earlier.Session.Name == s.About.ID {
			return openError(dir, fmt.Errorf("session %s is named twice: its traffic would count twice", s.About.ID))
		}
	}
	if len(s.Segments) == 0 {
		return openError(dir, fmt.Errorf("the session holds no packets"))
	}
	folder := sessionFolder(s, signer)
	if folder.Baseline = baseline; baseline && folder.Session.Role == audit.RoleTest {
		return usagef("record it with --role idle or --role unopened", "--baseline %s: its role is test", dir)
	}
	in.folders = append(in.folders, folder)
	for i, path := range s.Segments {
		full := filepath.Join(dir, filepath.FromSlash(path))
		input := analyze.Input{Name: folder.Name + "/" + path, Of: folder, SHA256: s.Digest(path)}
		if s.Manifest == nil && i == len(s.Segments)-1 {
			input.Open = func() (io.ReadCloser, error) { return openPrefix(full) }
		} else {
			input.Open = func() (io.ReadCloser, error) { return openSteady(full) }
		}
		if info, err := os.Stat(full); err == nil {
			in.total += info.Size()
		}
		in.list = append(in.list, input)
		in.paths = append(in.paths, full)
	}
	return nil
}

// openPrefix opens a segment that may still be written: what it holds now, which is whole blocks.
func openPrefix(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, info.Size()), f}, nil
}

// sessionFolder puts a session into the audit's words.
func sessionFolder(s *session.Session, signer string) *analyze.Folder {
	a := &s.About
	path, err := filepath.Abs(s.Dir)
	if err != nil {
		path = s.Dir
	}
	f := &analyze.Folder{
		Name: filepath.Base(path), MAC: a.Device.MAC, DeviceKey: a.Device.Key,
		Session: audit.Session{
			Name: a.ID, State: audit.SessionState(s.State()), Root: s.Root, Signed: signer, Role: audit.SessionRole(a.Role), Isolated: a.Isolated,
			App: a.App.ID, Version: a.App.Version, VersionCode: a.App.Code, Signer: a.App.Signer,
			Source: a.Source.Kind, Attribution: string(a.Source.Attribution), Platform: a.Device.Platform, Device: join(a.Device.Maker, a.Device.Model),
			OS: join(a.Device.OS, a.Device.Build), Consent: a.Consent, Store: a.StoreCountry, Network: a.Network, Vantage: toVantage(&a.Vantage),
			VPN: a.VPN, Note: a.Note,
			Account: audit.Account{Residence: a.Account.Residence, Tier: a.Account.Tier, Age: a.Account.Age},
		},
	}
	for _, x := range a.Account.Settings {
		f.Session.Account.Settings = append(f.Session.Account.Settings, audit.Setting(x))
	}
	for _, m := range s.Markers() {
		f.Session.Markers = append(f.Session.Markers, audit.Marker{At: m.At, Text: m.Text, Action: m.Action, Event: m.Event})
	}
	if uid, err := strconv.ParseInt(a.App.UID, 10, 32); err == nil && a.App.ID != "" {
		f.UID = int32(uid)
		f.Apps = append(f.Apps, capture.App{UID: int32(uid), Package: a.App.ID, Label: a.App.Name})
	}
	f.Lost, f.LostKnown = s.Counters().Lost()
	if s.Manifest != nil {
		if s.Manifest.State == session.Interrupted {
			f.Notes = append(f.Notes, "it was interrupted: "+s.Manifest.Reason)
		}
		if s.Manifest.Packets == 0 && f.Session.Role == audit.RoleTest {
			f.Session.Failed = "no packet was recorded"
		}
	}
	counters := s.Counters()
	for _, n := range [...]struct {
		n    *uint64
		what string
	}{{counters.Unattributed, "packets without an app"}, {counters.Damaged, "damaged records"}} {
		if n.n != nil && *n.n > 0 {
			f.Notes = append(f.Notes, fmt.Sprintf("the recorder counted %d %s", *n.n, n.what))
		}
	}
	for i := range s.Events {
		foldEvent(f, &s.Events[i])
	}
	return f
}

// maxEventNotes is how many gaps of a session are told one by one.
const maxEventNotes = 20

// foldEvent takes from an event what an audit needs.
func foldEvent(f *analyze.Folder, e *session.Event) {
	switch e.Kind {
	case session.EventImport:
		var v session.Import
		if json.Unmarshal(e.Data, &v) == nil {
			f.Originals = append(f.Originals, v.SHA256)
		}
	case session.EventAppTable:
		var v session.AppRow
		if json.Unmarshal(e.Data, &v) == nil {
			f.Apps = append(f.Apps, capture.App{UID: v.UID, Package: v.Package, Label: v.Label})
		}
	case session.EventApp:
		var v session.AppChange
		if json.Unmarshal(e.Data, &v) == nil && v.Changed {
			f.Notes = append(f.Notes, fmt.Sprintf("the app was updated while it was recorded, from %s (%s) to %s (%s): it has no single version",
				f.Session.Version, f.Session.VersionCode, v.Version, v.Code))
			f.Session.Version, f.Session.VersionCode = "", ""
		}
	case session.EventGap:
		if len(f.Notes) < maxEventNotes {
			f.Notes = append(f.Notes, gapNote(e))
		}
	}
}

// gapNote says when nothing was recorded, for how long and why, as far as the event does.
func gapNote(e *session.Event) string {
	var gap struct {
		Reason string `json:"reason"`
		Lasted int64  `json:"lasted_ns"`
		From   int64  `json:"from_mono_ns"`
		To     int64  `json:"to_mono_ns"`
	}
	json.Unmarshal(e.Data, &gap) // what cannot be read is not known
	long := "a while"
	if lasted := time.Duration(cmp.Or(gap.Lasted, gap.To-gap.From)); lasted > 0 {
		long = lasted.Round(time.Millisecond).String()
	}
	text := "nothing was recorded for " + long + " before " + e.T.String()
	if gap.Reason != "" {
		text += ": " + gap.Reason
	}
	return text
}

func join(words ...string) string { return strings.TrimSpace(strings.Join(words, " ")) }

// agreed returns what all sessions of the app say, or "" if they do not say the same. Bare recordings say nothing.
func (in *inputs) agreed(of func(*audit.Session) string) string {
	var said []string
	for _, f := range in.folders {
		if !f.Baseline {
			said = append(said, of(&f.Session))
		}
	}
	if said = slices.Compact(said); len(said) != 1 {
		return ""
	}
	return said[0]
}

// declare takes from the sessions what no flag says of the subject: the app, its version, its uid on the device.
func (in *inputs) declare(c *auditCommand) {
	if c.app == "" {
		c.app = in.agreed(func(s *audit.Session) string { return s.App })
	}
	if c.appVersion == "" {
		c.appVersion = in.agreed(func(s *audit.Session) string { return s.Version })
	}
	for _, f := range in.folders {
		if c.uid == 0 && !f.Baseline {
			c.uid = f.UID
		}
	}
}

// toVantage is a session's vantage as an audit shows it; nil if it has none.
func toVantage(v *session.Vantage) *audit.Vantage {
	switch {
	case v.Lat != nil && v.Lon != nil && v.AccuracyKM > 0:
		return &audit.Vantage{Lat: *v.Lat, Lon: *v.Lon, Radius: v.AccuracyKM}
	case v.Country != "":
		return &audit.Vantage{Country: v.Country}
	}
	return nil
}
