package recorder

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	xbpf "golang.org/x/net/bpf"

	"abroad/capture"
	"abroad/capture/recorder/bpf"
	"abroad/capture/recorder/privilege"
	"abroad/capture/recorder/ring"
	"abroad/capture/session"
)

// linux records an interface of this machine, which is the gateway of the device.
var linux = &Plugin{
	Name:      "linux",
	Doc:       "Records a network interface of this machine, to which the device is connected: a hotspot, a gateway, a virtual machine's bridge. Device level: it holds what every app does.",
	Target:    "INTERFACE",
	Platforms: []string{"linux"},
	Settings: []Setting{
		{"promiscuous", "yes: also take frames for other machines that the interface happens to hear"},
		{"without", "ADDRESS:PORT: leave out TCP of this port of this machine, for the connection (SSH) that you work over"},
	},
	New:   newLinux,
	Check: checkLinux,
}

// A linuxSource is one interface.
type linuxSource struct {
	options     Options
	filter      bpf.Filter
	listing     []xbpf.RawInstruction // of --bpf-file, instead of filter
	promiscuous bool
	ring        *ring.Ring
	drop        func(privilege.Owner) error
}

func newLinux(o Options) (Source, error) {
	if o.Target == "" {
		return nil, &Hinted{errors.New("no interface given"), interfacesHint()}
	}
	s := &linuxSource{options: o, drop: privilege.Drop}
	var err error
	if s.filter, err = bpf.Parse(o.MACs, o.Addresses); err != nil {
		return nil, err
	}
	s.filter.SnapLen = o.SnapLen
	for name, value := range o.Set {
		switch name {
		case "promiscuous":
			if value != "yes" && value != "no" {
				return nil, fmt.Errorf("promiscuous is yes or no, not %q", value)
			}
			s.promiscuous = value == "yes"
		case "without":
			if s.filter.Without, err = netip.ParseAddrPort(value); err != nil || s.filter.Without.Addr().Zone() != "" {
				return nil, fmt.Errorf("without is ADDRESS:PORT, as in 198.51.100.1:22, not %q", value)
			}
		default:
			return nil, fmt.Errorf("the source linux has no setting %q", name)
		}
	}
	if o.BPFFile == "" {
		return s, nil
	}
	if s.filter.String() != "" || o.SnapLen != 0 {
		return nil, errors.New("a filter program stands alone: put addresses and snap length into it (tcpdump -ddd -s LENGTH 'EXPRESSION')")
	}
	f, err := os.Open(o.BPFFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if s.listing, err = bpf.ReadListing(f); err != nil {
		return nil, fmt.Errorf("%q: %w", o.BPFFile, err)
	}
	return s, nil
}

// Describe opens the ring and drops all privileges: what is recorded before Run is thrown away there.
func (s *linuxSource) Describe(context.Context) (SourceInfo, error) {
	config := ring.Config{Interface: s.options.Target, Size: s.options.Ring, Promiscuous: s.promiscuous, Filter: s.listing}
	if s.listing == nil {
		link, err := ring.LinkOf(s.options.Target)
		if err != nil {
			return SourceInfo{}, s.hinted(err)
		}
		kind := bpf.Ethernet
		if link != capture.LinkEthernet {
			kind = bpf.Raw
		}
		if config.Filter, err = s.filter.Program(kind); err != nil {
			return SourceInfo{}, err
		}
	}
	var err error
	if s.ring, err = ring.Open(config); err != nil {
		return SourceInfo{}, s.hinted(err)
	}
	if err := s.drop(privilege.Caller(s.options.Output, os.Getenv)); err != nil {
		s.ring.Close()
		return SourceInfo{}, err
	}
	info := SourceInfo{Source: session.Source{Link: s.options.Target, SnapLen: s.snapLen(), Filter: s.filterText(), DirectionOf: "gateway",
		Clock: "host", Attribution: session.AttributionDevice}}
	i := s.ring.Interface()
	if !i.Up {
		info.Warnings = append(info.Warnings, fmt.Sprintf("the interface %s is down: nothing comes until it is up", i.Name))
	}
	if s.filterText() == "" {
		info.Warnings = append(info.Warnings, fmt.Sprintf("no filter: packets of every machine on %s are recorded; --mac keeps to one device", i.Name))
	}
	if joined := slices.DeleteFunc(slices.Clone(i.Offloads), func(o string) bool { return strings.Contains(o, "checksum") }); len(joined) > 0 {
		info.Warnings = append(info.Warnings, fmt.Sprintf("%s joins packets before they are recorded, so they may be larger than on the wire; to see them as they were: ethtool -K %s %s off",
			i.Name, i.Name, strings.Join(joined, " off ")))
	}
	return info, nil
}

// hinted says what to do about an interface that cannot be opened.
func (s *linuxSource) hinted(err error) error {
	switch {
	case errors.Is(err, os.ErrPermission):
		return &Hinted{err, "recording an interface needs root: sudo abroad record …; or once: sudo setcap cap_net_raw+ep " + program()}
	case errors.Is(err, ring.ErrUnsupported):
		return &Hinted{errors.New("this source records interfaces of Linux only"), "use what this system has: " + elsewhere(runtime.GOOS, s.options.Target)}
	}
	return &Hinted{err, interfacesHint()}
}

// elsewhere is the command that records an interface on another system.
func elsewhere(system, name string) string {
	if system == "windows" {
		return fmt.Sprintf("dumpcap -i %q -w - | abroad record -", name)
	}
	return fmt.Sprintf("sudo tcpdump -i %s -U -w - | abroad record -", name)
}

// program is this program's file.
func program() string {
	if path, err := os.Executable(); err == nil {
		return path
	}
	return "abroad"
}

// interfacesHint lists the interfaces that there are.
func interfacesHint() string {
	list, err := net.Interfaces()
	if err != nil || len(list) == 0 {
		return ""
	}
	var names []string
	for _, i := range list {
		names = append(names, i.Name)
	}
	return "the interfaces here are " + strings.Join(names, ", ")
}

func (s *linuxSource) filterText() string {
	if s.listing != nil {
		return "program of " + s.options.BPFFile
	}
	return s.filter.String()
}

// snapLen is how much of a packet is kept; 0 is all.
func (s *linuxSource) snapLen() uint32 {
	if s.listing == nil {
		return s.options.SnapLen
	}
	if n := bpf.SnapLen(s.listing); n < bpf.WholeFrame {
		return n
	}
	return 0
}

// Close implements io.Closer.
func (s *linuxSource) Close() error {
	if s.ring == nil {
		return nil
	}
	return s.ring.Close()
}

// Stats implements Source.
func (s *linuxSource) Stats() Stats {
	var r ring.Stats
	if s.ring != nil {
		r = s.ring.Stats()
	}
	return Stats{Received: r.Received - r.Doubled, DroppedKernel: r.Dropped, DroppedInterface: capture.UnknownCount, Truncated: r.Truncated}
}

// Run implements Source.
func (s *linuxSource) Run(ctx context.Context, to Sink) error {
	i := s.ring.Interface()
	h := &linuxHandler{source: s, to: to}
	var err error
	if h.packet.Iface, err = to.Interface(InterfaceInfo{Link: i.Link, SnapLen: s.snapLen(), Name: i.Name, Filter: s.filterText(),
		Description: "offloads: " + orNone(strings.Join(i.Offloads, " ")), OS: systemName()}); err != nil {
		return err
	}
	s.ring.Forget()
	if err := to.Event(session.EventArmed, map[string]any{"mtu": i.MTU, "up": i.Up, "offloads": i.Offloads, "clock": "software receive stamps"}); err != nil {
		return err
	}
	if !i.Up {
		h.down = time.Now()
	}
	return s.ring.Run(ctx, h)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// systemName is the kernel's name and release; empty if it does not say.
func systemName() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return ""
	}
	return "Linux " + strings.TrimSpace(string(b))
}

// A linuxHandler passes frames on.
type linuxHandler struct {
	source *linuxSource
	to     Sink
	packet capture.Packet
	down   time.Time // since when the link is down; zero while it is up
}

func (h *linuxHandler) Frame(f *ring.Frame) error {
	h.packet.Time, h.packet.Data, h.packet.OrigLen, h.packet.Dir = f.Time, f.Data, f.Len, f.Dir
	return h.to.Packet(&h.packet)
}

// Link tells of the link, and of the time in which nothing could come.
func (h *linuxHandler) Link(up bool) error {
	name := h.source.options.Target
	if err := h.to.Event(session.EventLink, map[string]any{"interface": name, "up": up}); err != nil {
		return err
	}
	if !up {
		h.down = time.Now()
		return nil
	}
	gap := time.Since(h.down)
	h.down = time.Time{}
	return h.to.Event(session.EventGap, map[string]any{"reason": "the link of " + name + " was down", "lasted_ns": gap.Nanoseconds()})
}

// checkLinux looks for rights and for the interface.
func checkLinux(_ context.Context, o Options) []Check {
	c := Check{What: "packet sockets", OK: true, Says: "this process may record interfaces"}
	if err := ring.Allowed(); err != nil {
		c = Check{What: "packet sockets", Says: "this process may not record interfaces: " + err.Error(), Mend: "sudo setcap cap_net_raw+ep " + program()}
	}
	list := []Check{c}
	if o.Target == "" {
		return append(list, Check{What: "interfaces", OK: true, Says: interfacesHint()})
	}
	i, err := net.InterfaceByName(o.Target)
	switch {
	case err != nil:
		list = append(list, Check{What: "interface " + o.Target, Says: "there is none of this name; " + interfacesHint()})
	case i.Flags&net.FlagRunning == 0:
		list = append(list, Check{What: "interface " + o.Target, Says: "it is down", Mend: "sudo ip link set " + o.Target + " up"})
	default:
		list = append(list, Check{What: "interface " + o.Target, OK: true, Says: "it is up"})
	}
	return list
}
