package recorder

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"abroad/capture"
	"abroad/capture/recorder/bpf"
	"abroad/capture/session"
	"abroad/capture/source"
)

// remote records with tcpdump on another machine, which is the gateway of the device.
var remote = &Plugin{
	Name:   "ssh",
	Doc:    "Records an interface of another machine, to which the device is connected, with the tcpdump there, by way of the system's ssh. Device level.",
	Target: "HOST",
	Settings: []Setting{
		{"interface", "of HOST; default any, which knows no hardware addresses"},
		{"sudo", "yes: run tcpdump with sudo -n there"},
		{"config", "FILE for ssh -F"},
	},
	New:   newRemote,
	Check: checkRemote,
}

const (
	describeTimeout = 15 * time.Second
	tailTimeout     = 4 * time.Second // for tcpdump to end; less than a run gives its source
	keptErrors      = 4 << 10         // octets of what ssh and tcpdump say, from the end
	remoteBuffer    = 32 << 10        // KiB of buffer there (tcpdump -B)
	pcapHeader      = 24              // octets
)

// remoteScript runs tcpdump until its standard input ends, however the connection ends: nothing is left behind. It waits two seconds
// before, because tcpdump throws away the packets of the last second that it has not been given. The connection of this recording stays out
// of it. $* is SSH_CONNECTION: address and port here, address and port there.
const remoteScript = `set -- $*; exec 3<&0
N="not (tcp port ${4:-22}${2:+ and port $2}${1:+ and host ${1%%%%%%*}})"
tcpdump -i %s -n -U -B %d -s %d -w - "%s$N" </dev/null 3<&- & P=$!
{ cat <&3; sleep 2; kill -TERM $P; } >/dev/null 2>&1 & C=$!
wait $P; R=$?; kill $C 2>/dev/null; exit $R`

// remoteQuestions asks for programs and system, and then, when it is told to, for the time.
const remoteQuestions = `command -v tcpdump >/dev/null || exit 127; tcpdump --version 2>&1 | head -n 1; uname -srm; read x; date +%s.%N`

var interfaceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:@-]{0,30}$`)

// A remoteSource is tcpdump on another machine.
type remoteSource struct {
	options       Options
	filter        bpf.Filter
	iface, config string
	sudo          bool
	start         func(*exec.Cmd) error // tests start ssh in a namespace
	mu            sync.Mutex
	stream        fileSource // reads what comes
	final         *tcpdumpCounters
	clock         *clockReading // of the other machine; nil if it did not say
}

func newRemote(o Options) (Source, error) {
	s := &remoteSource{options: o, iface: "any", start: (*exec.Cmd).Start}
	s.stream.ids = map[uint32]uint32{}
	if o.Target == "" || strings.HasPrefix(o.Target, "-") || strings.ContainsAny(o.Target, " \t\r\n") {
		return nil, fmt.Errorf("%q is no host for ssh", o.Target)
	}
	if o.BPFFile != "" {
		return nil, errors.New("a filter program cannot be given to another machine's tcpdump; --mac and --address can")
	}
	for name, value := range o.Set {
		switch name {
		case "interface":
			if !interfaceName.MatchString(value) {
				return nil, fmt.Errorf("%q is no name of an interface", value)
			}
			s.iface = value
		case "sudo":
			if value != "yes" && value != "no" {
				return nil, fmt.Errorf("sudo is yes or no, not %q", value)
			}
			s.sudo = value == "yes"
		case "config":
			s.config = value
		default:
			return nil, fmt.Errorf("the source ssh has no setting %q", name)
		}
	}
	var err error
	if s.filter, err = bpf.Parse(o.MACs, o.Addresses); err != nil {
		return nil, err
	}
	if s.iface == "any" && len(o.MACs) > 0 {
		return nil, &Hinted{errors.New("the interface any knows no hardware addresses"), "--set interface=NAME names one"}
	}
	return s, nil
}

// command is ssh with a script for the other machine.
func (s *remoteSource) command(script string) *exec.Cmd {
	var args []string
	if s.config != "" {
		args = append(args, "-F", s.config)
	}
	// No question is ever asked, no forwarding set up, and a connection that is dead for 15 seconds is over.
	args = append(args, "-T", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "ClearAllForwardings=yes")
	shell := "exec "
	if s.sudo {
		shell += "sudo -n "
	}
	return exec.Command("ssh", append(args, "--", s.options.Target, shell+"sh -c '"+script+"' abroad $SSH_CONNECTION")...)
}

// Describe asks the other machine what it has.
func (s *remoteSource) Describe(ctx context.Context) (SourceInfo, error) {
	c := s.command(remoteQuestions)
	ownGroup(c)
	var said tail
	c.Stderr = &said
	stdin, err := c.StdinPipe()
	if err != nil {
		return SourceInfo{}, err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return SourceInfo{}, err
	}
	if err := s.start(c); err != nil {
		return SourceInfo{}, &Hinted{err, "install the ssh client of this system"}
	}
	deadline := time.AfterFunc(describeTimeout, func() { c.Process.Kill() })
	defer deadline.Stop()
	defer context.AfterFunc(ctx, func() { c.Process.Kill() })()
	lines := s.ask(stdout, stdin)
	if err := c.Wait(); err != nil {
		return SourceInfo{}, s.explain(err, &said)
	}
	info := SourceInfo{Source: session.Source{Version: printableWord(lines[0]) + "; " + printableWord(lines[1]), Link: s.options.Target + " " + s.iface, SnapLen: s.options.SnapLen, Filter: s.filter.String(),
		Clock: "gateway", Attribution: session.AttributionDevice, Args: []string{"interface=" + s.iface}}}
	if info.Source.Filter == "" {
		info.Warnings = []string{fmt.Sprintf("no filter: packets of every machine that %s hears are recorded; --mac keeps to one device", s.options.Target)}
	}
	return info, nil
}

// ask reads what the other machine has, and compares its clock with ours: its clock stamps the packets, ours the marks.
func (s *remoteSource) ask(out io.Reader, in io.WriteCloser) (lines [3]string) {
	defer in.Close()
	r := bufio.NewReader(io.LimitReader(out, keptErrors))
	var before time.Time
	for i := range lines {
		if i == 2 {
			before = time.Now()
			io.WriteString(in, "\n")
		}
		line, err := r.ReadString('\n')
		if err != nil {
			return lines // how ssh ended tells why
		}
		lines[i] = strings.TrimSpace(line)
	}
	after := time.Now()
	whole, part, _ := strings.Cut(lines[2], ".")
	uncertain := after.Sub(before) / 2
	if strings.Trim(part, "0123456789") != "" || part == "" { // a date that knows no fractions prints the letter
		part, uncertain = "5", uncertain+500*time.Millisecond
	}
	if seconds, err := strconv.ParseFloat(whole+"."+part, 64); err == nil {
		reading := newClockReading(seconds, before, after, uncertain)
		reading.Of = "gateway"
		s.clock = &reading
	}
	return lines
}

// explain makes an error of how ssh ended.
func (s *remoteSource) explain(err error, said *tail) error {
	text := said.last()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && text == "" {
		text = exit.String()
	}
	wrapped := fmt.Errorf("ssh %s: %w: %q", s.options.Target, err, text)
	exit, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case ok && exit.ExitCode() == 127:
		return &Hinted{wrapped, "there is no tcpdump on " + s.options.Target + ", or not in its PATH"}
	case ok && exit.ExitCode() == 255:
		return &Hinted{wrapped, fmt.Sprintf("ssh -o BatchMode=yes %s true must work without a question first", s.options.Target)}
	case strings.Contains(said.String(), "permission") || strings.Contains(said.String(), "not permitted"):
		return &Hinted{wrapped, "tcpdump needs rights there: connect as root, or --set sudo=yes"}
	}
	return wrapped
}

// Stats implements Source. What tcpdump has lost is known only once it has ended.
func (s *remoteSource) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stream.Stats()
	stats.DroppedKernel, stats.Unattributed = capture.UnknownCount, 0
	if s.final != nil {
		stats.Received, stats.DroppedKernel = s.final.received, s.final.kernel
		if s.final.hasInterface {
			stats.DroppedInterface = s.final.device
		}
	}
	return stats
}

// Run implements Source.
func (s *remoteSource) Run(ctx context.Context, to Sink) error {
	snap, buffer := s.options.SnapLen, s.options.Ring>>10
	if buffer == 0 {
		buffer = remoteBuffer
	}
	filter := s.filter.String()
	if filter != "" {
		filter = "(" + filter + ") and "
	}
	c := s.command(fmt.Sprintf(remoteScript, s.iface, buffer, snap, filter))
	ownGroup(c)
	var said tail
	c.Stderr = &said
	stdin, err := c.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.start(c); err != nil {
		return fmt.Errorf("start ssh: %w", err)
	}
	defer c.Process.Kill()
	defer context.AfterFunc(ctx, func() {
		stdin.Close()
		time.AfterFunc(tailTimeout, func() { c.Process.Kill() })
	})()
	end := s.read(stdout, to)
	if !errors.Is(end, ErrEnd) && !errors.Is(end, io.ErrUnexpectedEOF) {
		c.Process.Kill() // the sink or the stream is broken: nobody reads any more
	}
	stdin.Close()
	wait := c.Wait()
	counters, counted := readCounters(said.String())
	if counted {
		s.mu.Lock()
		s.final = &counters
		s.mu.Unlock()
		if missing := counters.received - counters.kernel - counters.captured; counters.received >= counters.kernel+counters.captured && missing > 0 {
			if err := to.Event(session.EventWarning, says(fmt.Sprintf("tcpdump had %d packets more when it was stopped; they came after the stop was asked for", missing))); err != nil {
				return err
			}
		}
	}
	switch {
	case !errors.Is(end, ErrEnd):
		return errors.Join(end, s.explainEnd(wait, &said))
	case ctx.Err() == nil:
		return s.explainEnd(wait, &said)
	case !counted:
		return fmt.Errorf("the connection to %s was closed before tcpdump gave its counters", s.options.Target)
	}
	return nil
}

// explainEnd says why tcpdump ended that nobody had stopped.
func (s *remoteSource) explainEnd(wait error, said *tail) error {
	if wait == nil {
		return fmt.Errorf("tcpdump on %s ended by itself: %q", s.options.Target, said.last())
	}
	return s.explain(wait, said)
}

// read hands on what comes, to its end. Tcpdump writes the file's header once it listens.
func (s *remoteSource) read(stdout io.Reader, to Sink) error {
	head := make([]byte, pcapHeader)
	if _, err := io.ReadFull(stdout, head); err != nil {
		return ErrEnd // how ssh ended tells why
	}
	if err := to.Event(session.EventArmed, nil); err != nil {
		return err
	}
	if s.clock != nil {
		if err := to.Event(session.EventClock, *s.clock); err != nil {
			return err
		}
	}
	rec, err := source.Open(s.options.Target, io.MultiReader(bytes.NewReader(head), stdout))
	if err != nil {
		return err
	}
	defer rec.Close()
	return s.stream.records(context.Background(), rec, to)
}

// checkRemote looks for ssh.
func checkRemote(context.Context, Options) []Check {
	path, err := exec.LookPath("ssh")
	if err != nil {
		return []Check{{What: "ssh", Says: "there is no ssh client", Mend: "sudo apt install openssh-client"}}
	}
	return []Check{{What: "ssh", OK: true, Says: path}}
}
