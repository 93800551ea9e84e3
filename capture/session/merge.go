package session

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"abroad/capture"
)

// stepComment begins the comment on the first packet of a step: an audit of the merged file finds the steps by it.
const stepComment = "step: "

// Merge writes all packets of a session as one pcapng file, a section a segment, with the operator's marks as comments on the packets that
// come after them. With secrets, the key log goes in too (as Decryption Secrets Blocks): whoever has the file can then read what was encrypted.
// A session that is torn at its end is merged up to there.
func Merge(dir string, w io.Writer, secrets bool) (packets uint64, err error) {
	s, err := Open(dir)
	if err != nil {
		return 0, err
	}
	if s.Broken != nil {
		return 0, fmt.Errorf("merge session %s: %w", dir, s.Broken)
	}
	m := &merger{w: bufio.NewWriterSize(w, 1<<20), marks: s.Markers()}
	if secrets {
		if m.secrets, err = readSecrets(dir); err != nil {
			return 0, fmt.Errorf("merge session %s: %w", dir, err)
		}
	}
	for _, path := range s.Segments {
		if err := m.segment(filepath.Join(dir, filepath.FromSlash(path))); err != nil {
			return m.packets, fmt.Errorf("merge session %s: %s: %w", dir, path, err)
		}
	}
	return m.packets, m.w.Flush()
}

// readSecrets reads the key log of a session; there may be none. A link in its place is refused: the merged file is made to be handed on, and
// where the link leads to is chosen by whoever made the folder.
func readSecrets(dir string) ([]byte, error) {
	for _, path := range []string{secretsDir, keylogFile} {
		info, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(path)))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err == nil && info.Mode().Type() != fs.ModeDir && info.Mode().Type() != 0 {
			err = fmt.Errorf("%s is no plain file or folder", path)
		}
		if err != nil {
			return nil, err
		}
	}
	return readDocument(filepath.Join(dir, filepath.FromSlash(keylogFile)))
}

// A merger copies blocks.
type merger struct {
	w       *bufio.Writer
	marks   []Marker // not written yet
	secrets []byte
	packets uint64
}

func (m *merger) segment(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".zst") {
		z, err := zstd.NewReader(f, zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return err
		}
		defer z.Close()
		r = z
	}
	blocks := newBlocks(r)
	var micro []bool
	for blocks.next() {
		b := blocks.b
		switch typ := binary.LittleEndian.Uint32(b); {
		case typ == blockSection && len(m.secrets) > 0:
			b = appendSecrets(b, tlsKeyLog, m.secrets)
		case typ == blockInterface:
			micro = append(micro, len(b) >= 20 && firstOption(b[16:len(b)-4], 9) == "\x06")
		case typ == blockEnhanced && len(b) >= 32:
			m.packets++
			b = m.marked(b, micro)
		case typ == blockSimple:
			m.packets++
		}
		if _, err := m.w.Write(b); err != nil {
			return err
		}
	}
	return blocks.err
}

// marked adds the marks that were made before a packet to its comments.
func (m *merger) marked(b []byte, micro []bool) []byte {
	t := stampOf(b[8:], micro)
	var comments []string
	for len(m.marks) > 0 && m.marks[0].At <= t {
		mark := m.marks[0]
		m.marks = m.marks[1:]
		if mark.Text != "" {
			comments = append(comments, "mark: "+mark.Text)
		}
		if mark.Action != "" {
			comments = append(comments, stepComment+mark.Action)
		}
	}
	if len(comments) == 0 {
		return b
	}
	captured := int(binary.LittleEndian.Uint32(b[20:]))
	options := 28 + (captured+3)&^3
	if captured > len(b) || options > len(b)-4 {
		return b
	}
	w := begin(make([]byte, 0, len(b)+256), blockEnhanced)
	w.b = append(w.b, b[8:options]...)
	for _, c := range comments {
		w.text(1, c)
	}
	if rest := b[options : len(b)-4]; len(rest) > 0 {
		w.b = append(w.b, rest...) // they end with the end of options
		return w.end(false)
	}
	return w.end(true)
}

// stampOf reads the time in the body of an Enhanced Packet Block.
func stampOf(body []byte, micro []bool) capture.Time {
	iface := binary.LittleEndian.Uint32(body)
	stamp := uint64(binary.LittleEndian.Uint32(body[4:]))<<32 | uint64(binary.LittleEndian.Uint32(body[8:]))
	if iface < uint32(len(micro)) && micro[iface] {
		stamp *= 1000
	}
	return capture.Time(stamp)
}

// A blocks reader yields the whole blocks of a segment, up to the first that is not.
type blocks struct {
	in    *bufio.Reader
	b     []byte // the block at hand, with its type and both lengths
	whole int64  // bytes of the blocks so far
	err   error
}

func newBlocks(r io.Reader) *blocks { return &blocks{in: bufio.NewReaderSize(r, 1<<20)} }

func (k *blocks) next() bool {
	head, err := k.in.Peek(8)
	if err != nil {
		k.err = atEnd(err)
		return false
	}
	typ, size := binary.LittleEndian.Uint32(head), binary.LittleEndian.Uint32(head[4:])
	if size < minBlock || size%4 != 0 || size > maxBlock || k.whole == 0 && typ != blockSection {
		return false
	}
	if cap(k.b) < int(size) {
		k.b = make([]byte, size)
	}
	k.b = k.b[:size]
	if _, err := io.ReadFull(k.in, k.b); err != nil {
		k.err = atEnd(err)
		return false
	}
	if binary.LittleEndian.Uint32(k.b[size-4:]) != size {
		return false
	}
	k.whole += int64(size)
	return true
}
