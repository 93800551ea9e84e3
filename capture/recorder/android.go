package recorder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"abroad/capture"
	"abroad/capture/session"
)

var android = &Plugin{
	Name: "android",
	Doc: "An Android phone without root: the app PCAPdroid captures as a VPN and says of every packet which app it belongs to; " +
		"abroad starts and stops it over adb.",
	Target: "[SERIAL]",
	Settings: []Setting{
		{"pcapdroid", "the package of PCAPdroid, " + pcapdroidPackage + " unless given (its debug build ends in .debug)"},
		{"private-dns", "keep (unless given) or block: PCAPdroid can block Private DNS so that names become readable; that changes what is measured"},
		{"quic", "keep (unless given) or block: without QUIC an app falls back to TLS over TCP; that changes what is measured"},
	},
	New:   newAndroid,
	Check: checkAndroid,
}

// PCAPdroid, and what of it is used (docs/app_api.md of PCAPdroid).
const (
	pcapdroidPackage = "com.emanuelef.remote_capture"
	pcapdroidControl = "com.emanuelef.remote_capture.activities.CaptureCtrl"
	pcapdroidOldest  = 86 // versionCode of 1.8.6, the first that knows tcp_exporter and api_key
)

// The phone's ports that our tunnels begin at. They are few, so that one left behind by a crash is known as ours.
const (
	firstTunnelPort = 16000
	tunnelPorts     = 10
)

// How long the phone is waited for.
const (
	pcapdroidStart = 90 * time.Second // somebody may have to confirm a dialog
	pcapdroidStop  = 3 * time.Second
	pcapdroidRest  = time.Second // between a stop and a start
)

// An androidSource drives PCAPdroid.
type androidSource struct {
	phone     *androidPhone
	options   Options
	pcapdroid string
	app       session.App   // the one that is recorded; none = all
	wait      time.Duration // for the first connection
	ran       bool          // Run was called
	count     streamCounters
}

// streamCounters count what came over a stream. What the far side dropped it does not say.
type streamCounters struct{ received, truncated, unattributed, damaged atomic.Uint64 }

// reset begins to count anew: counters are those of one Run.
func (c *streamCounters) reset() {
	for _, n := range [...]*atomic.Uint64{&c.received, &c.truncated, &c.unattributed, &c.damaged} {
		n.Store(0)
	}
}

func (c *streamCounters) stats() Stats {
	return Stats{
		Received: c.received.Load(), DroppedKernel: capture.UnknownCount, DroppedInterface: capture.UnknownCount,
		Truncated: c.truncated.Load(), Unattributed: c.unattributed.Load(), Damaged: c.damaged.Load(),
	}
}

func newAndroid(o Options) (Source, error) {
	if err := refuse(o, "android", "app", "key"); err != nil {
		return nil, err
	}
	for _, name := range [...]string{"private-dns", "quic"} {
		if v := o.Set[name]; v != "" && v != "keep" && v != "block" {
			return nil, fmt.Errorf("set %s: %q is neither keep nor block", name, v)
		}
	}
	s := &androidSource{options: o, pcapdroid: pcapdroidPackage, wait: pcapdroidStart}
	if p := o.Set["pcapdroid"]; p != "" {
		s.pcapdroid = p
	}
	switch {
	case o.App != "" && !validAppID(o.App):
		return nil, fmt.Errorf("app %q: this is no package name", o.App)
	case !validAppID(s.pcapdroid):
		return nil, fmt.Errorf("set pcapdroid: %q is no package name", s.pcapdroid)
	case strings.ContainsFunc(o.Key, func(r rune) bool { return r <= ' ' || r > '~' || r == '\'' || r == '"' || r == '\\' }):
		return nil, errors.New("use API key: it holds characters that PCAPdroid's keys do not have")
	}
	return s, nil
}

// refuse says which of the options a source does not know how to honour; able are the ones it does.
func refuse(o Options, kind string, able ...string) error {
	for _, asked := range [...]struct {
		name string
		is   bool
	}{
		{"app", o.App != ""}, {"mac", len(o.MACs) > 0}, {"address", len(o.Addresses) > 0}, {"bpf-file", o.BPFFile != ""},
		{"snaplen", o.SnapLen != 0}, {"ring", o.Ring != 0}, {"key", o.Key != ""},
	} {
		if asked.is && !slices.Contains(able, asked.name) {
			return fmt.Errorf("%s cannot honour --%s", kind, asked.name)
		}
	}
	return nil
}

// Describe implements Source.
func (s *androidSource) Describe(ctx context.Context) (info SourceInfo, err error) {
	if s.phone, err = findAndroid(ctx, s.options.Target); err != nil {
		return info, err
	}
	if !s.phone.server.Local() {
		return info, fmt.Errorf("the adb server is at %q, and tunnels of the phone end there, not here", s.phone.server.Address)
	}
	if info.Device, err = s.phone.device(ctx); err != nil {
		return info, err
	}
	version, err := s.ready(ctx)
	if err != nil {
		return info, err
	}
	if s.options.App != "" {
		if info.App, info.Warnings, err = s.phone.app(ctx, s.options.App); err != nil {
			return info, err
		}
		s.app = info.App
	} else {
		info.Warnings = append(info.Warnings, "no app is named: the traffic of every app on the phone is recorded")
	}
	info.Warnings = append(info.Warnings, s.phone.concerns(ctx, s.pcapdroid)...)
	if s.options.Key == "" {
		info.Warnings = append(info.Warnings, "no API key is given: PCAPdroid asks on the phone before it starts and before it stops")
	}
	info.Source = session.Source{
		Version: "PCAPdroid " + version, Args: s.extras("start", firstTunnelPort), Link: "usb", Clock: "device",
		DirectionOf: "", Attribution: session.AttributionApp,
	}
	if s.options.App != "" {
		info.Source.Filter = "app " + s.options.App
	}
	info.Interventions = []session.Intervention{
		{Kind: "vpn-interface", Says: "PCAPdroid captures as a VPN on the phone: apps can see that a VPN is on, and TCP and IP headers, packet sizes " +
			"and handshake times are those of PCAPdroid; destinations, ports and payloads are the app's."},
		{Kind: "usb-debugging", Says: "USB debugging is on: apps can see that."},
	}
	if s.options.Set["private-dns"] == "block" {
		info.Interventions = append(info.Interventions, session.Intervention{Kind: "private-dns-off", Says: "PCAPdroid blocks Private DNS."})
	}
	if s.options.Set["quic"] == "block" {
		info.Interventions = append(info.Interventions, session.Intervention{Kind: "quic-off", Says: "PCAPdroid blocks QUIC."})
	}
	return info, nil
}

// Run implements Source.
func (s *androidSource) Run(ctx context.Context, sink Sink) (err error) {
	s.count.reset()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for PCAPdroid: %w", err)
	}
	defer l.Close()
	removed, err := removeTunnels(ctx, s.phone.Phone)
	if err != nil {
		return orStopped(ctx, err)
	}
	if s.ran || len(removed) > 0 { // PCAPdroid may go on for a recording that broke off, and starts once only
		if err := s.command(ctx, "stop", 0); err != nil {
			return orStopped(ctx, err)
		}
		select {
		case <-time.After(pcapdroidRest):
		case <-ctx.Done():
		}
	}
	s.ran = true
	port, err := s.tunnel(ctx, l.Addr().(*net.TCPAddr).Port)
	if err != nil {
		return orStopped(ctx, err)
	}
	after := context.WithoutCancel(ctx) // what must be undone is undone whatever happened
	defer func() {
		undo, cancel := context.WithTimeout(after, pcapdroidStop)
		defer cancel()
		if left := s.phone.RemoveReverse(undo, port); left != nil && err == nil {
			err = sink.Event(session.EventWarning, says("the tunnel on the phone could not be closed: "+left.Error()))
		}
	}()
	if err := s.phone.begin(ctx, sink, s.app); err != nil {
		return err
	}
	stop := func() error { // in any case: a PCAPdroid whose collector is gone goes on capturing
		undo, cancel := context.WithTimeout(after, pcapdroidStop)
		defer cancel()
		return s.command(undo, "stop", port)
	}
	if err := s.command(ctx, "start", port); err != nil {
		stop() // the phone may have understood all the same
		return orStopped(ctx, err)
	}
	conn, err := s.accept(ctx, l)
	if err != nil {
		stop()
		return orStopped(ctx, err)
	}
	defer conn.Close()
	if err := sink.Event(session.EventArmed, nil); err != nil {
		stop()
		return err
	}
	stopped := make(chan error, 1)
	unhook := context.AfterFunc(ctx, func() {
		stopped <- stop()
		conn.SetReadDeadline(time.Now().Add(pcapdroidStop))
	})
	err = s.pump(conn, sink)
	if unhook() { // nobody asked for the end
		err = s.ended(ctx, err)
		stop()
		return err
	}
	return s.drained(after, sink, err, <-stopped)
}

// orStopped is nil if the operator asked for the end, whatever that broke.
func orStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// says is the data of an event that is a sentence.
func says(text string) map[string]string { return map[string]string{"says": text} }

// begin writes what a recording begins with: the clocks, and the uid of the app, since packets name their owner by it.
func (p *androidPhone) begin(ctx context.Context, sink Sink, app session.App) error {
	if err := p.clockEvent(ctx, sink); err != nil {
		return err
	}
	uid, err := strconv.ParseInt(app.UID, 10, 32)
	if err != nil || app.ID == "" {
		return nil // it is not known, which Describe has said
	}
	return sink.Event(session.EventAppTable, session.AppRow{UID: int32(uid), Package: app.ID, Label: app.Name})
}

// clockEvent compares the clocks and keeps the result. A phone that does not tell its time is no reason not to record.
func (p *androidPhone) clockEvent(ctx context.Context, sink Sink) error {
	reading, err := p.clock(ctx)
	if err != nil {
		return sink.Event(session.EventWarning, says(err.Error()))
	}
	return sink.Event(session.EventClock, reading)
}

// accept waits until PCAPdroid connects, which it does at its start and not only with the first packet.
func (s *androidSource) accept(ctx context.Context, l net.Listener) (net.Conn, error) {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	l.(*net.TCPListener).SetDeadline(time.Now().Add(s.wait))
	conn, err := l.Accept()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, hinted(fmt.Errorf("wait for PCAPdroid: it has not connected in %s", s.wait),
			"look at the phone: confirm PCAPdroid's dialogs, check the API key (PCAPdroid > Settings > Control permissions), stop any capture that is already running")
	}
	if err != nil {
		return nil, fmt.Errorf("wait for PCAPdroid: %w", err)
	}
	return conn, nil
}

// ended says why a stream ended that nobody stopped: its end looks the same whatever happened.
func (s *androidSource) ended(ctx context.Context, err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !isNetwork(err) {
		return err // the sink's, or a damaged stream
	}
	if s.phone.gone(ctx) {
		return hinted(errors.New("the phone is not connected any more"), "check the cable; a recording that goes on needs --resume")
	}
	return errors.New("PCAPdroid ended the capture: it was stopped on the phone, or another VPN took its place")
}

func isNetwork(err error) bool {
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}

// drained judges the end of a stream that was asked for.
func (s *androidSource) drained(ctx context.Context, sink Sink, err, stopped error) error {
	warn := func(text string) error { return sink.Event(session.EventWarning, says(text)) }
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		if stopped != nil {
			return fmt.Errorf("the capture on the phone may go on: %w", stopped)
		}
		if e := warn("PCAPdroid did not end its stream in time; the last second may be missing"); e != nil {
			return e
		}
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.count.damaged.Add(1)
		if e := warn("the stream ended inside a packet, which is lost"); e != nil {
			return e
		}
	case !errors.Is(err, io.EOF) && !isNetwork(err):
		return err
	}
	if s.count.received.Load() == 0 {
		if e := warn("PCAPdroid sent no packet at all: was the app started, and is it the one that was named?"); e != nil {
			return e
		}
	}
	return s.phone.clockEvent(ctx, sink)
}

// Stats implements Source.
func (s *androidSource) Stats() Stats { return s.count.stats() }

// ReadApp implements AppReader.
func (s *androidSource) ReadApp(ctx context.Context) (session.App, error) {
	if s.options.App == "" {
		return session.App{}, errNoApp
	}
	return s.phone.version(ctx, s.options.App)
}

// errNoApp says that there is no single app whose version could be read.
var errNoApp = errors.New("no app is named")

// Rearm implements Rearmer.
func (s *androidSource) Rearm(ctx context.Context) error { return s.phone.await(ctx) }
