package recorder

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"abroad/capture"
)

// maxStreamRecord bounds one packet of a stream; no recorder keeps more of one (it is libpcap's own bound).
const maxStreamRecord = 262144

// errDamagedStream says that a stream cannot be read on: there is no way to find the next packet in it.
var errDamagedStream = errors.New("the stream is damaged")

// A pcapStream reads classic pcap from a program that writes it while it captures.
type pcapStream struct {
	r     *bufio.Reader
	order binary.ByteOrder
	unit  int64 // nanoseconds of one unit of the fraction
	link  capture.LinkType
	snap  uint32
	buf   []byte
}

// openPcapStream waits for the file header. The error is io.EOF if the stream ends before its first byte.
func openPcapStream(r io.Reader) (*pcapStream, error) {
	s := &pcapStream{r: bufio.NewReaderSize(r, 64<<10)}
	var head [24]byte
	if _, err := io.ReadFull(s.r, head[:]); err != nil {
		return nil, err
	}
	switch [4]byte(head[:4]) {
	case [4]byte{0xd4, 0xc3, 0xb2, 0xa1}:
		s.order, s.unit = binary.LittleEndian, 1000
	case [4]byte{0x4d, 0x3c, 0xb2, 0xa1}:
		s.order, s.unit = binary.LittleEndian, 1
	case [4]byte{0xa1, 0xb2, 0xc3, 0xd4}:
		s.order, s.unit = binary.BigEndian, 1000
	case [4]byte{0xa1, 0xb2, 0x3c, 0x4d}:
		s.order, s.unit = binary.BigEndian, 1
	default:
		return nil, fmt.Errorf("%w: it begins with %q", errDamagedStream, head[:4])
	}
	s.snap = s.order.Uint32(head[16:])
	s.link = capture.LinkType(s.order.Uint32(head[20:]) & 0xffff)
	return s, nil
}

// micro says whether times are in microseconds.
func (s *pcapStream) micro() bool { return s.unit == 1000 }

// next reads a packet: its Time, Data (valid until the next call) and OrigLen. The error is io.EOF between packets, io.ErrUnexpectedEOF inside
// one, errDamagedStream if its length is impossible.
func (s *pcapStream) next(p *capture.Packet) error {
	var head [16]byte
	if _, err := io.ReadFull(s.r, head[:]); err != nil {
		return err
	}
	kept := s.order.Uint32(head[8:])
	if kept > maxStreamRecord {
		return fmt.Errorf("%w: a packet of %d bytes", errDamagedStream, kept)
	}
	if uint32(cap(s.buf)) < kept {
		s.buf = make([]byte, kept)
	}
	s.buf = s.buf[:kept]
	if _, err := io.ReadFull(s.r, s.buf); err != nil {
		return noEnd(err)
	}
	seconds, fraction := int64(s.order.Uint32(head[:])), int64(s.order.Uint32(head[4:]))
	*p = capture.Packet{Time: capture.Time(seconds*1e9 + fraction*s.unit), Data: s.buf, OrigLen: s.order.Uint32(head[12:])}
	return nil
}

// noEnd turns an end in the middle of something into what it is.
func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
