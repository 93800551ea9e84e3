package session

import (
	"os"
	"time"
)

// Defaults of a Writer.
const (
	DefaultSegmentSize = 64 << 20
	DefaultSegmentTime = 10 * time.Minute
	DefaultFlush       = 250 * time.Millisecond
)

// Options say how a session is written.
type Options struct {
	SegmentSize int64         // bytes; a segment ends at the first block border past them. 0 = DefaultSegmentSize
	SegmentTime time.Duration // 0 = DefaultSegmentTime
	Flush       time.Duration // longest time that a packet stays in memory; 0 = DefaultFlush
	Counters    func() Counters
	Key         *SecretKey // signs the manifest; nil = nobody does
	clock       clock
	syncEvery   time.Duration // how long what was written may wait for the disk itself; 0 = syncEvery
	sync        func(*os.File) error
}

func (o *Options) defaults() {
	if o.SegmentSize == 0 {
		o.SegmentSize = DefaultSegmentSize
	}
	if o.SegmentTime == 0 {
		o.SegmentTime = DefaultSegmentTime
	}
	if o.Flush == 0 {
		o.Flush = DefaultFlush
	}
	if o.Counters == nil {
		o.Counters = func() Counters { return UnknownCounters }
	}
	if o.clock == nil {
		o.clock = newClock()
	}
	if o.syncEvery == 0 {
		o.syncEvery = syncEvery
	}
	if o.sync == nil {
		o.sync = (*os.File).Sync
	}
}
