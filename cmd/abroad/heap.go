package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The heap may grow by this much between two collections, or by half of what is alive if that is more. Go's default, by all that is alive,
// collects a small audit many times for nothing and lets a large one take twice the memory it needs.
const (
	heapStep  = 96 << 20 // bytes
	heapShare = 50       // percent
)

// steerHeap sets the collector's pace now and after every collection, unless the user has (GOGC).
func steerHeap() {
	if os.Getenv("GOGC") != "" {
		return
	}
	pace(0)
	armHeap()
}

// armHeap asks for a call when the next collection is over: a finalizer runs then, and arms the next one.
func armHeap() {
	runtime.SetFinalizer(new(sentinel), func(*sentinel) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Kind() == metrics.KindUint64 {
			pace(live[0].Value.Uint64())
		}
		armHeap()
	})
}

// sentinel is unreachable from the start: its finalizer runs after the next collection. It is too large for the allocator to put it beside
// other small things, which would keep it alive.
type sentinel [64]byte

func pace(live uint64) { debug.SetGCPercent(percent(live)) }

// percent is how much the heap may grow, in percent of what is alive, in bytes.
func percent(live uint64) int {
	return int(max(heapShare, 100*heapStep/max(live, 4<<20)))
}
