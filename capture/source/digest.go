package source

import (
	"crypto/sha256"

	"abroad/capture"
)

// A digest is the hash of everything that a pump has read, made beside the reading.
type digest struct {
	in   <-chan *chunk
	done chan struct{} // closed at the end; the rest is valid then
	sum  capture.Digest
	size int64
}

func newDigest(from *pump, reader int) *digest {
	return &digest{in: from.out[reader], done: make(chan struct{})}
}

func (d *digest) run() {
	defer close(d.done)
	h := sha256.New()
	for c := range d.in {
		h.Write(c.b)
		d.size += int64(len(c.b))
		c.release()
	}
	h.Sum(d.sum[:0])
}
