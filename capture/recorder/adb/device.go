package adb

import (
	"context"
	"fmt"
	"strings"
)

// A Device is a line of the server's list. Everything in it was said by the device or by the bus.
type Device struct {
	Serial string
	State  State
	Model  string // as in "model:Pixel_8"; "" if the server does not know
	Bus    string // as in "usb:1-1"; "" over TCP
}

// A State is what a device is ready for, in adb's words.
type State string

// The states that need words of advice; there are more.
const (
	Ready         State = "device"
	Offline       State = "offline"
	Unauthorized  State = "unauthorized"   // the phone has not been told to trust this computer
	NoPermissions State = "no permissions" // the bus belongs to another user
)

// Devices lists what is connected, in the server's order.
func (s *Server) Devices(ctx context.Context) ([]Device, error) {
	answer, err := s.ask(ctx, "host:devices-l")
	if err != nil {
		return nil, err
	}
	return parseDevices(answer), nil
}

// Track calls each with the list of devices, at once and after every change, until ctx ends, each returns false or the server goes away.
// The lists hold serial and state only. The error is nil when each ended it.
func (s *Server) Track(ctx context.Context, each func([]Device) bool) error {
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.request("host:track-devices"); err != nil {
		return err
	}
	for {
		list, err := c.text()
		if err != nil {
			return fmt.Errorf("track devices: %w", noEOF(err))
		}
		if !each(parseDevices(list)) {
			return nil
		}
	}
}

// parseDevices reads lines of a serial, a state and "key:value" words. What does not look like that is left out.
func parseDevices(text string) (list []Device) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || len(list) == MaxDevice {
			continue
		}
		d := Device{Serial: words[0], State: State(words[1])}
		rest := words[2:]
		if words[1] == "no" && len(words) > 2 && strings.HasPrefix(words[2], "permissions") {
			d.State = NoPermissions
		}
		for _, w := range rest {
			if strings.HasPrefix(w, "usb:") {
				d.Bus = w
			} else if v, ok := strings.CutPrefix(w, "model:"); ok {
				d.Model = v
			}
		}
		list = append(list, d)
	}
	return list
}

// Find returns the device with the serial, or the only one that is ready if serial is empty. Its errors say what to do.
func Find(list []Device, serial string) (Device, error) {
	var ready []Device
	for _, d := range list {
		if d.Serial == serial {
			if d.State != Ready {
				return d, &NotReadyError{d}
			}
			return d, nil
		}
		if d.State == Ready {
			ready = append(ready, d)
		}
	}
	switch {
	case serial != "":
		return Device{}, fmt.Errorf("find device %q: it is not connected", serial)
	case len(ready) == 1:
		return ready[0], nil
	case len(ready) > 1:
		return Device{}, fmt.Errorf("find device: %d are connected, name one: %s", len(ready), serials(ready))
	case len(list) > 0:
		return list[0], &NotReadyError{list[0]}
	}
	return Device{}, ErrNoDevice
}

// ErrNoDevice says that no Android device is connected.
var ErrNoDevice = fmt.Errorf("no Android device is connected")

func serials(list []Device) string {
	var names []string
	for _, d := range list {
		names = append(names, fmt.Sprintf("%q", d.Serial))
	}
	return strings.Join(names, ", ")
}

// A NotReadyError is a device that is there but takes no commands.
type NotReadyError struct{ Device Device }

func (e *NotReadyError) Error() string {
	return fmt.Sprintf("use device %q: adb says it is %s", e.Device.Serial, clip(string(e.Device.State)))
}

// Hint says what mends it.
func (e *NotReadyError) Hint() string {
	switch e.Device.State {
	case Unauthorized, "authorizing":
		return "unlock the phone and accept \"Allow USB debugging?\" for this computer"
	case NoPermissions:
		return "sudo apt install android-sdk-platform-tools-common && sudo usermod -aG plugdev $USER, log in again, then adb kill-server"
	case Offline, "connecting":
		return "unplug the cable, plug it in again, then adb reconnect offline"
	}
	return "restart the phone normally and turn on USB debugging"
}

// Connect tells the server to use a device over TCP, "HOST:PORT".
func (s *Server) Connect(ctx context.Context, address string) error {
	answer, err := s.ask(ctx, "host:connect:"+address)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(answer, "connected to") && !strings.HasPrefix(answer, "already connected") {
		return &RefusedError{"connect:" + address, answer}
	}
	return nil
}
