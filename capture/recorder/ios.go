package recorder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"time"

	"abroad/capture/recorder/usbmux"
	"abroad/capture/session"
)

var ios = &Plugin{
	Name: "ios",
	Doc: "An iPhone or iPad by cable: its own capture service (pcapd) copies the packets of every interface, Wi-Fi and cellular, and names the " +
		"process behind each and the one on whose behalf it works.",
	Target: "[UDID]",
	Settings: []Setting{
		{"process", "name of the app's process, where it is not the app's executable; several are separated by commas"},
	},
	New:   newIOS,
	Check: checkIOS,
}

// iosDrain is how long packets that are on their way are waited for after a stop.
const iosDrain = 300 * time.Millisecond

// What to do when usbmuxd or the device does not answer.
const (
	hintNoMux      = "sudo apt install usbmuxd libimobiledevice-utils && sudo systemctl start usbmuxd"
	hintNoIPhone   = "connect it by cable and unlock it: abroad help ios says how"
	hintUnpaired   = "unlock the device, then idevicepair pair, and tap Trust on the device"
	namesDaemon    = "mDNSResponder" // asks names on every app's behalf
	maxProcessName = 16              // bytes that the kernel keeps of a name
)

// An iosSource reads pcapd.
type iosSource struct {
	mux       usbmux.Mux
	device    usbmux.Device
	options   Options
	processes []string // whose packets are kept; none = everybody's
	count     streamCounters
}

func newIOS(o Options) (Source, error) {
	if err := refuse(o, "ios", "app"); err != nil {
		return nil, err
	}
	s := &iosSource{options: o, mux: usbmux.FromEnvironment(os.Getenv)}
	for name := range strings.SplitSeq(o.Set["process"], ",") {
		if name = strings.TrimSpace(name); name != "" {
			s.processes = append(s.processes, processName(name))
		}
	}
	return s, nil
}

// processName is a name as the kernel keeps it.
func processName(s string) string { return s[:min(len(s), maxProcessName)] }

// Describe implements Source.
func (s *iosSource) Describe(ctx context.Context) (info SourceInfo, err error) {
	lockdown, err := s.open(ctx)
	if err != nil {
		return info, err
	}
	defer lockdown.Close()
	facts, err := lockdown.Facts()
	if err != nil {
		return info, advised(err)
	}
	info.Device = session.Device{Platform: "ios", Maker: "Apple", Model: printableWord(facts.Model), OS: printableWord(facts.Version),
		Build: printableWord(facts.Build), Key: deviceKey(s.device.UDID), Read: []string{"platform", "maker", "model", "os", "build", "key"}}
	if s.options.App != "" {
		app, ok, err := lockdown.App(s.options.App)
		if err != nil {
			return info, advised(err)
		}
		if !ok {
			return info, hinted(fmt.Errorf("read app %q: it is not installed", s.options.App), "ideviceinstaller -l lists what is; bundle identifiers keep their capitals")
		}
		info.App = session.App{ID: s.options.App, Name: printableWord(app.Name), Version: printableWord(app.Version), Code: printableWord(app.Build),
			Read: []string{"name", "version", "code"}}
		if len(s.processes) == 0 && app.Executable != "" {
			s.processes = []string{processName(app.Executable)}
		}
		if len(s.processes) == 0 {
			return info, hinted(fmt.Errorf("read app %q: the device does not say the name of its process", s.options.App), "--set process=NAME")
		}
	}
	if len(s.processes) == 0 {
		info.Warnings = append(info.Warnings, "no app is named: the traffic of every app on the device is recorded")
	} else {
		info.Warnings = append(info.Warnings, "DNS questions of every app are recorded besides, apart: the system asks them on an app's behalf")
	}
	if lockdown.Strange() {
		info.Warnings = append(info.Warnings, "the device's certificate is not the one of its pairing")
	}
	info.Source = session.Source{Version: "pcapd of iOS " + printableWord(facts.Version), Link: s.device.Connection, Clock: "device", DirectionOf: "",
		Filter: s.filter(), Attribution: session.AttributionProcess}
	info.Interventions = []session.Intervention{
		{Kind: "usb-capture", Says: "The device copies its packets to the cable; the packets themselves are not changed."},
	}
	return info, nil
}

func (s *iosSource) filter() string {
	if len(s.processes) == 0 {
		return ""
	}
	return "process " + strings.Join(s.processes, ", ")
}

// open finds the device and opens a session with it.
func (s *iosSource) open(ctx context.Context) (*usbmux.Lockdown, error) {
	list, err := s.mux.Devices(ctx)
	if err != nil {
		return nil, hinted(err, hintNoMux)
	}
	if s.device, err = usbmux.Find(list, s.options.Target); err != nil {
		return nil, hinted(err, hintNoIPhone)
	}
	lockdown, err := s.mux.Lockdown(ctx, s.device)
	return lockdown, advised(err)
}

// advised adds what to do about a refusal of the device.
func advised(err error) error {
	if errors.Is(err, usbmux.ErrUnpaired) {
		return hinted(err, hintUnpaired)
	}
	if refusal, ok := errors.AsType[*usbmux.LockdownError](err); ok && refusal.Hint() != "" {
		return hinted(err, refusal.Hint())
	}
	return err
}

// Run implements Source.
func (s *iosSource) Run(ctx context.Context, sink Sink) error {
	s.count.reset()
	after := context.WithoutCancel(ctx)
	lockdown, err := s.open(after)
	if err != nil {
		return orStopped(ctx, err)
	}
	defer lockdown.Close()
	if err := s.clockEvent(lockdown, sink); err != nil {
		return err
	}
	conn, err := lockdown.StartService(usbmux.PacketService)
	if err != nil {
		return orStopped(ctx, advised(err))
	}
	defer conn.Close()
	if err := sink.Event(session.EventArmed, nil); err != nil {
		return err
	}
	unhook := context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Now().Add(iosDrain)) })
	err = s.pump(conn, sink)
	if !unhook() && (errors.Is(err, os.ErrDeadlineExceeded) || isEnd(err)) {
		if s.count.received.Load() == 0 {
			return sink.Event(session.EventWarning, says("the device sent no packet of "+s.whom()+": was the app started?"))
		}
		return nil
	}
	if isEnd(err) {
		return s.ended(after)
	}
	return err
}

func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || isNetwork(err)
}

func (s *iosSource) whom() string {
	if len(s.processes) == 0 {
		return "anybody"
	}
	return strings.Join(s.processes, " or ")
}

// ended says why a stream ended that nobody stopped.
func (s *iosSource) ended(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for {
		list, err := s.mux.Devices(ctx)
		if err != nil {
			return fmt.Errorf("the connection to the device broke, and usbmuxd does not answer: %w", err)
		}
		if _, err := usbmux.Find(list, s.device.UDID); err != nil {
			return hinted(errors.New("the device is not connected any more"), "check the cable; a recording that goes on needs --resume")
		}
		select {
		case <-ctx.Done():
			return errors.New("the device ended the capture")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// clockEvent compares the clocks and keeps the result.
func (s *iosSource) clockEvent(lockdown *usbmux.Lockdown, sink Sink) error {
	reading, err := iosClock(lockdown)
	if err != nil {
		return sink.Event(session.EventWarning, says(err.Error()))
	}
	return sink.Event(session.EventClock, reading)
}

// iosClock asks the device for the time.
func iosClock(lockdown *usbmux.Lockdown) (clockReading, error) {
	before := time.Now()
	facts, err := lockdown.Facts()
	after := time.Now()
	if err != nil {
		return clockReading{}, fmt.Errorf("read device's clock: %w", err)
	}
	if facts.Clock == 0 {
		return clockReading{}, errors.New("read device's clock: it does not say")
	}
	uncertain := after.Sub(before) / 2
	seconds := facts.Clock
	if seconds == math.Trunc(seconds) {
		seconds, uncertain = seconds+0.5, uncertain+500*time.Millisecond
	}
	return newClockReading(seconds, before, after, uncertain), nil
}

// Stats implements Source. What the device dropped it does not say.
func (s *iosSource) Stats() Stats { return s.count.stats() }

// ReadApp implements AppReader.
func (s *iosSource) ReadApp(ctx context.Context) (session.App, error) {
	if s.options.App == "" {
		return session.App{}, errNoApp
	}
	lockdown, err := s.open(ctx)
	if err != nil {
		return session.App{}, err
	}
	defer lockdown.Close()
	app, ok, err := lockdown.App(s.options.App)
	if err == nil && !ok {
		err = fmt.Errorf("read app %q: it is not installed any more", s.options.App)
	}
	return session.App{ID: s.options.App, Name: printableWord(app.Name), Version: printableWord(app.Version), Code: printableWord(app.Build)}, err
}

// Rearm implements Rearmer.
func (s *iosSource) Rearm(ctx context.Context) error {
	for {
		if list, err := s.mux.Devices(ctx); err == nil {
			if _, err := usbmux.Find(list, s.device.UDID); err == nil {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
