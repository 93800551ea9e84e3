package recorder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"abroad/capture"
	"abroad/capture/recorder/adb"
	"abroad/capture/recorder/apk"
	"abroad/capture/session"
)

// androidPhone is a phone behind an adb server, and what is asked of it before and after a recording. Nothing here needs root.
type androidPhone struct {
	*adb.Phone
	server *adb.Server
}

// maxAPKs bounds the installed files of one app that are hashed; real apps have a few dozen splits at most.
const maxAPKs = 256

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

// An androidPackage is what dumpsys says about an installed app.
type androidPackage struct {
	version, code, uid string
	installer          string
	shared             string // the user that it shares its uid with; empty if it shares it with nobody
}

// validAppID says whether id can be a package's name: nothing else is put into a command of the phone.
func validAppID(id string) bool {
	if id == "" || len(id) > 255 {
		return false
	}
	for _, c := range []byte(id) {
		if c != '.' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// installed asks for a package; ok is false if it is not there.
func (p *androidPhone) installed(ctx context.Context, id string) (pkg androidPackage, ok bool, err error) {
	if !validAppID(id) {
		return pkg, false, fmt.Errorf("read app %q: this is no package name", id)
	}
	out, err := p.Run(ctx, "dumpsys package "+id)
	if err != nil {
		return pkg, false, fmt.Errorf("read app: %w", err)
	}
	pkg, ok = parsePackage(out, id)
	return pkg, ok, nil
}

// parsePackage finds a package in the output of "dumpsys package". Of an app of the system that was updated, the part below "Hidden system
// packages:" describes the version that does not run.
func parsePackage(dump, id string) (pkg androidPackage, ok bool) {
	section, inside := "", false
	for line := range strings.Lines(dump) {
		if line[0] != ' ' && strings.HasSuffix(strings.TrimSpace(line), ":") {
			section, inside = strings.TrimSpace(line), false
			continue
		}
		word := strings.TrimSpace(line)
		if strings.HasPrefix(word, "Package [") {
			inside = section == "Packages:" && strings.HasPrefix(word, "Package ["+id+"]")
			ok = ok || inside
			continue
		}
		if !inside {
			continue
		}
		for i, w := range strings.Fields(word) {
			name, value, _ := strings.Cut(w, "=")
			if i == 0 && name == "versionName" { // it may hold spaces
				value = strings.TrimPrefix(word, "versionName=")
			}
			at := map[string]*string{"versionName": &pkg.version, "versionCode": &pkg.code, "userId": &pkg.uid, "appId": &pkg.uid,
				"installerPackageName": &pkg.installer, "sharedUser": &pkg.shared}[name]
			if name == "sharedUser" { // SharedUserSetting{1a2b android.uid.system/1000}
				value = strings.TrimSuffix(strings.TrimPrefix(word, "sharedUser="), "}")
				value = value[strings.LastIndexByte(value, ' ')+1:]
			}
			if at != nil && *at == "" && value != "" && (i == 0 || name == "versionCode") {
				*at = printableWord(value)
			}
		}
	}
	return pkg, ok
}

// version reads the app's version alone, which is quick.
func (p *androidPhone) version(ctx context.Context, id string) (session.App, error) {
	app, _, err := p.versionOf(ctx, id)
	return app, err
}

func (p *androidPhone) versionOf(ctx context.Context, id string) (session.App, androidPackage, error) {
	pkg, ok, err := p.installed(ctx, id)
	if err != nil {
		return session.App{}, pkg, err
	}
	if !ok {
		return session.App{}, pkg, hinted(fmt.Errorf("read app %q: it is not installed", id), "adb shell pm list packages lists what is")
	}
	app := session.App{ID: id, Version: pkg.version, Code: pkg.code, UID: pkg.uid}
	for _, member := range [...]struct{ name, value string }{{"version", app.Version}, {"code", app.Code}, {"uid", app.UID}} {
		if member.value != "" {
			app.Read = append(app.Read, member.name)
		}
	}
	return app, pkg, nil
}

// app reads the app's version, its files and who signed it. What cannot be read of files is a warning: the version stands without them.
func (p *androidPhone) app(ctx context.Context, id string) (app session.App, warnings []string, err error) {
	app, pkg, err := p.versionOf(ctx, id)
	if err != nil {
		return app, nil, err
	}
	if pkg.shared != "" {
		warnings = append(warnings, fmt.Sprintf("the app shares its uid with others (%s): their traffic cannot be told from its own", pkg.shared))
	}
	warn := func(err error) { warnings = append(warnings, err.Error()) }
	paths, err := p.Run(ctx, "pm path --user 0 "+id)
	if err != nil {
		warn(fmt.Errorf("read app's files: %w", err))
	}
	for line := range strings.Lines(paths) {
		file, ok := strings.CutPrefix(strings.TrimSpace(line), "package:")
		if !ok || !path.IsAbs(file) || len(app.APKs) == maxAPKs {
			continue
		}
		f, err := p.file(ctx, file)
		if err != nil {
			warn(err)
			continue
		}
		app.APKs = append(app.APKs, f)
		if f.Name != "base.apk" {
			continue
		}
		digests, err := apk.Signers(&remoteFile{ctx, p.Phone, file, f.Size}, f.Size)
		if err != nil {
			warn(fmt.Errorf("read app's signer: %w", err))
			continue
		}
		app.Signer, app.Read = hex.EncodeToString(digests[0][:]), append(app.Read, "signer")
	}
	if len(app.APKs) > 0 {
		app.Read = append(app.Read, "apks")
	}
	return app, warnings, nil
}

// file asks for the size and the SHA-256 of a file of the phone.
func (p *androidPhone) file(ctx context.Context, name string) (session.File, error) {
	f := session.File{Name: printableWord(path.Base(name))}
	out, err := p.Run(ctx, "stat -c %s "+adb.Quote(name)+" && sha256sum "+adb.Quote(name))
	if err != nil {
		return f, fmt.Errorf("read app's file %q: %w", f.Name, err)
	}
	words := strings.Fields(out)
	if len(words) < 2 {
		return f, fmt.Errorf("read app's file %q: the phone says %q", f.Name, printableWord(out))
	}
	size, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil || size < 0 {
		return f, fmt.Errorf("read app's file %q: it has a size of %q", f.Name, printableWord(words[0]))
	}
	f.Size = size
	var digest capture.Digest
	if err := digest.UnmarshalText([]byte(strings.ToLower(words[1]))); err != nil {
		return f, fmt.Errorf("read app's file %q: %w", f.Name, err)
	}
	f.SHA256 = digest
	return f, nil
}

// remoteFile reads pieces of a file of the phone.
type remoteFile struct {
	ctx   context.Context
	phone *adb.Phone
	name  string
	size  int64
}

func (f *remoteFile) ReadAt(b []byte, off int64) (int, error) {
	const block = 4096
	first, last := off/block, (off+int64(len(b))+block-1)/block
	out, err := f.phone.Run(f.ctx, fmt.Sprintf("dd if=%s bs=%d skip=%d count=%d 2>/dev/null", adb.Quote(f.name), block, first, last-first))
	if err != nil {
		return 0, err
	}
	n := copy(b, out[min(off-first*block, int64(len(out))):])
	if n < len(b) {
		return n, io.ErrUnexpectedEOF
	}
	return n, nil
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
		warnings = append(warnings, "Private DNS is set to a host: names are asked for in encrypted form and are read from TLS and QUIC only")
	}
	if v := value(1); v != "" {
		warnings = append(warnings, fmt.Sprintf("a proxy is set (%q): addresses in the recording may be the proxy's", v))
	}
	if v := value(2); v != "" && v != vpnApp {
		warnings = append(warnings, fmt.Sprintf("the always-on VPN is %q", v))
	}
	return warnings
}
