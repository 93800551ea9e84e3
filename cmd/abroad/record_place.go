package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"abroad/capture/session"
	"abroad/cmd/abroad/internal/shelf"
)

// defaultSession is where a session goes unless -o says otherwise.
func defaultSession(a *session.About, now time.Time) string {
	name := a.App.ID
	if a.Role != "test" {
		name = strings.TrimPrefix(name+"-"+a.Role, "-")
	}
	clean := strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || strings.ContainsRune("._-", r)) {
			return r
		}
		return '_'
	}, strings.TrimLeft(name, "."))
	return strings.TrimPrefix(clean+"-"+now.UTC().Format("20060102T150405Z")+".session", "-")
}

// sessionInWorkspace is where a session goes in a workspace.
func sessionInWorkspace(root string, app session.App, role string, now time.Time) string {
	id := now.UTC().Format("20060102T150405Z") + ".session"
	if role != "test" {
		id = role + "-" + id
	}
	return shelf.Place(root, shelf.Sessions, app.ID, app.Version, id)
}

// unused is name, or name with a number if there is something of that name: two recordings may begin in one second.
func unused(name string) string {
	stem := strings.TrimSuffix(name, ".session")
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-%d.session", stem, n)
	}
}

// countRepeat says which repetition of its plan a session is: one more than there are beside it.
func (c *recordCommand) countRepeat(a *session.About, dir string) {
	if a.Plan == nil || a.Plan.Repeats == 0 || a.Plan.Repeat != 0 {
		return
	}
	a.Plan.Repeat = 1
	for _, s := range sessionsBelow(dir) {
		p := s.About.Plan
		if p != nil && p.Name == a.Plan.Name && s.About.App.ID == a.App.ID && s.About.App.Version == a.App.Version && s.About.Role == a.Role {
			a.Plan.Repeat++
		}
	}
}

// enoughDisk refuses to begin what cannot end well.
func enoughDisk(dir string, mib int) error {
	for { // the folder may not be there yet
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	if free := session.Free(dir); free >= 0 && free < int64(mib)<<20 {
		return &hintedError{fmt.Errorf("record: %d MiB of disk are free, want %d", free>>20, mib), "-o names another disk, --min-free another limit"}
	}
	return nil
}
