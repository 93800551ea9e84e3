package recorder

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"abroad/capture"
	"abroad/capture/recorder/adb"
	"abroad/capture/recorder/apk"
	"abroad/capture/session"
)

// maxAPKs bounds the installed files of one app that are hashed; real apps have a few dozen splits at most.
const maxAPKs = 256

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
