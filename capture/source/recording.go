package source

import (
	"errors"
	"fmt"

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
		<-r.digest.done
		if err := r.stored.err; err != nil {
			yield(nil, fmt.Errorf("read %s: %w", r.name, err))
			return
		}
		if !r.digest.ok {
			yield(nil, fmt.Errorf("read %s: %w", r.name, errClosed))
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

var errClosed = errors.New("it was closed")

// Manifest returns what is known of the recording: everything, once Records has ended without an error.
func (r *Recording) Manifest() *capture.Manifest { return &r.manifest }

// Progress returns how many bytes of the stored file have been read so far. It may be called at any time from any goroutine.
func (r *Recording) Progress() int64 { return r.stored.read.Load() }

// Close ends the recording's goroutines. It does not wait for a Read of the file that is under way, nor close the file, and it always
// returns nil. It may be called more than once, and between two records.
func (r *Recording) Close() error {
	r.stored.halt()
	if r.inflated != nil {
		r.inflated.halt()
	}
	return nil
}
