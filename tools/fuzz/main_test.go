package main

import "testing"

func TestLastCount(t *testing.T) {
	out := []byte("fuzz: elapsed: 0s, gathering baseline coverage: 0/3 completed\n" +
		"fuzz: elapsed: 3s, execs: 325017 (108336/sec), new interesting: 11 (total: 202)\n" +
		"fuzz: elapsed: 6s, execs: 680218 (118402/sec), new interesting: 12 (total: 203)\nPASS\n")
	if got := lastCount(out); got != 680218 {
		t.Errorf("got %d", got)
	}
	if got := lastCount([]byte("PASS\n")); got != 0 {
		t.Errorf("without a count: got %d", got)
	}
}
