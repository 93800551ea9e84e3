package flow

import (
	"slices"
	"testing"

	"abroad/capture"
)

// FuzzDecode reads a frame of any link type, whole and cut, twice with one Decoder: what is found holds together, a frame that gives nothing
// says why, and the same bytes give the same answer.
func FuzzDecode(f *testing.F) {
	for _, s := range frames() {
		f.Add(uint32(s.link), s.data, uint16(0))
		f.Add(uint32(s.link), s.data[:len(s.data)-5], uint16(5))
	}
	f.Add(uint32(1), trailed(inside4(), 10123, "Practice"), uint16(0))
	for _, b := range pieces6(9, udp(4242, 443, text(100)), piece{0, 48, false}, piece{48, 108, true}) {
		f.Add(uint32(101), b, uint16(0))
	}
	f.Fuzz(func(t *testing.T, link uint32, data []byte, cut uint16) {
		var notes []capture.Anomaly
		d := NewDecoder(func(a capture.Anomaly) { notes = append(notes, a) })
		p := &capture.Packet{Number: 1, Link: capture.LinkType(link), Data: data, OrigLen: uint32(len(data)) + uint32(cut)}
		before := slices.Clone(data)
		read := func() (found []tuple, kind Undecoded) {
			var o Packet
			kind, ok := d.Decode(p, &o)
			if ok == (kind != Undecoded{}) {
				t.Fatalf("%v %v", kind, ok)
			}
			for ; ok; ok = d.Next(&o) {
				check(t, p, &o)
				if len(o.Payload) > 1<<16 && o.Fragment {
					t.Fatalf("%d bytes from fragments", len(o.Payload))
				}
				found = append(found, tupleOf(&o))
			}
			return found, kind
		}
		first, kind1 := read()
		count := len(notes)
		second, kind2 := read()
		if fragments := len(d.parts.byKey) > 0 || slices.ContainsFunc(notes, func(a capture.Anomaly) bool { return a.Code == capture.FragmentOverlap }); !fragments {
			if !slices.Equal(first, second) || kind1 != kind2 || len(notes) != 2*count {
				t.Fatalf("first %v %v, then %v %v; %v", first, kind1, second, kind2, notes)
			}
		}
		for _, a := range notes {
			if a.At.Record != 1 || a.Stage == "" || a.Code == "" || a.Detail == "" || int(a.At.Off)+int(a.At.Len) > len(data) {
				t.Fatalf("anomaly %+v", a)
			}
		}
		d.Flush()
		var o Packet
		for q := d.Late(&o); q != nil; q = d.Late(&o) {
			check(t, q, &o)
		}
		if !slices.Equal(before, data) {
			t.Fatal("the frame was changed")
		}
	})
}
