package session

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"abroad/capture"
)

// A Verified says what was checked of a session, and found to hold.
type Verified struct {
	Session  *Session
	Files    int // hashed and listed in the manifest
	Segments int
	Packets  uint64
	Signer   string // id of the key that signed; empty = nobody
	Trusted  bool   // checked with the caller's key, not with the one that the manifest names
	Comment  string // the signature's trusted comment
}

// Verify checks a session: the chain of events, the segments and their chain, the manifest, the signature. The error names the first broken
// link (*BrokenLink); without a Verified it could not be opened. A nil key checks a signature with the key that the manifest names: that shows
// damage, and not who signed.
func Verify(dir string, key *PublicKey) (*Verified, error) {
	s, err := Open(dir)
	if err != nil {
		return nil, err
	}
	v := &Verified{Session: s}
	if s.Broken != nil {
		return v, s.Broken
	}
	if s.Torn > 0 && s.Manifest != nil {
		return v, &BrokenLink{File: eventsFile, Says: fmt.Sprintf("%d bytes stand behind its last line", s.Torn)}
	}
	if err := v.segments(); err != nil {
		return v, err
	}
	if s.Manifest == nil {
		if key != nil {
			return v, &BrokenLink{File: manifestFile, Says: "it is missing, so nothing is signed: the session was not closed"}
		}
		return v, nil
	}
	if err := v.manifest(); err != nil {
		return v, err
	}
	if err := v.original(); err != nil {
		return v, err
	}
	return v, v.signature(key)
}

// segments checks that every segment names the one before it, and that the events which closed them have their hashes.
func (v *Verified) segments() error {
	s := v.Session
	leftOut := s.Manifest != nil && s.Manifest.Of != nil && slices.Contains(s.Manifest.Of.LeftOut, captureDir)
	if leftOut {
		return nil
	}
	prev := firstPrev
	for i, path := range s.Segments {
		if number := captureDir + "/" + fmt.Sprintf("%06d.pcapng", i+1); strings.TrimSuffix(path, ".zst") != number {
			return &BrokenLink{File: number, Says: "it is missing"}
		}
		plain, found, err := readSegment(filepath.Join(s.Dir, filepath.FromSlash(path)))
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if err := checkComment(found.comment, s.About.ID, i+1, prev); err != nil && found.whole > 0 {
			return &BrokenLink{File: path, Says: err.Error()}
		}
		v.Segments++
		v.Packets += found.counts.packets
		said, packets := s.closedSegment(strings.TrimSuffix(path, ".zst"))
		switch {
		case said.IsZero() && (s.Manifest != nil || i < len(s.Segments)-1):
			return &BrokenLink{File: path, Says: "no event says that it was closed"}
		case !said.IsZero() && said != plain:
			return &BrokenLink{File: path, Says: fmt.Sprintf("its SHA-256 is %s, the event that closed it says %s", apart(plain, said)...)}
		case !said.IsZero() && packets != found.counts.packets:
			return &BrokenLink{File: path, Says: fmt.Sprintf("it holds %d packets, the event that closed it says %d", found.counts.packets, packets)}
		}
		prev = plain
	}
	for i := range s.Events { // a segment that was closed must be there
		path := segmentName(i + 1)
		if said, _ := s.closedSegment(path); said.IsZero() {
			break
		} else if i >= len(s.Segments) {
			return &BrokenLink{File: path, Says: "it is missing"}
		}
	}
	return nil
}

// readSegment hashes the content of a segment and counts what is in it.
func readSegment(path string) (plain capture.Digest, s scan, err error) {
	f, err := os.Open(path)
	if err != nil {
		return plain, s, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".zst") {
		z, err := zstd.NewReader(f, zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return plain, s, err
		}
		defer z.Close()
		r = z
	}
	h := sha256.New()
	r = io.TeeReader(r, h)
	if s, err = scanSegment(r); err != nil {
		return plain, s, err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return plain, s, err
	}
	h.Sum(plain[:0])
	return plain, s, nil
}

// manifest checks every file against the manifest, and the manifest against the chain.
func (v *Verified) manifest() error {
	s, m := v.Session, v.Session.Manifest
	link := func(format string, args ...any) error {
		return &BrokenLink{File: manifestFile, Says: fmt.Sprintf(format, args...)}
	}
	if m.Session != s.About.ID {
		return link("it is of session %q, session.json of %q", m.Session, s.About.ID)
	}
	found, err := listFiles(s.Dir, nil)
	if err != nil {
		return err
	}
	for _, want := range m.Files {
		i := slices.IndexFunc(found, func(f Listed) bool { return f.Path == want.Path })
		switch {
		case i < 0:
			return &BrokenLink{File: want.Path, Says: "the manifest lists it, and it is missing"}
		case found[i].Size != want.Size:
			return &BrokenLink{File: want.Path, Says: fmt.Sprintf("it has %d bytes, the manifest says %d", found[i].Size, want.Size)}
		case found[i].SHA256 != want.SHA256:
			return &BrokenLink{File: want.Path, Says: fmt.Sprintf("its SHA-256 is %s, the manifest says %s", apart(found[i].SHA256, want.SHA256)...)}
		}
		v.Files++
	}
	for _, f := range found {
		if !slices.ContainsFunc(m.Files, func(l Listed) bool { return l.Path == f.Path }) {
			return &BrokenLink{File: f.Path, Says: "the manifest does not list it"}
		}
	}
	if path, err := strangeFile(s.Dir); err != nil || path != "" {
		if err == nil {
			err = &BrokenLink{File: path, Says: "it is neither a file nor a folder, and the manifest does not list it"}
		}
		return err
	}
	if m.Chain.Events != uint32(len(s.Events)) || m.Chain.Head != s.head {
		heads := apart(m.Chain.Head, s.head)
		return link("it says that the chain has %d events and ends in %s; it has %d and ends in %s", m.Chain.Events, heads[0], len(s.Events), heads[1])
	}
	return nil
}

// apart are two digests, short if that tells them apart.
func apart(a, b capture.Digest) []any {
	if a.Short() == b.Short() && a != b {
		return []any{a.String(), b.String()}
	}
	return []any{a.Short(), b.Short()}
}

// strangeFile returns the path of something in a session that is neither a file nor a folder, a symbolic link say; "" if there is none.
func strangeFile(dir string) (path string, err error) {
	err = filepath.WalkDir(dir, func(full string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !d.Type().IsRegular() && full != filepath.Join(dir, SocketFile) && full != dir {
			if path, err = filepath.Rel(dir, full); err == nil {
				return fs.SkipAll
			}
		}
		return err
	})
	return filepath.ToSlash(path), err
}

// fullSignature checks the signature of the session that an export was made of: original has tied the two together.
func (v *Verified) fullSignature(key *PublicKey) error {
	link := func(says string) error { return &BrokenLink{File: fullSignature, Says: says} }
	signature, err := readDocument(filepath.Join(v.Session.Dir, fullSignature))
	if err != nil {
		return link("it is missing, and the export is not signed either")
	}
	document, err := readDocument(filepath.Join(v.Session.Dir, fullManifest))
	if err != nil {
		return err
	}
	if v.Comment, err = key.Verify(document, signature); err != nil {
		return link(err.Error())
	}
	v.Signer, v.Trusted = key.ID(), true
	return nil
}

// Signed returns the id of the key that signed the manifest, "" if nobody did. A signature that does not fit the key which the manifest itself
// names is an error.
func (s *Session) Signed() (string, error) {
	v := &Verified{Session: s}
	if s.Manifest == nil {
		return "", nil
	}
	err := v.signature(nil)
	return v.Signer, err
}

// signature checks manifest.json.minisig.
func (v *Verified) signature(key *PublicKey) error {
	s := v.Session
	link := func(says string) error { return &BrokenLink{File: signatureFile, Says: says} }
	signature, err := readDocument(filepath.Join(s.Dir, signatureFile))
	switch {
	case os.IsNotExist(err) && key == nil && s.Manifest.Key == "":
		return nil
	case os.IsNotExist(err) && s.Manifest.Of != nil && s.Manifest.Key == "":
		return v.fullSignature(key)
	case os.IsNotExist(err):
		return link("it is missing")
	case err != nil:
		return err
	}
	v.Trusted = key != nil
	if key == nil {
		if s.Manifest.Key == "" {
			v.Signer, err = Signer(signature)
			return err // signed by other means: without a key nothing can be checked
		}
		if key, err = ParsePublicKey([]byte(s.Manifest.Key)); err != nil {
			return &BrokenLink{File: manifestFile, Says: err.Error()}
		}
	}
	document, err := readDocument(filepath.Join(s.Dir, manifestFile))
	if err != nil {
		return err
	}
	if v.Comment, err = key.Verify(document, signature); err != nil {
		return link(err.Error())
	}
	v.Signer = key.ID()
	return nil
}
