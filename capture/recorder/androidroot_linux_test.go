package recorder

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"abroad/analyze/audit"
	"abroad/capture/corpus"
	"abroad/capture/recorder/adb/adbtest"
)

// A rootedPhone runs what is given to su for real, in a network namespace of its own, where it has a network card and one neighbour.
type rootedPhone struct {
	adbtest.Phone
	t    *testing.T
	ns   string // path of the phone's namespace
	path string // search path with an su
}

// namespace starts a namespace that lives as long as the test.
func namespace(t *testing.T) (pid int, path string) {
	t.Helper()
	cmd := exec.Command(corpus.Program(t, "unshare"), "-n", "sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	path = fmt.Sprintf("/proc/%d/ns/net", cmd.Process.Pid)
	own, _ := os.Readlink("/proc/self/ns/net")
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if its, err := os.Readlink(path); err == nil && its != own {
			return cmd.Process.Pid, path
		}
	}
	t.Fatal("the namespace was not made")
	return 0, ""
}

// within runs a command line in a namespace.
func within(t *testing.T, ns, line string) {
	t.Helper()
	if out, err := exec.Command("nsenter", "--net="+ns, "sh", "-c", line).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
}

func newRootedPhone(t *testing.T) (phone *rootedPhone, world string) {
	t.Helper()
	if os.Getuid() != 0 {
		if os.Getenv("ABROAD_STRICT") != "" {
			t.Fatal("root is needed, and ABROAD_STRICT is set")
		}
		t.Skip("root is needed for network namespaces")
	}
	for _, program := range [...]string{"nsenter", "setpriv", "ip", "iptables", "ip6tables", "tcpdump", "bash"} {
		corpus.Program(t, program)
	}
	_, ns := namespace(t)
	pid, world := namespace(t)
	within(t, ns, fmt.Sprintf("ip link set lo up && ip link add wlan0 type veth peer name far netns %d && ip link set wlan0 up && "+
		"ip addr add 198.51.100.1/24 dev wlan0 && ip addr add 2001:db8::1/64 dev wlan0 nodad", pid))
	within(t, world, "ip link set lo up && ip link set far up && ip addr add 198.51.100.2/24 dev far && ip addr add 2001:db8::2/64 dev far nodad")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "su"), []byte("#!/bin/sh\n[ \"$1\" = -c ] || exit 1\nexec sh -c \"$2\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	phone = &rootedPhone{t: t, ns: ns, path: dir + ":" + os.Getenv("PATH")}
	phone.Shell = phone.shell
	return phone, world
}

func (p *rootedPhone) shell(ctx context.Context, line string, stdin io.Reader, stdout, stderr io.Writer) int {
	switch {
	case line == "id -u":
		io.WriteString(stdout, "2000\n")
		return 0
	case strings.HasPrefix(line, "for p in ro."):
		io.WriteString(stdout, "Example\nPhone 7\n16\n\n\n\n")
		return 0
	case strings.HasPrefix(line, "dumpsys package"):
		io.WriteString(stdout, dumpApp)
		return 0
	case strings.HasPrefix(line, "pm path"):
		return 1
	case strings.HasPrefix(line, "settings get"):
		io.WriteString(stdout, "off\nnull\nnull\n")
		return 0
	}
	cmd := exec.Command("nsenter", "--net="+p.ns, "sh", "-c", line)
	cmd.Env = []string{"PATH=" + p.path}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Error(err)
		return 1
	}
	if err := cmd.Start(); err != nil {
		p.t.Error(err)
		return 1
	}
	go func() { io.Copy(io.Discard, stdin); in.Close() }() // a pulled cable closes the input and no more
	cmd.Wait()
	return cmd.ProcessState.ExitCode()
}

// serve answers every connection to the port, in the namespace.
func serve(t *testing.T, ns, network, address string) {
	t.Helper()
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends in the namespace
		fd, err := unix.Open(ns, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
		}
		if err != nil {
			ready <- err
			return
		}
		l, err := net.Listen(network, address)
		ready <- err
		if err != nil {
			return
		}
		t.Cleanup(func() { l.Close() })
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "answer\n")
			c.Close()
		}
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
}

// fetch connects as a user of the phone and reads the answer.
func (p *rootedPhone) fetch(uid int, address string, port int) {
	p.t.Helper()
	within(p.t, p.ns, fmt.Sprintf("setpriv --reuid %d --clear-groups bash -c 'exec 3<>/dev/tcp/%s/%d; read x <&3; test \"$x\" = answer'", uid, address, port))
}

// rules says whether any of our rules is there.
func (p *rootedPhone) rules() bool {
	return exec.Command("nsenter", "--net="+p.ns, "sh", "-c", listRules).Run() == nil
}

func (p *rootedPhone) noRules() {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); p.rules(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatal("rules are left on the phone")
		}
	}
}

func rootSource(t *testing.T, p *rootedPhone) (Source, *recording) {
	t.Helper()
	plug(t, &p.Phone)
	source, err := androidRoot.New(Options{App: "org.example.practice"})
	if err != nil {
		t.Fatal(err)
	}
	info, err := source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Source.Filter != "uid 10123" || !strings.HasPrefix(info.Source.Version, "tcpdump version") {
		t.Errorf("%+v", info.Source)
	}
	return source, record(t, info)
}

// One app's packets are in the recording in both directions, another's are not, and names that are asked for stand apart.
func TestAndroidRoot(t *testing.T) {
	phone, world := newRootedPhone(t)
	serve(t, world, "tcp", "198.51.100.2:80")
	serve(t, world, "tcp", "[2001:db8::2]:80")
	serve(t, world, "tcp", "198.51.100.2:81")
	source, sink := rootSource(t, phone)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- source.Run(ctx, sink) }()
	select {
	case <-sink.armed:
	case err := <-done:
		t.Fatal(err)
	}
	if list := checkAndroidRoot(t.Context(), Options{}); list[len(list)-1].OK {
		t.Errorf("the check sees no rules: %+v", list)
	}
	for range 2 {
		phone.fetch(10123, "198.51.100.2", 80)
		phone.fetch(10124, "198.51.100.2", 81)
		phone.fetch(10123, "2001:db8::2", 80)
	}
	within(t, phone.ns, "bash -c 'echo question > /dev/udp/198.51.100.2/53'")
	stop() // what was sent before is drained
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	phone.noRules()
	if s := source.Stats(); s.DroppedKernel != 0 || s.Damaged != 0 || int(s.Received) != sink.packets {
		t.Errorf("%+v", s)
	}
	a := sink.audited(t)
	served, asked := 0, 0
	for _, f := range a.Flows {
		switch f.B.Port() {
		case 80:
			served++
			if f.Attribution == nil || f.Attribution.Grade != audit.A3 || f.Attribution.UID != 10123 || f.PacketsUp == 0 || f.PacketsDown == 0 {
				t.Errorf("%v: %+v, %d up, %d down", f.B, f.Attribution, f.PacketsUp, f.PacketsDown)
			}
		case 53:
			asked++
			if f.Attribution == nil || f.Attribution.UID != 0 {
				t.Errorf("%v: %+v", f.B, f.Attribution)
			}
		default:
			t.Errorf("a flow to %v, of another app", f.B)
		}
	}
	if served != 4 || asked != 1 {
		t.Errorf("%d and %d flows, want 4 and 1", served, asked)
	}
}

// The rules are gone after a pulled cable, though nobody can tell the phone; and those of a dead recording are found and removed.
func TestAndroidRootLeftovers(t *testing.T) {
	phone, _ := newRootedPhone(t)
	within(t, phone.ns, "iptables -t mangle -N abroad_mark && iptables -t mangle -A OUTPUT -j abroad_mark && ip6tables -N abroad_in")
	source, sink := rootSource(t, phone)
	list := checkAndroidRoot(t.Context(), Options{})
	last := list[len(list)-1]
	if last.OK || last.What != "left-over rules" {
		t.Fatalf("%+v", list)
	}
	mend := last.Mend[strings.Index(last.Mend, " shell ")+len(" shell "):]
	within(t, phone.ns, "PATH="+phone.path+"; eval "+mend) // adb's shell hands the word on to the phone's
	phone.noRules()
	within(t, phone.ns, "iptables -N abroad_out && iptables -A abroad_out -j DROP && iptables -A OUTPUT -j abroad_out")
	done := make(chan error)
	go func() { done <- source.Run(t.Context(), sink) }()
	select {
	case <-sink.armed:
	case err := <-done:
		t.Fatal(err)
	}
	if !phone.rules() {
		t.Fatal("there are no rules")
	}
	phone.Unplug()
	if err := <-done; err == nil || !strings.Contains(err.Error(), "the phone is not connected any more") {
		t.Errorf("got %v", err)
	}
	phone.noRules()
	sink.w.Close("interrupted", "test")
}

// A tcpdump that cannot start is an error in its own words.
func TestAndroidRootFails(t *testing.T) {
	phone, _ := newRootedPhone(t)
	source, sink := rootSource(t, phone)
	source.(*androidRootSource).tcpdump = "sh -c 'echo tcpdump: no such device >&2; exit 1'"
	err := source.Run(t.Context(), sink)
	if err == nil || err.Error() != `tcpdump on the phone ended with exit code 1: "tcpdump: no such device"` {
		t.Errorf("got %v", err)
	}
	phone.noRules()
	sink.w.Close("interrupted", "test")
}
