package session

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"abroad/capture"
)

// The kinds of exports.
const (
	Public  = "public"  // for strangers: without secrets and originals
	Archive = "archive" // for the shelf: everything, segments inside zstd
)

// The full session's manifest and its signature, as an export holds them.
const (
	fullManifest  = "full-manifest.json"
	fullSignature = "full-manifest.json.minisig"
)

// An ExportOptions says what an export leaves out.
type ExportOptions struct {
	Kind      string
	Redact    []string   // members of session.json ("device.mac", "account") and kinds of events ("event.marker"); in public exports note and salt always
	RedactKey []byte     // of the HMACs that stand for them; whoever has it and the full session can show that they are right
	NoPackets bool       // leave the segments out; their hashes stay
	Key       *SecretKey // signs the export's manifest
}

// ErrUnclosed says that a session has no manifest.
var ErrUnclosed = errors.New("the session was not closed")

// Export copies a session that holds into a new folder. The export's chain is that of the full session: a redacted event keeps its full
// line's hash, and full-manifest.json with its signature lies beside.
func Export(dir, to string, o ExportOptions) (*Manifest, error) {
	m, err := export(dir, to, o)
	if err != nil {
		return nil, fmt.Errorf("export session %s: %w", dir, err)
	}
	return m, nil
}

func export(dir, to string, o ExportOptions) (*Manifest, error) {
	v, err := Verify(dir, nil)
	if err != nil {
		return nil, err
	}
	s := v.Session
	switch {
	case s.Manifest == nil:
		return nil, ErrUnclosed
	case s.Manifest.Of != nil:
		return nil, errors.New("it is an export itself")
	}
	for _, always := range []string{"note", "salt"} {
		if o.Kind == Public && !slices.Contains(o.Redact, always) {
			o.Redact = append(slices.Clip(o.Redact), always)
		}
	}
	x := &exporter{s: s, o: o, to: to, m: *s.Manifest}
	x.m.Key = ""
	x.m.Of = &Original{Manifest: s.Root, About: s.aboutSum, Export: o.Kind}
	if err := makeFolders(to); err != nil {
		return nil, err
	}
	for _, step := range []func() error{x.about, x.events, x.files, x.full} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	plain := map[string]Listed{}
	for _, f := range x.m.Files {
		plain[f.Path] = f
	}
	if x.m.Files, err = listFiles(to, nil); err != nil {
		return nil, err
	}
	for i := range x.m.Files {
		f := &x.m.Files[i]
		if was, ok := plain[f.Path]; ok {
			f.Packets = was.Packets
		} else if was, ok := plain[strings.TrimSuffix(f.Path, ".zst")]; ok {
			f.PlainSize, f.PlainSHA256, f.Packets = was.Size, was.SHA256, was.Packets
		}
	}
	return &x.m, seal(to, &x.m, o.Key)
}

// An exporter makes one export.
type exporter struct {
	s  *Session
	o  ExportOptions
	to string
	m  Manifest
}

// hmac is what stands for redacted data.
func (x *exporter) hmac(b []byte) string {
	h := hmac.New(sha256.New, x.o.RedactKey)
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}

// about writes session.json without what is redacted.
func (x *exporter) about() error {
	var members map[string]json.RawMessage
	raw, err := marshal(x.s.About)
	if err == nil {
		err = json.Unmarshal(raw, &members)
	}
	if err != nil {
		return err
	}
	about := x.s.About
	for _, path := range x.o.Redact {
		if strings.HasPrefix(path, "event.") {
			x.m.Of.Redacted = append(x.m.Of.Redacted, path)
			continue
		}
		gone, err := cutMember(members, path)
		if err != nil {
			return err
		}
		if gone == nil {
			continue
		}
		x.m.Of.Redacted = append(x.m.Of.Redacted, path)
		about.Redacted = append(about.Redacted, RedactedMember{path, x.hmac(gone)})
	}
	if raw, err = json.Marshal(members); err != nil {
		return err
	}
	redacted := about.Redacted
	about = About{}
	if err := json.Unmarshal(raw, &about); err != nil {
		return err
	}
	about.Redacted = redacted
	document, err := about.encode()
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(x.to, aboutFile), document)
}

// cutMember takes a member out, "a" or "a.b", and returns what it was; nil if there was none.
func cutMember(members map[string]json.RawMessage, path string) (json.RawMessage, error) {
	name, inner, deep := strings.Cut(path, ".")
	if slices.Contains([]string{"schema", "id", "created", "tool", "role", "source"}, path) {
		return nil, fmt.Errorf("redact %q: a session is nothing without it", path)
	}
	v, ok := members[name]
	if !ok {
		return nil, nil
	}
	if !deep {
		delete(members, name)
		return v, nil
	}
	var sub map[string]json.RawMessage
	if err := json.Unmarshal(v, &sub); err != nil {
		return nil, fmt.Errorf("redact %q: %q has no members", path, name)
	}
	gone, ok := sub[inner]
	if !ok {
		return nil, nil
	}
	delete(sub, inner)
	rest, err := json.Marshal(sub)
	members[name] = rest
	return gone, err
}

// events writes the chain; a redacted event keeps the hash of its full line.
func (x *exporter) events() error {
	full, err := os.ReadFile(filepath.Join(x.s.Dir, eventsFile))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for line := range bytes.Lines(full) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if slices.Contains(x.o.Redact, "event."+e.Kind) {
			e.Redacted = &Redacted{Line: sha256.Sum256(line), HMAC: x.hmac(e.Data)}
			e.Data = nil
			if line, err = marshal(e); err != nil {
				return err
			}
		}
		out.Write(line)
		out.WriteByte('\n')
	}
	return writeFile(filepath.Join(x.to, eventsFile), out.Bytes())
}

// files copies everything else.
func (x *exporter) files() error {
	gone := map[string]bool{}
	if x.o.Kind == Public {
		gone[secretsDir], gone[importDir] = true, true
	}
	gone[captureDir] = x.o.NoPackets
	left := map[string]bool{}
	for _, f := range x.s.Manifest.Files {
		top, _, _ := strings.Cut(f.Path, "/")
		switch {
		case f.Path == aboutFile || f.Path == eventsFile:
		case gone[top]:
			left[top] = true
		case x.o.Kind == Public && strings.HasSuffix(f.Path, ".tail"):
			left[f.Path] = true // half a packet, which no reader shows
		default:
			if err := x.copy(f); err != nil {
				return err
			}
		}
	}
	for name := range left {
		x.m.Of.LeftOut = append(x.m.Of.LeftOut, name)
	}
	slices.Sort(x.m.Of.LeftOut)
	return nil
}

// copy copies a file, and checks once more that it is what the manifest says.
func (x *exporter) copy(f Listed) error {
	in, err := os.Open(filepath.Join(x.s.Dir, filepath.FromSlash(f.Path)))
	if err != nil {
		return err
	}
	defer in.Close()
	to := filepath.Join(x.to, filepath.FromSlash(f.Path))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	pack := x.o.Kind == Archive && strings.HasPrefix(f.Path, captureDir+"/") && strings.HasSuffix(f.Path, ".pcapng")
	if pack {
		to += ".zst"
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	h := sha256.New()
	r := io.TeeReader(in, h)
	if pack {
		err = compress(out, r)
	} else {
		_, err = io.Copy(out, r)
	}
	var sum capture.Digest
	h.Sum(sum[:0])
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil && sum != f.SHA256 {
		err = &BrokenLink{File: f.Path, Says: "it changed while it was copied"}
	}
	return err
}

// compress writes zstd in frames of about a mebibyte of whole blocks, so that a reader can begin at any of them.
func compress(w io.Writer, r io.Reader) error {
	const frame = 1 << 20
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	defer enc.Close()
	var held []byte
	b := make([]byte, frame)
	for {
		n, err := io.ReadFull(r, b)
		held = append(held, b[:n]...)
		end := err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return err
		}
		size := wholeBlocks(held)
		if end || size == 0 && len(held) > maxBlock {
			size = len(held)
		}
		if size > 0 {
			if _, err := w.Write(enc.EncodeAll(held[:size], nil)); err != nil {
				return err
			}
			held = append(held[:0], held[size:]...)
		}
		if end {
			return nil
		}
	}
}

// full copies the manifest of the full session and its signature.
func (x *exporter) full() error {
	for from, to := range map[string]string{manifestFile: fullManifest, signatureFile: fullSignature} {
		b, err := readDocument(filepath.Join(x.s.Dir, from))
		if os.IsNotExist(err) && from == signatureFile {
			continue
		}
		if err == nil {
			err = writeFile(filepath.Join(x.to, to), b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// original checks what an export says about the full session: that the full manifest is the one named, that its chain is this one, and that
// its segments are these.
func (v *Verified) original() error {
	s, of := v.Session, v.Session.Manifest.Of
	if of == nil {
		return nil
	}
	b, err := readDocument(filepath.Join(s.Dir, fullManifest))
	if err != nil {
		return &BrokenLink{File: fullManifest, Says: "it cannot be read"}
	}
	if capture.Digest(sha256.Sum256(b)) != of.Manifest {
		return &BrokenLink{File: fullManifest, Says: "it is not the one that the export was made from"}
	}
	var full Manifest
	if err := decode(b, &full, ManifestSchema, func() string { return full.Schema }); err != nil {
		return &BrokenLink{File: fullManifest, Says: err.Error()}
	}
	if full.Chain != s.Manifest.Chain || full.Session != s.About.ID {
		return &BrokenLink{File: fullManifest, Says: "its chain of events is a different one"}
	}
	for _, f := range s.Manifest.Files {
		plain, sum := strings.TrimSuffix(f.Path, ".zst"), f.SHA256
		if !strings.HasPrefix(f.Path, captureDir+"/") {
			continue
		}
		if plain != f.Path {
			sum = f.PlainSHA256
		}
		i := slices.IndexFunc(full.Files, func(l Listed) bool { return l.Path == plain })
		if i < 0 || full.Files[i].SHA256 != sum {
			return &BrokenLink{File: f.Path, Says: "the full session's manifest does not list it so"}
		}
	}
	return nil
}
