package session

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"abroad/capture"
)

// The names in a session's folder.
const (
	aboutFile     = "session.json"
	eventsFile    = "events.jsonl"
	manifestFile  = "manifest.json"
	signatureFile = "manifest.json.minisig"
	captureDir    = "capture"
	secretsDir    = "secrets"
	importDir     = "import"
	keylogFile    = secretsDir + "/000001.keylog"
	part          = ".part" // a file that is being written
	SocketFile    = "control.sock"
)

func makeFolders(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	switch err := os.Mkdir(dir, 0o700); {
	case errors.Is(err, os.ErrExist):
		return fmt.Errorf("make session %s: %w", dir, ErrExists)
	case err != nil:
		return err
	}
	return os.Mkdir(filepath.Join(dir, captureDir), 0o700)
}

// writeFile writes a new file and syncs it.
func writeFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncFolder makes the names in a folder survive a loss of power.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	d.Sync() // some file systems cannot
	return d.Close()
}

// hashFile returns a file's size and hash.
func hashFile(path string) (size int64, sum capture.Digest, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, sum, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	h.Sum(sum[:0])
	return size, sum, err
}
