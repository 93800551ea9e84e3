package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"abroad/capture/session"
)

// Recorders leave a note of where they write, so that "abroad mark" in another terminal finds them: a file named by the session's id that
// holds the folder's path. A note that is not true any more is swept by whoever reads it. It lies where the user who records has his run-time
// files: after sudo, HOME and the cache may still be those of root.
func liveFolder() (string, error) {
	if os.Getenv("XDG_CACHE_HOME") == "" {
		run := filepath.Join("/run/user", strconv.Itoa(os.Geteuid()))
		if info, err := os.Stat(run); err == nil && info.IsDir() {
			return filepath.Join(run, "abroad", "live"), nil
		}
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "abroad", "live"), err
}

// announce leaves the note. That it cannot is no harm: --session finds the session too.
func announce(id, dir string) {
	live, err := liveFolder()
	if err != nil {
		return
	}
	path, err := filepath.Abs(dir)
	if err != nil || os.MkdirAll(live, 0o700) != nil {
		return
	}
	os.WriteFile(filepath.Join(live, id), []byte(path+"\n"), 0o600)
}

// forget takes the note away.
func forget(id string) {
	if live, err := liveFolder(); err == nil && id != "" {
		os.Remove(filepath.Join(live, id))
	}
}

// liveSession returns the folder of the one session that is being recorded.
func liveSession() (string, error) {
	live, err := liveFolder()
	if err != nil {
		return "", err
	}
	entries, _ := os.ReadDir(live)
	var found []string
	for _, e := range entries {
		note := filepath.Join(live, e.Name())
		b, err := os.ReadFile(note)
		dir := strings.TrimSuffix(string(b), "\n")
		if err != nil || !filepath.IsAbs(dir) || !session.Live(dir) {
			os.Remove(note)
			continue
		}
		found = append(found, dir)
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", &hintedError{errors.New("mark: nothing is being recorded"), "abroad record begins a session; --session DIR names one of another user"}
	}
	return "", &hintedError{fmt.Errorf("mark: %d sessions are being recorded: %s", len(found), strings.Join(found, ", ")), "--session DIR names the one you mean"}
}
