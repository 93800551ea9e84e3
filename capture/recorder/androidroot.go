package recorder

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"abroad/capture"
	"abroad/capture/recorder/adb"
	"abroad/capture/session"
)

var androidRoot = &Plugin{
	Name: "android-root",
	Doc: "A rooted Android phone or an emulator: the kernel hands out the packets of one app's sockets (NFLOG and CONNMARK by uid), real ones " +
		"and in both directions; tcpdump on the phone writes them.",
	Target:   "[SERIAL]",
	Settings: []Setting{{"tcpdump", "path of tcpdump on the phone; unless given it is looked for in the search path and in /data/local/tmp"}},
	New:      newAndroidRoot,
	Check:    checkAndroidRoot,
}

// The groups that packets are handed out in. Names are asked for by a system process on an app's behalf, so they are kept apart: they are the
// whole phone's.
const (
	groupApp = 30
	groupDNS = 31
)

const rootStop = 3 * time.Second

// An androidRootSource drives tcpdump on the phone.
type androidRootSource struct {
	phone   *androidPhone
	su      string // what a command line is put behind, quoted; empty if the shell is root's
	tcpdump string
	uid     uint32
	app     session.App
	options Options
	count   streamCounters
	dropped atomic.Uint64 // as tcpdump says at its end
	ended   atomic.Bool   // dropped is known
}

func newAndroidRoot(o Options) (Source, error) {
	if err := refuse(o, "android-root", "app"); err != nil {
		return nil, err
	}
	if !validAppID(o.App) {
		return nil, hinted(fmt.Errorf("app %q: android-root records one app, by its package name", o.App), "name it: --app org.example.app")
	}
	return &androidRootSource{options: o}, nil
}

// Describe implements Source.
func (s *androidRootSource) Describe(ctx context.Context) (info SourceInfo, err error) {
	if s.phone, err = findAndroid(ctx, s.options.Target); err != nil {
		return info, err
	}
	if info.Device, err = s.phone.device(ctx); err != nil {
		return info, err
	}
	if s.su, err = s.phone.findRoot(ctx); err != nil {
		return info, err
	}
	if s.tcpdump, err = s.findTcpdump(ctx); err != nil {
		return info, err
	}
	version, err := s.root(ctx, s.tcpdump+" --version 2>&1")
	if err != nil {
		return info, fmt.Errorf("ask tcpdump on the phone for its version: %w", err)
	}
	if info.App, info.Warnings, err = s.phone.app(ctx, s.options.App); err != nil {
		return info, err
	}
	uid, err := strconv.ParseUint(info.App.UID, 10, 31)
	if err != nil || uid == 0 {
		return info, fmt.Errorf("read app %q: its uid is %q", s.options.App, info.App.UID)
	}
	s.uid, s.app = uint32(uid), info.App
	info.Warnings = append(info.Warnings, s.phone.concerns(ctx, "")...)
	info.Warnings = append(info.Warnings, "DNS questions of every app are recorded besides, apart: the system asks them on an app's behalf")
	firstLine, _, _ := strings.Cut(version, "\n")
	info.Source = session.Source{
		Version: printableWord(firstLine), Args: s.capture(), Link: "nflog", Filter: "uid " + info.App.UID, Clock: "device",
		DirectionOf: "device", Attribution: session.AttributionSocket,
	}
	info.Interventions = []session.Intervention{
		{Kind: "rooted", Says: "The phone is rooted or an emulator: apps can notice, and may behave otherwise."},
		{Kind: "iptables-rules", Says: "While recording, rules in the phone's packet filter mark and copy packets; they change none."},
		{Kind: "usb-debugging", Says: "USB debugging is on: apps can see that."},
	}
	return info, nil
}

// findRoot finds the way to run a command as root: a shell that is root already (adb root), su as in Magisk, or su as in emulators.
func (p *androidPhone) findRoot(ctx context.Context) (su string, err error) {
	for _, su := range [...]string{"", "su -c ", "su 0 sh -c "} {
		out, err := p.Run(ctx, rootLine(su, "id -u"))
		if err == nil && strings.TrimSpace(out) == "0" {
			return su, nil
		}
		if _, ok := errors.AsType[*adb.ExitError](err); err != nil && !ok {
			return "", err
		}
	}
	return "", hinted(errors.New("become root on the phone: neither the shell nor su gives it"),
		"emulator: adb root; rooted phone: allow \"shell\" in the app that manages root, then adb shell su -c id")
}

func rootLine(su, command string) string {
	if su == "" {
		return command
	}
	return su + adb.Quote(command)
}

// root runs a command as root.
func (s *androidRootSource) root(ctx context.Context, command string) (string, error) {
	return s.phone.Run(ctx, rootLine(s.su, command))
}

func (s *androidRootSource) findTcpdump(ctx context.Context) (string, error) {
	if path := s.options.Set["tcpdump"]; path != "" {
		return adb.Quote(path), nil
	}
	out, err := s.root(ctx, "command -v tcpdump || ls /data/local/tmp/tcpdump")
	if path := strings.TrimSpace(out); err == nil && strings.HasPrefix(path, "/") && !strings.Contains(path, "\n") {
		return adb.Quote(path), nil
	}
	return "", hinted(errors.New("find tcpdump on the phone: there is none"),
		"adb push tcpdump /data/local/tmp/tcpdump && adb shell chmod 755 /data/local/tmp/tcpdump (a static build for the phone's processor)")
}

// capture is the command that writes packets.
func (s *androidRootSource) capture() []string {
	return []string{s.tcpdump, "-i", fmt.Sprintf("nflog:%d,%d", groupApp, groupDNS), "-n", "-U", "-s", "0", "-w", "-"}
}

// The rules stand in chains of our own, so that they are known whatever app they were for, and are removed without knowing it.
const (
	chainMark = "abroad_mark"
	chainOut  = "abroad_out"
	chainIn   = "abroad_in"
)

// cleanRules is shell that removes the rules, whether they are there or not.
const cleanRules = `for t in iptables ip6tables; do ` +
	`$t -w -t mangle -D OUTPUT -j ` + chainMark + `; $t -w -t mangle -F ` + chainMark + `; $t -w -t mangle -X ` + chainMark + `; ` +
	`$t -w -D OUTPUT -j ` + chainOut + `; $t -w -F ` + chainOut + `; $t -w -X ` + chainOut + `; ` +
	`$t -w -D INPUT -j ` + chainIn + `; $t -w -F ` + chainIn + `; $t -w -X ` + chainIn + `; ` +
	`done >/dev/null 2>&1; true`

// listRules is shell that succeeds if any of the chains is there.
const listRules = `for t in iptables ip6tables; do ` +
	`$t -w -t mangle -S ` + chainMark + ` && exit 0; $t -w -S ` + chainOut + ` && exit 0; $t -w -S ` + chainIn + ` && exit 0; ` +
	`done >/dev/null 2>&1; exit 1`

// script is the shell script that captures. The owner of a socket is known where packets leave only, so the connection is marked there, and
// the mark is what both directions are chosen by. The script ends, and removes the rules, when its input ends: when we close it, when abroad is
// killed, when the cable is pulled; or when tcpdump ends. Unless told otherwise the kernel gathers packets for a second before it hands them out;
// what it has handed out tcpdump gets a second to read.
func (s *androidRootSource) script() string {
	return fmt.Sprintf(`clean() { %[1]s; }
clean
trap clean EXIT
trap 'exit 1' HUP INT TERM
rules() {
for t in iptables ip6tables; do
$t -w -t mangle -N %[2]s && $t -w -t mangle -A %[2]s -m owner --uid-owner %[5]d -j CONNMARK --set-mark 0x1e && $t -w -t mangle -I OUTPUT -j %[2]s || return 1
$t -w -N %[3]s && $t -w -A %[3]s -m connmark --mark 0x1e -j NFLOG --nflog-threshold 1 --nflog-group %[6]d || return 1
$t -w -N %[4]s && $t -w -A %[4]s -m connmark --mark 0x1e -j NFLOG --nflog-threshold 1 --nflog-group %[6]d || return 1
for p in 'udp 53' 'tcp 53' 'tcp 853'; do
set -- $p
$t -w -A %[3]s -m connmark ! --mark 0x1e -p $1 --dport $2 -j NFLOG --nflog-threshold 1 --nflog-group %[7]d || return 1
$t -w -A %[4]s -m connmark ! --mark 0x1e -p $1 --sport $2 -j NFLOG --nflog-threshold 1 --nflog-group %[7]d || return 1
done
$t -w -I OUTPUT -j %[3]s && $t -w -I INPUT -j %[4]s || return 1
done
}
rules || exit 9
exec 3<&0
%[8]s </dev/null 3<&- &
P=$!
{ read x; clean; sleep 1; kill -TERM $P; } <&3 >/dev/null 2>&1 &
R=$!
wait $P
C=$?
kill $R 2>/dev/null
exit $C
`, cleanRules, chainMark, chainOut, chainIn, s.uid, groupApp, groupDNS, strings.Join(s.capture(), " "))
}

// Run implements Source.
func (s *androidRootSource) Run(ctx context.Context, sink Sink) (err error) {
	s.count.reset()
	s.ended.Store(false)
	after := context.WithoutCancel(ctx)
	if err := s.phone.begin(ctx, sink, s.app); err != nil {
		return orStopped(ctx, err)
	}
	defer func() {
		undo, cancel := context.WithTimeout(after, rootStop)
		defer cancel()
		if _, left := s.root(undo, cleanRules); left != nil && err == nil {
			err = sink.Event(session.EventWarning, says("the rules on the phone may still be there: "+left.Error()))
		}
	}()
	proc, err := s.phone.Start(after, rootLine(s.su, s.script()))
	if err != nil {
		return fmt.Errorf("start tcpdump on the phone: %w", err)
	}
	defer proc.Close()
	unhook := context.AfterFunc(ctx, func() {
		proc.CloseInput()
		time.AfterFunc(rootStop, func() { proc.Close() })
	})
	err = s.pump(proc, sink)
	asked := !unhook()
	s.counters(proc, err)
	switch {
	case asked && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isNetwork(err)):
		if s.count.received.Load() == 0 {
			if err := sink.Event(session.EventWarning, says("no packet was seen: was the app started?")); err != nil {
				return err
			}
		}
		return s.phone.clockEvent(after, sink)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("tcpdump on the phone ended with exit code %d: %q", proc.Exit(), lastWords(proc.Errors()))
	case (errors.Is(err, io.ErrUnexpectedEOF) || isNetwork(err)) && s.phone.gone(ctx):
		return hinted(errors.New("the phone is not connected any more"), "check the cable; abroad doctor android-root says whether rules are left on the phone")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the connection to the phone broke")
	}
	return err
}

// lastWords keeps the last line that says something.
func lastWords(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return printableWord(lines[len(lines)-1])
}

// counters reads what tcpdump says when it ends: "3 packets dropped by kernel". Valid once proc has ended.
func (s *androidRootSource) counters(proc *adb.Process, err error) {
	if !errors.Is(err, io.EOF) {
		return
	}
	for line := range strings.Lines(proc.Errors()) {
		number, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseUint(number, 10, 64); err == nil && strings.HasSuffix(what, "dropped by kernel") {
			s.dropped.Store(n)
			s.ended.Store(true)
		}
	}
}

// pump passes tcpdump's stream on until it ends. Each group has an interface of its own.
func (s *androidRootSource) pump(proc io.Reader, sink Sink) error {
	stream, err := openPcapStream(proc)
	if err != nil {
		return err
	}
	if stream.link != capture.LinkNFLOG {
		return fmt.Errorf("read tcpdump of the phone: it sends link type %q, not nflog", stream.link)
	}
	app := InterfaceInfo{
		Link: stream.link, SnapLen: stream.snap, Name: "nflog:30", Description: "sockets of " + s.options.App, Filter: fmt.Sprintf("uid %d", s.uid), Micro: stream.micro(),
	}
	dns := app
	dns.Name, dns.Description, dns.Filter = "nflog:31", "DNS of the whole phone (system-resolver)", "ports 53 and 853"
	var ids [2]uint32
	for i, about := range [...]InterfaceInfo{app, dns} {
		if ids[i], err = sink.Interface(about); err != nil {
			return err
		}
	}
	if err := sink.Event(session.EventArmed, nil); err != nil {
		return err
	}
	for {
		var p capture.Packet
		if err := stream.next(&p); err != nil {
			return err
		}
		s.count.received.Add(1)
		if p.Truncated() {
			s.count.truncated.Add(1)
		}
		switch {
		case len(p.Data) < 4:
			s.count.damaged.Add(1)
			s.count.unattributed.Add(1)
		case binary.BigEndian.Uint16(p.Data[2:]) == groupDNS:
			p.Iface = ids[1]
			s.count.unattributed.Add(1)
		default:
			p.Iface = ids[0]
		}
		if err := sink.Packet(&p); err != nil {
			return err
		}
	}
}

// Stats implements Source. What the kernel dropped tcpdump says at its end only.
func (s *androidRootSource) Stats() Stats {
	st := s.count.stats()
	if s.ended.Load() {
		st.DroppedKernel = s.dropped.Load()
	}
	return st
}

// ReadApp implements AppReader.
func (s *androidRootSource) ReadApp(ctx context.Context) (session.App, error) {
	return s.phone.version(ctx, s.options.App)
}

// Rearm implements Rearmer.
func (s *androidRootSource) Rearm(ctx context.Context) error { return s.phone.await(ctx) }
