package session

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"abroad/capture"
)

// A scan is what the whole blocks of a segment hold.
type scan struct {
	whole   int64 // bytes of whole blocks
	counts  segmentCounts
	comment string // of the section header
}

// maxBlock bounds what a block of ours can be: a packet, and as many comments as an import may carry.
const maxBlock = 1 << 25

// scanSegment reads the blocks of a file that a Writer made, up to the first that is not whole.
func scanSegment(r io.Reader) (s scan, err error) {
	s.counts = segmentCounts{first: capture.NoTime, last: capture.NoTime}
	k := newBlocks(r)
	var micro []bool
	for k.next() {
		body := k.b[8 : len(k.b)-4]
		typ := binary.LittleEndian.Uint32(k.b)
		switch typ {
		case blockSection:
			if s.whole == 0 && len(body) >= 16 {
				s.comment = firstOption(body[16:], 1)
			}
		case blockInterface:
			micro = append(micro, len(body) >= 8 && firstOption(body[8:], 9) == "\x06")
		case blockEnhanced, blockSimple:
			s.packet(typ, body, micro)
		}
		s.whole = k.whole
	}
	return s, k.err
}

func atEnd(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// packet counts a packet.
func (s *scan) packet(typ uint32, body []byte, micro []bool) {
	s.counts.packets++
	if typ == blockSimple || len(body) < 20 {
		return
	}
	t := stampOf(body, micro)
	if s.counts.first == capture.NoTime {
		s.counts.first = t
	}
	s.counts.last = max(s.counts.last, t)
}

// firstOption returns the first option of that code.
func firstOption(b []byte, code uint16) string {
	for len(b) >= 4 {
		c, n := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
		if c == 0 || n > len(b)-4 {
			break
		}
		if c == code {
			return string(b[4 : 4+n])
		}
		b = b[min(4+(n+3)&^3, len(b)):]
	}
	return ""
}

// scanFile is scanSegment of a file.
func scanFile(path string) (scan, error) {
	f, err := os.Open(path)
	if err != nil {
		return scan{}, err
	}
	defer f.Close()
	return scanSegment(f)
}

// checkComment reads what a segment says of itself: which session, which number, and which segment before it.
func checkComment(comment, id string, n int, prev capture.Digest) error {
	rest, ok := strings.CutPrefix(comment, fmt.Sprintf("abroad session %s, segment %d, ", id, n))
	if !ok {
		return fmt.Errorf("it calls itself %q, not segment %d of session %s", comment, n, id)
	}
	if rest == "first" {
		if prev != firstPrev {
			return errors.New("it calls itself the first segment")
		}
		return nil
	}
	digest, ok := strings.CutPrefix(rest, "previous ")
	was, fits := hexDigest(digest)
	if !ok || !fits {
		return fmt.Errorf("it calls itself %q", comment)
	}
	if was != prev {
		return fmt.Errorf("it follows a segment with SHA-256 %s, the one before it has %s", apart(was, prev)...)
	}
	return nil
}
