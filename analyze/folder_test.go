package analyze

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze/audit"
	"abroad/capture"
	store "abroad/capture/session"
	"abroad/capture/source"
)

const gateway = "../capture/lab/practice/copies/gateway.pcapng"

// segments cuts a recording into a session's segments of about size bytes, and returns them as inputs of one folder.
func segments(t *testing.T, path string, size int64, folder *Folder) []Input {
	t.Helper()
	return written(t, path, store.Options{SegmentSize: size}, folder)
}

// written takes a recording into a session.
func written(t *testing.T, path string, o store.Options, folder *Folder) []Input {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := source.Open(path, f)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "x.session")
	w, err := store.Create(dir, store.About{}, o)
	if err != nil {
		t.Fatal(err)
	}
	faces := 0
	for record, err := range rec.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := record.(*capture.Packet); ok {
			for ; faces <= int(p.Iface); faces++ {
				if _, err := w.Interface(store.Interface{Link: p.Link}); err != nil {
					t.Fatal(err)
				}
			}
			p.Notes = nil // the lab's own steps
			if err := w.Packet(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(store.Complete, ""); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []Input
	for _, path := range s.Segments {
		full := filepath.Join(dir, path)
		list = append(list, Input{Name: "x.session/" + path, Of: folder, SHA256: s.Digest(path), Open: func() (io.ReadCloser, error) { return os.Open(full) }})
	}
	folder.Originals = append(folder.Originals, rec.Manifest().SHA256)
	return list
}

func runAll(t *testing.T, inputs ...Input) *audit.Audit {
	t.Helper()
	a, err := Run(t.Context(), inputs, Config{Version: "test", Library: testLibrary(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.Write(io.Discard, a); err != nil {
		t.Fatal(err)
	}
	return a
}

// A destination is what an audit says of an address, without what depends on how flows are counted.
type destination struct {
	Address  string
	Names    string
	Up, Down uint64
	Country  string
}

func destinations(a *audit.Audit) (list []destination) {
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		names := slices.Clone(e.Names)
		slices.Sort(names)
		list = append(list, destination{e.Address.String(), strings.Join(names, " "), e.BytesUp, e.BytesDown, e.Place.Country})
	}
	slices.SortFunc(list, func(x, y destination) int { return strings.Compare(x.Address, y.Address) })
	return list
}

// A session that is cut into segments says of every destination what the uncut recording says: its names, its bytes, its place.
func TestSegments(t *testing.T) {
	whole := runAll(t, fileInput(gateway))
	want := destinations(whole)
	for _, size := range []int64{5_000, 20_000, 60_000, 1 << 30} {
		folder := &Folder{Name: "x.session", Session: audit.Session{Name: "X", State: audit.SessionComplete, Attribution: "device"}}
		inputs := segments(t, gateway, size, folder)
		a := runAll(t, inputs...)
		if len(a.Sessions) != 1 || len(a.Sessions[0].Recordings) != len(inputs) || len(a.Recordings) != len(inputs) {
			t.Fatalf("%d segments: %d sessions, %d recordings", len(inputs), len(a.Sessions), len(a.Recordings))
		}
		if s := a.Sessions[0]; s.Start != whole.Sessions[0].Start || s.End != whole.Sessions[0].End || s.Name != "X" {
			t.Errorf("the session is %+v", s)
		}
		if !a.Practice {
			t.Error("practice data passes for real")
		}
		if !a.Coverage.DeviceSure {
			t.Errorf("%d segments: the device is not known in every one", len(inputs))
		}
		got, all := a.Coverage.Strong, whole.Coverage.Strong
		if got.BytesUp != all.BytesUp || got.BytesDown != all.BytesDown {
			t.Errorf("%d segments: %d bytes up and %d down have a strong name, in the uncut recording %d and %d", len(inputs), got.BytesUp, got.BytesDown, all.BytesUp, all.BytesDown)
		}
		if diff := cmp.Diff(want, destinations(a)); diff != "" {
			t.Errorf("%d segments:\n%s", len(inputs), diff)
		}
	}
}

// A segment that is not the one that the session closed is refused.
func TestSegmentChanged(t *testing.T) {
	inputs := segments(t, gateway, 1<<30, &Folder{Name: "x.session"})
	inputs[0].SHA256[0] ^= 1
	if _, err := Run(t.Context(), inputs, Config{Library: testLibrary(t)}); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v", err)
	}
}

// Flows carry the step that they begin in: by actions, and by the text of marks only where no mark has an action.
func TestSteps(t *testing.T) {
	bare := runAll(t, fileInput(gateway))
	middle := bare.Sessions[0].Start + (bare.Sessions[0].End-bare.Sessions[0].Start)/2
	for _, test := range []struct {
		name  string
		marks []audit.Marker
		want  string
	}{
		{"action", []audit.Marker{{At: middle - 1e9, Text: "only text"}, {At: middle, Text: "it", Action: "post"}}, "post"},
		{"text", []audit.Marker{{At: middle, Text: "posting"}}, "posting"},
	} {
		begun := map[string]string{} // by flow: the step, as the uncut recording has it
		for _, size := range []int64{1 << 30, 20_000} {
			folder := &Folder{Name: "x.session", Session: audit.Session{Markers: test.marks}}
			a := runAll(t, segments(t, gateway, size, folder)...)
			in, out, went := 0, 0, 0
			for _, f := range a.Flows {
				key := fmt.Sprint(f.Proto, f.A, f.B)
				switch step, known := begun[key]; {
				case size == 1<<30 && !known:
					begun[key] = f.Step
				case size == 1<<30 && step != f.Step:
					begun[key] = "?" // used again, in another step
				case size != 1<<30 && step != "?" && step != f.Step:
					t.Errorf("%s: %s goes on in step %q, it began in %q", test.name, f.ID, f.Step, step)
				case f.First >= middle && step != test.want && step != "?":
					went++
				}
				switch {
				case f.First >= middle && size == 1<<30:
					in++
					if f.Step != test.want {
						t.Fatalf("%s: %s began in step %q, want %q", test.name, f.ID, f.Step, test.want)
					}
				case f.First < middle-1e9:
					out++
					if f.Step == test.want || f.Step == "only text" {
						t.Fatalf("%s: %s began before the mark, in step %q", test.name, f.ID, f.Step)
					}
				}
			}
			if out == 0 || size == 1<<30 && in == 0 || size != 1<<30 && went == 0 {
				t.Fatalf("%d flows in the step, %d before", in, out)
			}
		}
	}
}

// isolated is a folder of a device that can be compared.
func isolated(role audit.SessionRole, os string) *Folder {
	return &Folder{Name: string(role) + ".session", Baseline: role != audit.RoleTest,
		Session: audit.Session{Role: role, Isolated: true, Device: "Phone", OS: os, Attribution: "device"}}
}

func grades(a *audit.Audit) map[audit.AttributionGrade]int {
	n := map[audit.AttributionGrade]int{}
	for _, f := range a.Flows {
		if !f.Device {
			continue
		}
		if f.Attribution == nil {
			n[audit.A0]++
		} else {
			n[f.Attribution.Grade]++
		}
	}
	return n
}

// With a baseline of the same device and build flows are lifted to A2, but none whose name is in it; without one a note names it.
func TestBaselines(t *testing.T) {
	const idle = "../capture/lab/practice/baseline/idle.pcapng"
	test := func() *Folder { return isolated(audit.RoleTest, "15 B1") }
	alone := runAll(t, segments(t, gateway, 1<<30, test())...)
	if n := grades(alone); n[audit.A2] > 0 {
		t.Errorf("without a baseline: %v", n)
	}
	if !slices.ContainsFunc(alone.Notes, func(s string) bool { return strings.Contains(s, "Phone 15 B1") && strings.Contains(s, "--baseline") }) {
		t.Errorf("no note names the baseline that is missing: %q", alone.Notes)
	}
	unknown := test()
	unknown.Session.Device = ""
	if a := runAll(t, segments(t, gateway, 1<<30, unknown)...); !slices.ContainsFunc(a.Notes, func(s string) bool { return strings.Contains(s, "--device-key") }) {
		t.Errorf("no note asks which device it is: %q", a.Notes)
	}
	inputs := append(segments(t, gateway, 1<<30, test()), segments(t, idle, 1<<30, isolated(audit.RoleIdle, "15 B1"))...)
	a := runAll(t, inputs...)
	if len(a.Sessions) != 2 || a.Sessions[1].Role != audit.RoleIdle || len(a.Flows) != len(alone.Flows) {
		t.Errorf("%d sessions, %d flows; %d alone: flows of a baseline are not the app's", len(a.Sessions), len(a.Flows), len(alone.Flows))
	}
	n := grades(a)
	if n[audit.A2] == 0 || n[audit.A0] == 0 {
		t.Fatalf("with a baseline: %v", n)
	}
	names := map[string]bool{}
	for _, f := range runAll(t, fileInput(idle)).Flows {
		for i := range f.Names {
			names[f.Names[i].Name] = true
		}
	}
	kept := 0
	for _, f := range a.Flows {
		for i := range f.Names {
			if in := names[f.Names[i].Name]; in && f.Attribution != nil {
				t.Errorf("%s: %s is in the baseline and graded %s", f.ID, f.Names[i].Name, f.Attribution.Grade)
			} else if in {
				kept++
			}
		}
		if f.Attribution != nil && f.Attribution.Grade == audit.A2 && f.Attribution.Because[len(f.Attribution.Because)-1] != a.Sessions[1].ID {
			t.Errorf("%s does not stand on the baseline", f.ID)
		}
	}
	t.Logf("%v, %d names of flows are in the baseline", n, kept)

	// One that does not count is not taken, and the report says why.
	with := func(of *Folder, change func(*Folder)) *Folder { change(of); return of }
	idleOf := func(change func(*Folder)) *Folder { return with(isolated(audit.RoleIdle, "15 B1"), change) }
	nothing := func(*Folder) {}
	for name, c := range map[string]struct {
		test, base func(*Folder)
		says       string
	}{
		"another build":  {nothing, func(f *Folder) { f.Session.OS = "15 B2" }, `its OS build is "15 B2", the session's is "15 B1"`},
		"no build":       {nothing, func(f *Folder) { f.Session.OS = "" }, "does not record its OS build"},
		"not isolated":   {nothing, func(f *Folder) { f.Session.Isolated = false }, "its device was not isolated"},
		"another phone":  {nothing, func(f *Folder) { f.Session.Device = "Tablet" }, "its device differs"},
		"another system": {nothing, func(f *Folder) { f.Session.Platform = "ios" }, "its device differs"},
		"no phone":       {nothing, func(f *Folder) { f.Session.Device = "" }, "it records no device, and the session does"},
		"another key":    {func(f *Folder) { f.DeviceKey = "a" }, func(f *Folder) { f.DeviceKey = "b" }, "its device key differs"},
		"one key":        {nothing, func(f *Folder) { f.DeviceKey = "b" }, "it records a device key, and the session does not"},
		"another address": {func(f *Folder) { f.Session.Device, f.MAC = "", "02:00:00:00:00:01" },
			func(f *Folder) { f.Session.Device, f.MAC = "", "02:00:00:00:00:02" }, "its hardware address differs"},
	} {
		inputs := append(segments(t, gateway, 1<<30, with(test(), c.test)), segments(t, idle, 1<<30, idleOf(c.base))...)
		a := runAll(t, inputs...)
		if n := grades(a); n[audit.A2] > 0 {
			t.Errorf("%s: %v", name, n)
		}
		for _, want := range []string{"baseline s2 does not count for s1: ", c.says, "is a baseline: it is compared with nothing", "--role unopened --isolated"} {
			if !slices.ContainsFunc(a.Notes, func(s string) bool { return strings.Contains(s, want) }) {
				t.Errorf("%s: no note says %q: %q", name, want, a.Notes)
			}
		}
	}
	byMAC := func(f *Folder) { f.Session.Device, f.MAC = "", "02:00:5e:00:53:17" }
	inputs = append(segments(t, gateway, 1<<30, with(test(), byMAC)), segments(t, idle, 1<<30, idleOf(byMAC))...)
	if n := grades(runAll(t, inputs...)); n[audit.A2] == 0 {
		t.Errorf("with a baseline of the same hardware address: %v", n)
	}
	// Of two baselines the one that counts is used, and the other one told.
	inputs = append(segments(t, gateway, 1<<30, test()), append(segments(t, idle, 1<<30, isolated(audit.RoleIdle, "15 B1")),
		segments(t, idle, 1<<30, isolated(audit.RoleUnopened, "14 A1"))...)...)
	if two := runAll(t, inputs...); !cmp.Equal(grades(two), n) || !slices.ContainsFunc(two.Notes, func(s string) bool {
		return strings.Contains(s, "baseline s3 does not count for s1")
	}) {
		t.Errorf("two baselines: %v, %q", grades(two), two.Notes)
	}
	header := "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x01\x00\x00\x00"
	empty := Input{Name: "empty.pcap", Of: isolated(audit.RoleIdle, "15 B1"), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(header)), nil }}
	a = runAll(t, append(segments(t, gateway, 1<<30, test()), empty)...)
	if n := grades(a); n[audit.A2] > 0 || !slices.ContainsFunc(a.Notes, func(s string) bool { return strings.Contains(s, "no name was seen in it") }) {
		t.Errorf("a baseline in which nothing was seen: %v, %q", n, a.Notes)
	}
	shared := test()
	shared.Session.Isolated = false
	inputs = append(segments(t, gateway, 1<<30, shared), segments(t, idle, 1<<30, isolated(audit.RoleIdle, "15 B1"))...)
	a = runAll(t, inputs...)
	if n := grades(a); n[audit.A2] > 0 || !slices.ContainsFunc(a.Notes, func(s string) bool { return strings.Contains(s, "the device was not isolated") }) {
		t.Errorf("a device that was not isolated: %v, %q", n, a.Notes)
	}
}

// Losses, faults and vantages of sessions are told.
func TestSessionNotes(t *testing.T) {
	folder := &Folder{Name: "x.session", Lost: 7, LostKnown: true, Notes: []string{"it was interrupted: unplugged"}}
	folder.Session.State, folder.Session.Vantage = audit.SessionUnclosed, &audit.Vantage{Country: "IS"}
	a := runAll(t, segments(t, gateway, 1<<30, folder)...)
	for _, want := range []string{"the recorder lost 7 packets, the recordings report 0", "was not closed", "it was interrupted: unplugged"} {
		if !slices.ContainsFunc(a.Notes, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("no note says %q: %q", want, a.Notes)
		}
	}
	if a.Options.Vantage == nil || a.Options.Vantage.Country != "IS" {
		t.Errorf("the vantage is %v", a.Options.Vantage)
	}
	counted := &Folder{Name: "x.session", Lost: 7, LostKnown: true}
	counters := func() store.Counters { return store.Counters{DroppedKernel: 7} }
	a = runAll(t, written(t, gateway, store.Options{Counters: counters}, counted)...)
	if !slices.ContainsFunc(a.Notes, func(s string) bool {
		return strings.Contains(s, "the recorder lost 7 packets: a destination that is not listed may have been missed")
	}) {
		t.Errorf("no note tells of the loss that the recording tells of: %q", a.Notes)
	}
	other := &Folder{Name: "y.session", Session: audit.Session{Vantage: &audit.Vantage{Country: "DE"}}}
	for _, input := range []Input{fileInput("../capture/lab/practice/v2/s03.pcapng"), segments(t, "../capture/lab/practice/v2/s03.pcapng", 1<<30, other)[0]} {
		a = runAll(t, append(segments(t, gateway, 1<<30, folder), input)...)
		if a.Options.Vantage != nil {
			t.Errorf("%s: the vantage of one recording is used for another", input.Name)
		}
	}
	var one, two bytes.Buffer
	inputs := segments(t, gateway, 20_000, folder)
	for _, b := range []*bytes.Buffer{&one, &two} {
		if err := audit.Write(b, runAll(t, inputs...)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same session gives two audits")
	}
}
