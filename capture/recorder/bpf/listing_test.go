package bpf

import (
	"strings"
	"testing"
)

// udp is what "tcpdump -ddd udp" prints for Ethernet.
const udp = "12\n40 0 0 12\n21 0 4 34525\n48 0 0 20\n21 6 0 17\n21 0 6 44\n48 0 0 54\n21 3 4 17\n21 0 3 2048\n48 0 0 23\n21 0 1 17\n6 0 0 262144\n6 0 0 0\n"

func TestReadListing(t *testing.T) {
	list, err := ReadListing(strings.NewReader(udp))
	if err != nil || len(list) != 12 || SnapLen(list) != WholeFrame {
		t.Fatalf("%d instructions, %v", len(list), err)
	}
	for i := range len(udp) - 2 { // the last line without its end is whole
		if list, err := ReadListing(strings.NewReader(udp[:i])); err == nil {
			t.Errorf("cut at %d: %d instructions", i, len(list))
		}
	}
	for text, want := range map[string]string{
		"":                               "empty",
		"x\n":                            "line 1",
		"0\n":                            "from 1 to 4096",
		"5000\n":                         "from 1 to 4096",
		"1\n6 0 0\n":                     "line 2",
		"1\n6 0 0 -1\n":                  "line 2",
		"1\n6 0 256 1\n":                 "line 2",
		"2\n6 0 0 1\n":                   "says that it has 2",
		"1\n40 0 0 12\n":                 "end in a return",
		"2\n21 0 1 5\n6 0 0 1\n":         "jumps out",
		"2\n5 0 0 4294967295\n6 0 0 0":   "jumps out",
		"{ 0x6, 0, 0, 0x00040000 },":     "line 1",
		"1\n" + strings.Repeat("6", 300): "read the filter",
	} {
		if _, err := ReadListing(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// FuzzReadListing holds every accepted program to what check promises: it ends, on any frame.
func FuzzReadListing(f *testing.F) {
	f.Add(udp, []byte("a frame of some length, long enough for a header"))
	f.Add("1\n6 0 0 96\n", []byte{})
	f.Add("2\n5 0 0 0\n22 0 0 0\n", []byte{1})
	f.Fuzz(func(t *testing.T, text string, frame []byte) {
		list, err := ReadListing(strings.NewReader(text))
		if err != nil {
			return
		}
		if len(list) == 0 || len(list) > MaxInstructions {
			t.Fatalf("%d instructions", len(list))
		}
		at := 0
		for steps := 0; list[at].Op&classMask != classReturn; steps++ {
			p := list[at]
			next := at + 1
			if p.Op&classMask == classJump {
				switch {
				case p.Op&operationMask == jumpAlways:
					next += int(p.K)
				case len(frame) > 0 && frame[steps%len(frame)]&1 == 1:
					next += int(p.Jt)
				default:
					next += int(p.Jf)
				}
			}
			if next <= at || next >= len(list) {
				t.Fatalf("instruction %d leads to %d of %d", at, next, len(list))
			}
			at = next
		}
	})
}
