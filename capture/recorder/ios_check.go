package recorder

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"abroad/capture/recorder/usbmux"
)

func checkIOS(ctx context.Context, o Options) (list []Check) {
	failed := func(what string, err error, mend string) []Check {
		if h, ok := errors.AsType[*Hinted](err); ok {
			mend = h.Hint
		}
		return append(list, Check{what, false, err.Error(), mend})
	}
	s := &iosSource{options: o, mux: usbmux.FromEnvironment(os.Getenv)}
	devices, err := s.mux.Devices(ctx)
	if err != nil {
		return failed("usbmuxd", err, hintNoMux)
	}
	list = append(list, Check{"usbmuxd", true, "at " + s.mux.Address, ""})
	if s.device, err = usbmux.Find(devices, o.Target); err != nil {
		return failed("device", err, hintNoIPhone)
	}
	lockdown, err := s.mux.Lockdown(ctx, s.device)
	if err != nil {
		return failed("pairing", advised(err), hintUnpaired)
	}
	defer lockdown.Close()
	facts, err := lockdown.Facts()
	if err != nil {
		return failed("device", advised(err), "")
	}
	list = append(list, Check{"device", true, fmt.Sprintf("%s, iOS %s, over %s", printableWord(facts.Model), printableWord(facts.Version), s.device.Connection), ""})
	if reading, err := iosClock(lockdown); err != nil {
		list = failed("clock", err, "")
	} else if math.Abs(reading.OffsetMS)-reading.UncertainMS > maxClockMS {
		list = append(list, Check{"clock", false, reading.says(), "on the device: Settings > General > Date & Time > Set Automatically; here: timedatectl set-ntp true"})
	} else {
		list = append(list, Check{"clock", true, reading.says(), ""})
	}
	if o.App != "" {
		app, ok, err := lockdown.App(o.App)
		switch {
		case err != nil:
			list = failed("app", advised(err), "")
		case !ok:
			list = append(list, Check{"app", false, fmt.Sprintf("%q is not installed", o.App), "ideviceinstaller -l"})
		default:
			list = append(list, Check{"app", true, fmt.Sprintf("%s %s (%s), process %q", o.App, printableWord(app.Version), printableWord(app.Build), app.Executable), ""})
		}
	}
	return list
}
