package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abroad/capture"
)

// ManifestSchema is the schema of manifest.json.
const ManifestSchema = "abroad/manifest/1"

// A Manifest lists every file of a session but itself and its signature.
type Manifest struct {
	Schema   string       `json:"schema"`
	Session  string       `json:"session"` // id
	State    State        `json:"state"`
	Reason   string       `json:"reason,omitempty"` // why the recording was interrupted
	Started  capture.Time `json:"started"`
	Ended    capture.Time `json:"ended"`
	Packets  uint64       `json:"packets"`
	Counters Counted      `json:"counters"`
	Chain    ChainEnd     `json:"chain"`
	Files    []Listed     `json:"files"`         // by path
	Key      string       `json:"key,omitempty"` // public key of the signature, as minisign writes it; anybody could have put it here
	Of       *Original    `json:"of,omitempty"`  // an export says what it was made of
}

// A State says how a session was closed.
type State string

// The states. A session without a manifest is unclosed.
const (
	Complete    State = "complete"
	Interrupted State = "interrupted" // ended by a fault of the device, the link or the disk
	Recovered   State = "recovered"   // the recorder was killed; closed afterwards
	Unclosed    State = "unclosed"    // never in a manifest
)

// A ChainEnd is how long the chain of events is, and the hash of its last line.
type ChainEnd struct {
	Events uint32         `json:"events"`
	Head   capture.Digest `json:"head"`
}

// A Listed file is one of a manifest.
type Listed struct {
	Path        string         `json:"path"` // with slashes
	Size        int64          `json:"octets"`
	SHA256      capture.Digest `json:"sha256"`
	PlainSize   int64          `json:"plain_octets,omitempty"` // of the content of a .zst file
	PlainSHA256 capture.Digest `json:"plain_sha256,omitzero"`
	Packets     *uint64        `json:"packets,omitempty"` // of a segment
}

// An Original is what an export was made of.
type Original struct {
	Manifest capture.Digest `json:"manifest_sha256"` // of the full session's manifest.json, which lies beside as full-manifest.json
	About    capture.Digest `json:"session_sha256"`  // of its session.json
	Export   string         `json:"export"`          // "public" or "archive"
	LeftOut  []string       `json:"left_out,omitempty"`
	Redacted []string       `json:"redacted,omitempty"` // what the options named
}

const reserveForManifest = 64 << 10

// reserveManifest keeps disk space for the end of the session: a full disk must not leave it without a manifest.
func (w *Writer) reserveManifest() {
	f, err := os.OpenFile(filepath.Join(w.dir, manifestFile+part), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return
	}
	reserveSpace(f, 0, reserveForManifest)
	f.Close()
}

func (w *Writer) manifest(state State, reason string, c Counters) *Manifest {
	ended, _ := w.now()
	m := &Manifest{
		Schema: ManifestSchema, Session: w.about.ID, State: state, Reason: reason, Started: w.created, Ended: ended, Packets: w.packets,
		Counters: c.document(),
	}
	return m
}

// finish lists the files and writes the manifest and its signature.
func (w *Writer) finish(m *Manifest) error {
	closed := map[string]SegmentFile{}
	for _, s := range w.segs.list {
		closed[s.Name] = s
	}
	return finish(w.dir, m, closed, w.options.Key)
}

// finish closes a folder. Segments that were closed just now, by path, were hashed on their way to the disk and are not read again.
func finish(dir string, m *Manifest, closed map[string]SegmentFile, key *SecretKey) error {
	var err error
	if m.Files, err = listFiles(dir, closed); err != nil {
		return err
	}
	for i := range m.Files {
		if s, ok := closed[m.Files[i].Path]; ok {
			m.Files[i].Packets = &s.Packets
		}
	}
	return seal(dir, m, key)
}

// seal writes a manifest whose files are listed, and signs it.
func seal(dir string, m *Manifest, key *SecretKey) error {
	if key != nil {
		m.Key = key.Public().String()
	}
	document, err := indent(m)
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, manifestFile), document); err != nil {
		return err
	}
	if key != nil {
		comment := fmt.Sprintf("abroad session %s, %s, %d packets", m.Session, m.State, m.Packets)
		if err := replaceFile(filepath.Join(dir, signatureFile), key.Sign(document, comment)); err != nil {
			return err
		}
	}
	return syncFolder(dir)
}

// replaceFile writes a file whole or not at all. It writes over a reserved file, if there is one.
func replaceFile(path string, b []byte) error {
	f, err := os.OpenFile(path+part, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	if err = errors.Join(err, f.Truncate(int64(len(b))), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+part, path)
}

// listFiles hashes every file of a session but the manifest itself. Anything that is neither a file nor a folder is left out, and so are a
// socket and files that are being written. A file in known is not hashed if it has the size that is known.
func listFiles(dir string, known map[string]SegmentFile) (list []Listed, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if rel = filepath.ToSlash(rel); rel == manifestFile || rel == signatureFile || strings.HasSuffix(rel, part) {
			return nil
		}
		if s, ok := known[rel]; ok {
			if info, err := d.Info(); err == nil && info.Size() == s.Size && !s.SHA256.IsZero() {
				list = append(list, Listed{Path: rel, Size: s.Size, SHA256: s.SHA256})
				return nil
			}
		}
		size, sum, err := hashFile(path)
		list = append(list, Listed{Path: rel, Size: size, SHA256: sum})
		return err
	})
	slices.SortFunc(list, func(a, b Listed) int { return strings.Compare(a.Path, b.Path) })
	return list, err
}

func indent(v any) ([]byte, error) {
	raw, err := marshal(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// encode writes session.json.
func (a *About) encode() ([]byte, error) {
	if err := checkID(a.ID); err != nil {
		return nil, err
	}
	return indent(a)
}
