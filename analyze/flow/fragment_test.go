package flow

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// A piece is one fragment of a datagram.
type piece struct {
	off, end int
	last     bool
}

// pieces4 cuts the payload of an IPv4 packet.
func pieces4(id int, payload []byte, cuts ...piece) (packets [][]byte) {
	for _, c := range cuts {
		b := ip4(17, payload[c.off:c.end])
		copy(b[4:], u16(id))
		field := c.off / 8
		if !c.last {
			field |= 0x2000
		}
		copy(b[6:], u16(field))
		packets = append(packets, b)
	}
	return packets
}

// pieces6 cuts what follows the fragment header of an IPv6 packet.
func pieces6(id int, payload []byte, cuts ...piece) (packets [][]byte) {
	for _, c := range cuts {
		field := c.off
		if !c.last {
			field |= 1
		}
		packets = append(packets, ip6(fragmented, join([]byte{17, 0}, u16(field), u32(id), payload[c.off:c.end])))
	}
	return packets
}

// A reading is what came of a list of packets.
type reading struct {
	d     *Decoder
	codes []capture.Code
	notes []capture.Anomaly
	whole []Packet // those that are not Incomplete; payloads copied
	parts int
	bytes uint64 // IPLen of whole
	time  capture.Time
	n     uint32
}

func newReading() *reading {
	r := &reading{}
	r.d = NewDecoder(func(a capture.Anomaly) { r.codes, r.notes = append(r.codes, a.Code), append(r.notes, a) })
	return r
}

func (r *reading) add(t *testing.T, packets ...[]byte) *reading {
	t.Helper()
	for _, b := range packets {
		r.n++
		p := &capture.Packet{Number: r.n, Time: r.time, Link: 101, Data: b, OrigLen: uint32(len(b))}
		r.frame(t, p)
	}
	return r
}

func (r *reading) frame(t *testing.T, p *capture.Packet) {
	t.Helper()
	var o Packet
	if kind, ok := r.d.Decode(p, &o); !ok {
		t.Fatalf("record %d: %v", p.Number, kind)
	}
	check(t, p, &o)
	if o.Incomplete {
		r.parts++
	} else {
		r.take(o)
	}
	for f := r.d.Late(&o); f != nil; f = r.d.Late(&o) {
		check(t, f, &o)
		r.take(o)
	}
}

func (r *reading) take(o Packet) {
	o.Payload = bytes.Clone(o.Payload)
	r.whole = append(r.whole, o)
	r.bytes += uint64(o.IPLen)
}

func (r *reading) flush(t *testing.T) *reading {
	t.Helper()
	r.d.Flush()
	var o Packet
	for f := r.d.Late(&o); f != nil; f = r.d.Late(&o) {
		check(t, f, &o)
		r.take(o)
	}
	if len(r.d.parts.byKey) != 0 || r.d.parts.bytes != 0 || r.d.parts.oldest != nil || r.d.parts.newest != nil || r.d.parts.lateBytes != 0 {
		t.Errorf("%d datagrams with %d bytes are left", len(r.d.parts.byKey), r.d.parts.bytes)
	}
	return r
}

func text(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + i%23)
	}
	return b
}

func TestFragments(t *testing.T) {
	payload := udp(4242, 443, text(100))
	cuts := []piece{{0, 32, false}, {32, 80, false}, {80, 108, true}}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {1, 0, 2}, {0, 1, 1, 2}, {0, 0, 1, 2}} {
		for six, all := range [][][]byte{pieces4(9, payload, cuts...), pieces6(9, payload, cuts...)} {
			r := newReading()
			total := 0
			for _, i := range order {
				r.add(t, all[i])
				total += len(all[i])
			}
			r.flush(t)
			if len(r.whole) != 1 || r.parts != len(order)-1 || len(r.codes) != 0 {
				t.Fatalf("%v: %d packets, %d parts, %v", order, len(r.whole), r.parts, r.notes)
			}
			o := r.whole[0]
			if string(o.Payload) != string(text(100)) || o.PayloadLen != 100 || o.PayloadOff != -1 || o.SrcPort != 4242 || o.DstPort != 443 || !o.Fragment || o.Truncated {
				t.Errorf("%v: %+v", order, o)
			}
			if r.bytes != uint64(total) {
				t.Errorf("%v: %d bytes counted, %d sent", order, r.bytes, total)
			}
			if six == 0 && o.Src != host4 || six == 1 && o.Src != host6 {
				t.Errorf("from %v", o.Src)
			}
		}
	}
}

// TestFragmentsOfTwo has two datagrams between the same hosts at the same time, and one between others with the same id.
func TestFragmentsOfTwo(t *testing.T) {
	one, two := udp(1, 2, text(40)), udp(3, 4, text(56))
	a := pieces4(7, one, piece{0, 24, false}, piece{24, 48, true})
	b := pieces4(8, two, piece{0, 24, false}, piece{24, 64, true})
	c := pieces4(7, two, piece{0, 24, false}, piece{24, 64, true})
	for _, p := range c {
		copy(p[12:], netip.MustParseAddr("192.0.2.77").AsSlice())
	}
	r := newReading().add(t, a[0], b[1], c[0], b[0], a[1], c[1]).flush(t)
	if len(r.whole) != 3 || r.whole[0].SrcPort != 3 || r.whole[1].SrcPort != 1 || r.whole[2].SrcPort != 3 || len(r.codes) > 0 {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
}

func TestFragmentOverlap(t *testing.T) {
	payload := udp(4242, 443, text(100))
	evil := slices.Clone(payload)
	for i := 24; i < 48; i++ {
		evil[i] = 'X'
	}
	first := pieces4(9, payload, piece{0, 48, false})
	r := newReading().add(t, first[0], pieces4(9, evil, piece{24, 108, true})[0]).flush(t)
	if len(r.whole) != 1 || string(r.whole[0].Payload) != string(text(100)) || !slices.Equal(r.codes, []capture.Code{capture.FragmentOverlap}) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
	r = newReading().add(t, pieces4(9, evil, piece{24, 48, false})[0], first[0], pieces4(9, payload, piece{48, 108, true})[0]).flush(t)
	if len(r.whole) != 1 || !strings.Contains(string(r.whole[0].Payload), "XXXX") || !slices.Equal(r.codes, []capture.Code{capture.FragmentOverlap}) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
	// the same bytes twice are no disagreement; two ends are
	r = newReading().add(t, first[0], pieces4(9, payload, piece{24, 108, true})[0]).flush(t)
	if len(r.whole) != 1 || len(r.codes) != 0 {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
	r = newReading().add(t, pieces4(9, payload, piece{80, 108, true})[0], pieces4(9, payload, piece{80, 100, true})[0], pieces4(9, payload, piece{0, 80, false})[0]).flush(t)
	if len(r.whole) != 1 || len(r.whole[0].Payload) != 100 || !slices.Equal(r.codes, []capture.Code{capture.FragmentOverlap}) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
}

func TestFragmentMalformed(t *testing.T) {
	payload := udp(4242, 443, text(100))
	odd := pieces4(9, payload, piece{0, 30, false})
	r := newReading().add(t, odd[0], pieces4(9, payload, piece{24, 108, true})[0]).flush(t)
	if len(r.whole) != 1 || !slices.Equal(r.codes, []capture.Code{capture.Malformed}) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
	far := pieces4(9, payload, piece{0, 104, true})[0]
	copy(far[6:], u16(0x1fff)) // ends past 64 KiB
	if r = newReading().add(t, far).flush(t); len(r.whole) != 0 || r.parts != 1 || !slices.Equal(r.codes, []capture.Code{capture.Malformed}) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
}

// TestFragmentsNeverCompleted: the first fragment has the ports, so that its flow is known all the same.
func TestFragmentsNeverCompleted(t *testing.T) {
	payload := udp(4242, 443, text(100))
	all := pieces6(9, payload, piece{0, 48, false}, piece{48, 80, false}, piece{80, 108, true})
	r := newReading().add(t, all[0], all[2]).flush(t)
	if len(r.whole) != 1 || !slices.Equal(r.codes, []capture.Code{capture.FragmentLost}) || r.notes[0].At.Record != 1 {
		t.Fatalf("%+v %v", r.whole, r.notes)
	}
	if says := newReading().add(t, all[0]).flush(t).notes[0].Detail; says != "datagram with about 48 bytes of an unknown number was not completed before the recording ended" {
		t.Errorf("got %q", says)
	}
	o := r.whole[0]
	if string(o.Payload) != string(text(100)[:40]) || o.PayloadLen != 100 || o.DstPort != 443 || !o.Truncated || !o.Fragment || o.IPLen != uint32(len(all[0])+len(all[2])) {
		t.Errorf("%+v", o)
	}
	if r = newReading().add(t, all[1:]...).flush(t); len(r.whole) != 0 || !slices.Equal(r.codes, []capture.Code{capture.FragmentLost}) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
	// too late
	r = newReading().add(t, all[0], all[2])
	r.time = FragmentTimeout + 1
	if r.add(t, inside4(), all[1]).flush(t); len(r.whole) != 2 || !r.whole[0].Src.Is4() || r.whole[1].PayloadLen != 100 || !slices.Equal(r.codes, []capture.Code{capture.FragmentLost, capture.FragmentLost}) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
}

func TestFragmentsCut(t *testing.T) {
	payload := udp(4242, 443, text(100))
	all := pieces4(9, payload, piece{0, 48, false}, piece{48, 108, true})
	for keep := 20; keep < len(all[0]); keep++ {
		r := newReading()
		r.frame(t, &capture.Packet{Number: 1, Link: 101, Data: all[0][:keep], OrigLen: uint32(len(all[0]))})
		r.add(t, all[1]).flush(t)
		if len(r.whole) != 1 {
			t.Fatalf("cut at %d: %v", keep, r.notes)
		}
		o := r.whole[0]
		if want := max(keep-28, 0); len(o.Payload) != want || o.PayloadLen != 100 || !o.Truncated || keep >= 24 && o.SrcPort != 4242 || len(r.codes) > 0 {
			t.Errorf("cut at %d: %+v %v", keep, o, r.notes)
		}
	}
}

// TestFragmentLimits sends far more beginnings than are held.
func TestFragmentLimits(t *testing.T) {
	r := newReading()
	b := pieces6(0, udp(4242, 443, text(24)), piece{0, 32, false})[0]
	for i := range 3 * MaxDatagrams {
		binary.BigEndian.PutUint32(b[44:], uint32(i))
		r.add(t, b)
		if len(r.d.parts.byKey) > MaxDatagrams {
			t.Fatalf("%d datagrams are held", len(r.d.parts.byKey))
		}
	}
	if len(r.codes) != 2*MaxDatagrams || len(r.whole) != 2*MaxDatagrams {
		t.Errorf("%d given up, %d late packets", len(r.codes), len(r.whole))
	}
	r.flush(t)

	r = newReading()
	end := make([]byte, 65600)
	for i := range 1000 {
		b := pieces6(i, end, piece{65520 - 8, 65520, true})[0]
		r.add(t, b)
		if r.d.parts.bytes > MaxFragmentBytes {
			t.Fatalf("%d bytes are held", r.d.parts.bytes)
		}
	}
	r.flush(t)
}

// TestFragmentsInTunnel has fragments outside of a tunnel, and inside.
func TestFragmentsInTunnel(t *testing.T) {
	payload := udp(4242, 443, text(100))
	inner := ip4(17, payload)
	gre := join(u16(0), u16(0x0800), inner)
	var outside [][]byte
	for i, c := range []piece{{0, 64, false}, {64, len(gre), true}} {
		b := outer4(47, gre[c.off:c.end])
		copy(b[4:], u16(77))
		copy(b[6:], u16([]int{0x2000, 8}[i]))
		outside = append(outside, b)
	}
	r := newReading().add(t, outside...).flush(t)
	if len(r.whole) != 1 || r.whole[0].IPLen != uint32(len(inner)) || r.whole[0].Tunnels != tunnels(tunnelGRE) || string(r.whole[0].Payload) != string(text(100)) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
	var inside [][]byte
	for _, b := range pieces4(5, payload, piece{0, 64, false}, piece{64, 108, true}) {
		inside = append(inside, outer4(47, join(u16(0), u16(0x0800), b)))
	}
	r = newReading().add(t, inside...).flush(t)
	if len(r.whole) != 1 || r.whole[0].IPLen != 108+40 || r.whole[0].Tunnels != tunnels(tunnelGRE) || string(r.whole[0].Payload) != string(text(100)) {
		t.Errorf("%+v %v", r.whole, r.notes)
	}
}

func TestAtomicFragment(t *testing.T) {
	r := newReading().add(t, pieces6(1, udp(4242, 443, nil), piece{0, 8, true})[0])
	if len(r.whole) != 1 || r.whole[0].Fragment || r.whole[0].SrcPort != 4242 {
		t.Errorf("%+v", r.whole)
	}
}

// FuzzFragments cuts a datagram in an order that the fuzzer chooses. Every byte that came is counted once; a datagram that was completed
// without a disagreement is what was sent.
func FuzzFragments(f *testing.F) {
	f.Add(uint64(1), 300, false)
	f.Add(uint64(2), 65000, true)
	f.Fuzz(func(t *testing.T, seed uint64, size int, six bool) {
		if size < 0 || size > 65_000 {
			return
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		payload := udp(4242, 443, text(size))
		var cuts []piece
		for off := 0; off < len(payload); {
			end := min(off+8*(1+rng.IntN(1+len(payload)/40)), len(payload))
			cuts = append(cuts, piece{off, end, end == len(payload)})
			if off = end; rng.IntN(4) == 0 && off < len(payload) {
				off -= 8 * rng.IntN(off/8+1) // go back: an overlap
			}
		}
		rng.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
		if rng.IntN(3) == 0 {
			cuts = cuts[1:]
		}
		packets := pieces4(3, payload, cuts...)
		if six {
			packets = pieces6(3, payload, cuts...)
		}
		sent := uint64(0)
		for _, b := range packets {
			sent += uint64(len(b))
		}
		r := newReading().add(t, packets...).flush(t)
		for _, o := range r.whole {
			if o.Proto != audit.UDP || o.PayloadLen > uint32(size) || !bytes.HasPrefix(text(size), o.Payload) || !o.Truncated && len(o.Payload) != size {
				t.Fatalf("payload of %d bytes, %d captured, sent %d", o.PayloadLen, len(o.Payload), size)
			}
		}
		if slices.Contains(r.codes, capture.FragmentOverlap) || r.bytes > sent || len(r.codes) == 0 && r.bytes != sent {
			t.Fatalf("%d bytes counted, %d sent: %v", r.bytes, sent, r.notes)
		}
	})
}
