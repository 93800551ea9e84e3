package recorder

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/locate"
	"abroad/capture"
	"abroad/capture/recorder/adb"
	"abroad/capture/recorder/adb/adbtest"
	"abroad/capture/session"
)

// The texts below have the shapes that Android prints; they were written by hand from its documentation and sources, not taken from a phone.
const (
	dumpApp = `Packages:
  Package [org.example.practice] (4a1c2d):
    appId=10123
    pkg=Package{9c8b7a org.example.practice}
    codePath=/data/app/~~kX1Zw==/org.example.practice-Qq==
    versionCode=421 minSdk=26 targetSdk=34
    versionName=4.2.1 beta
    signatures=PackageSignatures{7f3c version:2, signatures:[bbb2e2d2], past signatures:[]}
    firstInstallTime=2026-11-01 10:00:00
    installerPackageName=com.android.vending

Hidden system packages:
  Package [org.example.practice] (1f):
    userId=1000
    versionCode=1 minSdk=21 targetSdk=28
    versionName=1.0
`
	dumpPCAPdroid = "Packages:\n  Package [com.emanuelef.remote_capture] (1):\n    userId=10200\n    versionCode=%d minSdk=21 targetSdk=35\n    versionName=1.9.1\n"
	apiKey        = "s3cr3tKEY0123456789"
)

// practiceCapture is what the phone sends: PCAPdroid's format with all its traps (one trailer is damaged, one owner unknown).
const practiceCapture = "../lab/practice/copies/pcapdroid.pcap"

// fakePhone is a phone with PCAPdroid.
type fakePhone struct {
	adbtest.Phone
	t        *testing.T
	apk      []byte
	version  int    // PCAPdroid's
	stream   []byte // what it sends
	chunk    int    // bytes at a time; 0 = all
	hold     bool   // goes on until it is stopped
	refuse   bool   // does not start: nobody confirms its dialog
	date     time.Duration
	starting sync.Mutex
	commands []string
	running  chan struct{} // closed by stop
	sent     chan struct{} // told when the stream is out
}

func newFakePhone(t *testing.T) *fakePhone {
	stream, err := os.ReadFile(practiceCapture)
	if err != nil {
		t.Fatal(err)
	}
	p := &fakePhone{t: t, version: 91, stream: stream, hold: true, apk: fakeAPK(t), sent: make(chan struct{}, 4)}
	p.Shell = p.shell
	return p
}

// fakeAPK is a zip archive with a signing block of scheme 2 whose certificate is "certificate".
func fakeAPK(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("classes.dex")
	w.Write(bytes.Repeat([]byte("code"), 5000))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	sized := func(b []byte) []byte { return append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...) }
	signed := append(sized(nil), sized(sized([]byte("certificate")))...)
	v := sized(sized(sized(signed)))
	pair := append(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, uint64(len(v)+4)), 0x7109871a), v...)
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(pair)+24))
	block := append(append(append(bytes.Clone(size), pair...), size...), "APK Sig Block 42"...)
	all := b.Bytes()
	end := len(all) - 22
	directory := binary.LittleEndian.Uint32(all[end+16:])
	out := append(append(bytes.Clone(all[:directory]), block...), all[directory:]...)
	binary.LittleEndian.PutUint32(out[end+len(block)+16:], directory+uint32(len(block)))
	return out
}

var ddLine = regexp.MustCompile(`^dd if='(.*)' bs=4096 skip=(\d+) count=(\d+) 2>/dev/null$`)

// shell answers the commands that the source is known to send; any other one fails the test.
func (p *fakePhone) shell(ctx context.Context, line string, stdin io.Reader, stdout, stderr io.Writer) int {
	p.starting.Lock()
	p.commands = append(p.commands, line)
	p.starting.Unlock()
	const base = "/data/app/~~kX1Zw==/org.example.practice-Qq==/base.apk"
	switch {
	case strings.HasPrefix(line, "for p in ro."):
		io.WriteString(stdout, "Example\nPhone 7\n16\nexample/phone7:16/A1/1:user\n2026-10-05\nSERIAL0001\n")
	case line == "dumpsys package org.example.practice":
		io.WriteString(stdout, dumpApp)
	case line == "dumpsys package com.emanuelef.remote_capture":
		if p.version > 0 {
			fmt.Fprintf(stdout, dumpPCAPdroid, p.version)
		} else {
			io.WriteString(stdout, "Unable to find package: com.emanuelef.remote_capture\n")
		}
	case strings.HasPrefix(line, "dumpsys package "):
		io.WriteString(stdout, "Unable to find package\n")
	case line == "pm path --user 0 org.example.practice":
		fmt.Fprintf(stdout, "package:%s\npackage:%s\n", base, strings.Replace(base, "base", "split_config.en", 1))
	case strings.HasPrefix(line, "stat -c %s "):
		fmt.Fprintf(stdout, "%d\n%x  file\n", len(p.apk), sha256.Sum256(p.apk))
	case ddLine.MatchString(line):
		m := ddLine.FindStringSubmatch(line)
		skip, _ := strconv.Atoi(m[2])
		count, _ := strconv.Atoi(m[3])
		stdout.Write(p.apk[min(skip*4096, len(p.apk)):min((skip+count)*4096, len(p.apk))])
	case strings.HasPrefix(line, "settings get"):
		io.WriteString(stdout, "opportunistic\nnull\nnull\n")
	case line == "date +%s.%N":
		now := time.Now().Add(p.date)
		fmt.Fprintf(stdout, "%d.%09d\n", now.Unix(), now.Nanosecond())
	case strings.HasPrefix(line, "am start "):
		return p.intent(line, stdout)
	default:
		p.t.Errorf("the phone does not know %q", line)
		return 127
	}
	return 0
}

var extra = regexp.MustCompile(`-e (\w+) '([^']*)'`)

// intent is CaptureCtrl: it starts and stops the exporter.
func (p *fakePhone) intent(line string, stdout io.Writer) int {
	if !strings.HasPrefix(line, "am start -n com.emanuelef.remote_capture/com.emanuelef.remote_capture.activities.CaptureCtrl ") {
		fmt.Fprintln(stdout, "Error type 3\nError: Activity class does not exist.")
		return 1
	}
	fmt.Fprintln(stdout, "Starting: Intent { cmp=com.emanuelef.remote_capture/.activities.CaptureCtrl (has extras) }")
	x := map[string]string{}
	for _, m := range extra.FindAllStringSubmatch(line, -1) {
		x[m[1]] = m[2]
	}
	p.starting.Lock()
	defer p.starting.Unlock()
	switch {
	case x["action"] == "stop" && p.running != nil:
		close(p.running)
		p.running = nil
	case x["action"] == "start" && !p.refuse:
		want := map[string]string{"pcap_dump_mode": "tcp_exporter", "dump_extensions": "true", "collector_host": "127.0.0.1", "collector_ip_address": "127.0.0.1",
			"app_filter": "org.example.practice", "auto_block_private_dns": "false", "api_key": apiKey}
		for name, value := range want {
			if x[name] != value {
				p.t.Errorf("%s is %q", name, x[name])
			}
		}
		stop := make(chan struct{})
		p.running = stop
		go p.export("tcp:"+x["collector_port"], stop)
	}
	return 0
}

func (p *fakePhone) export(socket string, stop chan struct{}) {
	c, err := p.Dial(context.Background(), socket)
	if err != nil {
		p.t.Errorf("PCAPdroid: %v", err)
		return
	}
	defer c.Close()
	for b := p.stream; len(b) > 0; {
		n := len(b)
		if p.chunk > 0 {
			n = min(n, p.chunk)
		}
		if _, err := c.Write(b[:n]); err != nil {
			return
		}
		b = b[n:]
	}
	p.sent <- struct{}{}
	if p.hold {
		<-stop
	}
}

// said lists the intents, without what does not matter.
func (p *fakePhone) intents() (list []string) {
	p.starting.Lock()
	defer p.starting.Unlock()
	for _, line := range p.commands {
		if m := regexp.MustCompile(`-e action '(\w+)'`).FindStringSubmatch(line); m != nil {
			list = append(list, m[1])
		}
	}
	return list
}

// plug connects the phone and points the environment at its server.
func plug(t *testing.T, p *adbtest.Phone) (server *adb.Server, serial string) {
	server, serial = adbtest.Start(t, p)
	_, port, _ := strings.Cut(server.Address, ":")
	t.Setenv("ANDROID_ADB_SERVER_PORT", port)
	return server, serial
}

// recording writes what a source says into a session.
type recording struct {
	w       *session.Writer
	dir     string
	armed   chan struct{}
	packets int
	events  []string
	fail    error // what Packet returns
}

func record(t *testing.T, info SourceInfo) *recording {
	dir := filepath.Join(t.TempDir(), "session")
	w, err := session.Create(dir, session.About{Tool: session.Tool{Name: "test"}, Role: "test", App: info.App, Device: info.Device,
		Source: info.Source, Interventions: info.Interventions}, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &recording{w: w, dir: dir, armed: make(chan struct{})}
}

func (r *recording) Interface(i InterfaceInfo) (uint32, error) {
	return r.w.Interface(session.Interface{Link: i.Link, SnapLen: i.SnapLen, Name: i.Name, Description: i.Description, Filter: i.Filter, Micro: i.Micro})
}

func (r *recording) Packet(p *capture.Packet) error {
	if r.fail != nil {
		return r.fail
	}
	r.packets++
	return r.w.Packet(p)
}

func (r *recording) Secrets(typ uint32, b []byte) error { return r.w.Secrets(typ, b) }

func (r *recording) Event(kind string, data any) error {
	if kind == session.EventArmed {
		close(r.armed)
	}
	b, _ := json.Marshal(data)
	r.events = append(r.events, kind+" "+string(b))
	_, err := r.w.Event(kind, data)
	return err
}

// audited closes the session and audits its capture.
func (r *recording) audited(t *testing.T) *audit.Audit {
	t.Helper()
	if err := r.w.Close("complete", ""); err != nil {
		t.Fatal(err)
	}
	return auditOf(t, filepath.Join(r.dir, "capture", "000001.pcapng"))
}

func auditOf(t *testing.T, path string) *audit.Audit {
	t.Helper()
	library, err := locate.Open(locate.Options{Data: "none", Practice: true})
	if err != nil {
		t.Fatal(err)
	}
	a, err := analyze.Run(t.Context(), []analyze.Input{{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(path) }}},
		analyze.Config{Version: "test", Library: library})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// owned lists the flows of an audit with their owners.
func owned(a *audit.Audit) (list []string) {
	for _, f := range a.Flows {
		list = append(list, fmt.Sprintf("%v %v %+v", f.A, f.B, f.Attribution))
	}
	slices.Sort(list)
	return list
}

func TestAndroid(t *testing.T) {
	phone := newFakePhone(t)
	phone.chunk = 7001 // packets are cut anywhere on their way
	phone.date = 90 * time.Second
	plug(t, &phone.Phone)
	source, err := android.New(Options{App: "org.example.practice", Key: apiKey})
	if err != nil {
		t.Fatal(err)
	}
	info, err := source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file := session.File{Name: "base.apk", Size: int64(len(phone.apk)), SHA256: sha256.Sum256(phone.apk)}
	split := file
	split.Name = "split_config.en.apk"
	certificate := sha256.Sum256([]byte("certificate"))
	wantApp := session.App{ID: "org.example.practice", Version: "4.2.1 beta", Code: "421", UID: "10123", Signer: hex.EncodeToString(certificate[:]),
		APKs: []session.File{file, split}, Read: []string{"version", "code", "uid", "signer", "apks"}}
	if diff := cmp.Diff(wantApp, info.App); diff != "" {
		t.Error(diff)
	}
	wantDevice := session.Device{Platform: "android", Maker: "Example", Model: "Phone 7", OS: "16", Build: "example/phone7:16/A1/1:user",
		Patch: "2026-10-05", Key: deviceKey("SERIAL0001"), Read: []string{"platform", "maker", "model", "os", "build", "patch", "key"}}
	if diff := cmp.Diff(wantDevice, info.Device); diff != "" {
		t.Error(diff)
	}
	if s := info.Source; s.Version != "PCAPdroid 1.9.1 (91)" || s.Attribution != session.AttributionApp || s.Clock != "device" || len(info.Warnings) > 0 {
		t.Errorf("%+v, %v", s, info.Warnings)
	}

	sink := record(t, info)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- source.Run(ctx, sink) }()
	<-sink.armed
	<-phone.sent
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := phone.intents(); !slices.Equal(got, []string{"start", "stop"}) {
		t.Errorf("intents: %v", got)
	}
	if left := phone.Tunnels(); len(left) > 0 {
		t.Errorf("tunnels are left: %v", left)
	}
	// The packets and their owners come through as in the file that the phone sent.
	want := auditOf(t, practiceCapture)
	got := sink.audited(t)
	if diff := cmp.Diff(owned(want), owned(got)); diff != "" {
		t.Errorf("owners differ:\n%s", diff)
	}
	if all := strings.Join(owned(got), "\n"); !strings.Contains(all, "pcapdroid") || !strings.Contains(all, "A3") {
		t.Errorf("nobody owns anything:\n%s", all)
	}
	stats := source.Stats()
	if int(stats.Received) != sink.packets || stats.Damaged != 1 || stats.Unattributed < 2 || stats.DroppedKernel != capture.UnknownCount {
		t.Errorf("%+v of %d packets", stats, sink.packets)
	}
	if app, err := source.(AppReader).ReadApp(t.Context()); app.Code != "421" || err != nil {
		t.Errorf("%+v, %v", app, err)
	}
	if all := strings.Join(sink.events, "\n"); strings.Count(all, "clock {") != 2 || !regexp.MustCompile(`"offset_ms":(89|90)\d{3}`).MatchString(all) {
		t.Errorf("events:\n%s", all)
	}
	// The key is on the phone's command line and nowhere else.
	err = filepath.WalkDir(sink.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if b, err := os.ReadFile(path); err != nil || bytes.Contains(b, []byte(apiKey)) {
				t.Errorf("%s holds the key, or %v", path, err)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A whole session: the cable is pulled and put back, the recording goes on, and a stranger can check what there is.
func TestAndroidResume(t *testing.T) {
	phone := newFakePhone(t)
	server, serial := plug(t, &phone.Phone)
	source, err := android.New(Options{App: "org.example.practice", Key: apiKey})
	if err != nil {
		t.Fatal(err)
	}
	info, err := source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	list, _ := streamed(phone.stream)
	started := make(chan *session.Writer, 1)
	go func() {
		w := <-started
		arrived := func(streams int) {
			<-phone.sent
			for w.Total().Packets < uint64(streams*len(list)) && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
		}
		arrived(1)
		phone.Unplug()
		err := server.Track(ctx, func(list []adb.Device) bool { _, err := adb.Find(list, serial); return err == nil })
		if err != nil {
			t.Error(err)
		}
		phone.Plug()
		for end := time.Now().Add(20 * time.Second); server.Connect(ctx, serial) != nil && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		}
		arrived(2)
		stop()
	}()
	dir := filepath.Join(t.TempDir(), "session")
	result, err := Run(ctx, Config{Plugin: android, Source: source, Info: info, Dir: dir, Resume: true,
		Started: func(w *session.Writer, _ *session.Control) { started <- w },
		About:   session.About{Tool: session.Tool{Name: "test"}, Role: "test"}})
	if err != nil || result.State != session.Complete {
		t.Fatalf("%v, %+v", err, result)
	}
	want := 2 * len(list)
	if int(result.Packets) != want || int(result.Stats.Received) != want {
		t.Errorf("%d packets, %d received, want %d", result.Packets, result.Stats.Received, want)
	}
	verified, err := session.Verify(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if about := verified.Session.About; about.App.Code != "421" || about.Device.Model != "Phone 7" || about.Source.Kind != "android" || len(about.Interventions) == 0 {
		t.Errorf("%+v", about)
	}
	var kinds []string
	for _, e := range verified.Session.Events {
		kinds = append(kinds, e.Kind)
	}
	for _, kind := range [...]string{session.EventAppTable, session.EventClock, session.EventStart, session.EventGap, session.EventApp, session.EventStop} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no event %s in %v", kind, kinds)
		}
	}
}

// What goes wrong on the phone is told in words, and nothing is left behind.
func TestAndroidFailures(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fakePhone)
		during func(*fakePhone, *recording, context.CancelFunc)
		says   string // of the error; empty = none
		event  string // of an event
	}{
		"unplugged": {nil, func(p *fakePhone, _ *recording, _ context.CancelFunc) { <-p.sent; p.Unplug() }, "the phone is not connected any more", ""},
		"stopped on the phone": {func(p *fakePhone) { p.hold = false }, nil,
			"PCAPdroid ended the capture: it was stopped on the phone, or another VPN took its place", ""},
		"no packet": {func(p *fakePhone) { p.stream = nil }, func(_ *fakePhone, _ *recording, stop context.CancelFunc) { stop() },
			"", "warning {\"says\":\"PCAPdroid sent no packet at all"},
		"cut record": {func(p *fakePhone) { p.stream = p.stream[:len(p.stream)-5] },
			func(p *fakePhone, _ *recording, stop context.CancelFunc) { <-p.sent; stop() }, "", "the stream ended inside a packet"},
		"no pcap":      {func(p *fakePhone) { p.stream = []byte("HTTP/1.1 400 Bad Request\r\n\r\n") }, nil, `the stream is damaged: it begins with "HTTP"`, ""},
		"wild length":  {func(p *fakePhone) { binary.LittleEndian.PutUint32(p.stream[24+8:], 1<<30) }, nil, "the stream is damaged: a packet of 1073741824 bytes", ""},
		"nobody there": {func(p *fakePhone) { p.refuse = true }, nil, "wait for PCAPdroid: it has not connected in 1s", ""},
		"disk full":    {nil, nil, "no space", ""},
	} {
		t.Run(name, func(t *testing.T) {
			phone := newFakePhone(t)
			phone.stream = bytes.Clone(phone.stream)
			if test.change != nil {
				test.change(phone)
			}
			plug(t, &phone.Phone)
			source, err := android.New(Options{App: "org.example.practice", Key: apiKey})
			if err != nil {
				t.Fatal(err)
			}
			source.(*androidSource).wait = time.Second
			info, err := source.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sink := record(t, info)
			if name == "disk full" {
				sink.fail = errors.New("no space")
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			if test.during != nil {
				go func() { <-sink.armed; test.during(phone, sink, stop) }()
			}
			err = source.Run(ctx, sink)
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), apiKey) {
				t.Errorf("the error shows the key")
			}
			if all := strings.Join(sink.events, "\n"); !strings.Contains(all, test.event) {
				t.Errorf("events:\n%s", all)
			}
			if left := phone.Tunnels(); name != "unplugged" && len(left) > 0 {
				t.Errorf("tunnels are left: %v", left)
			}
			if got := phone.intents(); name != "unplugged" && !slices.Contains(got, "stop") {
				t.Errorf("PCAPdroid was not stopped: %v", got)
			}
			sink.w.Close("interrupted", "test")
		})
	}
}

func TestAndroidPreflight(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*fakePhone)
		options Options
		says    string
	}{
		"no PCAPdroid":  {func(p *fakePhone) { p.version = 0 }, Options{}, "is not installed on the phone"},
		"old PCAPdroid": {func(p *fakePhone) { p.version = 85 }, Options{}, "1.8.6 (86) is the first"},
		"no app":        {nil, Options{App: "org.example.other"}, `read app "org.example.other": it is not installed`},
		"other phone":   {nil, Options{Target: "ABC"}, `find device "ABC": it is not connected`},
	} {
		t.Run(name, func(t *testing.T) {
			phone := newFakePhone(t)
			if test.change != nil {
				test.change(phone)
			}
			plug(t, &phone.Phone)
			source, err := android.New(test.options)
			if err != nil {
				t.Fatal(err)
			}
			_, err = source.Describe(t.Context())
			if _, ok := errors.AsType[*Hinted](err); err == nil || !strings.Contains(err.Error(), test.says) || !ok {
				t.Errorf("got %v", err)
			}
		})
	}
	for _, o := range []Options{
		{App: "a b"}, {App: "x; reboot"}, {SnapLen: 100}, {MACs: []string{"x"}}, {Key: "a'b"}, {Set: map[string]string{"quic": "perhaps"}}, {Set: map[string]string{"pcapdroid": "$(id)"}},
	} {
		if _, err := android.New(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

// A tunnel that a killed recording left is closed by the next one, and only that.
func TestStaleTunnel(t *testing.T) {
	phone := newFakePhone(t)
	plug(t, &phone.Phone)
	p, err := findAndroid(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	free := adbtest.FreePort(t)
	for _, device := range []int{16000, 8081} {
		if _, err := p.Reverse(t.Context(), device, free); err != nil {
			t.Fatal(err)
		}
	}
	list := checkAndroid(t.Context(), Options{})
	last := list[len(list)-1]
	if last.OK || last.What != "left-over tunnels" || !strings.HasSuffix(last.Mend, "reverse --remove tcp:16000") {
		t.Errorf("%+v", list)
	}
	// The next recording stops what may still run for the dead one, and closes its tunnel.
	source, err := android.New(Options{App: "org.example.practice", Key: apiKey})
	if err != nil {
		t.Fatal(err)
	}
	info, err := source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sink := record(t, info)
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-sink.armed; <-phone.sent; stop() }()
	if err := source.Run(ctx, sink); err != nil {
		t.Error(err)
	}
	sink.w.Close("complete", "")
	if got := phone.intents(); !slices.Equal(got, []string{"stop", "start", "stop"}) {
		t.Errorf("intents: %v", got)
	}
	if left := phone.Tunnels(); !slices.Equal(left, []string{"tcp:8081"}) {
		t.Errorf("left: %v", left)
	}
}

// A recording that is stopped while it starts leaves nothing running on the phone.
func TestAndroidStoppedAtOnce(t *testing.T) {
	phone := newFakePhone(t)
	plug(t, &phone.Phone)
	source, err := android.New(Options{App: "org.example.practice", Key: apiKey})
	if err != nil {
		t.Fatal(err)
	}
	info, err := source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	shell := phone.Shell
	phone.Shell = func(inner context.Context, line string, stdin io.Reader, stdout, stderr io.Writer) int {
		code := shell(inner, line, stdin, stdout, stderr)
		if strings.Contains(line, "-e action 'start'") {
			stop()
			<-inner.Done() // the answer never comes
		}
		return code
	}
	sink := record(t, info)
	if err := source.Run(ctx, sink); err != nil {
		t.Error(err)
	}
	sink.w.Close("complete", "")
	if got := phone.intents(); !slices.Equal(got, []string{"start", "stop"}) {
		t.Errorf("intents: %v", got)
	}
	if left := phone.Tunnels(); len(left) > 0 {
		t.Errorf("tunnels are left: %v", left)
	}
}
