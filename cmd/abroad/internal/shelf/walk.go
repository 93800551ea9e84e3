package shelf

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

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

// walk lists every audit below audits/, by path. A folder that holds an audit is not looked into.
func walk(root string) ([]file, error) {
	var (
		mu    sync.Mutex
		list  []file
		fault error
		wait  sync.WaitGroup
		slots = make(chan struct{}, 4)
	)
	var look func(rel string, depth int)
	look = func(rel string, depth int) {
		entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(rel)))
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) { // taken away meanwhile
				mu.Lock()
				fault = errors.Join(fault, err)
				mu.Unlock()
			}
			return
		}
		for _, e := range entries {
			if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
				continue
			}
			sub := rel + "/" + e.Name()
			info, err := os.Stat(filepath.Join(root, filepath.FromSlash(sub), auditName))
			if err == nil && info.Mode().IsRegular() {
				mu.Lock()
				list = append(list, file{sub, info.Size(), info.ModTime().UnixNano()})
				mu.Unlock()
				continue
			}
			if depth == maxDepth {
				continue
			}
			select {
			case slots <- struct{}{}:
				wait.Go(func() {
					look(sub, depth+1)
					<-slots
				})
			default:
				look(sub, depth+1)
			}
		}
	}
	look(Audits, 1)
	wait.Wait()
	slices.SortFunc(list, func(x, y file) int { return strings.Compare(x.path, y.path) })
	return list, fault
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
			ids, err := folders(filepath.Join(root, Sessions, app, version))
			if err != nil {
				return nil, err
			}
			s := Stock{App: app, Version: version}
			for _, id := range ids {
				if _, err := os.Stat(filepath.Join(root, Sessions, app, version, id, "session.json")); err == nil {
					s.Sessions++
				}
			}
			if s.Sessions > 0 {
				list = append(list, s)
			}
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
