package source

import (
	"errors"
	"fmt"
	"sync/atomic"

	"abroad/capture"
)

// A Recording is an open capture file. It implements capture.Recording.
type Recording struct {
	name     string // for messages
	source   *Source
	window   *Window // what the source reads
	stored   *pump
	inflated *pump // nil if the file is not compressed
	digest   *digest
	manifest capture.Manifest
	used     bool
	closed   atomic.Bool
}

var _ capture.Recording = (*Recording)(nil)

// Records yields every record in the order of the file, as capture.Recording says. It can be called once. A consumer that stops early
// closes the recording: its manifest then has no SHA256.
func (r *Recording) Records() func(yield func(capture.Record, error) bool) {
	return func(yield func(capture.Record, error) bool) {
		if r.used {
			yield(nil, fmt.Errorf("read %s: its records were read before", r.name))
			return
		}
		r.used = true
		defer r.Close()
		m := meter{manifest: &r.manifest, yield: yield, last: capture.NoTime}
		r.source.Read(r.window, &r.manifest, m.pass)
		if m.stopped {
			return
		}
		broken := r.window.Broken()
		r.window.Rest()
		if err := r.hashed(); err != nil {
			yield(nil, fmt.Errorf("read %s: %w", r.name, err))
			return
		}
		r.manifest.SHA256, r.manifest.Size = r.digest.sum, r.digest.size
		if broken {
			m.pass(anomaly(capture.Decompress, r.window.Offset(),
				fmt.Sprintf("%s gives nothing behind byte %d: %v", r.manifest.Compression, r.window.Offset(), r.inflated.err)))
		}
		m.finish()
	}
}

// hashed waits until the whole file has been read and hashed.
func (r *Recording) hashed() error {
	if r.closed.Load() {
		return errClosed
	}
	<-r.digest.done
	if r.closed.Load() {
		return errClosed
	}
	return r.stored.err
}

var errClosed = errors.New("the recording was closed")

// Manifest returns what is known of the recording: everything, once Records has ended without an error.
func (r *Recording) Manifest() *capture.Manifest { return &r.manifest }

// Progress returns how many bytes of the stored file have been read so far. It may be called at any time from any goroutine.
func (r *Recording) Progress() int64 { return r.stored.read.Load() }

// Close ends the recording's goroutines; Records, if it is under way, ends with an error. Close does not wait for a Read of the file that is
// under way, nor close the file, and always returns nil. It may be called more than once.
func (r *Recording) Close() error {
	r.closed.Store(true)
	r.stored.halt()
	if r.inflated != nil {
		r.inflated.halt()
	}
	return nil
}
