package main

import (
	"runtime"
	"testing"
)

func TestHeapPace(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{{0, 2400}, {48 << 20, 200}, {96 << 20, 100}, {400 << 20, 50}, {1 << 40, 50}} {
		if got := percent(c.live); got != c.want {
			t.Errorf("%d bytes alive: %d percent, want %d", c.live, got, c.want)
		}
	}
	steerHeap()
	runtime.GC() // the finalizer must not stop anything
}
