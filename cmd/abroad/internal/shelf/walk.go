package shelf

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sessionName is the file that makes a folder a session's.
const sessionName = "session.json"

// auditName is the file that makes a folder an audit's.
const auditName = "audit.json"

// maxDepth bounds how deep folders below audits/ are followed.
const maxDepth = 6

// A file is an audit as the folders show it.
type file struct {
	path  string // of the folder, from the workspace, with "/"
	size  int64
	mtime int64 // ns
}

// A look is what one walk found: audits by path, and the folders above them with the time of their last change.
type look struct {
	audits  map[string]file
	folders map[string]int64
}

// young is how long after its last change a folder is looked into again in any case: another change within the same tick of the file
// system's clock would not show.
const young = 3 * time.Second

// walk lists every audit below audits/. A folder that holds an audit is not looked into, and of a folder that did not change since the look
// before only the members known from it are asked for: that is one question for each folder and each audit, and ten thousand of them stay
// quick.
func walk(root string, before look) (look, error) {
	w := walker{root: root, before: before, children: map[string][]string{}, found: look{map[string]file{}, map[string]int64{}}, now: time.Now(), slots: make(chan struct{}, 2)}
	for p := range before.audits {
		w.children[path.Dir(p)] = append(w.children[path.Dir(p)], p)
	}
	for p := range before.folders {
		w.children[path.Dir(p)] = append(w.children[path.Dir(p)], p)
	}
	w.folder(Audits, 1)
	w.wait.Wait()
	return w.found, w.fault
}

type walker struct {
	root     string
	before   look
	children map[string][]string // of the look before
	now      time.Time
	slots    chan struct{}
	wait     sync.WaitGroup

	mu    sync.Mutex
	found look
	fault error
}

func (w *walker) at(p string) string { return filepath.Join(w.root, filepath.FromSlash(p)) }

// audit asks whether the folder is one of an audit.
func (w *walker) audit(p string) bool {
	info, err := os.Stat(w.at(p + "/" + auditName))
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	w.mu.Lock()
	w.found.audits[p] = file{p, info.Size(), info.ModTime().UnixNano()}
	w.mu.Unlock()
	return true
}

// folder looks at a folder that may be, or may have become, one of an audit.
func (w *walker) folder(p string, depth int) {
	info, err := os.Stat(w.at(p))
	var members []string
	mtime := int64(0) // as it is kept: 0 for look again
	known := w.before.folders[p]
	switch {
	case err != nil:
	case known != 0 && known == info.ModTime().UnixNano():
		mtime, members = known, w.children[p]
	case depth > 1 && w.audit(p):
		return
	case depth > maxDepth:
		return
	default:
		if members, err = folders(w.at(p)); err != nil {
			break
		}
		for i, name := range members {
			members[i] = p + "/" + name
		}
		// What stands in the audit's place and is none can become one without a trace in the folder: a link to a file that is not there yet.
		if _, none := os.Lstat(w.at(p + "/" + auditName)); none != nil && w.now.Sub(info.ModTime()) > young {
			mtime = info.ModTime().UnixNano()
		}
	}
	w.mu.Lock()
	if err == nil {
		w.found.folders[p] = mtime
	} else if !errors.Is(err, fs.ErrNotExist) { // else taken away meanwhile
		w.fault = errors.Join(w.fault, err)
	}
	w.mu.Unlock()
	for _, m := range members {
		if _, was := w.before.audits[m]; was && w.audit(m) {
			continue
		}
		select {
		case w.slots <- struct{}{}:
			w.wait.Go(func() {
				w.folder(m, depth+1)
				<-w.slots
			})
		default:
			w.folder(m, depth+1)
		}
	}
}

// encode writes a look as lines: path, size (-1 for a folder), time.
func (l look) encode() []byte {
	var b []byte
	line := func(p string, size, mtime int64) {
		b = append(strconv.AppendInt(append(strconv.AppendInt(append(append(b, p...), 0), size, 10), 0), mtime, 10), '\n')
	}
	for _, p := range slices.Sorted(maps.Keys(l.audits)) {
		line(p, l.audits[p].size, l.audits[p].mtime)
	}
	for _, p := range slices.Sorted(maps.Keys(l.folders)) {
		line(p, -1, l.folders[p])
	}
	return b
}

// decode reads what encode wrote. A path with a line break in it is read wrongly, so its audit is read again each time; no harm is done.
func decode(b []byte) look {
	l := look{map[string]file{}, map[string]int64{}}
	for line := range strings.Lines(string(b)) {
		p, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\x00")
		sizeText, mtimeText, ok := strings.Cut(rest, "\x00")
		size, err1 := strconv.ParseInt(sizeText, 10, 64)
		mtime, err2 := strconv.ParseInt(mtimeText, 10, 64)
		switch {
		case !ok || err1 != nil || err2 != nil:
		case size < 0:
			l.folders[p] = mtime
		default:
			l.audits[p] = file{p, size, mtime}
		}
	}
	return l
}

// A Stock is how many session folders a version has.
type Stock struct {
	App, Version string
	Sessions     int
}

// Stocks counts the session folders: sessions/<app>/<version>/<id> with a session.json.
func Stocks(root string) ([]Stock, error) {
	var list []Stock
	apps, err := folders(filepath.Join(root, Sessions))
	if err != nil {
		return nil, err
	}
	for _, app := range apps {
		versions, err := folders(filepath.Join(root, Sessions, app))
		if err != nil {
			return nil, err
		}
		for _, version := range versions {
			ids, err := SessionDirs(root, app, version)
			if err != nil {
				return nil, err
			}
			if len(ids) > 0 {
				list = append(list, Stock{App: app, Version: version, Sessions: len(ids)})
			}
		}
	}
	return list, nil
}

// SessionDirs lists the session folders of a version, by name.
func SessionDirs(root, app, version string) ([]string, error) {
	dir := filepath.Join(root, Sessions, SafeName(app), SafeName(version))
	ids, err := folders(dir)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, id := range ids {
		if _, err := os.Stat(filepath.Join(dir, id, sessionName)); err == nil {
			list = append(list, filepath.Join(dir, id))
		}
	}
	return list, nil
}

func folders(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, err
}
