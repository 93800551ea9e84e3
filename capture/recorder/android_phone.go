package recorder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"abroad/capture/recorder/adb"
	"abroad/capture/session"
)

// androidPhone is a phone behind an adb server, and what is asked of it before and after a recording. Nothing here needs root.
type androidPhone struct {
	*adb.Phone
	server *adb.Server
}

// hinted adds what to do to err, unless it is nil or says so itself.
func hinted(err error, hint string) error {
	if _, ok := errors.AsType[*Hinted](err); ok || err == nil {
		return err
	}
	return &Hinted{err, hint}
}

// What to do when a phone cannot be reached.
const (
	hintNoAdb    = "sudo apt install adb"
	hintNoDevice = "turn on USB debugging on the phone and connect it by cable: abroad help android says how"
)

// findAndroid reaches the phone with that serial, or the only one. It starts an adb server if this machine has none.
func findAndroid(ctx context.Context, serial string) (*androidPhone, error) {
	server, err := adb.FromEnvironment(os.Getenv)
	if err != nil {
		return nil, err
	}
	if _, err := server.Version(ctx); err != nil && os.Geteuid() == 0 && os.Getenv("SUDO_UID") != "" {
		return nil, hinted(fmt.Errorf("find adb server: %w, and one that root starts has another key than the one the phone trusts", adb.ErrNoServer),
			"without sudo: adb start-server; then abroad record, which needs no root for a phone")
	}
	if _, err := server.Ensure(ctx); err != nil {
		if errors.Is(err, adb.ErrNoServer) {
			return nil, hinted(err, hintNoAdb)
		}
		return nil, err
	}
	list, err := server.Devices(ctx)
	if err != nil {
		return nil, err
	}
	d, err := adb.Find(list, serial)
	if notReady, ok := errors.AsType[*adb.NotReadyError](err); ok {
		return nil, hinted(err, notReady.Hint())
	}
	if err != nil {
		return nil, hinted(err, hintNoDevice)
	}
	return &androidPhone{server.Phone(d.Serial), server}, nil
}

// gone waits for the server to notice that the phone is not there any more: an end of a stream is seen before its reason is.
func (p *androidPhone) gone(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	err := p.server.Track(ctx, func(list []adb.Device) bool {
		_, err := adb.Find(list, p.Serial)
		return err == nil
	})
	return err == nil || !errors.Is(err, context.DeadlineExceeded)
}

// await blocks until the phone is there.
func (p *androidPhone) await(ctx context.Context) error {
	return p.server.Track(ctx, func(list []adb.Device) bool {
		_, err := adb.Find(list, p.Serial)
		return err != nil
	})
}

// device reads what the phone says about itself.
func (p *androidPhone) device(ctx context.Context) (session.Device, error) {
	names := [...]string{"ro.product.manufacturer", "ro.product.model", "ro.build.version.release", "ro.build.fingerprint",
		"ro.build.version.security_patch", "ro.serialno"}
	out, err := p.Run(ctx, "for p in "+strings.Join(names[:], " ")+"; do getprop $p; done")
	if err != nil {
		return session.Device{}, fmt.Errorf("read device: %w", err)
	}
	d := session.Device{Platform: "android", Read: []string{"platform"}}
	serial := p.Serial
	to := [...]struct {
		name string
		at   *string
	}{{"maker", &d.Maker}, {"model", &d.Model}, {"os", &d.OS}, {"build", &d.Build}, {"patch", &d.Patch}, {"", &serial}}
	for i, line := range strings.Split(out, "\n") {
		if i < len(to) && printableWord(line) != "" {
			*to[i].at = printableWord(line)
			if to[i].name != "" {
				d.Read = append(d.Read, to[i].name)
			}
		}
	}
	d.Key, d.Read = deviceKey(serial), append(d.Read, "key")
	return d, nil
}

// deviceKey tells devices apart without naming them. Serial numbers are guessable: it hides one from a reader, not from a search.
func deviceKey(serial string) string {
	sum := sha256.Sum256([]byte("abroad device\n" + serial))
	return hex.EncodeToString(sum[:8])
}

// printableWord keeps a line of text that a device sent: at most 256 bytes, nothing that acts on a terminal.
func printableWord(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	for len(s) > 256 {
		s = strings.ToValidUTF8(s[:256], "")
	}
	return s
}

// A clockReading compares the phone's clock with this machine's.
type clockReading struct {
	Of          string  `json:"of"`
	OffsetMS    float64 `json:"offset_ms"` // device minus host
	UncertainMS float64 `json:"uncertain_ms"`
}

// clock asks the phone for the time. The answer is from some moment between question and answer.
func (p *androidPhone) clock(ctx context.Context) (clockReading, error) {
	before := time.Now()
	out, err := p.Run(ctx, "date +%s.%N")
	after := time.Now()
	if err != nil {
		return clockReading{}, fmt.Errorf("read device's clock: %w", err)
	}
	text := strings.TrimSpace(out)
	seconds, err := strconv.ParseFloat(text, 64)
	uncertain := after.Sub(before) / 2
	if err != nil { // a date that knows no fractions prints the letter
		whole, _, _ := strings.Cut(text, ".")
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil {
			return clockReading{}, fmt.Errorf("read device's clock: it says %q", printableWord(text))
		}
		seconds, uncertain = float64(n)+0.5, uncertain+500*time.Millisecond
	}
	return newClockReading(seconds, before, after, uncertain), nil
}

// newClockReading compares what the device said, in seconds since 1970, with the middle between question and answer.
func newClockReading(seconds float64, before, after time.Time, uncertain time.Duration) clockReading {
	middle := before.Add(after.Sub(before) / 2)
	ms := func(f float64) float64 { return math.Round(f*10) / 10 }
	return clockReading{"device", ms(seconds*1e3 - float64(middle.UnixMicro())/1e3), ms(float64(uncertain.Microseconds()) / 1e3)}
}

func (r clockReading) says() string {
	return fmt.Sprintf("the device is %+.0f ms off this machine, give or take %.0f ms", r.OffsetMS, r.UncertainMS)
}

// concerns reads settings of the system that bear on a recording, and says which of them are a concern.
func (p *androidPhone) concerns(ctx context.Context, vpnApp string) (warnings []string) {
	out, err := p.Run(ctx, "settings get global private_dns_mode; settings get global http_proxy; settings get secure always_on_vpn_app")
	if err != nil {
		return []string{"read settings: " + err.Error()}
	}
	lines := append(strings.Split(out, "\n"), "", "", "")
	value := func(i int) string {
		if v := printableWord(lines[i]); v != "null" && v != ":0" {
			return v
		}
		return ""
	}
	if v := value(0); v == "hostname" {
		warnings = append(warnings, "Private DNS is set to a host: names are looked up in encrypted form and are read from TLS and QUIC only")
	}
	if v := value(1); v != "" {
		warnings = append(warnings, fmt.Sprintf("a proxy is set (%q): addresses in the recording may be the proxy's", v))
	}
	if v := value(2); v != "" && v != vpnApp {
		warnings = append(warnings, fmt.Sprintf("the always-on VPN is %q", v))
	}
	return warnings
}
