package source

import (
	"bytes"
	"io"
	"math"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxZstdWindow is how far back a zstd stream may refer, in bytes: what the zstd command allows without being asked for more. It bounds the
// decoder's memory, which is asked for when a frame begins and touched only as far as the frame really goes.
const maxZstdWindow = 128 << 20

// An inflater is a compression that is opened on the way.
type inflater struct {
	name  string // as it stands in Manifest.Compression
	sniff func(head []byte) bool
	open  func(r io.Reader) (io.ReadCloser, error)
}

var inflaters = []inflater{
	{
		name:  "gzip", // RFC 1952, section 2.3.1
		sniff: func(head []byte) bool { return bytes.HasPrefix(head, []byte{0x1f, 0x8b}) },
		open:  func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) },
	},
	{
		name: "zstd", // RFC 8878, section 3.1: a frame, or a skippable frame in front
		sniff: func(head []byte) bool {
			return bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
				len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
		},
		open: func(r io.Reader) (io.ReadCloser, error) {
			d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		},
	},
}

// lazyInflater opens its decompressor at the first Read, which is the pump's: the header is part of what may be damaged.
type lazyInflater struct {
	kind   *inflater
	stored *Window
	r      io.ReadCloser
}

func (l *lazyInflater) Read(b []byte) (int, error) {
	if l.r == nil {
		r, err := l.kind.open(l.stored)
		if err != nil {
			return 0, unexpected(err)
		}
		l.r = r
	}
	return l.r.Read(b)
}

// finish frees the decompressor and lets the rest of the stored file pass, so that it is hashed to its end.
func (l *lazyInflater) finish() {
	if l.r != nil {
		l.r.Close() // frees memory; the stream's own errors came from Read
	}
	l.stored.SkipFar(math.MaxInt64)
}

// unexpected turns the end of a file inside a header, which decompressors report as a plain EOF, into an error.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
