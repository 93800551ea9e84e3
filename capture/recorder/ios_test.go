package recorder

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/corpus"
	"abroad/capture/recorder/usbmux/usbmuxtest"
	"abroad/capture/session"
	"abroad/capture/source"
)

// practiceSession is a recording of Ethernet frames of both address families.
const practiceSession = "../lab/practice/copies/gateway.pcapng"

// iosPackets makes messages of pcapd of a practice recording: the packets of the device are handed out to interfaces and processes in turn.
func iosPackets(t *testing.T) (list [][]byte, owners map[string]usbmuxtest.Owner) {
	t.Helper()
	f, err := os.Open(practiceSession)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := source.Open(practiceSession, f)
	if err != nil {
		t.Fatal(err)
	}
	app := usbmuxtest.Owner{Interface: "en0", PID: 501, Process: "PracticeApplicat", EPID: 501, EProc: "PracticeApplicat", Pre: 14}
	daemon := usbmuxtest.Owner{Interface: "pdp_ip0", PID: 99, Process: "nsurlsessiond", EPID: 501, EProc: "PracticeApplicat"}
	other := usbmuxtest.Owner{Interface: "en0", PID: 777, Process: "Other, EPID: 5", EPID: -1, Pre: 14}
	names := usbmuxtest.Owner{Interface: "en0", PID: 42, Process: "mDNSResponder", EPID: -1, Pre: 14}
	owners = map[string]usbmuxtest.Owner{}
	n := 0
	for record, err := range rec.Records() {
		if err != nil {
			t.Fatal(err)
		}
		p, ok := record.(*capture.Packet)
		if !ok {
			continue
		}
		at := 0
		if p.Link == capture.LinkEthernet {
			at = 14
		}
		ip := p.Data[at:]
		if len(ip) < 40 || ip[0]>>4 != 4 && ip[0]>>4 != 6 {
			continue
		}
		flow := flowKey(ip)
		if flow == "" {
			continue
		}
		o, known := owners[flow]
		if !known {
			switch {
			case strings.HasSuffix(flow, ":53"):
				o = names
			case len(owners)%3 == 0:
				o = daemon
			case len(owners)%5 == 1:
				o = other
			default:
				o = app
			}
			owners[flow] = o
		}
		frame := slices.Clone(ip)
		if o.Pre == 14 {
			kind := []byte{0x08, 0x00}
			if ip[0]>>4 == 6 {
				kind = []byte{0x86, 0xdd}
			}
			frame = slices.Concat([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, kind, ip)
		} else if n%2 == 0 {
			frame = slices.Concat([]byte{2, 0, 0, 0}, ip) // what cellular interfaces were seen to send
		}
		n++
		list = append(list, usbmuxtest.Message(o, time.Unix(0, int64(p.Time)), frame))
	}
	if n < 50 {
		t.Fatalf("%d packets", n)
	}
	return list, owners
}

// flowKey names a flow by its two sockets in order, the smaller port last; empty if there are no ports, as in fragments.
func flowKey(ip []byte) string {
	proto, src, dst, head := ip[9], string(ip[12:16]), string(ip[16:20]), int(ip[0]&15)*4
	if ip[0]>>4 == 6 {
		proto, src, dst, head = ip[6], string(ip[8:24]), string(ip[24:40]), 40
	}
	if proto != 6 && proto != 17 || len(ip) < head+4 || ip[0]>>4 == 4 && binary.BigEndian.Uint16(ip[6:])&0x3fff != 0 {
		return ""
	}
	a, b := binary.BigEndian.Uint16(ip[head:]), binary.BigEndian.Uint16(ip[head+2:])
	if a < b || a == b && src > dst {
		src, dst, a, b = dst, src, b, a
	}
	suffix := ""
	if b == 53 {
		suffix = ":53"
	}
	return src + "\x00" + dst + string([]byte{proto, byte(a >> 8), byte(a), byte(b >> 8), byte(b)}) + suffix
}

func newIPhone(t *testing.T) *usbmuxtest.Phone {
	p := &usbmuxtest.Phone{Hold: true, Apps: map[string]map[string]string{"org.example.Practice": {
		"CFBundleIdentifier": "org.example.Practice", "CFBundleDisplayName": "Practice", "CFBundleShortVersionString": "4.2.1", "CFBundleVersion": "421",
		"CFBundleExecutable": "PracticeApplication",
	}}}
	t.Setenv("USBMUXD_SOCKET_ADDRESS", p.Start(t))
	return p
}

// The recorded file, audited, names the process of every flow, and the one on whose behalf a daemon works.
func TestIOS(t *testing.T) {
	phone := newIPhone(t)
	phone.Clock = func() time.Time { return time.Now().Add(-40 * time.Second) }
	var owners map[string]usbmuxtest.Owner
	phone.Packets, owners = iosPackets(t)
	phone.Packets = append(phone.Packets, []byte("no packet"))
	source, err := ios.New(Options{App: "org.example.Practice"})
	if err != nil {
		t.Fatal(err)
	}
	info, err := source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a := info.App; a.Version != "4.2.1" || a.Code != "421" || a.Name != "Practice" || info.Device.Model != "iPhone16,2" || info.Device.OS != "26.1" ||
		info.Source.Filter != "process PracticeApplicat" || info.Source.Link != "USB" || info.Source.Attribution != session.AttributionProcess {
		t.Errorf("%+v", info)
	}
	sink := record(t, info)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- source.Run(ctx, sink) }()
	<-phone.Sent
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	stats := source.Stats()
	if stats.Damaged != 1 || stats.Unattributed != 0 || int(stats.Received) != sink.packets || stats.Truncated != 0 {
		t.Errorf("%+v of %d", stats, sink.packets)
	}
	if all := strings.Join(sink.events, "\n"); !strings.Contains(all, `"offset_ms":-40`) && !strings.Contains(all, `"offset_ms":-39`) {
		t.Errorf("events:\n%s", all)
	}
	a := sink.audited(t)
	counts := map[string]int{}
	for _, f := range a.Flows {
		at := f.Attribution
		switch {
		case at == nil || at.Grade != audit.A3:
			t.Errorf("%v to %v belongs to nobody: %+v", f.A, f.B, at)
		case at.PID == 42 && at.Process == "mDNSResponder" && f.B.Port() == 53:
			counts["names"]++
		case at.PID == 99 && at.Process == "nsurlsessiond" && at.App == "PracticeApplicat":
			counts["daemon"]++
		case at.PID == 501 && at.Process == "PracticeApplicat":
			counts["app"]++
		default:
			t.Errorf("%v to %v: %+v", f.A, f.B, at)
		}
	}
	want := map[string]int{}
	for _, o := range owners {
		want[map[int32]string{42: "names", 99: "daemon", 501: "app", 777: "other"}[o.PID]]++
	}
	if want["other"] == 0 || want["names"] == 0 || want["app"] == 0 || want["daemon"] == 0 {
		t.Fatalf("the flows are not mixed: %v", want)
	}
	for _, who := range [...]string{"names", "daemon", "app"} {
		if counts[who] != want[who] {
			t.Errorf("%s: %d flows, want %d", who, counts[who], want[who])
		}
	}
	path := filepath.Join(sink.dir, "capture", "000001.pcapng")
	out, err := exec.Command(corpus.Program(t, "tshark"), "-r", path, "-Y", "_ws.malformed || !(ip || ipv6)").CombinedOutput()
	if err != nil || strings.Contains(string(out), "->") || strings.Contains(string(out), "→") {
		t.Errorf("tshark: %v\n%s", err, out)
	}
}

func TestIOSFailures(t *testing.T) {
	for name, test := range map[string]struct {
		change   func(*usbmuxtest.Phone)
		options  Options
		describe string // what Describe says
		run      string // what Run says
	}{
		"unpaired":     {change: func(p *usbmuxtest.Phone) { p.Unpaired = true }, describe: "not paired with this computer"},
		"locked":       {change: func(p *usbmuxtest.Phone) { p.Refuse = map[string]string{"StartSession": "PasswordProtected"} }, describe: `"PasswordProtected"`},
		"other device": {options: Options{Target: "X"}, describe: `find device "X": it is not connected`},
		"no app":       {options: Options{App: "org.example.Other"}, describe: "it is not installed"},
		"no service":   {change: func(p *usbmuxtest.Phone) { p.Refuse = map[string]string{"com.apple.pcapd": "InvalidService"} }, run: `"InvalidService"`},
		"ended":        {change: func(p *usbmuxtest.Phone) { p.Hold = false }, run: "the device ended the capture"},
		"unplugged": {change: func(p *usbmuxtest.Phone) { go func() { <-p.Sent; p.Unplug() }() },
			run: "the device is not connected any more"},
	} {
		t.Run(name, func(t *testing.T) {
			phone := newIPhone(t)
			if test.change != nil {
				test.change(phone)
			}
			source, err := ios.New(test.options)
			if err != nil {
				t.Fatal(err)
			}
			info, err := source.Describe(t.Context())
			if test.describe != "" {
				if _, ok := errors.AsType[*Hinted](err); err == nil || !strings.Contains(err.Error(), test.describe) || !ok {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sink := record(t, info)
			err = source.Run(t.Context(), sink)
			if err == nil || !strings.Contains(err.Error(), test.run) {
				t.Errorf("got %v", err)
			}
			sink.w.Close("interrupted", "test")
		})
	}
	t.Run("no usbmuxd", func(t *testing.T) {
		t.Setenv("USBMUXD_SOCKET_ADDRESS", "UNIX:"+filepath.Join(t.TempDir(), "none"))
		source, _ := ios.New(Options{})
		_, err := source.Describe(t.Context())
		if h, ok := errors.AsType[*Hinted](err); !ok || h.Hint != hintNoMux {
			t.Errorf("got %v", err)
		}
		if list := checkIOS(t.Context(), Options{}); len(list) != 1 || list[0].OK || list[0].Mend != hintNoMux {
			t.Errorf("%+v", list)
		}
	})
}

func TestIOSCheck(t *testing.T) {
	phone := newIPhone(t)
	phone.Clock = func() time.Time { return time.Now().Add(time.Minute) }
	list := checkIOS(t.Context(), Options{App: "org.example.Practice"})
	var got []string
	for _, c := range list {
		got = append(got, c.What)
		if c.OK == (c.What == "clock") || !c.OK && c.Mend == "" {
			t.Errorf("%+v", c)
		}
	}
	if !slices.Equal(got, []string{"usbmuxd", "device", "clock", "app"}) {
		t.Errorf("%v", got)
	}
}
