package shelf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The names in a workspace.
const (
	Marker   = ".abroad-workspace"
	Sessions = "sessions"
	Audits   = "audits"
	Datasets = "datasets"
	Index    = "index.sqlite"
)

// ErrNone says that no workspace was found.
var ErrNone = errors.New("no workspace")

// markerText is what the marker holds: a schema, so that a later program can tell what it found.
const markerText = "abroad/workspace/1.0.0\n"

// Init makes a workspace in dir, which may exist. What is there already stays; made is false if it was a workspace before.
func Init(dir string) (made bool, err error) {
	for _, name := range []string{Sessions, Audits, Datasets} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return false, err
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, Marker), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, Check(dir)
	}
	if err != nil {
		return false, err
	}
	_, err = f.WriteString(markerText)
	return true, errors.Join(err, f.Close())
}

// Check returns an error unless dir is a workspace that this program knows.
func Check(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, Marker))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrNone
	case err != nil:
		return err
	case !strings.HasPrefix(string(b), "abroad/workspace/1."):
		return fmt.Errorf("its %s says %q, this program knows abroad/workspace/1", Marker, strings.TrimSpace(string(b[:min(len(b), 60)])))
	}
	return nil
}

// Find returns the workspace that dir is or lies in.
func Find(dir string) (string, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		switch err := Check(at); {
		case err == nil:
			return at, nil
		case !errors.Is(err, ErrNone):
			return "", fmt.Errorf("%s: %w", at, err)
		}
		up := filepath.Dir(at)
		if up == at {
			return "", ErrNone
		}
		at = up
	}
}

// Place is the folder of a new session or audit (kind: Sessions, Audits) in the workspace.
func Place(root, kind, app, version, id string) string {
	return filepath.Join(root, kind, SafeName(app), SafeName(version), SafeName(id))
}

// SafeName turns an app's id or a version into one name of a folder: what could leave the folder or act on a terminal becomes "_".
func SafeName(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-+", r) {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	name := strings.TrimLeft(b.String(), ".")
	if name == "" {
		return "unknown"
	}
	return name[:min(len(name), 100)]
}
